"""Quantized values: integers whose type says what numbers they stand for, and what operators do with them.

An operator whose result is quantized is of one of two kinds. Those in QUANTIZED_MEANINGS (``edgec.ir.interp``) compute
with the numbers that the integers stand for, exactly, and round once to the result's own scale, zero point and element
type (``edgec.ir.requantization`` has their parameters). Those in MOVERS (``edgec.ir.verify``) move or compare the
integers themselves, so that operands and result are quantized alike.
"""

from dataclasses import dataclass, field
from math import inf

from edgec.ir.graph import Const, Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.types import DType, TensorType

ACTIVATIONS = frozenset({DType.I8, DType.U8, DType.I16})
"""Element types of quantized values that are computed; weights are i8, a bias is i32."""


def is_quantized(op: Op) -> bool:
    """Whether an operator's (first) result is quantized; a constant only is, it computes nothing."""
    return bool(op.results) and op.results[0].type.quant is not None and not isinstance(op, Const)


def is_activation(type: TensorType) -> bool:
    """Whether values of a type are quantized as computed ones are: one positive scale and zero point for all."""
    quant = type.quant
    return quant is not None and quant.axis is None and type.dtype in ACTIVATIONS and 0 < quant.scale[0] < inf


def expect_types(op: Op, dtypes: frozenset[DType], *values: Value) -> None:
    """IRError unless all values are of one of the types, or all are quantized activations."""
    if any(v.type.quant is not None for v in values):
        for value in values:
            expect(
                is_activation(value.type), f"{op.opname} of {value.type.dtype.value} that is not a quantized activation"
            )
        return
    found = {v.type.dtype for v in values}
    expect(len(found) == 1 and found <= dtypes, f"{op.opname} of {', '.join(sorted(d.value for d in found))}")


def expect_product(op: Op, dtypes: frozenset[DType], x: Value, w: Value, bias: Value) -> None:
    """IRError unless all are of one of the types, or x is a quantized activation, w i8 and the bias i32.

    The weights, constants, are quantized per tensor or along their first axis.
    """
    if x.type.quant is None:
        expect_types(op, dtypes, x, w, bias)
        return
    expect(is_activation(x.type), f"{op.opname} of {x.type.dtype.value} that is not a quantized activation")
    quant = w.type.quant
    fits = quant is not None and quant.axis in (None, 0) and w.type.dtype is DType.I8
    expect(fits and w.data is not None, f"weights of {op.opname} must be constant i8, quantized per channel or tensor")
    expect(bias.type.dtype is DType.I32 and bias.data is not None, f"the bias of {op.opname} must be constant i32")


@dataclass(eq=False)
class Requantize(Op):
    """The same numbers with another scale, zero point or element type.

    ``inplace`` permits the result to take the place of x in memory.
    """

    x: Value
    inplace: bool = field(kw_only=True, default=False)

    def infer(self) -> list[TensorType]:
        """The shape of x."""
        expect(is_activation(self.x.type), f"requantize of {self.x.type.describe()}")
        return [self.x.type]


@dataclass(eq=False)
class Lookup(Op):
    """``table[x - lowest]``: any elementwise function of bytes; the table holds the result for each, lowest first.

    ``inplace`` permits the result to take the place of x in memory.
    """

    x: Value
    table: Value
    inplace: bool = field(kw_only=True, default=False)

    def infer(self) -> list[TensorType]:
        """The shape of x, the element type of the table."""
        expect(self.x.type.dtype.bytes == 1 and self.x.type.dtype is not DType.BOOL, "a table has 256 entries")
        expect(self.table.shape == (256,) and self.table.data is not None, "a table is 256 constants")
        return [TensorType(self.table.type.dtype, self.x.shape)]
