"""Pooling of bytes and halfwords, and their sums over all pixels, with the vectors of Armv8.1-M."""

from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import LEAST_SHIFT
from edgec.codegen.kernels.pixel_sums import pixel_sums
from edgec.codegen.kernels.pooling import maxima, quantized_averages, uniform_factors
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.interp.pooling import divisors
from edgec.ir.ops import AveragePool, MaxPool, ReduceMean, ReduceSum
from edgec.ir.requantization import zero_of

LIMITS = {DType.I8: (8, 256), DType.I16: (4, (1 << 15) - 1)}
"""Lanes of a vector, and how many elements add up in one of these, by their type."""


@lowers(AveragePool, quantized=True, family="mve")
def lower_average_pool_mve(op: AveragePool) -> Kernel | None:
    """Of as many channels as a vector has or more, whose sums fit halfwords, those of halfwords words."""
    dtype = op.x.type.dtype
    lanes, taps = LIMITS.get(dtype, (0, 0))
    if not lanes or op.result.type.dtype is not dtype or op.x.shape[-1] < lanes or prod(op.kernel) > taps:
        return None
    multiplier, shift = uniform_factors(op)
    by = 31 - np.frexp(multiplier.astype(np.float64))[1]  # the larger the shift, the less of a product counts
    multiplier, shift = (multiplier << by).astype(np.int32), (shift + by).astype(np.int32)
    if (shift if len(shift) == 1 else shift[np.unique(divisors(op))]).min() < LEAST_SHIFT:
        return None
    return quantized_averages(op, f"edgec_average_pool_mve_{dtype.value}", "average_pool_mve.h", multiplier, shift)


@lowers(MaxPool, family="mve")
def lower_max_pool_mve(op: MaxPool) -> Kernel | None:
    """Without limits."""
    dtype = op.x.type.dtype
    if dtype not in (DType.I8, DType.U8, DType.I16) or op.clamp is not None:
        return None
    return maxima(op, f"edgec_max_pool_mve_{dtype.value}", "max_pool_mve.h")


@lowers(ReduceSum, ReduceMean, quantized=True, family="mve")
def lower_reduce_sum_mve(op: ReduceSum | ReduceMean) -> Kernel | None:
    """Over all axes but the last one."""
    sums, dtype = pixel_sums(op), op.x.type.dtype
    if sums is None or dtype not in (DType.I8, DType.I16) or op.result.type.dtype is not dtype:
        return None
    raised = 31 - sums.multiplier.bit_length()  # the larger the shift, the less of a product counts
    multiplier, shift = sums.multiplier << raised, sums.shift + raised
    if sums.pixels >= 1 << 15 or shift < LEAST_SHIFT:
        return None
    fields: Fields = {
        **sums.fields(),
        "multiplier": Int(multiplier),
        "right": Int(LEAST_SHIFT - 1 - shift),
        "zero_point": Int(zero_of(op.result)),
    }
    name = f"edgec_reduce_sum_mve_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_reduce_sum_mve", fields)
        return [Evaluate(Call(name, (shape, emitter.pointer(op.x), emitter.pointer(op.result))))]

    return Kernel(name, "reduce_sum_mve.h", emit)
