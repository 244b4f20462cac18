"""Numbers to bytes and back with the vectors of Armv8.1-M, which have no division and take subnormal numbers for 0."""

from fractions import Fraction
from math import frexp

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Float, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.ops import Dequantize, Quantize
from edgec.ir.types import Quant

SCALES = 2.0**-20, 2.0**60
"""With scales between these neither a subnormal number nor the largest ones make a difference."""

NEIGHBOURS = 4
"""So many floats on both sides of a number are tried where the integer that is next to a quotient changes."""


@lowers(Quantize, family="mve")
def lower_quantize_mve(op: Quantize) -> Kernel | None:
    """To bytes by one scale, where its reciprocal does what a division does."""
    quant = op.quant()
    if quant is None or op.axis is not None or (op.dtype, op.precision) != (DType.I8, DType.F32):
        return None
    reciprocal = _reciprocal(quant)
    if reciprocal is None:
        return None
    fields: Fields = {
        "upper": Float(reciprocal[0]),
        "lower": Float(reciprocal[1]),
        "zero_point": Int(quant.zero),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements))
        return [Evaluate(Call("edgec_quantize_mve_i8", (emitter.struct("edgec_quantize_mve", fields), *places)))]

    return Kernel("edgec_quantize_mve_i8", "quantize_mve.h", emit)


@lowers(Dequantize, family="mve")
def lower_dequantize_mve(op: Dequantize) -> Kernel | None:
    """Of bytes by one scale."""
    quant = op.quant()
    if quant is None or op.axis is not None or op.x.type.dtype is not DType.I8 or not _fits(quant.scale[0]):
        return None
    fields: Fields = {"zero_point": Int(quant.zero), "scale": Float(quant.scale[0])}

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements))
        return [Evaluate(Call("edgec_dequantize_mve_i8", (emitter.struct("edgec_dequantize_mve", fields), *places)))]

    return Kernel("edgec_dequantize_mve_i8", "quantize_mve.h", emit)


def _fits(scale: float) -> bool:
    return SCALES[0] <= scale <= SCALES[1]


def _reciprocal(quant: Quant) -> tuple[float, float] | None:
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
    low, high = DType.I8.limits
    for integer in range(low - quant.zero - 1, high - quant.zero + 1):
        middle = np.float32((integer + 0.5) * scale)
        x = middle + np.arange(-NEIGHBOURS, NEIGHBOURS + 1, dtype=np.float32) * np.spacing(np.abs(middle))
        divided = np.rint(x / np.float32(scale))
        if divided[0] > integer or divided[-1] <= integer:
            return None
        if any(round(_sum(a, upper, lower)) != b for a, b in zip(x, divided, strict=True)):
            return None
    return float(upper), float(lower)


def _sum(x: np.float32, upper: np.float32, lower: np.float32) -> Fraction:
    """``x * upper + x * lower`` as two instructions compute it: the latter is rounded, and their sum is."""
    exact = Fraction(float(x)) * Fraction(float(upper)) + Fraction(float(x * lower))
    unit = Fraction(2) ** (frexp(float(exact))[1] - 24)
    return round(exact / unit) * unit
