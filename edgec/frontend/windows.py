"""Sliding windows: kernel, stride, dilation and padding in all of ONNX's forms, and the way to channels last and back.

One-dimensional operators run as two-dimensional ones of height 1.
"""

from dataclasses import dataclass
from math import ceil, prod

from edgec.frontend.node import Node
from edgec.ir import Value
from edgec.ir.ops import Reshape, Transpose
from edgec.ir.ops.windows import Extents, spans


@dataclass(frozen=True)
class Window:
    """A window over two or three axes, ``pad`` as (before, after) of each in turn.

    ``counted`` is the part of ``pad`` that the model itself asked for, without the overhang of ceil_mode.
    """

    kernel: Extents
    stride: Extents
    dilation: Extents
    pad: Extents
    counted: Extents


@dataclass(frozen=True)
class Asked:
    """A node's attributes: one number per spatial axis, ``pads`` as (before, after)."""

    kernel: Extents
    stride: Extents
    dilation: Extents
    pads: tuple[tuple[int, int], ...]


def asked(node: Node, x: Value, kernel: Extents) -> Asked:
    """What a node says of its window over ``x[N, C, *spatial]``; raises EdgecError where that is no window."""
    rank = x.type.rank - 2
    if rank not in (1, 2, 3):
        raise node.error(f"works on {list(x.shape)}", "only 1-D, 2-D and 3-D ([N,C,L] to [N,C,D,H,W]) are supported")
    stride = node.integers("strides") or (1,) * rank
    dilation = node.integers("dilations") or (1,) * rank
    pads = node.integers("pads") or (0,) * (2 * rank)
    if not len(kernel) == len(stride) == len(dilation) == len(pads) / 2 == rank:
        raise node.error(f"kernel, strides, dilations and pads do not fit {list(x.shape)}", "export the model again")
    if min(*kernel, *stride, *dilation) <= 0 or min(pads) < 0:
        raise node.error(
            f"kernel {kernel}, strides {stride}, dilations {dilation} or pads {pads} are out of range",
            "kernel, strides and dilations must be positive, pads not negative (a Slice can crop)",
        )
    return Asked(kernel, stride, dilation, tuple(zip(pads[:rank], pads[rank:], strict=True)))


def auto_pad(node: Node) -> str:
    """The auto_pad attribute; unknown ones raise EdgecError."""
    auto = node.string("auto_pad", "NOTSET")
    if auto not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise node.error(f"auto_pad is {auto!r}", "use NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    return auto


def lifted(values: Extents, neutral: int) -> Extents:
    """One number per axis of a window over one axis as that of one over two."""
    return (neutral, *values) if len(values) == 1 else values


def lifted_pads(pads: list[tuple[int, int]]) -> Extents:
    """The same for (before, after), in turn for each axis."""
    return tuple(side for pair in ([(0, 0)] if len(pads) == 1 else []) + pads for side in pair)


def window(node: Node, x: Value, kernel: Extents) -> Window:
    """The window of a Conv or pooling node over ``x[N, C, *spatial]``; other forms raise EdgecError."""
    given = asked(node, x, kernel)
    covered = spans(kernel, given.dilation)
    sides = [_sides(node, *axis) for axis in zip(x.shape[2:], covered, given.stride, given.pads, strict=True)]
    return Window(
        lifted(kernel, 1),
        lifted(given.stride, 1),
        lifted(given.dilation, 1),
        lifted_pads([(before, after + overhang) for before, after, overhang in sides]),
        lifted_pads([(before, after) for before, after, _ in sides]),
    )


def _sides(node: Node, extent: int, span: int, stride: int, pads: tuple[int, int]) -> tuple[int, int, int]:
    """Padding before and after one axis, and how far the last window overhangs that."""
    auto = auto_pad(node)
    if auto in ("NOTSET", "VALID"):
        before, after = pads if auto == "NOTSET" else (0, 0)
        overhang = 0
        if node.integer("ceil_mode", 0):
            steps = ceil((extent + before + after - span) / stride)
            # A window may begin in the input or the padding before it, not in the padding after it.
            if steps * stride >= extent + before:
                steps -= 1
            overhang = max(0, steps * stride + span - (extent + before + after))
        return before, after, overhang
    total = max(0, (ceil(extent / stride) - 1) * stride + span - extent)
    less, more = total // 2, total - total // 2
    return (less, more, 0) if auto == "SAME_UPPER" else (more, less, 0)


def to_nhwc(node: Node, x: Value) -> Value:
    """``[N, C, *spatial]`` -> ``[N, *spatial, C]``, one spatial axis as two."""
    if x.type.rank == 3:
        batch, channels, length = x.shape
        x = node.emit(Reshape(x, (batch, channels, 1, length)))
    return node.emit(Transpose(x, (0, *range(2, x.type.rank), 1)))


def from_nhwc(node: Node, x: Value, rank: int) -> Value:
    """``[N, *spatial, C]`` -> ``[N, C, *spatial]``, with one spatial axis for rank 3."""
    last = x.type.rank - 1
    x = node.emit(Transpose(x, (0, last, *range(1, last))))
    if rank == 3:
        batch, channels, *spatial = x.shape
        x = node.emit(Reshape(x, (batch, channels, prod(spatial))))
    return x
