"""Dense layers and 1x1 convolutions of bytes with the DSP extension."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import TYPES, clamp_codes, in_order, streams, widened
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir.ops import Convolution, Dense
from edgec.ir.requantization import zero_of

HEADER = "dense_dsp.h"

PATCHES = 2048
"""Bytes of scratch for blocks of pixels that are computed together: the more, the fewer calls."""


@lowers(Dense, quantized=True, family="dsp")
def lower_dense_dsp(op: Dense | Convolution) -> Kernel | None:
    """Three pixels and more go by blocks of 3 pixels x 2 channels, fewer one by one."""
    weights = known(op, op.w)
    weights = weights.reshape(len(weights), -1)
    sums = weighted_sums(op, [weights])
    (rows,), (bias,) = sums.weights, sums.biases
    (outs, channels), pixels = rows.shape, prod(op.x.shape[:-1])
    if sums.types != TYPES or channels < 4:
        return None
    by_pixel = pixels < 3 or outs < 2
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
    return Kernel(name, HEADER, emit, scratch)


def together(pixels: int, patch: int) -> int:
    """Blocks of 3 pixels whose patches, of so many bytes, are made together."""
    return max(min(pixels // 3, PATCHES // patch), 1)
