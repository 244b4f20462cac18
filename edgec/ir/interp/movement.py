"""Meaning of what moves elements without computing."""

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import BitCast, Concat, Expand, Pad, Reshape, Slice, Transpose


@meaning(Reshape)
def _reshape(op: Reshape, x: Array) -> Array:
    return x.reshape(x.shape[0], *op.shape)


@meaning(Transpose)
def _transpose(op: Transpose, x: Array) -> Array:
    return x.transpose(0, *(p + 1 for p in op.perm))


@meaning(Concat)
def _concat(op: Concat, *xs: Array) -> Array:
    samples = max(len(x) for x in xs)
    return np.concatenate([np.broadcast_to(x, (samples, *x.shape[1:])) for x in xs], axis=op.axis + 1)


@meaning(Slice)
def _slice(op: Slice, x: Array) -> Array:
    for axis, (start, count, step) in enumerate(zip(op.start, op.count, op.step, strict=True)):
        x = x.take(start + step * np.arange(count), axis=axis + 1)
    return x


@meaning(Expand)
def _expand(op: Expand, x: Array) -> Array:
    added = len(op.shape) + 1 - x.ndim
    return np.broadcast_to(x.reshape(x.shape[0], *(1,) * added, *x.shape[1:]), (x.shape[0], *op.shape))


@meaning(Pad)
def _pad(op: Pad, x: Array) -> Array:
    widths = [(0, 0), *zip(op.before, op.after, strict=True)]
    padded: Array = np.pad(x, widths, constant_values=x.dtype.type(op.value))
    return padded


@meaning(BitCast)
def _bit_cast(op: BitCast, x: Array) -> Array:
    return np.ascontiguousarray(x).view(op.dtype.numpy)
