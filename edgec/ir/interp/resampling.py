"""Meaning of what computes elements between those of its operand."""

from typing import Any

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.indexing import counted
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import GridSample, Resample


@meaning(Resample)
def _resample(op: Resample, x: Array, indices: Array, weights: Array) -> Array:
    return resampled(op, x, indices, weights)


def resampled(op: Resample, x: Array, indices: Array, weights: Array) -> Array:
    """Products are added in the order of the taps, from the first one on."""
    samples = max(len(a) for a in (x, indices, weights))
    axis = op.axis + 1
    places = np.broadcast_to(counted(indices, x.shape[axis]), (samples, *indices.shape[1:]))
    factors = np.broadcast_to(weights, (samples, *weights.shape[1:]))
    shape = [1] * x.ndim
    shape[0], shape[axis] = samples, indices.shape[1]
    x = np.broadcast_to(x, (samples, *x.shape[1:]))
    total: Array | None = None
    for tap in range(indices.shape[2]):
        picked = np.take_along_axis(x, places[..., tap].reshape(shape), axis)
        product = factors[..., tap].reshape(shape) * picked
        total = product if total is None else total + product
    assert total is not None, "tensors are not empty"
    return total


@meaning(GridSample)
def _grid_sample(op: GridSample, x: Array, grid: Array) -> Array:
    """Sums go over the innermost spatial axis first; a term is a weight times an element or an inner sum."""
    samples, points = max(len(x), len(grid)), grid.shape[2:-1]
    x = np.broadcast_to(x, (samples, *x.shape[1:]))
    flat = np.broadcast_to(grid, (samples, *grid.shape[1:])).reshape(samples, grid.shape[1], -1, grid.shape[-1])
    spatial = x.shape[3:]
    axes = [_taps(op, flat[..., -1 - d], extent) for d, extent in enumerate(spatial)]
    which: tuple[Any, ...] = np.arange(samples).reshape(-1, 1, 1), np.arange(x.shape[1]).reshape(1, -1, 1)

    def total(depth: int, places: tuple[Array, ...], inside: Array) -> Array:
        if depth == len(axes):
            # Advanced indices around the slice of channels come first: [S,N,P,C].
            return np.where(inside[..., None], x[(*which, slice(None), *places)], x.dtype.type(0))
        result = np.zeros((1, 1, 1, 1), x.dtype)
        for place, weight in axes[depth]:
            seen = np.clip(place, 0, spatial[depth] - 1)
            term = total(depth + 1, (*places, seen), inside & (place == seen))
            result = result + weight[..., None] * term
        return result

    found = np.moveaxis(total(0, (), np.ones((1, 1, 1), bool)), -1, 2)
    return np.asarray(found.reshape(*found.shape[:3], *points), x.dtype)


def _taps(op: GridSample, coordinate: Array, extent: int) -> list[tuple[Array, Array]]:
    """Places along one axis and their weights; a place outside of the axis stands for zero."""
    number = coordinate.dtype.type
    one, half = number(1), number(0.5)
    if op.align_corners:
        low, high = number(0), number(extent - 1)
        at = (coordinate + one) * half * number(extent - 1)
    else:
        low, high = number(-0.5), number(extent) - half
        at = ((coordinate + one) * number(extent) - one) * half
    if op.mode == "nearest":
        at = np.rint(at)
    beyond = (at < low) | (at > high)
    if op.padding == "border" and op.mode != "cubic":
        # Of cubic, as onnxruntime and PyTorch have it, only the elements beyond the border are those of the border.
        at = np.where(beyond, np.clip(at, number(0), number(extent - 1)), at)
    elif op.padding == "reflection":
        at = np.where(beyond, _reflected(at, low, high), at)
    # Far outside, and at NaN, all is as it is a little outside.
    at = np.where(at >= number(-4), np.minimum(at, number(extent + 3)), number(-4))
    first = np.floor(at)
    ratio = at - first
    if op.mode == "nearest":
        taps = [(0, np.ones_like(at))]
    elif op.mode == "linear":
        taps = [(0, one - ratio), (1, ratio)]
    else:
        taps = [(k, _cubic(np.abs(ratio - number(k)))) for k in (-1, 0, 1, 2)]
    found = []
    for step, weight in taps:
        place = first + number(step)
        if op.padding == "border":
            place = np.clip(place, 0, extent - 1)
        elif op.padding == "reflection":
            place = np.clip(np.trunc(_reflected(place, low, high)), 0, extent - 1)
        found.append((place.astype(np.int64), weight))
    return found


def _reflected(at: Array, low: Array, high: Array) -> Array:
    """``at``, reflected at the borders as often as it takes to lie between them."""
    span = high - low
    if not span > 0:
        return np.full_like(at, low)
    distance = np.where(at < low, low - at, at - high)
    rest = np.fmod(distance, span + span)
    near, far = (
        np.where(at < low, low + rest, high - rest),
        np.where(at < low, high - (rest - span), low + (rest - span)),
    )
    return np.where((at < low) | (at > high), np.where(rest < span, near, far), at)


def _cubic(distance: Array) -> Array:
    """Cubic convolution with a = -0.75 (Keys 1981, equation 4)."""
    number = distance.dtype.type
    a, d = number(-0.75), distance
    near = ((a + number(2)) * d - (a + number(3))) * d * d + number(1)
    far = ((a * d - number(5) * a) * d + number(8) * a) * d - number(4) * a
    return np.where(d <= 1, near, far)
