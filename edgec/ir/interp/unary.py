"""Meaning of elementwise functions of one tensor."""

import math
from collections.abc import Callable

import numpy as np

from edgec.ir.graph import Array, Op
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import (
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    BitwiseNot,
    Ceil,
    Celu,
    Clip,
    Cos,
    Cosh,
    Elu,
    Erf,
    Exp,
    Floor,
    Gelu,
    HardSigmoid,
    HardSwish,
    IsInf,
    IsNan,
    LeakyRelu,
    Log,
    Mish,
    Neg,
    Not,
    Reciprocal,
    Relu,
    Round,
    Selu,
    Shrink,
    Sigmoid,
    Sign,
    Sin,
    Sinh,
    Softplus,
    Softsign,
    Sqrt,
    Swish,
    Tan,
    Tanh,
    ThresholdedRelu,
)

NUMPY: dict[type[Op], Callable[[Array], Array]] = {
    Abs: np.abs,
    Acos: np.arccos,
    Acosh: np.arccosh,
    Asin: np.arcsin,
    Asinh: np.arcsinh,
    Atan: np.arctan,
    Atanh: np.arctanh,
    BitwiseNot: np.invert,
    Ceil: np.ceil,
    Cos: np.cos,
    Cosh: np.cosh,
    Exp: np.exp,
    Floor: np.floor,
    IsNan: np.isnan,
    Log: np.log,
    Neg: np.negative,
    Not: np.logical_not,
    Round: np.rint,
    Sign: np.sign,
    Sin: np.sin,
    Sinh: np.sinh,
    Sqrt: np.sqrt,
    Tan: np.tan,
    Tanh: np.tanh,
}
"""Functions that NumPy has."""


@meaning(*NUMPY)
def _numpy(op: Op, x: Array) -> Array:
    return NUMPY[type(op)](x)


def clip(x: Array, low: float, high: float) -> Array:
    """``min(max(x, low), high)``; limits beyond an integer type's range do not limit, NaN stays NaN."""
    if x.dtype.kind in "iu":
        info = np.iinfo(x.dtype)
        low, high = max(low, info.min), min(high, info.max)
    limited: Array = np.minimum(np.maximum(x, x.dtype.type(low)), x.dtype.type(high))
    return limited


def erf(x: Array) -> Array:
    """The error function, computed in float64."""
    result: Array = np.vectorize(math.erf, otypes=[np.float64])(x).astype(x.dtype)
    return result


def sigmoid(x: Array) -> Array:
    """``1 / (1 + exp(-x))``; exp of a non-positive number only, so that nothing overflows on the way to 0 or 1."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e)).astype(x.dtype)


def softplus(x: Array) -> Array:
    """``log(1 + exp(x))`` without overflow."""
    result: Array = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return result.astype(x.dtype)


@meaning(Reciprocal)
def _reciprocal(op: Reciprocal, x: Array) -> Array:
    return np.divide(x.dtype.type(1), x)


@meaning(IsInf)
def _is_inf(op: IsInf, x: Array) -> Array:
    result: Array = np.isinf(x) & np.where(x < 0, op.negative, op.positive)
    return result


@meaning(Erf)
def _erf(op: Erf, x: Array) -> Array:
    return erf(x)


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


@meaning(ThresholdedRelu)
def _thresholded_relu(op: ThresholdedRelu, x: Array) -> Array:
    return np.where(x > x.dtype.type(op.alpha), x, x.dtype.type(0))


@meaning(Elu)
def _elu(op: Elu, x: Array) -> Array:
    return np.where(x < 0, x.dtype.type(op.alpha) * np.expm1(x), x)


@meaning(Selu)
def _selu(op: Selu, x: Array) -> Array:
    alpha, gamma = x.dtype.type(op.alpha), x.dtype.type(op.gamma)
    return np.where(x < 0, gamma * (alpha * np.expm1(x)), gamma * x)


@meaning(Celu)
def _celu(op: Celu, x: Array) -> Array:
    alpha = x.dtype.type(op.alpha)
    return np.where(x < 0, alpha * np.expm1(x / alpha), x)


@meaning(Gelu)
def _gelu(op: Gelu, x: Array) -> Array:
    number = x.dtype.type
    if op.approximate:
        inner = number(math.sqrt(2 / math.pi)) * (x + number(0.044715) * x * x * x)
        return number(0.5) * x * (1 + np.tanh(inner))
    return number(0.5) * x * (1 + erf(x * number(math.sqrt(0.5))))


@meaning(Sigmoid)
def _sigmoid(op: Sigmoid, x: Array) -> Array:
    return sigmoid(x)


@meaning(HardSigmoid)
def _hard_sigmoid(op: HardSigmoid, x: Array) -> Array:
    return clip(x * x.dtype.type(op.alpha) + x.dtype.type(op.beta), 0.0, 1.0)


@meaning(HardSwish)
def _hard_swish(op: HardSwish, x: Array) -> Array:
    one = x.dtype.type
    result: Array = x * (clip(x + one(3), 0.0, 6.0) * one(1 / 6))
    return result


@meaning(Swish)
def _swish(op: Swish, x: Array) -> Array:
    return x * sigmoid(x * x.dtype.type(op.alpha))


@meaning(Mish)
def _mish(op: Mish, x: Array) -> Array:
    result: Array = x * np.tanh(softplus(x))
    return result


@meaning(Softplus)
def _softplus(op: Softplus, x: Array) -> Array:
    return softplus(x)


@meaning(Softsign)
def _softsign(op: Softsign, x: Array) -> Array:
    result: Array = x / (1 + np.abs(x))
    return result


@meaning(Shrink)
def _shrink(op: Shrink, x: Array) -> Array:
    lambd, bias = x.dtype.type(op.lambd), x.dtype.type(op.bias)
    return np.where(x < -lambd, x + bias, np.where(x > lambd, x - bias, x.dtype.type(0)))
