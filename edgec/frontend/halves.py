"""A converter's results; 16-bit floats are computed with as float32 and rounded at the node's end.

What one node rounds for those who read it in 16 bits, the next one that computes reads unrounded: no accuracy is lost,
and no time, on the way from float32 to 16 bits and back.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import replace

import numpy as np

from edgec.frontend.inference import infer_outputs
from edgec.frontend.node import Constant, Node
from edgec.frontend.registry import ANY_TYPE, CONVERTERS
from edgec.frontend.tensors import element_type
from edgec.ir import Array, DType, Value

_PASSED_ON = {"Flatten", "Reshape", "Squeeze", "Unsqueeze", "Where"}
"""What passes on unrounded elements, too, as it costs nothing."""


def converted(node: Node, unrounded: MutableMapping[Value, Value]) -> Sequence[Value | Array]:
    """The outputs of a node by its converter. ``unrounded``: rounded result of an earlier node -> in float32."""
    proto = node.proto
    fresh = any(o in unrounded for o in node.inputs if isinstance(o, Value))
    as_it_is = proto.op_type in ANY_TYPE and not (proto.op_type in _PASSED_ON and fresh)
    if as_it_is or not any(map(_is_half, node.inputs)):
        return _results(node)
    try:
        types = infer_outputs(node)
    except (RuntimeError, ValueError) as error:
        raise node.error(str(error).strip().split("\n")[0], "check the model with onnx.checker.check_model") from error
    wide = replace(node, inputs=[_widened(node, o, unrounded) for o in node.inputs])
    results: list[Value | Array] = []
    for result, name in zip(_results(wide), proto.output, strict=False):
        code = types[name].tensor_type.elem_type if name in types else 0
        if isinstance(result, Value) and code and result.type.dtype is DType.F32:
            rounded = node.cast(result, element_type(code, node.where))
            unrounded[rounded] = result
            result = rounded
        results.append(result)
    return results


def _results(node: Node) -> Sequence[Value | Array]:
    result = CONVERTERS[node.proto.op_type](node)
    return [result] if isinstance(result, Value | np.ndarray) else result


def _is_half(operand: Value | Constant | None) -> bool:
    if isinstance(operand, Constant):
        return operand.data.dtype in (DType.F16.numpy, DType.BF16.numpy)
    return operand is not None and operand.type.dtype.is_half


def _widened(
    node: Node, operand: Value | Constant | None, unrounded: MutableMapping[Value, Value]
) -> Value | Constant | None:
    if operand is None or not _is_half(operand):
        return operand
    if isinstance(operand, Value):
        return unrounded[operand] if operand in unrounded else node.cast(operand, DType.F32)
    return Constant(operand.name, operand.data.astype(np.float32))
