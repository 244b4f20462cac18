"""Pooling of bytes with the vectors of Armv8.1-M."""

from math import prod

import numpy as np

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.blocks_mve import LEAST_SHIFT
from edgec.codegen.kernels.pooling import quantized_averages, uniform_factors
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.interp.pooling import divisors
from edgec.ir.ops import AveragePool

MOST_TAPS = 256
"""So many bytes add up in a halfword."""


@lowers(AveragePool, quantized=True, family="mve")
def lower_average_pool_mve(op: AveragePool) -> Kernel | None:
    """Of 8 channels or more, whose sums fit halfwords."""
    types = {op.x.type.dtype, op.result.type.dtype}
    if types != {DType.I8} or op.x.shape[-1] < 8 or prod(op.kernel) > MOST_TAPS:
        return None
    multiplier, shift = uniform_factors(op)
    if (shift if len(shift) == 1 else shift[np.unique(divisors(op))]).min() < LEAST_SHIFT:
        return None
    return quantized_averages(op, "edgec_average_pool_mve_i8", "average_pool_mve.h", multiplier, shift)
