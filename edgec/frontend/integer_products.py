"""Products of integers that stand for other numbers: their sums, and their sums as such integers again."""

from typing import Any

from edgec.frontend.conv import arranged, weights_shape
from edgec.frontend.matrices import multiplied
from edgec.frontend.node import Node
from edgec.frontend.quantization import parameter, zero_point
from edgec.frontend.registry import onnx_op
from edgec.frontend.windows import from_nhwc, to_nhwc, window
from edgec.ir import Value
from edgec.ir.ops import Div, IntegerConv2d, IntegerMatMul, Mul


@onnx_op("MatMulInteger")
def _matmul_integer(node: Node) -> Value:
    a, b = node.value(0), node.value(1)
    a_zero, b_zero = _zero_per_row(node, 2), zero_point(node, 3)
    return multiplied(node, a, b, lambda left, right: IntegerMatMul(left, right, a_zero, b_zero))


@onnx_op("QLinearMatMul")
def _qlinear_matmul(node: Node) -> Value:
    a, b, dtype = node.value(0), node.value(3), node.element_type(7)
    a_zero, b_zero, y_zero = _zero_per_row(node, 2), zero_point(node, 5), _zero_per_row(node, 7)
    scale = _rescaling(node, _per_row(node, parameter(node, 1)), parameter(node, 4), _per_row(node, parameter(node, 6)))
    return multiplied(node, a, b, lambda left, right: IntegerMatMul(left, right, a_zero, b_zero, scale, y_zero, dtype))


@onnx_op("ConvInteger")
def _conv_integer(node: Node) -> Value:
    return _convolution(node, 1, zero_point(node, 2), zero_point(node, 3))


@onnx_op("QLinearConv")
def _qlinear_conv(node: Node) -> Value:
    x_zero, w_zero = zero_point(node, 2), zero_point(node, 5)
    scale = _rescaling(node, *(parameter(node, i) for i in (1, 4, 6)))
    dtype, y_zero = node.element_type(7), zero_point(node, 7)
    bias = None if node.operand(8) is None else node.value(8)
    return _convolution(node, 3, x_zero, w_zero, bias=bias, scale=scale, zero_point=y_zero, dtype=dtype)


def _convolution(node: Node, weights: int, x_zero: Value | None, w_zero: Value | None, **result: Any) -> Value:
    """A convolution by the operand ``weights``; ``result`` says what becomes of the sums."""
    x, (out, per_group, *kernel) = node.value(0), weights_shape(node, weights)
    if len(kernel) > 2:
        raise node.error(f"works on {list(x.shape)}", "only 1-D and 2-D ([N,C,L] and [N,C,H,W]) are supported")
    place = window(node, x, tuple(kernel))
    w = arranged(node, weights, (out, per_group, *place.kernel), (0, 2, 3, 1))
    conv = IntegerConv2d(
        to_nhwc(node, x),
        w,
        x_zero=x_zero,
        w_zero=w_zero,
        stride=(place.stride[0], place.stride[1]),
        pad=(place.pad[0], place.pad[1], place.pad[2], place.pad[3]),
        dilation=(place.dilation[0], place.dilation[1]),
        groups=node.integer("group", 1),
        **result,
    )
    return from_nhwc(node, node.emit(conv), x.type.rank)


def _rescaling(node: Node, a_scale: Value, b_scale: Value, y_scale: Value) -> Value:
    """What a sum is multiplied by to become a result: ``a_scale * b_scale / y_scale``, each rounded to f32."""
    return node.emit(Div(node.emit(Mul(a_scale, b_scale)), y_scale))


def _zero_per_row(node: Node, index: int) -> Value | None:
    zero = zero_point(node, index)
    return None if zero is None else _per_row(node, zero)


def _per_row(node: Node, x: Value) -> Value:
    """A scale or zero point that broadcasts to the product: one for each row is a column."""
    return node.reshaped(x, (*x.shape, 1)) if x.type.rank == 1 else x
