"""Meaning of elementwise functions of two tensors, and of choice between them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.interp.unary import clip
from edgec.ir.ops import (
    Add,
    Arithmetic,
    Binary,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    Clamp,
    Div,
    Equal,
    Fmod,
    Less,
    LessOrEqual,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    Prelu,
    ShiftLeft,
    ShiftRight,
    Sub,
    Where,
)


def clamp(x: Array, limits: Clamp | None) -> Array:
    """``min(max(x, low), high)`` in x's dtype; NaN stays NaN."""
    return x if limits is None else clip(x, limits.low, limits.high)


def align(*arrays: Array) -> list[Array]:
    """Give batched arrays the same rank: ones go in between the sample axis and the rest."""
    rank = max(x.ndim for x in arrays)
    return [x.reshape(x.shape[0], *(1,) * (rank - x.ndim), *x.shape[1:]) for x in arrays]


def _divide(a: Array, b: Array) -> Array:
    if a.dtype.kind == "f":
        return np.divide(a, b)
    divisor = np.where(b == 0, b.dtype.type(1), b)
    quotient = a // divisor
    # NumPy rounds down, C towards zero: up again where that is not the same.
    inexact = (a % divisor != 0) & ((a < 0) != (divisor < 0))
    return (quotient + inexact.astype(a.dtype)).astype(a.dtype)


def _remainder(function: Callable[..., Any]) -> Callable[[Array, Array], Array]:
    def remainder(a: Array, b: Array) -> Array:
        if a.dtype.kind == "f":
            return np.asarray(function(a, b))
        divisor = np.where(b == 0, b.dtype.type(1), b)
        return np.where(b == 0, a.dtype.type(0), function(a, divisor))

    return remainder


def _power(a: Array, b: Array) -> Array:
    if a.dtype.kind == "f":
        return np.power(a, b)
    # NumPy refuses negative exponents of integers: 1 / a**-b truncates to 0, but for a = 1 and a = -1.
    positive = np.power(a, np.maximum(b, 0))
    sign = np.where(b % 2 == 0, a.dtype.type(1), a)
    unit = np.where((a == 1) | ((a == -1) if a.dtype.kind == "i" else False), sign, a.dtype.type(0))
    return np.where(b < 0, unit, positive).astype(a.dtype)


def _shift(function: Callable[..., Any]) -> Callable[[Array, Array], Array]:
    def shift(a: Array, b: Array) -> Array:
        bits = 8 * a.dtype.itemsize
        return np.where(b >= bits, a.dtype.type(0), function(a, np.minimum(b, bits - 1).astype(a.dtype)))

    return shift


FUNCTIONS: dict[type[Binary], Callable[[Array, Array], Array]] = {
    Add: np.add,
    Sub: np.subtract,
    Mul: np.multiply,
    Div: _divide,
    Min: np.minimum,
    Max: np.maximum,
    Mod: _remainder(np.mod),
    Fmod: _remainder(np.fmod),
    Pow: _power,
    Prelu: lambda a, b: np.where(a < 0, a * b, a),
    BitwiseAnd: np.bitwise_and,
    BitwiseOr: np.bitwise_or,
    BitwiseXor: np.bitwise_xor,
    ShiftLeft: _shift(np.left_shift),
    ShiftRight: _shift(np.right_shift),
    Equal: np.equal,
    Less: np.less,
    LessOrEqual: np.less_equal,
}
"""Operator class -> function of two arrays of one rank and dtype."""


@meaning(*FUNCTIONS)
def _binary(op: Binary, a: Array, b: Array) -> Array:
    result = FUNCTIONS[type(op)](*align(a, b))
    return clamp(result, op.clamp) if isinstance(op, Arithmetic) else result


@meaning(Where)
def _where(op: Where, condition: Array, a: Array, b: Array) -> Array:
    condition, a, b = align(condition, a, b)
    return np.where(condition, a, b)
