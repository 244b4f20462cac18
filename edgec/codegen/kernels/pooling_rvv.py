"""Pooling with RVV, and sums over all pixels: channels in lanes."""

from dataclasses import replace
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import LEAST_SHIFT, RAISED
from edgec.codegen.kernels.literals import clamp_codes, clamp_literals
from edgec.codegen.kernels.pixel_sums import pixel_sums
from edgec.codegen.kernels.pooling import averages, maxima, quantized_averages, uniform_factors
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER, operator_work
from edgec.ir import DType
from edgec.ir.interp.pooling import divisors
from edgec.ir.ops import AveragePool, MaxPool, Pool, ReduceMean, ReduceSum
from edgec.ir.requantization import zero_of

HEADER = "pool_rvv.h"

MOST_TAPS = 255
"""So many bytes add up in a halfword."""

LANES = {DType.F32: (32, 64), DType.I8: (128, 256)}
"""Elements in eight vectors."""


@lowers(MaxPool, family="rvv")
def lower_max_pool_rvv(op: MaxPool) -> Kernel | None:
    """Of float32 and bytes."""
    dtype = op.x.type.dtype
    if dtype not in LANES:
        return None
    kernel = maxima(op, f"edgec_max_pool_rvv_{dtype.value}", HEADER, clamp_literals(op.clamp, dtype))
    return replace(kernel, work=_work(op, LANES[dtype]))


@lowers(AveragePool, family="rvv")
def lower_average_pool_rvv(op: AveragePool) -> Kernel | None:
    """Of float32."""
    if op.x.type.dtype is not DType.F32:
        return None
    return replace(averages(op, "edgec_average_pool_rvv_f32", HEADER), work=_work(op, LANES[DType.F32]))


@lowers(AveragePool, quantized=True, family="rvv")
def lower_quantized_average_pool_rvv(op: AveragePool) -> Kernel | None:
    """Of bytes."""
    return lower_pixel_sums_rvv(op) or _windows(op)


@lowers(ReduceSum, ReduceMean, quantized=True, family="rvv")
def lower_pixel_sums_rvv(op: ReduceSum | ReduceMean | AveragePool) -> Kernel | None:
    """Over all pixels."""
    sums = pixel_sums(op)
    if sums is None or {sums.x.type.dtype, sums.result.type.dtype} != {DType.I8} or sums.shift < LEAST_SHIFT:
        return None
    fields: Fields = {
        **sums.fields(),
        "multiplier": Int(sums.multiplier),
        "shift": Int(sums.shift - 32),
        "zero_point": Int(zero_of(sums.result)),
        **clamp_codes(sums.result, sums.clamp),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_reduce_sum_rvv", fields)
        places = emitter.pointer(sums.x), emitter.pointer(sums.result)
        return [Evaluate(Call("edgec_reduce_sum_rvv_i8", (shape, *places)))]

    return Kernel("edgec_reduce_sum_rvv_i8", "reduce_sum_rvv.h", emit)


def _windows(op: AveragePool) -> Kernel | None:
    """Of bytes, by windows whose sums fit halfwords."""
    if {op.x.type.dtype, op.result.type.dtype} != {DType.I8} or prod(op.kernel) > MOST_TAPS:
        return None
    multiplier, shift = uniform_factors(op)
    if not {*(shift if len(shift) == 1 else shift[np.unique(divisors(op))]).tolist()} <= {*RAISED}:
        return None
    kernel = quantized_averages(op, "edgec_average_pool_rvv_i8", HEADER, multiplier, shift)
    return replace(kernel, work=_work(op, (32, 64)))


def _work(op: Pool, lanes: tuple[int, ...]) -> dict[str, float]:
    """Rows and pixels of output, and for vectors of channels in these rows and taps of windows that are inside."""
    usual, channels = operator_work(op), op.x.shape[-1]
    work: dict[str, float] = {LAYER: 1, "lines": usual["lines"], "pixels": usual["rows"]}
    for most in lanes:
        vectors = -(-channels // most)
        work |= {f"vectors{most}": usual["rows"] * vectors, f"taps{most}": usual["inner"] / channels * vectors}
        work[f"window_rows{most}"] = usual["rows"] * vectors * prod(op.kernel[:-1])
    return work
