"""Operator class, or a base of several -> the function that chooses the kernel."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from edgec.codegen.ctree import BinOp, Block, Call, Declare, If, Name, ReturnValue, Stmt
from edgec.codegen.emitter import Kernel
from edgec.errors import EdgecError
from edgec.ir import Array, Op, Value
from edgec.ir.interp.registry import QUANTIZED_MEANINGS
from edgec.ir.ops.quantized import is_quantized

Lowering = Callable[[Any], Kernel | None]
"""Gives the kernel for an operator; one of a family gives None for a form that it does not serve."""

PORTABLE = ""
"""The family of kernels that every core runs; the others are in ``edgec.target.KERNELS``."""

_LOWERINGS: dict[tuple[str, bool], dict[type[Op], Lowering]] = {}


F = TypeVar("F", bound=Lowering)


def lowers(*classes: type[Op], quantized: bool = False, family: str = PORTABLE) -> Callable[[F], F]:
    """Register a function ``op -> Kernel`` for operator classes; that of a base serves all that derive from it.

    ``quantized``: for operators that compute with the numbers that integers stand for. ``family``: for targets with
    these kernels.
    """
    table = _LOWERINGS.setdefault((family, quantized), {})

    def register(function: F) -> F:
        table.update(dict.fromkeys(classes, function))
        return function

    return register


def select(op: Op, families: Sequence[str] = ()) -> Kernel:
    """The kernel for an operator: of the first family that has one, else the portable one.

    EdgecError where there is none for its form or element type.
    """
    quantized = is_quantized(op) and type(op) in QUANTIZED_MEANINGS
    for family in (*families, PORTABLE):
        table = _LOWERINGS.get((family, quantized), {})
        for cls in type(op).__mro__:
            if cls in table and (kernel := table[cls](op)) is not None:
                return kernel
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
