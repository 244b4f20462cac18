"""Reductions over axes, and what normalizes along one."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.types import TensorType


@dataclass(eq=False)
class Reduce(Op):
    """Base of reductions over ``axes`` (non-negative, ascending); ``keepdims`` leaves them with extent 1."""

    x: Value
    axes: tuple[int, ...]
    keepdims: bool = True

    def infer(self) -> list[TensorType]:
        """Output type: x without the axes, or with them at extent 1."""
        rank = self.x.type.rank
        expect(
            list(self.axes) == sorted(set(self.axes)) and all(0 <= a < rank for a in self.axes),
            f"axes {self.axes} do not fit rank {rank}",
        )
        shape = [1 if a in self.axes else d for a, d in enumerate(self.x.shape) if self.keepdims or a not in self.axes]
        return [self.x.type.with_shape(*shape)]


@dataclass(eq=False)
class ReduceMean(Reduce):
    """Mean over axes."""


@dataclass(eq=False)
class ReduceMax(Reduce):
    """Maximum over axes."""


@dataclass(eq=False)
class Softmax(Op):
    """``exp(x - max) / sum`` along one axis."""

    x: Value
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        expect(0 <= self.axis < self.x.type.rank, f"axis {self.axis} does not fit {list(self.x.shape)}")
        return [self.x.type]
