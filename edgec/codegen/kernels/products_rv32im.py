"""Dense layers and 1x1 convolutions of bytes on RV32IM."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rv32im import stream_of_sixteens
from edgec.codegen.kernels.pixel_triples import PIXELS, WORDS, TripleBlock, block_of_triples
from edgec.codegen.kernels.reach import above, blocks, copied, pixel_turns
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.codegen.kernels.work import LAYER, block_work
from edgec.ir import Array
from edgec.ir.ops import Convolution, Dense
from edgec.ir.requantization import code_limits, zero_of

TAPS, WIDTH = 4, 4
"""Taps of a turn of blocks of pixels, and channels of one."""

TURN = 6
"""Taps of a turn, pixel by pixel."""

FEWEST = 8
"""Channels for which 16 at a time may take less time than one by one."""


@lowers(Dense, quantized=True, family="rv32im")
def lower_dense_rv32im(op: Dense | Convolution) -> list[Kernel] | None:
    """By blocks of pixels where there are enough of them, or pixel by pixel."""
    weights, pixels = known(op, op.w), prod(op.x.shape[:-1])
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    (rows,), (bias,) = sums.weights, sums.biases
    if sums.types != TYPES:
        return None
    found = []
    if pixels >= PIXELS and len(rows) >= WIDTH:
        block = block_of_triples(rows, sums, bias, op.result, TAPS, WIDTH)
        found += [] if block is None else [_by_blocks(op, block, pixels)]
    # Of few channels most of what 16 at a time compute is for nothing.
    stream = stream_of_sixteens(rows, sums, bias) if len(rows) >= FEWEST else None
    return found + ([] if stream is None else [_by_pixels(op, stream, pixels)]) or None


def _by_blocks(op: Dense | Convolution, block: TripleBlock, pixels: int) -> Kernel:
    channels = op.x.shape[-1]

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {"in_channels": Int(channels), "block": block.fields(emitter, op.result, op.clamp)}
        shape = emitter.struct("edgec_pointwise_rv32im", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call("edgec_pointwise_rv32im_i8", (shape, Int(pixels), *places)))]

    loops = block.work(pixels, op.result.shape[-1], WIDTH)
    work = {LAYER: 1, **loops, "packed": loops["blocks"] * channels}
    turns = copied(pixel_turns(op.x, op.result, blocks(pixels, PIXELS), PIXELS))
    distances = above(op.x, op.result, turns)
    return Kernel(
        "edgec_pointwise_rv32im_i8", "conv2d_rv32im.h", emit, WORDS * channels, work=work, distances=distances
    )


def _by_pixels(op: Dense | Convolution, stream: Array, pixels: int) -> Kernel:
    channels, outs = op.x.shape[-1], op.result.shape[-1]
    low, high = code_limits(op.result.type, op.clamp)
    numbers = {
        "in_channels": channels,
        "first": -channels % TURN,
        "out_channels": outs,
        "rounding": 2 * zero_of(op.result) + 1,
        "low": low,
        "high": high,
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {"stream": emitter.array("stream", stream), **{n: Int(v) for n, v in numbers.items()}}
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        call = Call("edgec_dense_rv32im_i8", (emitter.struct("edgec_dense_rv32im", fields), Int(pixels), *places))
        return [Evaluate(call)]

    work = {LAYER: 1, **block_work([pixels], outs, channels, (1, 16, TURN)), "outputs": pixels * outs}
    work |= {"taps": work["groups"] * channels}
    distances = above(op.x, op.result, pixel_turns(op.x, op.result, blocks(pixels, 1)))
    return Kernel("edgec_dense_rv32im_i8", "dense_rv32im.h", emit, work=work, distances=distances)
