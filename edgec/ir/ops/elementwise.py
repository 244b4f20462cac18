"""Elementwise, and neither a function of one number nor of two: conversion and choice."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import broadcast, expect
from edgec.ir.types import DType, TensorType


@dataclass(eq=False)
class Cast(Op):
    """Convert the element type (float to integer truncates towards zero and saturates; NaN gives 0)."""

    x: Value
    dtype: DType

    def infer(self) -> list[TensorType]:
        """Output type: that of x with another element type."""
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
