"""ONNX operator type -> converter."""

from collections.abc import Callable, Sequence

from edgec.frontend.node import Node
from edgec.ir import Array, Value

Result = Value | Array | Sequence[Value | Array]
"""What a converter returns: its first output, or its first outputs. Reading one that is left out is an error."""

Converter = Callable[[Node], Result]

CONVERTERS: dict[str, Converter] = {}


def onnx_op(*types: str) -> Callable[[Converter], Converter]:
    """Register a converter for operator types of ONNX's default domain.

    The converter reads operands and attributes from the node, whose form has been checked against the schema of its
    opset, emits IR operators and returns the outputs. It raises ``node.error`` for a form that it does not support.
    """

    def register(converter: Converter) -> Converter:
        CONVERTERS.update(dict.fromkeys(types, converter))
        return converter

    return register
