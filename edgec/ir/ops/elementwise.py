"""Elementwise, and neither a function of one number nor of two: conversion and choice."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import broadcast, expect
from edgec.ir.types import DType, TensorType

ROUND_MODES = ("up", "down", "nearest")


@dataclass(eq=False)
class Cast(Op):
    """Convert the element type.

    To a float: the nearest one, the even one of two. What is too large becomes infinity; in floats of 8 bits the
    largest number with ``saturate``, else infinity or, where there is none, NaN; in f4e2m1 always the largest number.
    In f8e8m0, where every number is a power of two, ``round_mode`` says which one: up, down or nearest.

    To an integer: truncated towards zero, beyond the range the nearest limit, NaN gives 0. From an integer to another:
    the low bits; so to integers of 4 and 2 bits also from a float, by way of i32.
    """

    x: Value
    dtype: DType
    saturate: bool = True
    round_mode: str = "up"

    def infer(self) -> list[TensorType]:
        """Output type: that of x with another element type."""
        expect(self.round_mode in ROUND_MODES, f"cannot round {self.round_mode!r}")
        return [TensorType(self.dtype, self.x.shape)]


@dataclass(eq=False)
class Where(Op):
    """``a`` where the condition is true, else ``b``, of any element type, with NumPy broadcasting of all three."""

    condition: Value
    a: Value
    b: Value

    def infer(self) -> list[TensorType]:
        """Output type: that of a, with the broadcast shape."""
        expect(self.condition.type.dtype is DType.BOOL, f"the condition is {self.condition.type.dtype.value}")
        expect(self.a.type.dtype is self.b.type.dtype, f"where of {self.a.type} and {self.b.type}")
        shape = broadcast(self.condition.shape, broadcast(self.a.shape, self.b.shape))
        return [self.a.type if shape == self.a.shape else self.a.type.with_shape(*shape)]
