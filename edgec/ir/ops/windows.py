"""Geometry of windows that slide over the spatial axes of ``x[N, *spatial, C]``: rows and columns, in 3-D planes, too.

``pad`` names both sides of each axis in turn: (top, bottom, left, right), with (front, back) before them in 3-D.
"""

from edgec.ir.graph import Value
from edgec.ir.ops.base import expect

Extents = tuple[int, ...]
Triple = tuple[int, int, int]
Pads3d = tuple[int, int, int, int, int, int]
NO_PAD_3D: Pads3d = (0, 0, 0, 0, 0, 0)


def sides(pad: Extents) -> list[tuple[int, int]]:
    """``pad`` as (before, after) of each axis."""
    return list(zip(pad[::2], pad[1::2], strict=True))


def spans(kernel: Extents, dilation: Extents) -> Extents:
    """What a window covers along each axis, from its first tap to its last."""
    return tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))


def check_window(x: Value, kernel: Extents, stride: Extents, pad: Extents, dilation: Extents, rank: int) -> None:
    """IRError unless x has that many spatial axes, and the window the same."""
    expect(x.type.rank == rank + 2, f"{x!r} must have {rank} spatial axes, is {list(x.shape)}")
    fits = len(kernel) == len(stride) == len(dilation) == len(pad) / 2 == rank
    expect(fits, f"kernel, stride, dilation and pad do not fit {rank} spatial axes")
    expect(min(*stride, *dilation, *kernel) > 0, "kernel, stride and dilation must be positive")


def slide(x: Value, kernel: Extents, stride: Extents, pad: Extents, dilation: Extents, rank: int) -> Extents:
    """Spatial extents of the output of a window that slides over x; IRError where it does not fit."""
    check_window(x, kernel, stride, pad, dilation, rank)
    expect(min(pad) >= 0, "pad must not be negative")
    covered = spans(kernel, dilation)
    axes = zip(x.shape[1:-1], sides(pad), covered, stride, strict=True)
    outputs = tuple((extent + sum(side) - span) // step + 1 for extent, side, span, step in axes)
    expect(min(outputs) > 0, f"window {list(covered)} is larger than the padded input of {x!r}")
    return outputs
