"""Functions of two tensors as runs of elements that lie side by side, in both or in one, for kernels of families."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from edgec.codegen.axes import Axis, broadcast_strides, contiguous, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.ir import Value

RUN = 8
"""Elements of a run for which a call is worth while."""


@dataclass(frozen=True)
class Runs:
    """The axes of a, b and the result around runs of ``count`` elements; of b it is one element if ``single``.

    ``swapped``: a is the right operand.
    """

    axes: list[Axis]
    count: int
    single: bool
    swapped: bool

    @property
    def calls(self) -> int:
        """How many runs there are."""
        return prod(axis.extent for axis in self.axes)

    def over(self, pointers: Sequence[Expr], call: Callable[[Sequence[Expr], Expr], Call]) -> list[Stmt]:
        """``call(places, count)`` for each run; pointers to a, b and the result."""

        def body(offsets: list[Expr]) -> list[Stmt]:
            return [Evaluate(call([add(p, o) for p, o in zip(pointers, offsets, strict=True)], Int(self.count)))]

        return nest(self.axes, 3, body)


def binary_runs(a: Value, b: Value, result: Value) -> Runs | None:
    """None where runs are short."""
    strides = [broadcast_strides(v.shape, result.shape) for v in (a, b)]
    walk = zip(result.shape, *strides, contiguous(result.shape), strict=True)
    axes = merge([Axis(extent, tuple(steps)) for extent, *steps in walk])
    if not axes:
        return Runs([], 1, single=False, swapped=False)
    *outer, inner = axes
    if len(axes) > 1 and inner.extent < RUN:
        return None
    swapped = inner.strides[0] == 0
    if swapped:
        outer = [Axis(axis.extent, (axis.strides[1], axis.strides[0], axis.strides[2])) for axis in outer]
    return Runs(outer, inner.extent, single=0 in inner.strides, swapped=swapped)
