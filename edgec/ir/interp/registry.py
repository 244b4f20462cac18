"""Operator class -> function that gives its meaning."""

from collections.abc import Callable
from typing import Any, TypeVar

from edgec.ir.graph import Array, Op
from edgec.ir.ops.quantized import is_quantized

Meaning = Callable[..., Array | tuple[Array, ...]]
MEANINGS: dict[type[Op], Meaning] = {}
QUANTIZED_MEANINGS: dict[type[Op], Meaning] = {}
"""Of operators on quantized values: what they mean for the numbers that the integers stand for, in integers."""

F = TypeVar("F", bound=Callable[..., Any])


def meaning(*classes: type[Op], quantized: bool = False) -> Callable[[F], F]:
    """Register a function ``(op, *operand arrays) -> result array(s)`` as the meaning of operator classes.

    ``quantized``: where the result's type is quantized. Without one of these the integers themselves are meant.
    """
    table = QUANTIZED_MEANINGS if quantized else MEANINGS

    def register(function: F) -> F:
        for cls in classes:
            table[cls] = function
        return function

    return register


def meaning_of(op: Op) -> Meaning:
    """The meaning of an operator for its operands' and results' types."""
    if is_quantized(op) and type(op) in QUANTIZED_MEANINGS:
        return QUANTIZED_MEANINGS[type(op)]
    return MEANINGS[type(op)]
