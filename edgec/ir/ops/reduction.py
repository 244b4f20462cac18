"""Reductions over axes."""

from dataclasses import dataclass
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.ops.quantized import expect_types
from edgec.ir.types import FLOATS, NUMBERS, DType, TensorType


@dataclass(eq=False)
class Reduce(Op):
    """Base of reductions over ``axes`` (non-negative, ascending); ``keepdims`` leaves them with extent 1.

    Integers wrap around.
    """

    dtypes: ClassVar[frozenset[DType]] = NUMBERS
    """The element types that the reduction takes."""
    x: Value
    axes: tuple[int, ...]
    keepdims: bool = True

    def infer(self) -> list[TensorType]:
        """Output type: x without the axes, or with them at extent 1."""
        rank = self.x.type.rank
        expect_types(self, self.dtypes, self.x)
        expect(
            list(self.axes) == sorted(set(self.axes)) and all(0 <= a < rank for a in self.axes),
            f"axes {self.axes} do not fit rank {rank}",
        )
        shape = [1 if a in self.axes else d for a, d in enumerate(self.x.shape) if self.keepdims or a not in self.axes]
        return [self.x.type.with_shape(*shape)]


@dataclass(eq=False)
class ReduceSum(Reduce):
    """Sum over axes."""


@dataclass(eq=False)
class ReduceMean(Reduce):
    """Mean over axes; that of integers, of 32 bits or more, is truncated towards zero."""

    dtypes = FLOATS | {DType.I32, DType.U32, DType.I64, DType.U64}


@dataclass(eq=False)
class ReduceSumSquare(Reduce):
    """Sum of squares over axes."""


@dataclass(eq=False)
class ReduceL1(Reduce):
    """Sum of magnitudes over axes."""


@dataclass(eq=False)
class ReduceProd(Reduce):
    """Product over axes."""


@dataclass(eq=False)
class ReduceLogSumExp(Reduce):
    """``log(sum(exp(x)))`` over axes, without overflow."""

    dtypes = FLOATS


@dataclass(eq=False)
class ReduceMax(Reduce):
    """Maximum over axes, NaN if there is one; of bools whether one is true."""

    dtypes = NUMBERS | {DType.BOOL}


@dataclass(eq=False)
class ReduceMin(Reduce):
    """Minimum over axes, NaN if there is one; of bools whether all are true."""

    dtypes = NUMBERS | {DType.BOOL}
