"""What the families of operators share: limits, geometry, broadcasting."""

from dataclasses import dataclass
from math import inf

import numpy as np

from edgec.ir.graph import IRError

Pair = tuple[int, int]
Pads = tuple[int, int, int, int]
NO_PAD: Pads = (0, 0, 0, 0)


@dataclass(frozen=True)
class Clamp:
    """Limits that a result is clamped to: ``min(max(x, low), high)``; one of -0 is 0: compilers differ there."""

    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", self.low + 0)
        object.__setattr__(self, "high", self.high + 0)


def expect(condition: bool, message: str) -> None:
    """IRError with the message unless the condition holds."""
    if not condition:
        raise IRError(message)


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The NumPy broadcast of two shapes; IRError where they do not fit."""
    try:
        return tuple(np.broadcast_shapes(a, b))
    except ValueError:
        raise IRError(f"shapes {list(a)} and {list(b)} do not broadcast") from None
