"""Meaning of reductions over axes."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import (
    Reduce,
    ReduceL1,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceSumSquare,
)

Axes = tuple[int, ...]


def _sum(x: Array, axes: Axes) -> Array:
    return np.asarray(x.sum(axis=axes, keepdims=True, dtype=x.dtype))


def _mean(x: Array, axes: Axes) -> Array:
    total, count = _sum(x, axes), prod(x.shape[a] for a in axes)
    if x.dtype.kind == "f":
        return np.asarray(total / x.dtype.type(count))
    # NumPy rounds down: up again where that is not the same.
    inexact = (total % x.dtype.type(count) != 0) & (total < 0)
    return np.asarray(total // x.dtype.type(count) + inexact.astype(x.dtype))


def _log_sum_exp(x: Array, axes: Axes) -> Array:
    top = x.max(axis=axes, keepdims=True)
    return np.where(np.isfinite(top), top + np.log(_sum(np.exp(x - top), axes)), top)


FUNCTIONS: dict[type[Reduce], Callable[[Array, Axes], Any]] = {
    ReduceSum: _sum,
    ReduceMean: _mean,
    ReduceSumSquare: lambda x, axes: _sum(x * x, axes),
    ReduceL1: lambda x, axes: _sum(np.abs(x), axes),
    ReduceProd: lambda x, axes: x.prod(axis=axes, keepdims=True, dtype=x.dtype),
    ReduceLogSumExp: _log_sum_exp,
    ReduceMax: lambda x, axes: x.max(axis=axes, keepdims=True),
    ReduceMin: lambda x, axes: x.min(axis=axes, keepdims=True),
}
"""Operator class -> function of an array and its axes that leaves them with extent 1."""


@meaning(*FUNCTIONS)
def _reduce(op: Reduce, x: Array) -> Array:
    result = FUNCTIONS[type(op)](x, tuple(a + 1 for a in op.axes))
    return np.asarray(result.reshape(len(x), *op.result.shape))
