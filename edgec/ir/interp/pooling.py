"""Meaning of pooling."""

import numpy as np

from edgec.ir.graph import Array, IRError
from edgec.ir.interp.binary import clamp
from edgec.ir.interp.registry import meaning
from edgec.ir.interp.windows import merged, split, windows
from edgec.ir.ops import (
    AveragePool,
    AveragePool2d,
    AveragePool3d,
    LpPool,
    LpPool2d,
    LpPool3d,
    MaxPool,
    MaxPool2d,
    MaxPool3d,
    MaxPoolIndices,
    MaxPoolIndices2d,
    MaxPoolIndices3d,
    MaxUnpool,
    Pool,
)


def flat_windows(op: Pool, x: Array, fill: float) -> Array:
    """``[S,N,*spatial,C]`` -> ``[S*N, *outputs, C, taps]``."""
    view = windows(merged(x), op.kernel, op.stride, op.pad, op.dilation, fill)
    return view.reshape(*view.shape[: op.spatial + 2], -1)


def _lowest(dtype: np.dtype[np.generic]) -> float:
    return -np.inf if dtype.kind == "f" else int(np.iinfo(dtype.name).min)


@meaning(MaxPool2d, MaxPool3d)
def _max_pool(op: MaxPool, x: Array) -> Array:
    return clamp(split(flat_windows(op, x, _lowest(x.dtype)).max(axis=-1), len(x)), op.clamp)


@meaning(MaxPoolIndices2d, MaxPoolIndices3d)
def _max_pool_indices(op: MaxPoolIndices, x: Array) -> tuple[Array, Array]:
    view = flat_windows(op, x, _lowest(x.dtype))
    extents = x.shape[2:-1]
    places = np.arange(int(np.prod(extents))).reshape(extents, order="F" if op.column_major else "C")
    # Padding is not a place: where a whole window is as low as it, the first element that is not padding is meant.
    index = windows(places[None, ..., None], op.kernel, op.stride, op.pad, op.dilation, -1)
    index = np.broadcast_to(index.reshape(1, *index.shape[1 : op.spatial + 2], -1), view.shape)
    top = view.max(axis=-1, keepdims=True)
    winner = ((view == top) | np.isnan(view)) & (index >= 0)
    first = winner.argmax(axis=-1)[..., None]
    result = np.take_along_axis(index, first, axis=-1)[..., 0].astype(np.int64)
    return split(top[..., 0], len(x)), split(result, len(x))


@meaning(AveragePool2d, AveragePool3d)
def _average_pool(op: AveragePool, x: Array) -> Array:
    sums = flat_windows(op, x, 0.0).sum(axis=-1)
    return clamp(split(sums / divisors(op).astype(x.dtype), len(x)), op.clamp)


def divisors(op: AveragePool) -> Array:
    """How many elements count in each window, ``[1, *outputs, 1]``."""
    outside = tuple(p - c for p, c in zip(op.pad, op.counted, strict=True))
    extents = [e + sum(op.counted[2 * a : 2 * a + 2]) for a, e in enumerate(op.x.shape[1:-1])]
    inside = np.ones((1, *extents, 1), np.int32)
    return windows(inside, op.kernel, op.stride, outside, op.dilation, 0.0).sum(axis=tuple(range(-op.spatial, 0)))


@meaning(LpPool2d, LpPool3d)
def _lp_pool(op: LpPool, x: Array) -> Array:
    sums = (np.abs(flat_windows(op, x, 0.0)) ** x.dtype.type(op.p)).sum(axis=-1)
    return split(sums ** x.dtype.type(1 / op.p), len(x))


@meaning(MaxUnpool)
def _max_unpool(op: MaxUnpool, x: Array, indices: Array) -> Array:
    samples, size = max(len(x), len(indices)), int(np.prod(op.shape))
    result = np.zeros((samples, size), x.dtype)
    x, indices = (np.broadcast_to(a, (samples, *a.shape[1:])).reshape(samples, -1) for a in (x, indices))
    for row, values, places in zip(result, x, indices, strict=True):
        if places.min() < 0 or places.max() >= size:
            raise IRError(f"an index leaves 0..{size - 1}")
        row[places] = values
    return result.reshape(samples, *op.shape)
