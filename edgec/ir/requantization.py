"""The integer parameters of operators on quantized values, from the scales and zero points in their types.

The interpreter and code generation both take them from here. With ``real = scale * (code - zero_point)``, sums of
products of ``code - zero_point`` stand for ``scale of the sum * sum``, and the result's code is
``rescale(sum, multiplier, shift) + zero_point``, clamped (``edgec.ir.fixed_point``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, prod

import numpy as np

from edgec.ir.fixed_point import LARGEST_SHIFT, common_shift, factor_bits, fixed_point
from edgec.ir.graph import Array, IRError, Value
from edgec.ir.ops import (
    Add,
    AveragePool,
    Clamp,
    Convolution,
    Dense,
    MatMul,
    Mul,
    ReduceMean,
    ReduceSum,
    Requantize,
    Resample,
    Softmax,
    Sub,
)
from edgec.ir.types import DType, Quant, TensorType

BYTE_SHIFT = 30
"""The largest shift of sums that are kept in 32 bits, rounding included."""

LARGEST_COUNT = 1 << 23
"""As many differences of bytes add up in 32 bits, of 16 bits in 40."""

BYTE_BITS = 21
"""Bits of a multiplier of differences of bytes, of which two products and the rounding fit 32 bits."""


def quant_of(value: Value) -> Quant:
    """The quantization of a value that has one."""
    assert value.type.quant is not None, f"%{value.name} is not quantized"
    return value.type.quant


def scale_of(value: Value) -> float:
    """The one scale of a value."""
    (scale,) = quant_of(value).scale
    return scale


def zero_of(value: Value) -> int:
    """The one zero point of a value."""
    return quant_of(value).zero


def codes(numbers: Array, type: TensorType) -> Array:
    """The integers that stand for f32 numbers, as Quantize gives them: rounded half to even, saturated."""
    assert type.quant is not None
    low, high = type.dtype.limits
    with np.errstate(all="ignore"):
        steps = np.rint(numbers / np.float32(type.quant.scale[0]))
    zero = type.quant.zero
    return (np.clip(steps, low - zero, high - zero) + zero).astype(type.dtype.numpy)


def numbers(codes: Array, type: TensorType) -> Array:
    """The f32 numbers that integers stand for, as Dequantize gives them."""
    assert type.quant is not None
    return (codes.astype(np.int32) - type.quant.zero).astype(np.float32) * np.float32(type.quant.scale[0])


def to_codes(samples: Mapping[str, Array], ports: Mapping[str, Value]) -> dict[str, Array]:
    """Samples of numbers as inputs take them: as codes where these are quantized."""
    kinds = {name: ports[name].type for name in samples}
    plain = {n for n, kind in kinds.items() if kind.quant is None or samples[n].dtype == kind.dtype.numpy}
    return {name: array if name in plain else codes(array, kinds[name]) for name, array in samples.items()}


def code(real: float, type: TensorType) -> int:
    """The integer that stands for one number."""
    return int(codes(np.array(real, np.float32), type))


def code_limits(type: TensorType, clamp: Clamp | None) -> tuple[int, int]:
    """The smallest and the largest integer that a clamped result has."""
    if clamp is None:
        return type.dtype.limits
    return code(min(clamp.low, clamp.high), type), code(clamp.high, type)


def real_limits(low: float, high: float, type: TensorType) -> Clamp:
    """The clamp of numbers whose ``code_limits`` are these codes."""
    assert type.quant is not None
    lowest, highest = type.dtype.limits
    scale, zero = type.quant.scale[0], type.quant.zero
    return Clamp(
        -inf if low <= lowest else scale * (low - zero),
        inf if high >= highest else scale * (high - zero),
    )


def product_factors(op: Convolution | Dense | MatMul | Mul) -> tuple[Array, Array]:
    """Multipliers and shifts (i32) of a product: one for all, or ``[O]``, one per output channel."""
    left, right = (op.x, op.w) if isinstance(op, Convolution | Dense) else (op.a, op.b)
    real = quant_of(left).reals() * quant_of(right).reals() / scale_of(op.result)
    return fixed_point(real, factor_bits(left.type.dtype, right.type.dtype))


def requantize_factor(op: Requantize) -> tuple[int, int]:
    """Multiplier and shift; of bytes, the product and the rounding fit 32 bits, else 64."""
    (multiplier,), shift = _common([scale_of(op.x) / scale_of(op.result)], op.x.type.dtype)
    return multiplier, shift


def mean_factors(op: AveragePool) -> tuple[Array, Array]:
    """Multipliers and shifts (i32) by the number of elements that count in a window, from 0 on, ``[largest + 1]``.

    Windows that nothing counts in are not there: the first are those of 1. IRError for more than LARGEST_COUNT.
    """
    counts = np.maximum(np.arange(_counted(op.kernel) + 1), 1)
    real = scale_of(op.x) / scale_of(op.result) / counts
    return fixed_point(real, factor_bits(op.x.type.dtype))


def reduce_factor(op: ReduceMean | ReduceSum) -> tuple[int, int]:
    """Multiplier and shift of the sum over all axes; IRError for more than LARGEST_COUNT elements."""
    count = _counted([op.x.shape[a] for a in op.axes])
    real = scale_of(op.x) / scale_of(op.result)
    return _one(real / count if isinstance(op, ReduceMean) else real, op.x.type.dtype)


def _counted(extents: Sequence[int]) -> int:
    count = prod(extents)
    if count > LARGEST_COUNT:
        raise IRError(f"a sum of {count} elements leaves the accumulator")
    return count


def _one(real: float, dtype: DType) -> tuple[int, int]:
    multiplier, shift = fixed_point(np.array(real), factor_bits(dtype))
    return int(multiplier), int(shift)


def sum_factors(op: Add | Sub) -> tuple[int, int, int]:
    """Multipliers of ``a - a_zero`` and ``b - b_zero``, and their common shift.

    Of bytes, both products and the rounding fit 32 bits; else 64.
    """
    y = scale_of(op.result)
    reals = [scale_of(op.a) / y, scale_of(op.b) / y]
    (left, right), shift = _common(reals, op.a.type.dtype, op.b.type.dtype)
    return left, -right if isinstance(op, Sub) else right, shift


def resample_factors(op: Resample) -> tuple[Array, int]:
    """Integer weights ``[outputs, taps]`` (i32) of ``x - zero_point``, and their shift; sums fit as in a sum of two."""
    assert op.weights.data is not None
    real = op.weights.data.astype(np.float64) * (scale_of(op.x) / scale_of(op.result))
    largest = float(np.abs(real).sum(axis=1).max())
    _, shift = _common([largest], op.x.type.dtype)
    return np.rint(np.ldexp(real, shift)).astype(np.int32), shift


def _common(reals: list[float], *dtypes: DType) -> tuple[list[int], int]:
    if all(d.bytes == 1 for d in dtypes):
        return common_shift(reals, BYTE_BITS, BYTE_SHIFT)
    return common_shift(reals, 31)


@dataclass(frozen=True)
class SoftmaxTable:
    """Softmax of bytes: with ``e = exponentials[max - x]`` and S their sum along the axis, in 64 bits,

    ``y = ((e * (scaled // S) + 2**(shift - 1)) >> shift) + zero_point``; the quotient fits 31 bits.
    """

    exponentials: Array
    """i32 ``[256]``: ``exp(-scale * d) * 2**30`` for d = 0 .. 255."""
    scaled: int
    """``2**shift / scale of the result``, below 2**61."""
    shift: int


def softmax_table(op: Softmax) -> SoftmaxTable:
    """The parameters of a softmax; IRError for a result's scale that does not fit them."""
    real = 1 / scale_of(op.result)
    _, exponent = np.frexp(real)
    shift = min(61 - int(exponent), LARGEST_SHIFT)
    if shift < 1 or not np.isfinite(real):
        raise IRError(f"a softmax with a scale of {scale_of(op.result):g} is beyond fixed-point arithmetic")
    with np.errstate(all="ignore"):
        exponentials = np.rint(np.ldexp(np.exp(-np.arange(256) * scale_of(op.x)), 30)).astype(np.int32)
    return SoftmaxTable(exponentials, int(np.rint(np.ldexp(real, shift))), shift)
