"""Meaning of elementwise operators, softmax and casts."""

from typing import Any

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import (
    Add,
    Binary,
    Cast,
    Clamp,
    Clip,
    Div,
    HardSwish,
    LeakyRelu,
    Mul,
    Relu,
    Sigmoid,
    Softmax,
    Sub,
    Tanh,
)
from edgec.ir.types import DType


def clamp(x: Array, limits: Clamp | None) -> Array:
    """``min(max(x, low), high)`` in x's dtype; NaN stays NaN."""
    if limits is None:
        return x
    return clip(x, limits.low, limits.high)


def clip(x: Array, low: float, high: float) -> Array:
    """``min(max(x, low), high)``; limits beyond an integer type's range do not limit."""
    if x.dtype.kind in "iu":
        info = np.iinfo(x.dtype)
        low, high = max(low, info.min), min(high, info.max)
    limited: Array = np.minimum(np.maximum(x, x.dtype.type(low)), x.dtype.type(high))
    return limited


@meaning(Relu)
def _relu(op: Relu, x: Array) -> Array:
    positive: Array = np.maximum(x, x.dtype.type(0))
    return positive


@meaning(Clip)
def _clip(op: Clip, x: Array) -> Array:
    return clip(x, op.low, op.high)


@meaning(LeakyRelu)
def _leaky_relu(op: LeakyRelu, x: Array) -> Array:
    return np.where(x < 0, x * x.dtype.type(op.alpha), x)


@meaning(Sigmoid)
def _sigmoid(op: Sigmoid, x: Array) -> Array:
    # exp of a non-positive number only, so that nothing overflows on the way to 0 or 1.
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e)).astype(x.dtype)


@meaning(Tanh)
def _tanh(op: Tanh, x: Array) -> Array:
    return np.tanh(x)


@meaning(HardSwish)
def _hard_swish(op: HardSwish, x: Array) -> Array:
    one = x.dtype.type
    result: Array = x * (clip(x + one(3), 0.0, 6.0) * one(1 / 6))
    return result


@meaning(Softmax)
def _softmax(op: Softmax, x: Array) -> Array:
    axis = op.axis + 1
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    result: Array = e / e.sum(axis=axis, keepdims=True)
    return result


def align(a: Array, b: Array) -> tuple[Array, Array]:
    """Give two batched arrays the same rank: ones go in between the sample axis and the rest."""
    rank = max(a.ndim, b.ndim)
    return tuple(x.reshape(x.shape[0], *(1,) * (rank - x.ndim), *x.shape[1:]) for x in (a, b))  # type: ignore[return-value]


@meaning(Add, Sub, Mul, Div)
def _binary(op: Binary, a: Array, b: Array) -> Array:
    a, b = align(a, b)
    match op:
        case Add():
            result = a + b
        case Sub():
            result = a - b
        case Mul():
            result = a * b
        case _ if a.dtype.kind == "f":
            result = a / b
        case _:
            quotient = np.abs(a.astype(np.int64)) // np.maximum(np.abs(b.astype(np.int64)), 1)
            result = np.where((a < 0) != (b < 0), -quotient, quotient).astype(a.dtype)
    return clamp(result, op.clamp)


@meaning(Cast)
def _cast(op: Cast, x: Array) -> Array:
    return cast(x, op.dtype)


def cast(x: Array, dtype: DType) -> Array:
    """Convert elements; float to integer truncates towards zero and saturates, NaN gives 0."""
    target: np.dtype[Any] = dtype.numpy
    if x.dtype.kind != "f" or target.kind not in "iu":
        return x.astype(target)
    info = np.iinfo(target)
    wide = np.trunc(np.nan_to_num(x.astype(np.float64), nan=0.0))
    # The largest float below the limit: int64's own limit is not a float64.
    inside = np.clip(wide, info.min, np.nextafter(float(info.max) + 1, 0))
    return np.where(wide >= info.max, info.max, inside.astype(target)).astype(target)
