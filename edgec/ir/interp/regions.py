"""Meaning of the pooling of regions."""

import numpy as np

from edgec.ir.graph import Array, IRError
from edgec.ir.interp.indexing import counted
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import MaxRoiPool, RoiAlign

SAMPLES = 32767
"""Most samples along one side of a bin; beyond it a region is no sensible one."""


@meaning(RoiAlign)
def _roi_align(op: RoiAlign, x: Array, rois: Array, batch: Array) -> Array:
    samples = max(len(a) for a in (x, rois, batch))
    places = counted(batch, x.shape[1])
    y = np.empty((samples, rois.shape[1], x.shape[2], *op.size), x.dtype)
    for s, r in np.ndindex(y.shape[:2]):
        image = x[s % len(x), places[s % len(places), r]]
        y[s, r] = _aligned(op, image, rois[s % len(rois), r])
    return y


def _aligned(op: RoiAlign, image: Array, roi: Array) -> Array:
    number = image.dtype.type
    offset = number(0.5 if op.half_pixel else 0.0)
    left, top, right, bottom = (roi * number(op.scale) - offset).astype(image.dtype)
    sides = []
    for start, end, count in ((top, bottom, op.size[0]), (left, right, op.size[1])):
        length = end - start if op.half_pixel else np.maximum(end - start, number(1))
        bin = number(length / number(count))
        steps = op.sampling
        if steps == 0:
            steps = int(min(np.ceil(bin), SAMPLES)) if bin > 0 else 0
        sides.append((start, bin, steps))
    (top, height, rows), (left, width, columns) = sides
    result = np.zeros((image.shape[0], *op.size), image.dtype)
    for i, j in np.ndindex(*op.size):
        total = np.zeros(image.shape[0], image.dtype)
        for a, b in np.ndindex(rows, columns):
            v = top + number(i) * height + (number(a) + number(0.5)) * height / number(rows)
            u = left + number(j) * width + (number(b) + number(0.5)) * width / number(columns)
            terms = _bilinear(image, v, u)
            if op.maximum:
                largest = np.maximum(np.maximum(terms[0], terms[1]), np.maximum(terms[2], terms[3]))
                total = largest if a == b == 0 else np.maximum(total, largest)
            else:
                total = total + (terms[0] + terms[1] + terms[2] + terms[3])
        result[:, i, j] = total if op.maximum else total / number(max(rows * columns, 1))
    return result


def _bilinear(image: Array, v: Array, u: Array) -> list[Array]:
    """The four weighted elements around a place; zeros if it lies more than one element outside."""
    number = image.dtype.type
    if not (v >= -1 and v <= image.shape[1] and u >= -1 and u <= image.shape[2]):
        return [np.zeros(image.shape[0], image.dtype)] * 4
    ends = []
    for at, extent in ((v, image.shape[1]), (u, image.shape[2])):
        at = np.maximum(at, number(0))
        low = min(int(at), extent - 1)
        high = min(low + 1, extent - 1)
        ratio = at - number(low) if high > low else number(0)
        ends.append((low, high, ratio, number(1) - ratio))
    (top, bottom, down, up), (left, right, across, back) = ends
    return [
        up * back * image[:, top, left],
        up * across * image[:, top, right],
        down * back * image[:, bottom, left],
        down * across * image[:, bottom, right],
    ]


FAR = 1 << 20
"""Coordinates of regions are cut here: no image is as large."""


def _rounded(value: Array) -> int:
    """To the nearest integer, half way away from zero; NaN is 0."""
    if np.isnan(value):
        return 0
    return int(np.clip(np.trunc(value + np.copysign(value.dtype.type(0.5), value)), -FAR, FAR))


@meaning(MaxRoiPool)
def _max_roi_pool(op: MaxRoiPool, x: Array, rois: Array) -> Array:
    samples = max(len(x), len(rois))
    y = np.zeros((samples, rois.shape[1], x.shape[2], *op.size), x.dtype)
    for s, r in np.ndindex(y.shape[:2]):
        image, *corners = rois[s % len(rois), r]
        if not 0 <= image < x.shape[1]:
            raise IRError(f"an index leaves 0..{x.shape[1] - 1}")
        left, top, right, bottom = (_rounded(c * x.dtype.type(op.scale)) for c in corners)
        rows = _bins(top, bottom, op.size[0], x.shape[3], x.dtype)
        columns = _bins(left, right, op.size[1], x.shape[4], x.dtype)
        for i, j in np.ndindex(*op.size):
            part = x[s % len(x), int(image), :, slice(*rows[i]), slice(*columns[j])]
            if part.size:
                y[s, r, :, i, j] = part.max(axis=(1, 2))
    return y


def _bins(start: int, end: int, count: int, extent: int, dtype: "np.dtype[np.generic]") -> list[tuple[int, int]]:
    """First and last + 1 element of each bin."""
    number = dtype.type
    size = number(max(end - start + 1, 1)) / number(count)  # type: ignore[operator]
    edges = []
    for i in range(count):
        low = int(np.floor(number(i) * size)) + start
        high = int(np.ceil(number(i + 1) * size)) + start
        edges.append((min(max(low, 0), extent), min(max(high, 0), extent)))
    return edges
