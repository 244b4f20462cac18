"""Fixed-point arithmetic of quantized operators: real factors as integers, and one rounding for all of them.

A sum ``acc`` times a real factor ``m`` is ``(acc * M + 2**(shift - 1)) >> shift`` with ``M / 2**shift`` close to m: the
product is exact, its rounding is to nearest, half way up. Every core computes this with one multiplication and one
shift. (Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
arXiv:1712.05877, section 2.2, but rounding once.)
"""

from collections.abc import Sequence

import numpy as np

from edgec.ir.graph import Array, IRError
from edgec.ir.types import DType

LARGEST_SHIFT = 62


def factor_bits(*operands: DType) -> int:
    """Bits of a multiplier whose product with a sum of these operands' products fits 64 bits.

    Sums of products of bytes fit 32 bits, others 40: of 2^17 products of 16 by 8 bits, of 2^10 of 16 by 16 bits.
    """
    return 31 if all(d.bytes == 1 for d in operands) else 23


def fixed_point(real: Array, bits: int = 31) -> tuple[Array, Array]:
    """Multipliers (i32, of ``bits`` bits) and shifts (i32, 1 .. 62) of factors, one for each, f64 of any shape.

    A factor below ``2**(bits - 63)`` loses bits, as far as zero. Raises IRError for one that rounds to
    ``2**(bits - 1)`` or more.
    """
    mantissa, exponent = np.frexp(np.asarray(real, np.float64))
    exponent = _raised(mantissa, exponent, bits)
    shift = np.minimum(bits - exponent, LARGEST_SHIFT)
    _check(shift, real)
    return np.rint(np.ldexp(real, shift)).astype(np.int32), shift.astype(np.int32)


def common_shift(reals: Sequence[float], bits: int, largest_shift: int = LARGEST_SHIFT) -> tuple[list[int], int]:
    """Multipliers of at most ``bits`` bits for several factors, and the one shift that they share, at least 1."""
    largest = np.max(np.abs(np.asarray(reals, np.float64)))
    mantissa, exponent = np.frexp(largest)
    shift = np.minimum(bits - _raised(mantissa, exponent, bits), largest_shift)
    _check(shift, largest)
    return [int(np.rint(np.ldexp(real, shift))) for real in reals], int(shift)


def _raised(mantissa: Array, exponent: Array, bits: int) -> Array:
    """The exponents, one higher where the mantissa rounds up to the next power of two."""
    return np.asarray(exponent + (np.rint(np.ldexp(np.abs(mantissa), bits)) == 2.0**bits))


def _check(shift: Array, real: Array) -> None:
    if np.any(shift < 1) or not np.all(np.isfinite(real)):
        raise IRError(f"a factor of {np.max(np.abs(real)):g} is too large for fixed-point arithmetic")


def rescale(sums: Array, multiplier: Array | int, shift: Array | int) -> Array:
    """``(sums * multiplier + 2**(shift - 1)) >> shift`` in i64; the operands broadcast."""
    wide: Array = np.asarray(sums, np.int64) * np.asarray(multiplier, np.int64)
    shift = np.asarray(shift, np.int64)
    return np.asarray((wide + (np.int64(1) << (shift - 1))) >> shift)
