"""Dense layers and 1x1 convolutions of bytes on Armv6-M."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_armv6m import Block, block_fields, block_of_fours, block_of_sixes
from edgec.codegen.kernels.pixel_triples import PIXELS, WORDS, TripleBlock
from edgec.codegen.kernels.reach import above, blocks, copied, pixel_turns
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.codegen.kernels.work import LAYER, block_work
from edgec.ir.ops import Convolution, Dense

TURN, TAP = 8, 26
"""Taps of a turn, pixel by pixel, and bytes of code for each."""


@lowers(Dense, quantized=True, family="armv6m")
def lower_dense_armv6m(op: Dense | Convolution) -> list[Kernel] | None:
    """By blocks of pixels where there are enough of them, or pixel by pixel."""
    weights, pixels = known(op, op.w), prod(op.x.shape[:-1])
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    (rows,), (bias,) = sums.weights, sums.biases
    if sums.types != TYPES:
        return None
    block = block_of_sixes(rows, bias, sums, op.result, op.clamp) if pixels >= PIXELS else None
    packed = block_of_fours(rows, bias, sums, op.result, op.clamp)
    found = [] if block is None else [_by_blocks(op, block, pixels)]
    return found + ([] if packed is None else [_by_pixels(op, packed, pixels)]) or None


def _by_blocks(op: Dense | Convolution, block: TripleBlock, pixels: int) -> Kernel:
    channels = op.x.shape[-1]

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {"in_channels": Int(channels), "block": block_fields(emitter, block, op.result)}
        shape = emitter.struct("edgec_pointwise_armv6m", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call("edgec_pointwise_armv6m_i8", (shape, Int(pixels), *places)))]

    loops = block.work(pixels, op.result.shape[-1], 1)
    work = {LAYER: 1, **loops, "packed": loops["blocks"] * channels}
    scratch = WORDS * (channels + len(block.segments.lengths))
    turns = copied(pixel_turns(op.x, op.result, blocks(pixels, PIXELS), PIXELS))
    distances = above(op.x, op.result, turns)
    return Kernel("edgec_pointwise_armv6m_i8", "conv2d_armv6m.h", emit, scratch, work=work, distances=distances)


def _by_pixels(op: Dense | Convolution, block: Block, pixels: int) -> Kernel:
    channels = op.x.shape[-1]

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "stream": emitter.array("stream", block.stream),
            "weights": emitter.array("weights", block.weights),
            "in_channels": Int(channels),
            "first": Int(-channels % TURN * TAP),
            "out_channels": Int(op.result.shape[-1]),
        }
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        call = Call("edgec_dense_armv6m_i8", (emitter.struct("edgec_dense_armv6m", fields), Int(pixels), *places))
        return [Evaluate(call)]

    outs = op.result.shape[-1]
    loops = block_work([pixels], outs, channels, (1, 4, TURN))
    work = {
        LAYER: 1,
        **loops,
        "taps": loops["groups"] * channels,
        "outputs": pixels * outs,
        "widened": pixels * channels,
    }
    distances = above(op.x, op.result, pixel_turns(op.x, op.result, blocks(pixels, 1)))
    return Kernel("edgec_dense_armv6m_i8", "dense_armv6m.h", emit, 4 * channels, work=work, distances=distances)
