"""Meaning of what moves elements without computing."""

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Concat, Gather, Pad, Reshape, Slice, Transpose


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


@meaning(Gather)
def _gather(op: Gather, x: Array, indices: Array) -> Array:
    if len(indices) == 1:
        taken: Array = np.take(x, indices[0], axis=op.axis + 1)
        return taken
    x = np.broadcast_to(x, (len(indices), *x.shape[1:]))
    return np.stack([np.take(sample, index, axis=op.axis) for sample, index in zip(x, indices, strict=True)])


@meaning(Pad)
def _pad(op: Pad, x: Array) -> Array:
    widths = [(0, 0), *zip(op.before, op.after, strict=True)]
    padded: Array = np.pad(x, widths, constant_values=x.dtype.type(op.value))
    return padded
