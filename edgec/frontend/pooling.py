"""Pooling over windows and over everything, and the way back."""

from math import prod

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.windows import Window, asked, from_nhwc, to_nhwc, window
from edgec.ir import Value
from edgec.ir.ops import (
    Add,
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
    Pad,
    ReduceMax,
    ReduceMean,
    Transpose,
)
from edgec.ir.ops.windows import sides

_MAX: dict[int, type[MaxPool]] = {2: MaxPool2d, 3: MaxPool3d}
_INDICES: dict[int, type[MaxPoolIndices]] = {2: MaxPoolIndices2d, 3: MaxPoolIndices3d}
_AVERAGE: dict[int, type[AveragePool]] = {2: AveragePool2d, 3: AveragePool3d}
_LP: dict[int, type[LpPool]] = {2: LpPool2d, 3: LpPool3d}


@onnx_op("MaxPool")
def _max_pool(node: Node) -> list[Value]:
    x, place = node.value(0), _pool_window(node)
    _sees_something(node, x, place)
    form = (to_nhwc(node, x), place.kernel, place.stride, place.pad, place.dilation)
    if len(node.proto.output) < 2 or not node.proto.output[1]:
        return [from_nhwc(node, node.emit(_MAX[len(place.kernel)](*form)), x.type.rank)]
    column_major = node.flag("storage_order", False)
    y, indices = node.emit_all(_INDICES[len(place.kernel)](*form, column_major))
    # ONNX counts places from the first element of the first image; so far each channel has its own.
    batch, channels, *extents = x.shape
    if batch * channels > 1:
        begin = np.arange(batch * channels, dtype=np.int64) * prod(extents)
        shape = (batch, *(1,) * len(place.kernel), channels)
        indices = node.emit(Add(indices, node.const(begin.reshape(shape), "begin")))
    return [from_nhwc(node, v, x.type.rank) for v in (y, indices)]


@onnx_op("AveragePool")
def _average_pool(node: Node) -> Value:
    x, place = node.value(0), _pool_window(node)
    _sees_something(node, x, place)
    counted = place.counted if node.integer("count_include_pad", 0) else (0,) * len(place.pad)
    pool = _AVERAGE[len(place.kernel)](to_nhwc(node, x), place.kernel, place.stride, place.pad, place.dilation, counted)
    return from_nhwc(node, node.emit(pool), x.type.rank)


@onnx_op("LpPool")
def _lp_pool(node: Node) -> Value:
    x, place = node.value(0), _pool_window(node)
    pool = _LP[len(place.kernel)](
        to_nhwc(node, x), place.kernel, place.stride, place.pad, place.dilation, p=node.integer("p", 2)
    )
    return from_nhwc(node, node.emit(pool), x.type.rank)


LARGEST_CHECK = 1 << 16
"""Places of a window along an axis shorter than its dilation: beyond it a model is damaged."""


def _pool_window(node: Node) -> Window:
    return window(node, node.value(0), node.integers("kernel_shape") or ())


def _sees_something(node: Node, x: Value, place: Window) -> None:
    """Refuse a window that sees nothing but padding somewhere."""
    axes = zip(x.shape[-len(place.kernel) :], place.kernel, place.stride, sides(place.pad), place.dilation, strict=True)
    for extent, kernel, stride, (before, after), dilation in axes:
        span = (kernel - 1) * dilation + 1
        if before >= span or after >= span:
            raise node.error(
                f"padding ({before}, {after}) is not smaller than the window {span}",
                "a window that sees nothing but padding has no maximum and no mean: reduce the pads",
            )
        if extent >= dilation:
            continue  # taps cannot step over the whole extent
        firsts = range(-before, extent + after - span + 1, stride)
        if len(firsts) > LARGEST_CHECK:
            raise node.error(f"slides a window to {len(firsts)} places of {extent} elements", "check the pads")
        for first in firsts:
            tap = max(0, -(first // dilation))  # the first one that is not before the extent
            if tap >= kernel or first + tap * dilation >= extent:
                raise node.error(
                    f"a window at {first} sees nothing of the {extent} elements along an axis",
                    "a window that sees nothing but padding has no maximum and no mean: reduce pads or dilations",
                )


@onnx_op("GlobalAveragePool", "GlobalMaxPool")
def _global_pool(node: Node) -> Value:
    x = _spatial(node)
    reduce = ReduceMean if node.proto.op_type == "GlobalAveragePool" else ReduceMax
    return node.emit(reduce(x, tuple(range(2, x.type.rank))))


@onnx_op("GlobalLpPool")
def _global_lp_pool(node: Node) -> Value:
    x = _spatial(node)
    batch, channels, *extents = x.shape
    row = node.emit(Transpose(node.reshaped(x, (batch, channels, 1, prod(extents))), (0, 2, 3, 1)))
    y = node.emit(LpPool2d(row, (1, prod(extents)), p=node.integer("p", 2)))
    return node.reshaped(y, (batch, channels, *(1,) * len(extents)))


def _spatial(node: Node) -> Value:
    x = node.value(0)
    if x.type.rank < 3:
        raise node.error(f"works on {list(x.shape)}", "it needs [N,C] and spatial axes")
    return x


@onnx_op("MaxUnpool")
def _max_unpool(node: Node) -> Value:
    x, indices = node.value(0), node.value(1)
    given = asked(node, x, node.integers("kernel_shape") or ())
    axes = zip(x.shape[2:], given.stride, given.kernel, given.pads, strict=True)
    shape = (*x.shape[:2], *((d - 1) * stride + kernel - sum(pads) for d, stride, kernel, pads in axes))
    wanted = node.constant_ints(2, "output_shape")
    # Places count in the shape that the window gives; a larger one has zeros behind that.
    y = node.emit(MaxUnpool(x, indices, shape))
    if wanted is None or wanted == shape:
        return y
    if len(wanted) != len(shape) or any(w < d for w, d in zip(wanted, shape, strict=True)):
        raise node.error(f"output_shape {wanted} is less than the window's {shape}", "give none, or a larger one")
    behind = tuple(w - d for w, d in zip(wanted, shape, strict=True))
    return node.emit(Pad(y, (0,) * len(shape), behind))
