"""Averages of windows of bytes in vectors of hosts."""

from functools import partial

import numpy as np

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.elementwise_lanes import lower_pixel_sums_lanes
from edgec.codegen.kernels.lanes_i8 import FAMILIES, LEAST_SHIFT, Lanes
from edgec.codegen.kernels.pooling import quantized_averages, uniform_factors
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.interp.pooling import divisors
from edgec.ir.ops import AveragePool


def lower_average_pool_lanes(op: AveragePool, lanes: Lanes) -> Kernel | None:
    """Over all pixels, or of channels that fill half a vector."""
    whole = lower_pixel_sums_lanes(op, lanes)
    if whole is not None or {op.x.type.dtype, op.result.type.dtype} != {DType.I8} or 2 * op.x.shape[-1] < lanes.sums:
        return whole
    multiplier, shift = uniform_factors(op)
    by = 31 - np.frexp(multiplier.astype(np.float64))[1]  # the larger the shift, the less of a product counts
    by = np.minimum(by, 62 - shift)
    multiplier, shift = (multiplier << by).astype(np.int32), (shift + by).astype(np.int32)
    if (shift if len(shift) == 1 else shift[np.unique(divisors(op))]).min() < LEAST_SHIFT:
        return None
    return quantized_averages(op, f"edgec_average_pool_{lanes.family}_i8", "average_pool_i8.h", multiplier, shift)


for _lanes in FAMILIES:
    lowers(AveragePool, quantized=True, family=_lanes.family)(partial(lower_average_pool_lanes, lanes=_lanes))
