"""Convolutions of bytes on Armv7-M."""

from math import prod

from edgec.codegen.ctree import Expr
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.pixel_pairs import conv_of_blocks, patch_fields, patch_work
from edgec.codegen.kernels.pixel_triples import PIXELS, WORDS, block_of_triples
from edgec.codegen.kernels.products_armv7m import TURN, WIDTH, lower_dense_armv7m
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.ir.ops import Conv2d, Convolution


@lowers(Convolution, quantized=True, family="armv7m")
def lower_convolution_armv7m(op: Convolution) -> Kernel | None:
    """A window of one tap that visits every pixel is dense; of the others those in 2-D without groups have a kernel."""
    if is_pointwise(op):
        return lower_dense_armv7m(op)
    if not isinstance(op, Conv2d) or op.groups > 1:
        return None
    _, *extents, outs = op.result.shape
    sums = weighted_sums(op, [known(op, op.w)])
    (weights,), (bias,) = sums.weights, sums.biases
    if sums.types != TYPES or prod(extents) < PIXELS:
        return None
    block = block_of_triples(weights.reshape(outs, -1), sums, bias, op.result, TURN, WIDTH)
    if block is None:
        return None

    def shape(emitter: Emitter) -> Expr:
        fields: Fields = {"patches": patch_fields(op), "block": block.fields(emitter, op.result, op.clamp)}
        return emitter.struct("edgec_conv2d_armv7m", fields)

    height, *row = op.w.shape[1:]
    scratch = (WORDS * height + PIXELS) * prod(row)
    work = {**block.work(prod(op.result.shape[:-1]), outs, WIDTH), **patch_work(op, PIXELS)}
    return conv_of_blocks("edgec_conv2d_armv7m_i8", "conv2d_armv7m.h", op, shape, scratch, work)
