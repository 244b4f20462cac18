"""Types of a node's outputs, as ONNX's own shape inference states them."""

from collections.abc import Sequence

from onnx import NodeProto, TensorProto, TypeProto, checker, defs, helper, numpy_helper, shape_inference

from edgec.frontend.node import Constant, Node
from edgec.frontend.scope import Tensor, TensorList, Unknown
from edgec.ir import DType, TensorType, Value

_SHAPE_LIKE = 4096
"""Elements up to which a constant's data is shown to shape inference: shapes, pads, repeats and the like."""


def infer_outputs(node: Node) -> dict[str, TypeProto]:
    """Output name -> type, as far as it follows from the operands; raises ValueError or RuntimeError for a bad node."""
    return infer_types(node.proto, node.opset, node.inputs)


def infer_types(proto: NodeProto, opset: int, operands: Sequence[Tensor]) -> dict[str, TypeProto]:
    """The same for operands of any kind; nothing is known if the type of one of them is not."""
    types: dict[str, TypeProto] = {}
    data: dict[str, TensorProto] = {}
    for name, operand in zip(proto.input, operands, strict=True):
        if (type := type_of(operand)) is not None:
            types[name] = type
        elif name:
            return {}
        if isinstance(operand, Constant) and operand.data.size <= _SHAPE_LIKE:
            data[name] = numpy_helper.from_array(operand.data)
    schema = defs.get_schema(proto.op_type, opset)
    try:
        inferred: dict[str, TypeProto] = shape_inference.infer_node_outputs(
            schema, proto, types, data, opset_imports=[helper.make_opsetid("", opset)]
        )
    except (checker.ValidationError, shape_inference.InferenceError) as error:
        raise ValueError(str(error)) from error
    return inferred


def type_of(operand: Tensor) -> TypeProto | None:
    """The ONNX type of a tensor or a list of them, None if it is not known."""
    if isinstance(operand, Constant):
        return helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(operand.data.dtype), operand.data.shape)
    if isinstance(operand, Value):
        return helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(operand.type.dtype.numpy), operand.shape)
    if isinstance(operand, TensorList):
        element = type_of(operand.items[0]) if operand.items else None
        return None if element is None else helper.make_sequence_type_proto(element)
    return operand.type if isinstance(operand, Unknown) else None


def static_type(type: TypeProto | None) -> TensorType | None:
    """A type whose extents are all known, extents of 0 among them; None for others."""
    if type is None or not type.HasField("tensor_type") or not type.tensor_type.HasField("shape"):
        return None
    dims = type.tensor_type.shape.dim
    try:
        dtype = DType.of(helper.tensor_dtype_to_np_dtype(type.tensor_type.elem_type))
    except (KeyError, TypeError, ValueError):
        return None
    if not all(d.HasField("dim_value") and d.dim_value >= 0 for d in dims):
        return None
    return TensorType(dtype, tuple(d.dim_value for d in dims))
