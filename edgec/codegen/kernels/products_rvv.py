"""Dense layers and 1x1 convolutions of bytes with RVV."""

from dataclasses import replace
from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.blocks_rvv import LEAST_SHIFT, Channels
from edgec.codegen.kernels.conv_lanes_rvv import lower_lanes_rvv
from edgec.codegen.kernels.literals import clamps
from edgec.codegen.kernels.products_quantized import quantized_matmul
from edgec.codegen.kernels.reach import above, blocks, pixel_turns
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.weighted_sums import factors, sum_type, weighted_sums
from edgec.codegen.kernels.windows_rvv import LANES
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Convolution, Dense, MatMul
from edgec.ir.requantization import zero_of


@lowers(Dense, quantized=True, family="rvv")
def lower_product_rvv(op: Dense) -> Lowered:
    """Of bytes, or of halfwords by bytes."""
    return lower_dense_rvv(op) if op.x.type.dtype is DType.I8 else lower_lanes_rvv(op)


@lowers(MatMul, quantized=True, family="rvv")
def lower_matmul_rvv(op: MatMul) -> Kernel | None:
    """Of bytes."""
    scaling = factors(op, sum_type(op))
    bytes_only = {v.type.dtype for v in (op.a, op.b, op.result)} == {DType.I8}
    if not bytes_only or scaling.shifts.size > 1 or scaling.shifts.min() < LEAST_SHIFT:
        return None
    *batch, rows, columns = op.result.shape
    matrices, inner = prod(batch), op.a.shape[-1]
    threes, singles = divmod(rows, 3)
    work: dict[str, float] = {LAYER: 1, "matrices": matrices}
    for most in LANES:
        vectors = matrices * -(-columns // most)
        work |= {f"vectors{most}": vectors, f"zeros{most}": vectors * inner * (zero_of(op.a) != 0)}
        work |= {f"threes{most}": threes * vectors, f"three_taps{most}": threes * vectors * inner}
        work |= {f"singles{most}": singles * vectors, f"single_taps{most}": singles * vectors * inner}
    return replace(quantized_matmul(op, "edgec_matmul_rvv_i8", "matmul_rvv.h"), work=work)


def lower_dense_rvv(op: Dense | Convolution) -> Kernel | None:
    """Three pixels and more go by threes, fewer one by one."""
    weights = known(op, op.w)
    channels = Channels.of(weighted_sums(op, [weights.reshape(len(weights), -1)]))
    pixels = prod(op.x.shape[:-1])
    if channels is None or (pixels < 3 and not channels.pairs_fit):
        return None
    name = "edgec_dense_rvv_i8" if pixels < 3 else "edgec_pointwise_rvv_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_block_rvv", channels.block(emitter, op.result, op.clamp))
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (shape, Int(pixels), *places)))]

    outs, taps = channels.weights.shape
    single = {"calls": pixels, **{f"pairs{n}": pixels * -(-outs // n) * -(-taps // 2) for n in (32, 64, 128)}}
    single |= {f"groups{n}": pixels * -(-outs // n) for n in (32, 64, 128)}
    clamped = -(-op.result.type.elements // 16) if clamps(op.result, op.clamp) else 0
    loops = single if pixels < 3 else channels.pixels_work([pixels])
    work, turns = {LAYER: 1, "clamped": clamped, **loops}, blocks(pixels, 1 if pixels < 3 else 3)
    distances = above(op.x, op.result, pixel_turns(op.x, op.result, turns, 3))
    return Kernel(name, "dense_rvv.h", emit, work=work, distances=distances)
