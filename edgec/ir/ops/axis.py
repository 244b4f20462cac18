"""What works along one axis: softmax and its kin, running sums, positions of the largest."""

from dataclasses import dataclass
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.ops.quantized import expect_types
from edgec.ir.types import FLOATS, NUMBERS, DType, TensorType


@dataclass(eq=False)
class AlongAxis(Op):
    """Base of operators that treat every line along ``axis`` by itself."""

    dtypes: ClassVar[frozenset[DType]] = NUMBERS
    """The element types that the operator takes."""
    x: Value
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        expect_types(self, self.dtypes, self.x)
        expect(0 <= self.axis < self.x.type.rank, f"axis {self.axis} does not fit {list(self.x.shape)}")
        return [self.x.type]


@dataclass(eq=False)
class Softmax(AlongAxis):
    """``exp(x - max) / sum`` along one axis."""

    dtypes = FLOATS

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        expect(self.x.type.quant is None or self.x.type.dtype.bytes == 1, "softmax of integers is of bytes")
        return super().infer()


@dataclass(eq=False)
class LogSoftmax(AlongAxis):
    """``x - max - log(sum(exp(x - max)))`` along one axis."""

    dtypes = FLOATS


@dataclass(eq=False)
class Hardmax(AlongAxis):
    """1 at the first of the largest elements along one axis, 0 elsewhere."""

    dtypes = FLOATS


@dataclass(eq=False)
class Cumulative(AlongAxis):
    """Base of running results along one axis.

    ``reverse`` runs from the end; with ``exclusive`` an element is not part of its own result. Integers wrap around.
    """

    exclusive: bool = False
    reverse: bool = False


@dataclass(eq=False)
class CumSum(Cumulative):
    """Running sum."""


@dataclass(eq=False)
class CumProd(Cumulative):
    """Running product."""


@dataclass(eq=False)
class ArgExtreme(AlongAxis):
    """Base of positions along one axis, as i64 with extent 1 there; the first of equals, or the ``last``.

    NaN counts as the extreme.
    """

    last: bool = False

    def infer(self) -> list[TensorType]:
        """Output type: i64, x's shape with extent 1 along the axis."""
        (kind,) = super().infer()
        return [TensorType(DType.I64, (*kind.shape[: self.axis], 1, *kind.shape[self.axis + 1 :]))]


@dataclass(eq=False)
class ArgMax(ArgExtreme):
    """Position of the largest element."""


@dataclass(eq=False)
class ArgMin(ArgExtreme):
    """Position of the smallest element."""


@dataclass(eq=False)
class TopK(AlongAxis):
    """The ``k`` largest (or smallest) elements along one axis in order, and their positions as i64.

    Of equals the first comes first; NaN counts as larger than any number.
    """

    k: int
    largest: bool = True

    def infer(self) -> list[TensorType]:
        """Output types: that of x with extent k along the axis, and i64 of the same shape."""
        (kind,) = super().infer()
        extent = kind.shape[self.axis]
        expect(0 < self.k <= extent, f"cannot take {self.k} of {extent} elements")
        shape = (*kind.shape[: self.axis], self.k, *kind.shape[self.axis + 1 :])
        return [kind.with_shape(*shape), TensorType(DType.I64, shape)]
