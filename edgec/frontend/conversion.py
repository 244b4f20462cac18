"""Conversions of element types."""

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.tensors import element_type
from edgec.ir import Value


@onnx_op("Cast", any_type=True)
def _cast(node: Node) -> Value:
    return node.cast(node.value(0), element_type(node.integer("to", 0), node.where))


@onnx_op("CastLike", any_type=True)
def _cast_like(node: Node) -> Value:
    like = node.operand(1)
    dtype = like.type.dtype if isinstance(like, Value) else node.dtype(node.required(1, "type"))
    return node.cast(node.value(0), dtype)
