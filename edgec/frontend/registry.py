"""ONNX operator type -> converter."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from edgec.frontend.node import Node
from edgec.ir import Array, Value

Result = Value | Array | Sequence[Value | Array]
"""What a converter returns: its first output, or its first outputs. Reading one that is left out is an error."""

Converter = Callable[[Node], Result]

C = TypeVar("C", bound=Converter)

CONVERTERS: dict[str, Converter] = {}

ANY_TYPE: set[str] = set()
"""Operator types whose converters take every element type as it is."""


def onnx_op(*types: str, any_type: bool = False) -> Callable[[C], C]:
    """Register a converter for operator types of ONNX's default domain.

    Operands of 16-bit floats reach the converter as float32, and its float32 results are rounded to what ONNX says;
    with ``any_type``, for what only moves or converts elements, every operand comes as it is.

    The converter reads operands and attributes from the node, whose form has been checked against the schema of its
    opset, emits IR operators and returns the outputs. It raises ``node.error`` for a form that it does not support.
    """

    def register(converter: C) -> C:
        CONVERTERS.update(dict.fromkeys(types, converter))
        if any_type:
            ANY_TYPE.update(types)
        return converter

    return register
