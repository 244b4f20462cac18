"""Elementwise functions of one tensor."""

from dataclasses import dataclass, field
from math import inf
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.types import FLOATS, INTEGERS, NUMBERS, SIGNED, DType, TensorType


@dataclass(eq=False)
class Unary(Op):
    """Base of elementwise functions of one tensor.

    ``inplace`` permits the result to take the place of x in memory: x has no other reader, in any order.
    """

    dtypes: ClassVar[frozenset[DType]] = FLOATS
    """The element types that the function takes."""
    x: Value
    inplace: bool = field(kw_only=True, default=False)

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        expect(self.x.type.dtype in self.dtypes, f"{self.opname} of {self.x.type.dtype.value}")
        return [self.x.type]


# --- rounding, signs, bits -------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Abs(Unary):
    """``|x|``; the smallest integer stays as it is."""

    dtypes = FLOATS | SIGNED


@dataclass(eq=False)
class Neg(Unary):
    """``-x``, integers wrapping around."""

    dtypes = FLOATS | SIGNED


@dataclass(eq=False)
class Sign(Unary):
    """-1, 0 or 1; NaN stays NaN."""

    dtypes = NUMBERS


@dataclass(eq=False)
class Floor(Unary):
    """The largest integer not above x."""


@dataclass(eq=False)
class Ceil(Unary):
    """The smallest integer not below x."""


@dataclass(eq=False)
class Round(Unary):
    """The nearest integer, the even one of two."""


@dataclass(eq=False)
class Not(Unary):
    """Logical not."""

    dtypes = frozenset({DType.BOOL})


@dataclass(eq=False)
class BitwiseNot(Unary):
    """All bits inverted."""

    dtypes = INTEGERS


@dataclass(eq=False)
class IsNan(Unary):
    """True where x is NaN."""

    def infer(self) -> list[TensorType]:
        """Output type: bool, of x's shape."""
        return [TensorType(DType.BOOL, super().infer()[0].shape)]


@dataclass(eq=False)
class IsInf(Unary):
    """True where x is infinite, of the signs asked for."""

    negative: bool = True
    positive: bool = True

    def infer(self) -> list[TensorType]:
        """Output type: bool, of x's shape."""
        return [TensorType(DType.BOOL, super().infer()[0].shape)]


# --- elementary functions --------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Reciprocal(Unary):
    """``1 / x``."""


@dataclass(eq=False)
class Sqrt(Unary):
    """Square root."""


@dataclass(eq=False)
class Exp(Unary):
    """``e`` to the power of x."""


@dataclass(eq=False)
class Log(Unary):
    """Natural logarithm."""


@dataclass(eq=False)
class Erf(Unary):
    """Error function."""


@dataclass(eq=False)
class Sin(Unary):
    """Sine."""


@dataclass(eq=False)
class Cos(Unary):
    """Cosine."""


@dataclass(eq=False)
class Tan(Unary):
    """Tangent."""


@dataclass(eq=False)
class Asin(Unary):
    """Inverse sine."""


@dataclass(eq=False)
class Acos(Unary):
    """Inverse cosine."""


@dataclass(eq=False)
class Atan(Unary):
    """Inverse tangent."""


@dataclass(eq=False)
class Sinh(Unary):
    """Hyperbolic sine."""


@dataclass(eq=False)
class Cosh(Unary):
    """Hyperbolic cosine."""


@dataclass(eq=False)
class Tanh(Unary):
    """Hyperbolic tangent."""


@dataclass(eq=False)
class Asinh(Unary):
    """Inverse hyperbolic sine."""


@dataclass(eq=False)
class Acosh(Unary):
    """Inverse hyperbolic cosine."""


@dataclass(eq=False)
class Atanh(Unary):
    """Inverse hyperbolic tangent."""


# --- activations -----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Relu(Unary):
    """``max(x, 0)``."""

    dtypes = FLOATS | SIGNED


@dataclass(eq=False)
class Clip(Unary):
    """``min(max(x, low), high)``; limits beyond an integer type's range do not limit, one of -0 is 0."""

    dtypes = NUMBERS
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        # As in Clamp.
        self.low, self.high = self.low + 0, self.high + 0


@dataclass(eq=False)
class LeakyRelu(Unary):
    """``x`` where positive, else ``alpha * x``."""

    alpha: float = 0.01


@dataclass(eq=False)
class ThresholdedRelu(Unary):
    """``x`` where above ``alpha``, else 0."""

    alpha: float = 1.0


@dataclass(eq=False)
class Elu(Unary):
    """``x`` where positive, else ``alpha * (exp(x) - 1)``."""

    alpha: float = 1.0


@dataclass(eq=False)
class Selu(Unary):
    """``gamma * x`` where positive, else ``gamma * alpha * (exp(x) - 1)``."""

    alpha: float = 1.67326319217681884765625
    gamma: float = 1.05070102214813232421875


@dataclass(eq=False)
class Celu(Unary):
    """``max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)``."""

    alpha: float = 1.0


@dataclass(eq=False)
class Gelu(Unary):
    """``x * (1 + erf(x / sqrt 2)) / 2``; with ``approximate`` Hendrycks and Gimpel's tanh form of it."""

    approximate: bool = False


@dataclass(eq=False)
class Sigmoid(Unary):
    """``1 / (1 + exp(-x))``."""


@dataclass(eq=False)
class HardSigmoid(Unary):
    """``min(max(alpha * x + beta, 0), 1)``."""

    alpha: float = 0.2
    beta: float = 0.5


@dataclass(eq=False)
class HardSwish(Unary):
    """``x * clip(x + 3, 0, 6) / 6``."""


@dataclass(eq=False)
class Swish(Unary):
    """``x * sigmoid(alpha * x)``."""

    alpha: float = 1.0


@dataclass(eq=False)
class Mish(Unary):
    """``x * tanh(softplus(x))``."""


@dataclass(eq=False)
class Softplus(Unary):
    """``log(1 + exp(x))``."""


@dataclass(eq=False)
class Softsign(Unary):
    """``x / (1 + |x|)``."""


@dataclass(eq=False)
class Shrink(Unary):
    """``x + bias`` where below ``-lambd``, ``x - bias`` where above ``lambd``, else 0."""

    lambd: float = 0.5
    bias: float = 0.0
