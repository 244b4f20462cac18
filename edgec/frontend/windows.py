"""Sliding windows: kernel, stride, dilation and padding in all of ONNX's forms, and the way to NHWC and back.

One-dimensional operators run as two-dimensional ones of height 1.
"""

from dataclasses import dataclass
from math import ceil

from edgec.frontend.node import Node
from edgec.ir import Value
from edgec.ir.ops import Pads, Pair, Reshape, Transpose


@dataclass(frozen=True)
class Window:
    """A window over [H,W]; ``counted`` is the part of ``pad`` that the model itself asked for, without overhang."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    pad: Pads
    counted: Pads


def window(node: Node, x: Value, kernel: tuple[int, ...]) -> Window:
    """The window of a Conv or pooling node over ``x[N,C,L]`` or ``x[N,C,H,W]``; other ranks raise EdgecError."""
    rank = x.type.rank - 2
    if rank not in (1, 2):
        raise node.error(f"works on {list(x.shape)}", "only 1-D and 2-D ([N,C,L] and [N,C,H,W]) are supported")
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
    sides = []
    for axis, extent in enumerate(x.shape[2:]):
        span = (kernel[axis] - 1) * dilation[axis] + 1
        asked = (pads[axis], pads[axis + rank])
        sides.append(_sides(node, extent, span, stride[axis], asked))
    if rank == 1:
        kernel, stride, dilation = (1, *kernel), (1, *stride), (1, *dilation)
        sides.insert(0, (0, 0, 0))
    (top, bottom, below), (left, right, beyond) = sides
    counted = (top, bottom, left, right)
    return Window(_pair(kernel), _pair(stride), _pair(dilation), (top, bottom + below, left, right + beyond), counted)


def _sides(node: Node, extent: int, span: int, stride: int, asked: Pair) -> tuple[int, int, int]:
    """Padding before and after one axis, and how far the last window overhangs that."""
    auto = node.string("auto_pad", "NOTSET")
    if auto in ("NOTSET", "VALID"):
        before, after = asked if auto == "NOTSET" else (0, 0)
        overhang = 0
        if node.integer("ceil_mode", 0):
            steps = ceil((extent + before + after - span) / stride)
            # A window may begin in the input or the padding before it, not in the padding after it.
            if steps * stride >= extent + before:
                steps -= 1
            overhang = max(0, steps * stride + span - (extent + before + after))
        return before, after, overhang
    if auto not in ("SAME_UPPER", "SAME_LOWER"):
        raise node.error(f"auto_pad is {auto!r}", "use NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    total = max(0, (ceil(extent / stride) - 1) * stride + span - extent)
    less, more = total // 2, total - total // 2
    return (less, more, 0) if auto == "SAME_UPPER" else (more, less, 0)


def to_nhwc(node: Node, x: Value) -> Value:
    """``[N,C,L]`` or ``[N,C,H,W]`` -> ``[N,H,W,C]``."""
    if x.type.rank == 3:
        batch, channels, length = x.shape
        x = node.emit(Reshape(x, (batch, channels, 1, length)))
    return node.emit(Transpose(x, (0, 2, 3, 1)))


def from_nhwc(node: Node, x: Value, rank: int) -> Value:
    """``[N,H,W,C]`` -> ``[N,C,H,W]``, or ``[N,C,L]`` for rank 3."""
    x = node.emit(Transpose(x, (0, 3, 1, 2)))
    if rank == 3:
        batch, channels, _, length = x.shape
        x = node.emit(Reshape(x, (batch, channels, length)))
    return x


def _pair(values: tuple[int, ...]) -> Pair:
    first, second = values
    return first, second
