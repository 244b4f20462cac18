"""Meaning of conversions of element types."""

import ml_dtypes
import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Cast
from edgec.ir.storage import bits
from edgec.ir.types import FLOATS, INTEGERS, SMALL_INTEGERS, DType


@meaning(Cast)
def _cast(op: Cast, x: Array) -> Array:
    return cast(x, op.dtype, op.saturate, op.round_mode)


def cast(x: Array, dtype: DType, saturate: bool = True, round_mode: str = "up") -> Array:
    """Convert elements; the rules are those of ``ops.Cast``."""
    number = numbers(x)
    if dtype in SMALL_INTEGERS:
        return _low_bits(_to_integer(number, np.dtype(np.int32)), dtype)
    if dtype in INTEGERS:
        return _to_integer(number, dtype.numpy)
    if dtype in FLOATS or dtype is DType.BOOL:
        return number.astype(dtype.numpy)
    wide = _rounded_to_odd(number)
    return _to_e8m0(wide, saturate, round_mode) if dtype is DType.F8E8M0 else _to_small_float(wide, dtype, saturate)


def numbers(x: Array) -> Array:
    """The elements in a type that has arithmetic: floats of 16 bits and less as f32, small integers as i8 or u8."""
    dtype = DType.of(x.dtype)
    if dtype in SMALL_INTEGERS:
        return bits(x)
    return x.astype(np.float32) if dtype.is_float and dtype not in FLOATS else x


def _to_integer(x: Array, target: np.dtype[np.generic]) -> Array:
    if x.dtype.kind != "f":
        return x.astype(target)
    info = np.iinfo(target)  # type: ignore[type-var]
    wide = np.trunc(np.nan_to_num(x.astype(np.float64), nan=0.0))
    # The largest float below the limit: int64's own limit is not a float64.
    inside = np.clip(wide, info.min, np.nextafter(float(info.max) + 1, 0))
    return np.where(wide >= info.max, info.max, inside.astype(target)).astype(target)


def _low_bits(x: Array, dtype: DType) -> Array:
    low, high = dtype.limits
    return (((x - low) & (high - low)) + low).astype(dtype.numpy)


def _rounded_to_odd(x: Array) -> Array:
    """Numbers as f64; an integer that has none is rounded to its neighbour with an odd significand.

    So that rounding it again, to fewer bits, gives what rounding once would.
    """
    if x.dtype not in (np.int64, np.uint64):
        return x.astype(np.float64)
    dropped = x & x.dtype.type(0x7FF)
    odd = (x - dropped) | ((dropped != 0).astype(x.dtype) << x.dtype.type(11))
    return np.where(np.abs(x.astype(np.float64)) < 2.0**53, x.astype(np.float64), odd.astype(np.float64))


def _to_small_float(x: Array, dtype: DType, saturate: bool) -> Array:
    info = ml_dtypes.finfo(dtype.numpy)  # type: ignore[no-untyped-call]
    largest = float(info.max)
    # The distance of neighbours: a power of two, which stays the same below the smallest normal number.
    _, exponent = np.frexp(np.where(np.isfinite(x), x, 0.0))
    distance = np.ldexp(1.0, np.maximum(exponent - 1, info.minexp) - info.nmant)
    rounded = np.where(np.isfinite(x), np.rint(x / distance) * distance, x)
    beyond = np.copysign(largest if saturate and not dtype.is_half else np.inf, x)
    rounded = np.where(np.abs(rounded) > largest, beyond, rounded)
    # f4e2m1 has no NaN; ONNX's tests want -0.
    rounded = np.where(np.isnan(x), -0.0 if dtype is DType.F4E2M1 else np.copysign(np.nan, x), rounded)
    return rounded.astype(dtype.numpy)


def _to_e8m0(x: Array, saturate: bool, round_mode: str) -> Array:
    """Powers of two from 2^-127 to 2^127; beyond, and 0, the nearest with ``saturate``, else NaN; negative ones NaN."""
    fraction, exponent = np.frexp(np.where(np.isfinite(x), x, 1.0))
    # x = (2 * fraction) * 2^(exponent - 1), with 2 * fraction from 1 to 2; half way is 0.75.
    above = {"up": fraction > 0.5, "nearest": fraction >= 0.75, "down": False}[round_mode]
    power = np.where(np.isinf(x), 128, exponent - 1 + above)
    inside = np.where(x == 0, -128, power)
    outside = (inside < -127) | (inside > 127) | (np.abs(x) < 2.0**-127)
    result = np.ldexp(1.0, np.clip(inside, -127, 127))
    invalid = np.isnan(x) | (x < 0) | (outside & (not saturate))
    return np.where(invalid, np.nan, result).astype(DType.F8E8M0.numpy)
