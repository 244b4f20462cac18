"""Elementwise functions of several tensors as runs of elements that lie side by side in all of them."""

from collections.abc import Callable, Sequence

from edgec.codegen.axes import Axis, broadcast_strides, contiguous, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.ir import Value

RUN = 8
"""Elements of a run for which a call is worth while."""


def element_runs(operands: Sequence[Value], result: Value) -> list[Axis] | None:
    """The axes of operands and result, the last one a run of them all; None where there is none, or a short one."""
    strides = [broadcast_strides(v.shape, result.shape) for v in operands]
    walk = zip(result.shape, *strides, contiguous(result.shape), strict=True)
    axes = merge([Axis(extent, tuple(steps)) for extent, *steps in walk]) or [Axis(1, (1,) * (len(operands) + 1))]
    short = len(axes) > 1 and axes[-1].extent < RUN
    return None if short or {*axes[-1].strides} != {1} else axes


def over_runs(axes: list[Axis], pointers: Sequence[Expr], call: Callable[[Expr, Sequence[Expr]], Call]) -> list[Stmt]:
    """``call(count, places)`` for each run."""

    def body(offsets: list[Expr]) -> list[Stmt]:
        places = [add(p, o) for p, o in zip(pointers, offsets, strict=True)]
        return [Evaluate(call(Int(axes[-1].extent), places))]

    return nest(axes[:-1], len(pointers), body)
