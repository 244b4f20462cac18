"""Elementwise functions of two tensors, with NumPy broadcasting."""

from dataclasses import dataclass, field
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import Clamp, broadcast
from edgec.ir.ops.quantized import expect_types
from edgec.ir.types import FLOATS, INTEGERS, NUMBERS, UNSIGNED, DType, TensorType


@dataclass(eq=False)
class Binary(Op):
    """Base of elementwise functions of two tensors of one element type.

    ``inplace`` names the operand (0 or 1) whose place in memory the result may take, or is None.
    """

    dtypes: ClassVar[frozenset[DType]] = NUMBERS
    """The element types that the function takes."""
    a: Value
    b: Value
    inplace: int | None = field(kw_only=True, default=None)

    def infer(self) -> list[TensorType]:
        """Output type: that of a, with the broadcast shape."""
        expect_types(self, self.dtypes, self.a, self.b)
        shape = broadcast(self.a.shape, self.b.shape)
        return [self.a.type if shape == self.a.shape else self.a.type.with_shape(*shape)]


@dataclass(eq=False)
class Arithmetic(Binary):
    """Base of those that clamp their result; integers wrap around before that."""

    clamp: Clamp | None = None


@dataclass(eq=False)
class Add(Arithmetic):
    """``a + b``."""


@dataclass(eq=False)
class Sub(Arithmetic):
    """``a - b``."""


@dataclass(eq=False)
class Mul(Arithmetic):
    """``a * b``."""


@dataclass(eq=False)
class Div(Arithmetic):
    """``a / b``; integers truncate towards zero, and divide by 1 where b is 0."""


@dataclass(eq=False)
class Min(Binary):
    """The smaller one; NaN if one of them is NaN."""


@dataclass(eq=False)
class Max(Binary):
    """The larger one; NaN if one of them is NaN."""


@dataclass(eq=False)
class Mod(Binary):
    """The remainder with the sign of b; 0 where an integer b is 0."""


@dataclass(eq=False)
class Fmod(Binary):
    """The remainder with the sign of a; 0 where an integer b is 0."""


@dataclass(eq=False)
class Pow(Binary):
    """``a`` to the power of b; integers wrap around, and a negative exponent truncates the result towards zero."""


@dataclass(eq=False)
class Prelu(Binary):
    """``a`` where not negative, else ``a * b``."""


@dataclass(eq=False)
class BitwiseAnd(Binary):
    """Bits that are set in both; of bools the logical and."""

    dtypes = INTEGERS | {DType.BOOL}


@dataclass(eq=False)
class BitwiseOr(Binary):
    """Bits that are set in one or both; of bools the logical or."""

    dtypes = INTEGERS | {DType.BOOL}


@dataclass(eq=False)
class BitwiseXor(Binary):
    """Bits that are set in one of them; of bools the logical exclusive or."""

    dtypes = INTEGERS | {DType.BOOL}


@dataclass(eq=False)
class ShiftLeft(Binary):
    """``a * 2**b``; 0 where b is at least the number of bits."""

    dtypes = UNSIGNED


@dataclass(eq=False)
class ShiftRight(Binary):
    """``a / 2**b``, rounded down."""

    dtypes = UNSIGNED


@dataclass(eq=False)
class Comparison(Binary):
    """Base of those that give bools."""

    def infer(self) -> list[TensorType]:
        """Output type: bool, of the broadcast shape."""
        return [TensorType(DType.BOOL, super().infer()[0].shape)]


@dataclass(eq=False)
class Equal(Comparison):
    """``a == b``."""

    dtypes = FLOATS | INTEGERS | {DType.BOOL}


@dataclass(eq=False)
class Less(Comparison):
    """``a < b``."""


@dataclass(eq=False)
class LessOrEqual(Comparison):
    """``a <= b``."""
