"""Depthwise convolutions of bytes with the DSP extension."""

from collections.abc import Mapping

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import Codes, largest_sums
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import Geometry, StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.weighted_sums import SIZES, TYPES, WeightedSums, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import code_limits, zero_of

SCRATCH = 6144
"""Bytes of scratch that a layer takes if it can do with them: the fewer strips, the fewer rows are taken twice."""


PARTS = (1, 2, 4)
"""Of the highest strip's height: strips that need less memory, and take more rows twice."""


def lower_depthwise_dsp(op: Conv2d) -> list[Kernel]:
    """One of as many channels as of input: of 3x3 taps by planes of two rows, of more or fewer tap by tap.

    Those that take less memory go by less high strips.
    """
    if {*op.kernel, *op.stride} == {1} and not any(op.pad):
        single = _one_tap(op)
        return [] if single is None else [single]
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    small = min(channels // 4, columns.out // 2, columns.taken) < 1
    if op.w.shape[0] != channels or columns.stride > 2 or small:
        return []
    sums = weighted_sums(op, [known(op, op.w)])
    size, zero = SIZES.get(sums.types, 0), zero_of(op.result)
    codes = None if not size or (size > 1 and zero) else _codes(sums, zero, size)
    if codes is None:
        return []
    planes = size == 1 and op.kernel == (3, 3) and op.dilation == (1, 1) and rows.stride == columns.stride
    # Rows of output that are made at a time, and what each needs of scratch, where they all need `more`.
    unit = 2 if planes and rows.stride == 1 else 1
    if planes and rows.out >= unit:
        name, header, stream = "edgec_depthwise_3x3", "depthwise_3x3_dsp.h", _planes_stream(sums, codes)
        each = more = 16 * columns.reach(columns.out)
    else:
        planes, unit = False, 1
        name, header, stream = "edgec_depthwise", "depthwise_dsp.h", _taps_stream(sums, codes, rows, columns, size)
        line = 8 * columns.reach(columns.out)
        each, more = rows.stride * line, max(rows.span - rows.stride, 0) * line
    highest = min(max((SCRATCH - more) // each, 1) * unit, rows.out // unit * unit)
    kernel = f"{name}_{columns.stride}_dsp_i8"
    if size > 1:
        positive = "positive_" if code_limits(op.result.type, op.clamp)[0] == 0 else ""
        kernel, header = f"edgec_depthwise16_{positive}{columns.stride}_dsp_i16", "depthwise16_dsp.h"

    def prepare(emitter: Emitter) -> StripCall:
        window = {"taps": Int(rows.kernel * columns.kernel), "rows": Int(rows.span), "stride": Int(rows.stride)}
        fields: Fields = {
            "stream": emitter.array("channels", stream),
            **({} if planes else window),
            "channels": Int(channels),
            "first": Int(columns.skipped),
            "count": Int(columns.taken),
            "before": Int(columns.padding),
            "behind": Int(columns.behind),
            "out_width": Int(columns.out),
            "x_zero": Int(zero_of(op.x)),
            **clamp_codes(op.result, op.clamp),
        }
        shape = emitter.struct(f"{name}_dsp", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(kernel, (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    def made(rest: int) -> int:
        return -(-rest // unit) * unit

    def of_strips(strip: int) -> Kernel:
        scratch = strip // unit * each + more
        counts = strips_of(rows.out, strip, made) * op.result.shape[0]
        work = (_planes_work if planes else _taps_work)(op, counts)
        spare = rows.stride - 1 if planes else 0
        return by_strips(kernel, header, op, strip, made, prepare, scratch, spare=spare, work=work)

    strips = (max(highest // unit // part, 1) * unit for part in PARTS)
    return [of_strips(strip) for strip in dict.fromkeys((*strips, unit))]


def _planes_work(op: Conv2d, counts: list[int]) -> Mapping[str, float]:
    """By strips of so many rows: planes of two rows for each four channels, then their channels one by one."""
    rows, columns = geometry(op)
    fours, unit = -(-op.x.shape[3] // 4), 2 if rows.stride == 1 else 1
    together = 2 if rows.stride == 1 else 4
    turns, planes = sum(counts) // unit, sum(counts) // unit + len(counts)
    return {
        LAYER: 1,
        "strips": len(counts),
        "fours": fours * len(counts),
        "planes": fours * planes,
        "columns": fours * planes * columns.taken,
        "filled": planes * columns.reach(columns.out),
        "rows": 4 * fours * turns,
        "together": 4 * fours * turns * (columns.out // together),
        "single": 4 * fours * turns * (columns.out % together),
        "clamped": op.result.type.elements if clamps(op.result, op.clamp) else 0,
    }


def _taps_work(op: Conv2d, counts: list[int]) -> Mapping[str, float]:
    """By strips of so many rows: rows of four channels are widened, then taken by pairs of pixels, tap by tap."""
    rows, columns = geometry(op)
    fours, lines = -(-op.x.shape[3] // 4), sum(rows.reach(count) for count in counts)
    pairs, taps = fours * sum(counts) * -(-columns.out // 2), rows.kernel * columns.kernel
    return {
        LAYER: 1,
        "strips": len(counts),
        "fours": fours * len(counts),
        "lines": fours * lines,
        "columns": fours * lines * columns.taken,
        "filled": lines * columns.reach(columns.out),
        "calls": fours * sum(counts) * (1 + columns.out % 2),
        "pairs": pairs,
        "turns": pairs * -(-taps // 4),
        "taps": pairs * taps,
        "clamped": op.result.type.elements if clamps(op.result, op.clamp) else 0,
    }


def _one_tap(op: Conv2d) -> Kernel | None:
    """Channels that are scaled and shifted: all pixels are one run."""
    channels = op.x.shape[3]
    sums = weighted_sums(op, [known(op, op.w)])
    codes = None if sums.types != TYPES else _codes(sums, zero_of(op.result))
    if op.w.shape[0] != channels or codes is None:
        return None
    (weights,), (bias,) = sums.weights, sums.biases
    last = codes.shift | weights.reshape(-1).astype(np.int64) << 16
    stream = (
        np.stack([bias.astype(np.int64), codes.multiplier, codes.begin, last], axis=1).astype(np.uint32).reshape(-1)
    )

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "stream": emitter.array("channels", stream),
            "channels": Int(channels),
            **clamp_codes(op.result, op.clamp),
        }
        pixels = Int(op.x.type.elements // channels)
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        shape = emitter.struct("edgec_depthwise_1x1_dsp", fields)
        return [Evaluate(Call("edgec_depthwise_1x1_dsp_i8", (shape, pixels, *places)))]

    outputs = op.result.type.elements
    work = {
        LAYER: 1,
        "pixels": outputs // channels,
        "outputs": outputs,
        "clamped": outputs if clamps(op.result, op.clamp) else 0,
    }
    return Kernel("edgec_depthwise_1x1_dsp_i8", "depthwise_1x1_dsp.h", emit, work=work)


def _codes(sums: WeightedSums, zero: int, size: int = 1) -> Codes | None:
    """None where a sum does not become a code in their way."""
    (weights,), (bias,) = sums.weights, sums.biases
    count = len(weights)
    largest = largest_sums(weights.reshape(count, -1).astype(np.int64), bias.astype(np.int64), size)
    multiplier, shift = (
        np.broadcast_to(a, count).astype(np.int64) for a in (sums.factors.multipliers, sums.factors.shifts)
    )
    return Codes.of(largest, multiplier, shift, zero)


def _planes_stream(sums: WeightedSums, codes: Codes) -> Array:
    """Seven words a channel, as ``edgec_depthwise_3x3_dsp`` has them."""
    (weights,), (bias,) = sums.weights, sums.biases
    columns = weights[..., 0].swapaxes(1, 2)  # [O, columns, rows]
    words = np.ascontiguousarray(columns[..., [0, 1, 1, 2]]).view(np.uint32)[..., 0]
    parts = np.stack([bias.astype(np.int64), codes.multiplier, codes.begin, codes.shift], axis=1)
    return np.concatenate([words, parts], axis=1).astype(np.uint32).reshape(-1)


def _taps_stream(sums: WeightedSums, codes: Codes, rows: Geometry, columns: Geometry, size: int) -> Array:
    """By fours of channels, as ``edgec_depthwise_dsp`` has them."""
    (weights,), (bias,) = sums.weights, sums.biases
    count, line = len(weights), columns.reach(columns.out)
    y, x = np.divmod(np.arange(rows.kernel * columns.kernel), columns.kernel)
    places = 8 * (y * rows.dilation * line + x * columns.dilation)
    made = []
    for first in range(0, count, 4):
        four = (np.arange(4) if size == 1 else np.array([0, 2, 1, 3])) + min(first, count - 4)
        taps = np.ascontiguousarray(weights[four].reshape(4, -1)[[0, 2, 1, 3]].T.astype(np.int16)).view(np.uint32)
        factors = np.stack([codes.multiplier[four], codes.begin[four]], axis=1).reshape(-1)
        words = np.concatenate([np.diff(places, prepend=0)[:, None], taps], axis=1)
        made += [bias[four].astype(np.int64), words.reshape(-1), factors, codes.shift[four]]
    return np.concatenate(made).astype(np.int64).astype(np.uint32)
