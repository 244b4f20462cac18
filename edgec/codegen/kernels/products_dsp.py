"""Dense layers and 1x1 convolutions of bytes with the DSP extension."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import in_order, streams, widened
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Convolution, Dense
from edgec.ir.requantization import zero_of

HEADER = "dense_dsp.h"

PATCHES = 2048
"""Bytes of scratch for blocks of pixels that are computed together: the more, the fewer calls."""


@lowers(Dense, quantized=True, family="dsp")
def lower_dense_dsp(op: Dense | Convolution) -> list[Kernel] | None:
    """Three pixels and more go by blocks of 3 pixels x 2 channels; fewer, or where it is better, one by one."""
    forms = [_lower(op, by_pixel) for by_pixel in (False, True)]
    return [kernel for kernel in forms if kernel is not None] or None


def _lower(op: Dense | Convolution, by_pixel: bool) -> Kernel | None:
    weights = known(op, op.w)
    weights = weights.reshape(len(weights), -1)
    sums = weighted_sums(op, [weights])
    (rows,), (bias,) = sums.weights, sums.biases
    (outs, channels), pixels = rows.shape, prod(op.x.shape[:-1])
    if sums.types != TYPES or channels < 4 or (not by_pixel and (pixels < 3 or outs < 2)):
        return None
    order = widened(channels)
    packed = streams(in_order(rows, order, 8 if by_pixel else 4), sums, bias, zero_of(op.result), 4 if by_pixel else 2)
    if packed is None:
        return None
    patch = 6 * len(order)
    blocks = together(pixels, patch)
    name = "edgec_dense_dsp_i8" if by_pixel else "edgec_pointwise_dsp_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields
        if by_pixel:
            extents = {"in_channels": Int(channels), "out_channels": Int(outs)}
            fields = {**packed.fields(emitter), **extents, **clamp_codes(op.result, op.clamp)}
        else:
            extents = {"groups": Int(len(order) // 4), "out_step": Int(outs)}
            block = {**packed.fields(emitter), **extents, **clamp_codes(op.result, op.clamp)}
            fields = {"in_channels": Int(channels), "blocks": Int(blocks), "block": tuple(block.values())}
        shape = emitter.struct(name.removesuffix("_i8"), fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call(name, (shape, Int(pixels), *places)))]

    scratch = -(-len(order) // 8) * 16 if by_pixel else blocks * patch
    groups, clamped = len(order) // 4, op.result.type.elements if clamps(op.result, op.clamp) else 0
    if by_pixel:
        loops = packed.work(pixels, pixels, -(-groups // 2), 4, clamped)
        few = pixels * outs if outs < 4 else 0
        more = {"pixels": pixels, "widened": pixels * groups, "clamps": pixels if clamped else 0, "few": few}
        work = {LAYER: 1, **loops, **more}
    else:
        whole = -(-pixels // 3)
        calls = -(-(pixels // 3) // blocks) + (1 if pixels % 3 else 0)
        work = {**packed.work(whole, calls, groups - 1, 8, clamped), LAYER: 1, "widened": whole * groups}
    return Kernel(name, HEADER, emit, scratch, work=work)


def together(pixels: int, patch: int) -> int:
    """Blocks of 3 pixels whose patches, of so many bytes, are made together."""
    return max(min(pixels // 3, PATCHES // patch), 1)
