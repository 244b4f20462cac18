"""Dense layers and 1x1 convolutions of bytes on Armv7-M."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.pixel_triples import PIXELS, WORDS, TripleBlock, block_of_triples
from edgec.codegen.kernels.reach import above, blocks, copied, pixel_turns
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Convolution, Dense

TURN, WIDTH = 8, 2
"""Taps of a turn, and channels of a block."""


@lowers(Dense, quantized=True, family="armv7m")
def lower_dense_armv7m(op: Dense | Convolution) -> Kernel | None:
    """Blocks of pixels where there are enough of them."""
    weights, pixels = known(op, op.w), prod(op.x.shape[:-1])
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    (rows,), (bias,) = sums.weights, sums.biases
    if sums.types != TYPES or pixels < PIXELS:
        return None
    block = block_of_triples(rows, sums, bias, op.result, TURN, WIDTH)
    return None if block is None else _by_blocks(op, block, pixels)


def _by_blocks(op: Dense | Convolution, block: TripleBlock, pixels: int) -> Kernel:
    channels = op.x.shape[-1]

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {"in_channels": Int(channels), "block": block.fields(emitter, op.result, op.clamp)}
        shape = emitter.struct("edgec_pointwise_armv7m", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call("edgec_pointwise_armv7m_i8", (shape, Int(pixels), *places)))]

    loops = block.work(pixels, op.result.shape[-1], WIDTH)
    work = {LAYER: 1, **loops, "packed": loops["blocks"] * channels}
    turns = copied(pixel_turns(op.x, op.result, blocks(pixels, PIXELS), PIXELS))
    distances = above(op.x, op.result, turns)
    return Kernel(
        "edgec_pointwise_armv7m_i8", "conv2d_armv7m.h", emit, WORDS * channels, work=work, distances=distances
    )
