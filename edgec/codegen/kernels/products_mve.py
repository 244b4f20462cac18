"""Dense layers, 1x1 convolutions and matrix products of bytes with the vectors of Armv8.1-M."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import (
    LEAST_SHIFT,
    SCRATCH,
    STEP,
    block,
    block_groups,
    pair_groups,
    pixels_work,
    steps,
    stream,
    wide_groups,
)
from edgec.codegen.kernels.literals import clamps
from edgec.codegen.kernels.products import matmul
from edgec.codegen.kernels.reach import Turn, above, blocks, pixel_turns
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.weighted_sums import (
    HALFWORDS,
    TYPES,
    WeightedSums,
    factors,
    kernel_types,
    sum_type,
    weighted_sums,
)
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Convolution, Dense, MatMul
from edgec.ir.requantization import zero_of


@lowers(Dense, quantized=True, family="mve")
def lower_dense_mve(op: Dense | Convolution) -> Lowered:
    """Pixels go by blocks of 2 pixels x 4 channels; one alone, or where it is better, by 8 channels."""
    weights = known(op, op.w)
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    (rows,) = sums.weights
    if sums.types == HALFWORDS:
        return _dense16(op, rows, sums)
    if sums.types != TYPES:
        return None
    forms = [_dense8(op, rows, sums, by_pixel) for by_pixel in (False, True)]
    return [kernel for kernel in forms if kernel is not None] or None


def _dense8(op: Dense | Convolution, rows: Array, sums: WeightedSums, by_pixel: bool) -> Kernel | None:
    """Of bytes, by ``rows[O, I]``."""
    (outs, channels), pixels = rows.shape, prod(op.x.shape[:-1])
    if not by_pixel and pixels < 2:
        return None
    packed = stream(rows, sums, wide_groups(outs) if by_pixel else block_groups(outs, channels))
    if packed is None:
        return None
    name = "edgec_dense_mve_i8" if by_pixel else "edgec_pointwise_mve_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "in_channels": Int(channels),
            "block": block(emitter, packed, channels, outs, op.result, op.clamp),
        }
        shape = emitter.struct("edgec_dense_mve", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call(name, (shape, Int(pixels), *places)))]

    clamped = -(-op.result.type.elements // STEP) if clamps(op.result, op.clamp) else 0
    vectors = steps(channels)
    if by_pixel:
        eights = pixels * -(-outs // 8)
        copied = pixels * vectors if channels % STEP else 0
        work = {"pixels": pixels, "copied": copied, "eights": eights, "steps": eights * vectors}
    else:
        # The last pixels are copied, as steps would read beyond them.
        whole = pixels - -(-(STEP * vectors - channels) // channels)
        whole = whole if whole >= 2 else 0
        tail = -(-(pixels - whole) // 2)
        work = {**pixels_work([whole] * (whole > 0) + [2] * tail, channels, outs), "copied": 2 * tail * vectors}
    scratch = (1 if by_pixel else 2) * STEP * steps(channels)
    work = {LAYER: 1, "clamped": clamped, **work}
    turns = [*pixel_turns(op.x, op.result, blocks(pixels, 1))]
    if not by_pixel:
        # Two at a time, the last two once more. Channels that are no multiple of 4 take all pixels twice.
        ends = [*turns[1:], turns[-1]]
        turns = [Turn(before.start, after.end) for before, after in zip([turns[0], *turns], ends, strict=False)]
    distances = above(op.x, op.result, turns) if by_pixel or outs % 4 == 0 else {}
    return Kernel(name, "dense_mve.h", emit, scratch, work=work, distances=distances)


def _dense16(op: Dense | Convolution, rows: Array, sums: WeightedSums) -> Kernel | None:
    """Of halfwords, by ``rows[O, I]``."""
    (outs, channels), pixels = rows.shape, prod(op.x.shape[:-1])
    packed = stream(rows, sums, pair_groups(outs), 2)
    if packed is None:
        return None
    name = "edgec_pointwise16_mve_i16"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "in_channels": Int(channels),
            "block": block(emitter, packed, channels, outs, op.result, op.clamp, 2),
        }
        shape = emitter.struct("edgec_dense16_mve", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call(name, (shape, Int(pixels), *places)))]

    return Kernel(name, "dense16_mve.h", emit, 2 * STEP * steps(channels, 2) + (4 * outs if pixels == 1 else 0))


@lowers(MatMul, quantized=True, family="mve")
def lower_matmul_mve(op: MatMul) -> Kernel | None:
    """Of two rows and four columns or more; those of b are packed when it runs, as many as scratch has room for."""
    inner, columns = op.b.shape[-2:]
    sums = sum_type(op)
    types = kernel_types(op.a.type.dtype, op.b.type.dtype, sums, op.result.type.dtype)
    scaling = factors(op, sums)
    shift = scaling.shifts.min()
    if types != TYPES or scaling.shifts.size > 1 or shift < LEAST_SHIFT or op.result.shape[-2] < 2 or columns < 4:
        return None
    group, rows = 4 * (STEP * steps(inner) + 4), 2 * STEP * steps(inner)
    chunk = max(min(SCRATCH // group, columns // 4), 1)
    fields: Fields = {
        "multiplier": Int(scaling.multipliers.item()),
        "right": Int(LEAST_SHIFT - 1 - int(shift)),
        "whole": Int(inner * zero_of(op.a) * zero_of(op.b)),
        "a_zero": Int(zero_of(op.a)),
        "b_zero": Int(zero_of(op.b)),
        "zero_point": Int(zero_of(op.result)),
        "steps": Int(steps(inner)),
        "chunk": Int(chunk),
    }
    name = "edgec_matmul_mve_i8"
    return matmul(op, name, "matmul_mve.h", "edgec_matmul_mve", lambda emitter: fields, chunk * group + rows)
