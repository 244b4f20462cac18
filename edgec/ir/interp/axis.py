"""Meaning of what works along one axis."""

from typing import Any

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import ArgExtreme, ArgMax, ArgMin, CumProd, CumSum, Cumulative, Hardmax, LogSoftmax, Softmax, TopK


@meaning(Softmax)
def _softmax(op: Softmax, x: Array) -> Array:
    axis = op.axis + 1
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    result: Array = e / e.sum(axis=axis, keepdims=True)
    return result


@meaning(LogSoftmax)
def _log_softmax(op: LogSoftmax, x: Array) -> Array:
    axis = op.axis + 1
    shifted = x - x.max(axis=axis, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return result


@meaning(Hardmax)
def _hardmax(op: Hardmax, x: Array) -> Array:
    axis = op.axis + 1
    result = np.zeros_like(x)
    np.put_along_axis(result, np.expand_dims(x.argmax(axis=axis), axis), 1, axis=axis)
    return result


@meaning(ArgMax, ArgMin)
def _arg(op: ArgExtreme, x: Array) -> Array:
    axis = op.axis + 1
    function: Any = np.argmax if isinstance(op, ArgMax) else np.argmin
    found = function(np.flip(x, axis) if op.last else x, axis=axis, keepdims=True)
    return np.asarray(x.shape[axis] - 1 - found if op.last else found, np.int64)


@meaning(CumSum, CumProd)
def _cumulative(op: Cumulative, x: Array) -> Array:
    function, neutral = (np.cumsum, 0) if isinstance(op, CumSum) else (np.cumprod, 1)
    lines = np.moveaxis(np.flip(x, op.axis + 1) if op.reverse else x, op.axis + 1, 0)
    result = np.asarray(function(lines, axis=0, dtype=x.dtype))
    if op.exclusive:
        result = np.concatenate([np.full_like(result[:1], neutral), result[:-1]])
    result = np.moveaxis(result, 0, op.axis + 1)
    return np.flip(result, op.axis + 1) if op.reverse else result


@meaning(TopK)
def _top_k(op: TopK, x: Array) -> tuple[Array, ...]:
    axis = op.axis + 1
    if op.largest:
        # Backwards, so that of equals the first comes last, which is first again when the order turns round.
        ascending = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
        order = x.shape[axis] - 1 - np.flip(ascending, axis)
    else:
        order = np.argsort(x, axis=axis, kind="stable")
    indices = order.take(np.arange(op.k), axis=axis).astype(np.int64)
    return np.take_along_axis(x, indices, axis=axis), indices
