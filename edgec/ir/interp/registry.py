"""Operator class -> function that gives its meaning."""

from collections.abc import Callable
from typing import Any, TypeVar

from edgec.ir.graph import Array, Op

MEANINGS: dict[type[Op], Callable[..., Array | tuple[Array, ...]]] = {}

F = TypeVar("F", bound=Callable[..., Any])


def meaning(*classes: type[Op]) -> Callable[[F], F]:
    """Register a function ``(op, *operand arrays) -> result array(s)`` as the meaning of operator classes."""

    def register(function: F) -> F:
        for cls in classes:
            MEANINGS[cls] = function
        return function

    return register
