"""Meaning of what reads or writes at places that tensors of indices name; IRError for an index that leaves its axis."""

from collections.abc import Callable

import numpy as np

from edgec.ir.graph import Array, IRError
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Gather, GatherElements, GatherNd, ScatterElements, ScatterNd


def counted(indices: Array, extent: int) -> Array:
    """Indices as they count from the front."""
    if indices.size and (int(indices.min()) < -extent or int(indices.max()) >= extent):
        raise IRError(f"an index leaves -{extent}..{extent - 1}")
    return np.where(indices < 0, indices + extent, indices).astype(np.intp)


def _sample_axis(samples: int, rank: int) -> Array:
    """The number of each sample, to index ``rank`` further axes with."""
    return np.arange(samples).reshape(samples, *(1,) * rank)


def _same_samples(*arrays: Array) -> list[Array]:
    samples = max(len(a) for a in arrays)
    return [np.broadcast_to(a, (samples, *a.shape[1:])) for a in arrays]


@meaning(Gather)
def _gather(op: Gather, x: Array, indices: Array) -> Array:
    places = counted(indices, x.shape[op.axis + 1])
    if len(places) == 1:
        taken: Array = np.take(x, places[0], axis=op.axis + 1)
        return taken
    x, places = _same_samples(x, places)
    return np.stack([np.take(sample, place, axis=op.axis) for sample, place in zip(x, places, strict=True)])


@meaning(GatherElements)
def _gather_elements(op: GatherElements, x: Array, indices: Array) -> Array:
    places = counted(indices, x.shape[op.axis + 1])
    shape = np.broadcast_shapes(*(a.shape[: op.axis + 1] + a.shape[op.axis + 2 :] for a in (x, places)))
    around, behind = shape[: op.axis + 1], shape[op.axis + 1 :]
    x, places = (np.broadcast_to(a, (*around, a.shape[op.axis + 1], *behind)) for a in (x, places))
    return np.take_along_axis(x, places, axis=op.axis + 1)


def _nd_places(indices: Array, extents: tuple[int, ...]) -> tuple[Array, ...]:
    return tuple(counted(indices[..., i], extent) for i, extent in enumerate(extents))


@meaning(GatherNd)
def _gather_nd(op: GatherNd, x: Array, indices: Array) -> Array:
    x, indices = _same_samples(x, indices)
    batch, depth = op.batch + 1, indices.shape[-1]
    places = _nd_places(indices, x.shape[batch : batch + depth])
    axes = np.meshgrid(*(np.arange(d) for d in x.shape[:batch]), indexing="ij")
    further = (1,) * (places[0].ndim - batch)
    taken: Array = x[(*(a.reshape(*a.shape, *further) for a in axes), *places)]
    return taken


_COMBINE: dict[str, Callable[[Array, Array], Array]] = {
    "none": lambda old, new: new,
    "add": np.add,
    "mul": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
}


def _scatter(x: Array, places: tuple[Array, ...], updates: Array, reduction: str) -> Array:
    """Update after update, in row-major order, on a copy of x; the first axis of all is the sample axis."""
    y = x.copy()
    combine = _COMBINE[reduction]
    shape = np.broadcast_shapes(*(p.shape for p in places))
    places = tuple(np.broadcast_to(p, shape) for p in places)
    for at in np.ndindex(shape[1:]):
        where = tuple(p[(slice(None), *at)] for p in places)
        y[where] = combine(y[where], updates[(slice(None), *at)])
    return y


@meaning(ScatterElements)
def _scatter_elements(op: ScatterElements, x: Array, indices: Array, updates: Array) -> Array:
    indices = indices.reshape(indices.shape[0], *(1,) * (updates.ndim - indices.ndim), *indices.shape[1:])
    x, indices, updates = _same_samples(x, indices, updates)
    places = list(np.meshgrid(*(np.arange(d) for d in updates.shape), indexing="ij"))
    places[op.axis + 1] = np.broadcast_to(counted(indices, x.shape[op.axis + 1]), updates.shape)
    return _scatter(x, tuple(places), updates, op.reduction)


@meaning(ScatterNd)
def _scatter_nd(op: ScatterNd, x: Array, indices: Array, updates: Array) -> Array:
    x, indices, updates = _same_samples(x, indices, updates)
    places = _nd_places(indices, x.shape[1 : 1 + indices.shape[-1]])
    return _scatter(x, (_sample_axis(len(x), places[0].ndim - 1), *places), updates, op.reduction)
