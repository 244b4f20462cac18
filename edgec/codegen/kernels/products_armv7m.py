"""Dense layers and 1x1 convolutions of bytes on Armv7-M."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_armv7m import stream_of_pairs
from edgec.codegen.kernels.pixel_pairs import TYPES
from edgec.codegen.kernels.pixel_triples import PIXELS, WORDS, Segments, segments_of
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir import Array
from edgec.ir.ops import Convolution, Dense
from edgec.ir.requantization import code_limits, zero_of

TURN = 8
"""Taps of a turn."""


@lowers(Dense, quantized=True, family="armv7m")
def lower_dense_armv7m(op: Dense | Convolution) -> Kernel | None:
    """Blocks of pixels where there are enough of them."""
    weights, pixels = known(op, op.w), prod(op.x.shape[:-1])
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    (rows,), (bias,) = sums.weights, sums.biases
    if sums.types != TYPES or pixels < PIXELS or len(rows) < 2:
        return None
    segments = segments_of(rows, TURN)
    stream = stream_of_pairs(rows, segments, sums, bias, zero_of(op.result))
    return None if stream is None else _by_blocks(op, stream, segments, pixels)


def _by_blocks(op: Dense | Convolution, stream: Array, segments: Segments, pixels: int) -> Kernel:
    channels = op.x.shape[-1]

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {"in_channels": Int(channels), "block": block_fields(emitter, op, stream, segments)}
        shape = emitter.struct("edgec_pointwise_armv7m", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call("edgec_pointwise_armv7m_i8", (shape, Int(pixels), *places)))]

    return Kernel("edgec_pointwise_armv7m_i8", "conv2d_armv7m.h", emit, WORDS * channels)


def block_fields(emitter: Emitter, op: Dense | Convolution, stream: Array, segments: Segments) -> tuple[Expr, ...]:
    """The fields of an ``edgec_block_armv7m``."""
    numbers = *segments.fields(), op.result.shape[-1], *code_limits(op.result.type, op.clamp)
    return (emitter.array("stream", stream), *map(Int, numbers))
