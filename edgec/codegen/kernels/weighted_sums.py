"""Sums of products of quantized values: what is folded into them at compile time, and the proof that they fit.

A sum over ``(x - x_zero) * (w - w_zero)`` is computed as one over ``x * v`` by weights ``v = w - w_zero``, which starts
at the bias less ``x_zero`` times the sum of all v. Padding then is x_zero, and not nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.registry import known
from edgec.errors import EdgecError
from edgec.ir import Array, DType, IRError, Op, Value
from edgec.ir.ops import Convolution, Dense, MatMul
from edgec.ir.requantization import product_factors, quant_of, zero_of

Product = Convolution | Dense | MatMul

TYPES = "i8_i8_i32_i8"
"""How the names of portable kernels end that compute with bytes: types of x, weights, sums and result."""

HALFWORDS = "i16_i8_i32_i16"
"""The same with 16 bits by 8."""

SIZES = {TYPES: 1, HALFWORDS: 2}
"""Bytes of an element of x and result, by the types of the kernel."""

LIMIT = {DType.I32: (1 << 31) - 1, DType.I64: (1 << 39) - 1}
"""The largest sum in each type of accumulator: with more than 2**39 a product with a multiplier leaves 64 bits."""

UPPER = 33
"""From this shift on the upper half of the product of sum and multiplier is enough."""


@dataclass(frozen=True)
class Factors:
    """Multipliers (i32) and shifts (u8) of sums: one for each channel, or one."""

    multipliers: Array
    shifts: Array

    def fields(self, emitter: Emitter) -> tuple[Expr, ...]:
        """The ``edgec_factors`` of an operator's struct."""
        each, upper = len(self.multipliers) > 1, self.shifts.min() >= UPPER
        arrays = emitter.array("multiplier", self.multipliers), emitter.array("shift", self.shifts)
        return (*arrays, Int(int(each)), Int(int(upper)))


@dataclass(frozen=True)
class WeightedSums:
    """Sums over products with constant weights, in parts that are summed by themselves (runs of output pixels).

    ``weights``: for each part ``[O, ...]``, i8, or i16 where a zero point was taken off and they do not fit.
    ``biases``: for each part ``[O]`` of the sums' type, with the zero point of x folded in. ``types``: how the name of
    the kernel ends.
    """

    weights: list[Array]
    biases: list[Array]
    factors: Factors
    types: str


def weighted_sums(op: Convolution | Dense, parts: Sequence[Array]) -> WeightedSums:
    """Fold zero points into weights and bias; EdgecError if a sum may leave its accumulator.

    ``parts``: of the weights, ``[O, ...]`` each.
    """
    bias, zero = known(op, op.bias).astype(np.int64), zero_of(op.x)
    centred = [_centred(op.w, part) for part in parts]
    narrow = all(np.array_equal(w, w.astype(np.int8)) for w in centred)
    low, high = (limit - zero for limit in op.x.type.dtype.limits)
    largest, biases = 0, []
    for weights in centred:
        rows = weights.reshape(len(weights), prod(weights.shape[1:]))
        up, down = np.maximum(rows, 0).sum(axis=1), np.minimum(rows, 0).sum(axis=1)
        for ends in (bias + high * up + low * down, bias + low * up + high * down):
            largest = max(largest, int(np.abs(ends).max()))
        biases.append(bias - zero * rows.sum(axis=1))
    dtype = _accumulator(op, largest)
    # In 32 bits sums wrap around, and so may what they start at.
    biases = [b.astype(dtype.numpy) for b in biases]
    stored = DType.I8 if narrow else DType.I16
    types = kernel_types(op.x.type.dtype, stored, dtype, op.result.type.dtype)
    return WeightedSums([w.astype(stored.numpy) for w in centred], biases, factors(op, dtype), types)


def kernel_types(*types: DType) -> str:
    """How the name of a kernel ends: by the types of x, weights, sums and result."""
    return "_".join(t.value for t in types)


def sum_type(op: MatMul) -> DType:
    """The accumulator of a product of two activations; EdgecError if a sum may leave it."""
    left, right = (max(abs(limit - zero_of(v)) for limit in v.type.dtype.limits) for v in (op.a, op.b))
    if left * right > LIMIT[DType.I32]:
        raise EdgecError(_where(op), "has operands of 16 bits with zero points", "quantize them symmetrically")
    return _accumulator(op, left * right * op.a.shape[-1])


def _accumulator(op: Product, largest: int) -> DType:
    """The type that holds sums of that size: of bytes always 32 bits. EdgecError if there is none."""
    if largest <= LIMIT[DType.I32]:
        return DType.I32
    widest = DType.I32 if all(v.type.dtype.bytes == 1 for v in op.operands[:2]) else DType.I64
    if largest > LIMIT[widest]:
        raise EdgecError(
            _where(op),
            f"a sum of its products may reach {largest:.2e}, its accumulator holds no more than {LIMIT[widest]:.2e}",
            "keep this operator in float32, or check its scales: with one that is far too small a bias is that large",
        )
    return widest


def _centred(w: Value, part: Array) -> Array:
    """Weights less their zero points, i64."""
    zeros = np.array(quant_of(w).zero_point, np.int64)
    return part.astype(np.int64) - zeros.reshape(-1, *(1,) * (part.ndim - 1))


def factors(op: Product, sums: DType) -> Factors:
    """The factors of sums of that type; EdgecError if one is too large for fixed-point arithmetic."""
    try:
        multipliers, shifts = (np.atleast_1d(f) for f in product_factors(op))
    except IRError as error:
        raise EdgecError(_where(op), str(error), "check the scales of its operands and of its result") from error
    if sums is DType.I32:
        multipliers, shifts = _raised(multipliers, shifts)
    return Factors(multipliers, shifts.astype(np.uint8))


def _raised(multipliers: Array, shifts: Array) -> tuple[Array, Array]:
    """The same factors with the largest multipliers of 31 bits: the larger the shift, the less of a product counts."""
    spare = 31 - np.frexp(multipliers.astype(np.float64))[1]
    by = np.minimum(spare, 62 - shifts)
    return (multipliers << by).astype(np.int32), shifts + by


def _where(op: Op) -> str:
    return f"{op.source or op.results[0].name} ({op.opname})"
