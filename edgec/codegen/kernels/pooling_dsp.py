"""Pooling of bytes with the DSP extension, by windows and over all pixels."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import Codes
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.pixel_sums import pixel_sums
from edgec.codegen.kernels.pooling import average_rows, maxima, uniform_factors
from edgec.codegen.kernels.reach import above, row_turns
from edgec.codegen.kernels.registry import Lowered, lowers
from edgec.codegen.kernels.rows import runs
from edgec.codegen.kernels.work import LAYER, taps_inside
from edgec.ir import DType
from edgec.ir.interp.pooling import divisors
from edgec.ir.ops import AveragePool, MaxPool, ReduceMean, ReduceSum
from edgec.ir.requantization import zero_of

LEAST = 4
"""Channels that go together."""

MOST_TAPS = 254
"""So many bytes add up in a halfword; less their zero points half as many."""

LOWER = 16
"""Bits of a product that decide nothing."""

POINTER = 4
"""Bytes of scratch for a tap."""


@lowers(MaxPool, family="dsp")
def lower_max_pool_dsp(op: MaxPool) -> Kernel | None:
    """Of bytes without limits."""
    if op.x.type.dtype is not DType.I8 or op.clamp is not None or op.x.shape[-1] < LEAST:
        return None
    kernel = maxima(op, "edgec_max_pool_dsp_i8", "pool_dsp.h", scratch=POINTER * prod(op.kernel))
    work = _work(op)
    # Windows of two taps have a loop of their own.
    two = prod(op.kernel) == 2
    apart = {f"{loop}_of_two": work[loop] if two else 0 for loop in ("pixels", "fours")}
    return replace(kernel, work={**work, **{loop: 0 for loop in ("pixels", "fours", "taps") if two}, **apart})


@lowers(AveragePool, quantized=True, family="dsp")
def lower_average_pool_dsp(op: AveragePool) -> Lowered:
    """Over all pixels, and by windows."""
    return [kernel for kernel in (lower_pixel_sums_dsp(op), _means(op)) if kernel is not None] or None


def _means(op: AveragePool) -> Kernel | None:
    """Of windows whose sums fit halfwords."""
    types, taps = {op.x.type.dtype, op.result.type.dtype}, prod(op.kernel)
    if types != {DType.I8} or op.x.shape[-1] < LEAST or taps > MOST_TAPS // 2:
        return None
    multiplier, shift = (factor.astype(np.int64) for factor in uniform_factors(op))
    used = np.arange(len(shift)) if len(shift) == 1 else np.unique(divisors(op))
    if shift[used].min() <= LOWER or shift[used].max() > 2 * LOWER + LOWER // 2:
        return None
    begin = zero_of(op.result) * (1 << (shift[used] - LOWER)) + (1 << (shift[used] - LOWER - 1))
    if np.max((255 * taps * multiplier[used] >> LOWER) + np.abs(begin)) >= 1 << 31:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        parts = {"multiplier": multiplier[used], "begin": begin, "shift": shift[used] - LOWER}
        tables = {name: np.zeros(len(shift), np.int32) for name in parts}
        for name, values in parts.items():
            tables[name][used] = values
        fields: Fields = {
            **{name: emitter.array(name, table) for name, table in tables.items()},
            "uniform": Int(int(len(shift) == 1)),
            "x_zero": Int(zero_of(op.x)),
            **clamp_codes(op.result, op.clamp),
        }
        parameters = emitter.struct("edgec_means_dsp", fields, "means"), emitter.scratch
        return average_rows(emitter, op, "edgec_average_pool_dsp_i8", parameters)

    clamped = op.result.type.elements if clamps(op.result, op.clamp) else 0
    work = {**_work(op), "clamped": clamped}
    distances = above(op.x, op.result, row_turns(op))
    return Kernel("edgec_average_pool_dsp_i8", "pool_dsp.h", emit, POINTER * taps, work=work, distances=distances)


@lowers(ReduceSum, ReduceMean, quantized=True, family="dsp")
def lower_pixel_sums_dsp(op: ReduceSum | ReduceMean | AveragePool) -> Kernel | None:
    """Over all pixels."""
    sums = pixel_sums(op)
    if sums is None or {sums.x.type.dtype, sums.result.type.dtype} != {DType.I8} or sums.channels < LEAST:
        return None
    factors = np.array([sums.multiplier]), np.array([sums.shift])
    codes = Codes.of(np.array([255 * sums.pixels]), *factors, zero_of(sums.result))
    if codes is None:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            **sums.fields(),
            "multiplier": Int(codes.multiplier.item()),
            "begin": Int(codes.begin.item()),
            "shift": Int(codes.shift.item()),
            **clamp_codes(sums.result, sums.clamp),
        }
        shape = emitter.struct("edgec_reduce_sum_dsp", fields)
        places = emitter.pointer(sums.x), emitter.pointer(sums.result)
        return [Evaluate(Call("edgec_reduce_sum_dsp_i8", (shape, *places)))]

    fours = -(-sums.channels // LEAST)
    work = {
        LAYER: 1,
        "fours": fours,
        "parts": fours * -(-sums.pixels // MOST_TAPS),
        "pixels": fours * sums.pixels,
        "clamped": sums.channels if clamps(sums.result, sums.clamp) else 0,
    }
    return Kernel("edgec_reduce_sum_dsp_i8", "reduce_sum_dsp.h", emit, work=work)


def _work(op: MaxPool | AveragePool) -> Mapping[str, float]:
    """By lines of output, runs of pixels with windows of the same taps in these, and channels by fours."""
    lines, pixels = prod(op.result.shape[:-2]), prod(op.result.shape[:-1])
    (run,) = runs(op)
    span = (op.kernel[-1] - 1) * op.dilation[-1] + 1
    stride, pad, (width, channels) = op.stride[-1], run.pad, op.x.shape[-2:]
    inner = min((width + pad - span) // stride + 1, op.result.shape[-2]) - -(-pad // stride)
    calls = lines * (op.result.shape[-2] - max(inner - 1, 0))
    fours = -(-channels // LEAST)
    return {
        LAYER: 1,
        "lines": lines,
        "calls": calls,
        "pointers": calls * prod(op.kernel),
        "pixels": pixels,
        "fours": pixels * fours,
        "taps": prod(taps_inside(op)) * op.result.shape[0] * fours,
    }
