"""Convolutions: plain, transposed, deformable, and causal with a state."""

import numpy as np

from edgec.frontend.node import Constant, Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.windows import asked, auto_pad, from_nhwc, lifted, lifted_pads, to_nhwc, window
from edgec.ir import Value
from edgec.ir.ops import (
    Concat,
    Conv2d,
    Conv3d,
    Convolution,
    ConvTranspose,
    ConvTranspose2d,
    ConvTranspose3d,
    DeformConv2d,
    Slice,
    Swish,
    Transpose,
)
from edgec.ir.ops.windows import Extents, spans

_CONVOLUTIONS: dict[int, type[Convolution]] = {1: Conv2d, 2: Conv2d, 3: Conv3d}
_TRANSPOSED: dict[int, type[ConvTranspose]] = {1: ConvTranspose2d, 2: ConvTranspose2d, 3: ConvTranspose3d}


@onnx_op("Conv")
def _conv(node: Node) -> Value:
    x, (out, per_group, *kernel) = node.value(0), weights_shape(node)
    place = window(node, x, tuple(kernel))
    w = arranged(node, 1, (out, per_group, *place.kernel), (0, *range(2, len(place.kernel) + 2), 1))
    conv = _CONVOLUTIONS[len(kernel)](
        to_nhwc(node, x),
        w,
        _bias(node, 2, out, x),
        stride=place.stride,
        pad=place.pad,
        dilation=place.dilation,
        groups=node.integer("group", 1),
    )
    return from_nhwc(node, node.emit(conv), x.type.rank)


@onnx_op("ConvTranspose")
def _conv_transpose(node: Node) -> Value:
    x, (channels, per_group, *sizes) = node.value(0), weights_shape(node)
    groups = node.integer("group", 1)
    if groups < 1 or channels % groups:
        raise node.error(f"{channels} channels do not split into {groups} groups", "export the model again")
    given = asked(node, x, tuple(sizes))
    kernel, axes = lifted(given.kernel, 1), range(3, len(lifted(given.kernel, 1)) + 3)
    # From [C, O/g, *k] to [O, *k, C/g].
    w = arranged(node, 1, (groups, channels // groups, per_group, *kernel), (0, 2, *axes, 1))
    conv = _TRANSPOSED[len(sizes)](
        to_nhwc(node, x),
        node.reshaped(w, (groups * per_group, *kernel, channels // groups)),
        _bias(node, 2, groups * per_group, x),
        stride=lifted(given.stride, 1),
        pad=_crop(node, x),
        dilation=lifted(given.dilation, 1),
        groups=groups,
    )
    return from_nhwc(node, node.emit(conv), x.type.rank)


def _crop(node: Node, x: Value) -> Extents:
    """What is cropped of the full result of a transposed convolution: by pads, by auto_pad, or to output_shape."""
    kernel = weights_shape(node)[2:]
    given, rank, auto = asked(node, x, kernel), x.type.rank - 2, auto_pad(node)
    added = node.integers("output_padding") or (0,) * rank
    shape = node.integers("output_shape")
    if shape is None and auto in ("SAME_UPPER", "SAME_LOWER"):
        shape = tuple(extent * stride for extent, stride in zip(x.shape[2:], given.stride, strict=True))
    if len(added) != rank or min(added) < 0 or (shape is not None and len(shape) != rank):
        raise node.error(
            f"output_padding {added} or output_shape {shape} do not fit {list(x.shape)}", "export the model again"
        )
    found = []
    for axis, span in enumerate(spans(kernel, given.dilation)):
        full = (x.shape[axis + 2] - 1) * given.stride[axis] + span
        if shape is not None:
            total = max(0, full + added[axis] - shape[axis])
            before = total // 2 if auto == "SAME_UPPER" else total - total // 2
            found.append((before, full - shape[axis] - before))
        else:
            before, after = given.pads[axis] if auto == "NOTSET" else (0, 0)
            found.append((before, after - added[axis]))
    return lifted_pads(found)


@onnx_op("DeformConv")
def _deform_conv(node: Node) -> Value:
    x, (out, per_group, *kernel) = node.value(0), weights_shape(node)
    if x.type.rank != 4:
        raise node.error(f"works on {list(x.shape)}", "only 2-D ([N,C,H,W]) is supported")
    place = window(node, x, tuple(kernel))
    conv = DeformConv2d(
        to_nhwc(node, x),
        arranged(node, 1, (out, per_group, *kernel), (0, 2, 3, 1)),
        _bias(node, 3, out, x),
        to_nhwc(node, node.value(2)),
        None if node.operand(4) is None else to_nhwc(node, node.value(4)),
        stride=place.stride,
        pad=place.pad,
        dilation=place.dilation,
        groups=node.integer("group", 1),
        offset_groups=node.integer("offset_group", 1),
    )
    return from_nhwc(node, node.emit(conv), 4)


@onnx_op("CausalConvWithState")
def _causal_conv_with_state(node: Node) -> list[Value]:
    x, (channels, per_group, *kernel) = node.value(0), weights_shape(node)
    activation = node.string("activation", "none")
    if x.type.rank != 3 or per_group != 1 or len(kernel) != 1 or activation not in ("none", "silu", "swish"):
        raise node.error(
            f"works on {list(x.shape)} by weights {list(weights_shape(node))}, activation {activation!r}",
            "it takes [N,C,L], weights [C,1,k], and the activations silu, swish and none",
        )
    state = kernel[0] - 1
    past = node.value(3) if state and node.operand(3) is not None else None
    joined = x if past is None else node.emit(Concat((past, x), 2))
    conv = Conv2d(
        to_nhwc(node, joined),
        arranged(node, 1, (channels, 1, 1, *kernel), (0, 2, 3, 1)),
        _bias(node, 2, channels, x),
        pad=(0, 0, 0 if past is not None else state, 0),
        groups=channels,
    )
    y = from_nhwc(node, node.emit(conv), 3)
    outputs = [y if activation == "none" else node.emit(Swish(y))]
    if state:
        if joined.shape[2] < state:
            missing = (*x.shape[:2], state - joined.shape[2])
            joined = node.emit(Concat((node.const(np.zeros(missing, x.type.dtype.numpy), "zeros"), joined), 2))
        start = (0, 0, joined.shape[2] - state)
        present = joined if joined.shape[2] == state else Slice(joined, start, (*x.shape[:2], state), (1, 1, 1))
        outputs.append(present if isinstance(present, Value) else node.emit(present))
    return outputs


def weights_shape(node: Node, index: int = 1) -> Extents:
    """The weights' shape, which must fit x's rank and kernel_shape."""
    operand = node.operand(index)
    shape = operand.data.shape if isinstance(operand, Constant) else node.value(index).shape
    x = node.value(0)
    if len(shape) != x.type.rank or len(shape) < 3 or node.integers("kernel_shape") not in (None, shape[2:]):
        raise node.error(f"weights {list(shape)} do not fit {list(x.shape)} or kernel_shape", "export the model again")
    return shape


def arranged(node: Node, index: int, shape: Extents, perm: Extents) -> Value:
    """An operand seen in a shape, its axes permuted: at once if it is known."""
    if isinstance(node.operand(index), Constant):
        return node.const(node.finite(index, "weights").reshape(shape).transpose(perm), node.name(index))
    return node.emit(Transpose(node.reshaped(node.value(index), shape), perm))


def _bias(node: Node, index: int, channels: int, x: Value) -> Value:
    """The bias; zeros if it is left out."""
    operand = node.operand(index)
    if operand is None:
        return node.const(np.zeros(channels, x.type.dtype.numpy), "bias")
    return node.const(node.finite(index, "bias"), node.name(index)) if isinstance(operand, Constant) else operand
