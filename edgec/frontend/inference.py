"""Types of a node's outputs, as ONNX's own shape inference states them."""

from onnx import TypeProto, defs, helper, numpy_helper, shape_inference

from edgec.frontend.node import Constant, Node
from edgec.ir import Value

_SHAPE_LIKE = 4096
"""Elements up to which a constant's data is shown to shape inference: shapes, pads, repeats and the like."""


def infer_outputs(node: Node) -> dict[str, TypeProto]:
    """Output name -> type, as far as it follows from the operands; raises ValueError or RuntimeError for a bad node."""
    types: dict[str, TypeProto] = {}
    data = {}
    for name, operand in zip(node.proto.input, node.inputs, strict=True):
        if isinstance(operand, Constant):
            code = helper.np_dtype_to_tensor_dtype(operand.data.dtype)
            types[name] = helper.make_tensor_type_proto(code, operand.data.shape)
            if operand.data.size <= _SHAPE_LIKE:
                data[name] = numpy_helper.from_array(operand.data)
        elif isinstance(operand, Value):
            code = helper.np_dtype_to_tensor_dtype(operand.type.dtype.numpy)
            types[name] = helper.make_tensor_type_proto(code, operand.shape)
    schema = defs.get_schema(node.proto.op_type, node.opset)
    try:
        inferred: dict[str, TypeProto] = shape_inference.infer_node_outputs(
            schema, node.proto, types, data, opset_imports=[helper.make_opsetid("", node.opset)]
        )
    except shape_inference.InferenceError as error:
        raise ValueError(str(error)) from error
    return inferred
