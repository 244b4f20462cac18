"""Products of integers that stand for other numbers: their sums, and their sums as such integers again."""

from edgec.frontend.matrices import multiplied
from edgec.frontend.node import Node
from edgec.frontend.quantization import zero_point
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import Div, IntegerMatMul, Mul


@onnx_op("MatMulInteger")
def _matmul_integer(node: Node) -> Value:
    a, b = node.value(0), node.value(1)
    a_zero, b_zero = _per_row(node, zero_point(node, 2)), _per_column(node, zero_point(node, 3))
    return multiplied(node, a, b, lambda left, right: IntegerMatMul(left, right, a_zero, b_zero))


@onnx_op("QLinearMatMul")
def _qlinear_matmul(node: Node) -> Value:
    a, b, dtype = node.value(0), node.value(3), node.element_type(7)
    a_zero, b_zero = _per_row(node, zero_point(node, 2)), _per_column(node, zero_point(node, 5))
    a_scale, b_scale = _per_row(node, node.float32(1)), _per_column(node, node.float32(4))
    y_scale, y_zero = _per_row(node, node.float32(6)), _per_row(node, zero_point(node, 7))
    scale = _rescaling(node, a_scale, b_scale, y_scale)
    return multiplied(node, a, b, lambda left, right: IntegerMatMul(left, right, a_zero, b_zero, scale, y_zero, dtype))


def _rescaling(node: Node, a_scale: Value | None, b_scale: Value | None, y_scale: Value | None) -> Value:
    """What a sum is multiplied by to become a result: ``a_scale * b_scale / y_scale``, each rounded to f32."""
    assert a_scale and b_scale and y_scale
    return node.emit(Div(node.emit(Mul(a_scale, b_scale)), y_scale))


def _per_row(node: Node, x: Value | None) -> Value | None:
    """A scale or zero point: one, one for each row, or with all axes, so that it broadcasts to the product."""
    if x is None or x.type.elements == 1:
        return x and node.reshaped(x, ())
    return node.reshaped(x, (*x.shape, 1)) if x.type.rank == 1 else x


def _per_column(node: Node, x: Value | None) -> Value | None:
    """The same for one for each column."""
    return node.reshaped(x, ()) if x is not None and x.type.elements == 1 else x
