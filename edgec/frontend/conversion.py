"""Conversions of element types."""

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.tensors import element_type
from edgec.ir import DType, Value
from edgec.ir.ops import Cast


@onnx_op("Cast", any_type=True)
def _cast(node: Node) -> Value:
    return _converted(node, element_type(node.integer("to", 0), node.where))


@onnx_op("CastLike", any_type=True)
def _cast_like(node: Node) -> Value:
    return _converted(node, node.element_type(1))


def _converted(node: Node, dtype: DType) -> Value:
    x = node.value(0)
    if x.type.dtype is dtype:
        return x
    return node.emit(Cast(x, dtype, node.flag("saturate", True), node.string("round_mode", "up")))
