"""Numbers to bytes and halfwords, and back, with the vectors of Armv8.1-M.

These have no division and take subnormal numbers for 0.
"""

from fractions import Fraction

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Float, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.ops import Dequantize, Quantize
from edgec.ir.types import Quant

TYPES = DType.I8, DType.I16

SCALES = 2.0**-20, 2.0**60
"""With scales between these neither a subnormal number nor the largest ones make a difference."""

NEIGHBOURS = 4
"""So many floats on both sides of a number are tried where the integer that is next to a quotient changes."""


@lowers(Quantize, family="mve")
def lower_quantize_mve(op: Quantize) -> Kernel | None:
    """To bytes or halfwords by one scale, where its reciprocal does what a division does."""
    quant, dtype = op.quant(), op.dtype
    if quant is None or op.axis is not None or dtype not in TYPES or op.precision is not DType.F32:
        return None
    reciprocal = reciprocal_of(quant, dtype)
    if reciprocal is None:
        return None
    fields: Fields = {
        "upper": Float(reciprocal[0]),
        "lower": Float(reciprocal[1]),
        "zero_point": Int(quant.zero),
    }
    name = f"edgec_quantize_mve_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements))
        return [Evaluate(Call(name, (emitter.struct("edgec_quantize_mve", fields), *places)))]

    return Kernel(name, "quantize_mve.h", emit)


@lowers(Dequantize, family="mve")
def lower_dequantize_mve(op: Dequantize) -> Kernel | None:
    """Of bytes or halfwords by one scale."""
    quant, dtype = op.quant(), op.x.type.dtype
    if quant is None or op.axis is not None or dtype not in TYPES or not _fits(quant.scale[0]):
        return None
    fields: Fields = {"zero_point": Int(quant.zero), "scale": Float(quant.scale[0])}
    name = f"edgec_dequantize_mve_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements))
        return [Evaluate(Call(name, (emitter.struct("edgec_dequantize_mve", fields), *places)))]

    return Kernel(name, "quantize_mve.h", emit)


def _fits(scale: float) -> bool:
    return SCALES[0] <= scale <= SCALES[1]


def reciprocal_of(quant: Quant, dtype: DType) -> tuple[float, float] | None:
    """Two floats whose sum is the reciprocal of the scale; None if by them a number may become another integer.

    Both ``x / scale`` and ``x * upper + x * lower`` grow with x, so that they round alike everywhere if they do around
    each number where the integer changes, as far as integers become codes.
    """
    (scale,) = quant.scale
    if not _fits(scale):
        return None
    upper = np.float32(1 / scale)
    if Fraction(float(upper)) > 1 / Fraction(scale):
        upper = np.nextafter(upper, np.float32(0))
    rest = 1 / Fraction(scale) - Fraction(float(upper))
    lower = np.float32(float(rest) or 2.0**-100)
    low, high = dtype.limits
    integers = np.arange(low - quant.zero - 1, high - quant.zero + 1)[:, None]
    middles = ((integers + 0.5) * scale).astype(np.float32)
    x = middles + np.arange(-NEIGHBOURS, NEIGHBOURS + 1, dtype=np.float32) * np.spacing(np.abs(middles))
    divided = np.rint(x / np.float32(scale))
    if np.any(divided[:, :1] > integers) or np.any(divided[:, -1:] <= integers):
        return None
    # Two instructions: the latter product is rounded, and their sum is. In 64 bits that is off by next to nothing.
    about = x.astype(np.float64) * float(upper) + (x * lower).astype(np.float64)
    for end in (1 - 2.0**-51, 1 + 2.0**-51):
        if np.any(np.rint((about * end).astype(np.float32)) != divided):
            return None
    return float(upper), float(lower)
