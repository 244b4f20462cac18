"""Depthwise convolutions of bytes on Armv6-M."""

import numpy as np

from edgec.codegen.ctree import Call, Cast, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_armv6m import codes_of
from edgec.codegen.kernels.codes_armv6m import SHORT, Codes
from edgec.codegen.kernels.pixel_pairs import segments
from edgec.codegen.kernels.registry import Lowered, known
from edgec.codegen.kernels.rows import over_images
from edgec.codegen.kernels.weighted_sums import TYPES, WeightedSums, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

NAME = "edgec_depthwise_armv6m_i8"
SCALED = "edgec_depthwise_1x1_armv6m_i8"
NINE = "edgec_depthwise_nine_armv6m_i8"

_CHANNEL = np.dtype([("words", "<u4", 4), ("weights", "i1", 9), ("more", "u1"), ("", "u1", 2)])
"""An ``edgec_channel_armv6m``."""


def lower_depthwise_armv6m(op: Conv2d) -> Lowered:
    """Windows of 3x3 in steps of one or two along a row, at least two in a row; those of nine outputs in two ways."""
    channels = op.x.shape[-1]
    if op.kernel == (1, 1):
        return _scaled(op)
    if op.kernel != (3, 3) or op.dilation != (1, 1) or not op.groups == channels == op.result.shape[-1]:
        return None
    sums = weighted_sums(op, [known(op, op.w)])
    if sums.types != TYPES:
        return None
    return [kernel for kernel in (_nine(op, sums), _planes(op, sums)) if kernel is not None] or None


def _scaled(op: Conv2d) -> Kernel | None:
    """By one tap: channels that are scaled and shifted."""
    channels = op.x.shape[-1]
    if op.result.shape != op.x.shape or op.groups != channels or any(op.pad):
        return None
    sums = weighted_sums(op, [known(op, op.w)])
    if sums.types != TYPES:
        return None
    weights, (bias,) = sums.weights[0].reshape(channels), sums.biases
    codes = _short_codes(weights[:, None], bias, sums, op)
    if codes is None:
        return None
    words = codes.whole, codes.part | codes.last << SHORT, codes.begin, bias - codes.offset
    stream = np.ascontiguousarray((np.stack(words, axis=1) & 0xFFFFFFFF).astype(np.uint32).view(np.int32).reshape(-1))
    pixels = op.x.type.elements // channels

    def emit(emitter: Emitter) -> list[Stmt]:
        arrays = emitter.array("stream", stream), emitter.array("weights", weights)
        fields: Fields = {"stream": arrays[0], "weights": arrays[1], "channels": Int(channels)}
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        shape = emitter.struct("edgec_depthwise_1x1_armv6m", fields)
        return [Evaluate(Call(SCALED, (shape, Int(pixels), *places)))]

    work = {LAYER: 1, "pixels": pixels, "outputs": pixels * channels}
    return Kernel(SCALED, "depthwise_1x1_armv6m.h", emit, work=work)


def _nine(op: Conv2d, sums: WeightedSums) -> Kernel | None:
    """3x3 outputs."""
    (top, _, left, _), (stride, across) = op.pad, op.stride
    batch, height, width, channels = op.x.shape
    side = 2 * stride + 3
    if op.result.shape[1:3] != (3, 3) or stride != across or stride > 2 or left + width > side:
        return None
    stream = _channels(op, sums)
    if stream is None:
        return None
    rows = min(height, side - top)
    numbers = {
        "first": 4 * (top * side + left),
        "skipped": 6 * (side - width),
        "elements": rows * width * channels,
        "padding": 4 * (side - width),
        "pixel": channels,
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        words = _words(emitter, stream)
        fields: Fields = {
            "stream": words,
            "end": add(words, Int(channels)),
            "x_zero": Int(zero_of(op.x)),
            **{n: Int(v) for n, v in numbers.items()},
        }
        shape = emitter.struct("edgec_depthwise_nine_armv6m", fields)
        return over_images(emitter, op, lambda x, y: [Evaluate(Call(NINE, (shape, Int(stride), x, y)))])

    work = {
        LAYER: 1,
        "words": batch * side * side,
        "channels": batch * channels,
        "rows": batch * channels * rows,
        "spread": batch * channels * rows * width,
    }
    return Kernel(NINE, "depthwise_nine_armv6m.h", emit, work=work)


def _planes(op: Conv2d, sums: WeightedSums) -> Kernel | None:
    """Any number of outputs, by pairs of rows."""
    (stride, across), (_, out_height, out_width, channels) = op.stride, op.result.shape
    if across > 2 or min(out_width, op.x.shape[2]) < 2:
        return None
    stream = _channels(op, sums)
    more = None if stream is None else _segments(stream)
    if stream is None or more is None:
        return None
    stream["more"] = more
    top, _, left, _ = op.pad
    height, width = op.x.shape[1:3]
    columns = max(left + width, (out_width - 1) * across + 3)
    pairs = (out_height + 1) // 2
    lower = out_height - pairs
    plane = {
        "below": 4 * columns - 16,
        "lane": lower * out_width * channels,
        "out_pixel": channels,
        "out_last": (out_width - 1) * channels,
        "rows": pairs,
        "down": 4 * columns * stride,
        "out_row": out_width * channels,
    }
    numbers = {
        "channels": channels,
        "height": height,
        "width": width,
        "stride": stride,
        "pad_top": top,
        "pad_left": left,
        "lower": lower,
        "columns": columns,
        "x_zero": zero_of(op.x),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        words = _words(emitter, stream)
        fields: Fields = {
            "stream": words,
            **{n: Int(v) for n, v in numbers.items()},
            "plane": tuple(map(Int, plane.values())),
        }
        shape = emitter.struct("edgec_depthwise_armv6m", fields)
        return over_images(
            emitter, op, lambda x, y: [Evaluate(Call(NAME, (shape, Int(across), x, y, emitter.scratch)))]
        )

    rows = (pairs - 1) * stride + 3
    images, turns = op.result.shape[0], pairs * -(-out_width // 2)
    work = {
        LAYER: 1,
        "filled": images * (rows * columns + width * channels),
        "channels": images * channels,
        "lines": images * channels * rows,
        "spread": images * channels * rows * width,
        "rows": images * channels * pairs,
        "pairs": images * channels * turns if across == 1 else 0,
        "pairs_of_two": images * channels * turns if across == 2 else 0,
        "segments": images * int((more > 0).sum()) * turns,
    }
    return Kernel(NAME, "depthwise_armv6m.h", emit, rows * (4 * columns + 8) + width * channels, work=work)


def _channels(op: Conv2d, sums: WeightedSums) -> Array | None:
    """An ``edgec_channel_armv6m`` of each channel; None where sums do not become codes in its way."""
    weights, bias = sums.weights[0].reshape(-1, 9), sums.biases[0]
    codes = _short_codes(weights, bias, sums, op)
    if codes is None:
        return None
    channels = np.zeros(len(weights), _CHANNEL)
    channels["weights"] = weights
    words = bias - codes.offset, codes.whole, codes.part | codes.last << SHORT, codes.begin
    channels["words"] = np.stack(words, axis=1) & 0xFFFFFFFF
    return channels


def _short_codes(weights: Array, bias: Array, sums: WeightedSums, op: Conv2d) -> Codes | None:
    """How sums become codes; None where a part and ``last`` don't fit a word, or there is a rest."""
    codes = codes_of(weights, bias, sums, op.result, op.clamp)
    fits = codes is not None and not codes.long.any() and codes.last.max() < 1 << (32 - SHORT)
    return codes if fits else None


def _segments(channels: Array) -> Array | None:
    """What is ``more`` of each channel; None where products of two taps don't fit."""
    more = np.zeros(len(channels), np.uint8)
    for channel, taps in enumerate(channels["weights"]):
        if all(len(segments(row[None], 3)) == 1 for row in taps.reshape(3, 3)):
            continue
        if any(len(segments(two[None], 2)) > 1 for two in np.split(taps[:8], 4)):
            return None
        more[channel] = 2
    return more


def _words(emitter: Emitter, channels: Array) -> Expr:
    words = np.frombuffer(channels.tobytes(), "<i4").astype(np.int32)
    return Cast("const edgec_channel_armv6m *", Cast("const void *", emitter.array("stream", words)))
