"""Operator class, or a base of several -> the function that chooses the kernel."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from edgec.codegen.ctree import BinOp, Block, Call, Declare, If, Name, ReturnValue, Stmt
from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.work import operator_work
from edgec.costs import INSTRUCTIONS, Costs
from edgec.errors import EdgecError
from edgec.ir import Array, Op, Value
from edgec.ir.graph import attribute_fields
from edgec.ir.interp.registry import QUANTIZED_MEANINGS
from edgec.ir.ops.quantized import is_quantized

Lowered = Kernel | Sequence[Kernel] | None

Lowering = Callable[[Any], Lowered]
"""Gives the kernel for an operator, or several that are as good, the one that mostly is best first.

One of a family gives None for a form that it does not serve.
"""

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


NEAR = 1.01
"""Kernels whose costs are that near to the lowest are as good as the best."""

MOST_DOUBT = 0.999
"""Of predictions that were off by all that was measured, or more."""


NOISE = 1.04
"""Times that are that near to the least are as good: of those the candidate that mostly is best."""


def select(op: Op, families: Sequence[str] = (), costs: Costs | None = None) -> Kernel:
    """The kernel for an operator: of its candidates the one that takes the fewest cycles by the target's table.

    Of those that are as good it is the one with the least scratch. One of another name than the first has to be better
    by as much as its prediction was ever off. Without a table, or where that doesn't know the first candidate, it is
    the first. A layer that was timed itself has the kernel that took the least time. EdgecError where there is none for
    the operator's form or element type.
    """
    found = candidates(op, families)
    first = next(found)
    timed = {} if costs is None or not costs.layers else costs.layers.get(layer_key(op), {})
    if timed:
        known = [(timed[kernel.identity], kernel) for kernel in (first, *found) if kernel.identity in timed]
        least = min((spent for spent, _ in known), default=0.0)
        return next((kernel for spent, kernel in known if spent <= least * NOISE), first)
    if costs is None or costs.predict(first.name, first.work, costs.unit) is None:
        return first
    spent = []
    for kernel in (first, *found):
        cost = costs.predict(kernel.name, kernel.work, costs.unit)
        if cost is not None:
            # An error is a share of what was measured, which then is as much as the prediction by what is left of 1.
            doubt = 0.0 if kernel.name == first.name else min(costs.largest_error(kernel.name), MOST_DOUBT)
            spent.append((cost / (1 - doubt), kernel))
    best = min(cost for cost, _ in spent)
    return min((kernel for cost, kernel in spent if cost <= best * NEAR), key=lambda kernel: kernel.scratch)


def layer_key(op: Op) -> str:
    """What tells layers apart that take other times: operator, attributes, and types of all operands and results."""
    values = [(v.type.dtype.value, v.shape, v.data is not None) for v in (*op.operands, *op.results)]
    attributes = [(name, repr(getattr(op, name))) for name in attribute_fields(type(op)) if name != "inplace"]
    return hashlib.sha256(repr((op.opname, values, attributes)).encode()).hexdigest()[:16]


def predicted(kernels: Iterable[Kernel], costs: Costs, unit: str = INSTRUCTIONS) -> float | None:
    """What kernels, and the parts of which some are made, take by a table; None where that doesn't know one."""
    parts = [part for kernel in kernels for part in kernel.parts or (kernel,)]
    found = [costs.predict(part.name, part.work, unit) for part in parts]
    known = [count for count in found if count is not None]
    return sum(known) if len(known) == len(found) else None


def candidates(op: Op, families: Sequence[str] = ()) -> Iterator[Kernel]:
    """All kernels for an operator: of these families in turn, at last the portable one.

    EdgecError where there is none for its form or element type.
    """
    quantized = is_quantized(op) and type(op) in QUANTIZED_MEANINGS
    work, found = operator_work(op), 0
    for family in (*families, PORTABLE):
        table = _LOWERINGS.get((family, quantized), {})
        lowering = next((table[cls] for cls in type(op).__mro__ if cls in table), None)
        if lowering is None:
            continue
        try:
            lowered = lowering(op)
        except EdgecError:
            if found:  # it serves less than they do
                continue
            raise
        for kernel in () if lowered is None else [lowered] if isinstance(lowered, Kernel) else lowered:
            found += 1
            yield kernel if kernel.work else replace(kernel, work=work)
    if not found:
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
