"""Operator class, or a base of several -> the function that chooses the kernel."""

from collections.abc import Callable
from typing import Any

from edgec.codegen.ctree import BinOp, Block, Call, Declare, If, Name, ReturnValue, Stmt
from edgec.codegen.emitter import Kernel
from edgec.errors import EdgecError
from edgec.ir import Array, Op, Value
from edgec.ir.ops.quantized import is_quantized

Lowering = Callable[[Any], Kernel]
_LOWERINGS: dict[type[Op], Lowering] = {}
_QUANTIZED: dict[type[Op], Lowering] = {}


def lowers(*classes: type[Op], quantized: bool = False) -> Callable[[Lowering], Lowering]:
    """Register a function ``op -> Kernel`` for operator classes; that of a base serves all that derive from it.

    ``quantized``: where the result's type is quantized; without one of these the kernel for plain integers serves.
    """
    table = _QUANTIZED if quantized else _LOWERINGS

    def register(function: Lowering) -> Lowering:
        for cls in classes:
            table[cls] = function
        return function

    return register


def select(op: Op) -> Kernel:
    """The kernel for an operator; EdgecError where there is none for its form or element type."""
    for table in (_QUANTIZED, _LOWERINGS) if is_quantized(op) else (_LOWERINGS,):
        for cls in type(op).__mro__:
            if cls in table:
                return table[cls](op)
    raise unsupported(op, "there is no kernel for this operator")


def known(op: Op, value: Value) -> Array:
    """The elements of a constant operand; EdgecError if it is computed."""
    if value.data is None:
        raise unsupported(op, f"%{value.name} must be a constant")
    return value.data


def fallible(call: Call) -> Stmt:
    """The call of a kernel that returns an error code; the model's run ends with it unless it is EDGEC_OK."""
    failed = BinOp("!=", Name("result"), Name("EDGEC_OK"))
    return Block([Declare("const int32_t", "result", call), If(failed, [ReturnValue(Name("result"))])])


def unsupported(op: Op, reason: str) -> EdgecError:
    """The refusal of an operator in a form or element type that no kernel serves."""
    types = ", ".join(f"{v.type.dtype.value}{list(v.shape)}" for v in op.operands)
    where = f"{op.source or op.results[0].name} ({op.opname})"
    return EdgecError(where, f"{reason} (operands: {types})", "convert the model so that it uses float32 here")
