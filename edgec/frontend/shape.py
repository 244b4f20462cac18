"""What is known at import: constants, and the shapes of tensors."""

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.tensors import to_array
from edgec.ir import Array

_FORMS = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}


@onnx_op("Constant")
def _constant(node: Node) -> Array:
    for name, value in node.attributes.items():
        if name == "value":
            return to_array(value, node.path.parent, node.where)
        if name in _FORMS:
            return np.array(value, _FORMS[name])
    raise node.error(f"has the form {', '.join(node.attributes) or 'of none'}", "give numbers, as a dense tensor")


@onnx_op("Shape")
def _shape(node: Node) -> Array:
    shape = node.value(0).shape
    end = node.attributes.get("end")
    return np.array(shape[node.integer("start", 0) : None if end is None else int(end)], np.int64)


@onnx_op("Size")
def _size(node: Node) -> Array:
    return np.array(node.value(0).type.elements, np.int64)


@onnx_op("ConstantOfShape", "Range")
def _sized_by_operands(node: Node) -> Array:
    # With constant operands it has been folded.
    raise node.error("its operands are not constant", "its result's shape follows from them: give them with --bind")
