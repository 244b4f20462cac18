"""Meaning of reductions over axes, and of what normalizes along one."""

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import ReduceMax, ReduceMean, Softmax


@meaning(Softmax)
def _softmax(op: Softmax, x: Array) -> Array:
    axis = op.axis + 1
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    result: Array = e / e.sum(axis=axis, keepdims=True)
    return result


@meaning(ReduceMean)
def _reduce_mean(op: ReduceMean, x: Array) -> Array:
    result: Array = x.mean(axis=tuple(a + 1 for a in op.axes), keepdims=op.keepdims, dtype=x.dtype)
    return result


@meaning(ReduceMax)
def _reduce_max(op: ReduceMax, x: Array) -> Array:
    result: Array = x.max(axis=tuple(a + 1 for a in op.axes), keepdims=op.keepdims)
    return result
