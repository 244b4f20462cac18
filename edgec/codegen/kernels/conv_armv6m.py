"""Convolutions of bytes on Armv6-M."""

from math import prod

from edgec.codegen.ctree import Expr
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_armv6m import block_fields, block_of_sixes
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_armv6m import lower_depthwise_armv6m
from edgec.codegen.kernels.pixel_pairs import conv_of_blocks, patch_fields, patch_work
from edgec.codegen.kernels.pixel_triples import PIXELS, WORDS
from edgec.codegen.kernels.products_armv6m import lower_dense_armv6m
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.ir.ops import Conv2d, Convolution


@lowers(Convolution, quantized=True, family="armv6m")
def lower_convolution_armv6m(op: Convolution) -> Lowered:
    """A window of one tap that visits every pixel is dense; of the others those in 2-D have a kernel, most of them."""
    if is_pointwise(op):
        return lower_dense_armv6m(op)
    if not isinstance(op, Conv2d):
        return None
    return lower_depthwise_armv6m(op) if op.groups > 1 else _lower_conv2d(op)


def _lower_conv2d(op: Conv2d) -> Kernel | None:
    _, *extents, outs = op.result.shape
    sums = weighted_sums(op, [known(op, op.w)])
    (weights,), (bias,) = sums.weights, sums.biases
    if sums.types != TYPES or prod(extents) < PIXELS:
        return None
    block = block_of_sixes(weights.reshape(outs, -1), bias, sums, op.result, op.clamp)
    if block is None:
        return None

    def shape(emitter: Emitter) -> Expr:
        fields: Fields = {"patches": patch_fields(op), "block": block_fields(emitter, block, op.result)}
        return emitter.struct("edgec_conv2d_armv6m", fields)

    height, *row = op.w.shape[1:]
    beside = max(PIXELS * prod(row), WORDS * len(block.segments.lengths))
    scratch = WORDS * height * prod(row) + beside
    work = {**block.work(prod(op.result.shape[:-1]), outs, 1), **patch_work(op, PIXELS)}
    return conv_of_blocks("edgec_conv2d_armv6m_i8", "conv2d_armv6m.h", op, shape, scratch, work)
