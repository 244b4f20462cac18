"""How an operator reads when an axis map above it moves below it: the same operator with its axes renamed.

``change`` maps the axes of a root value to those of the operand ``lead`` that the operator reads now. Afterwards it
reads the root itself, and the map ``below`` brings its result back to the shape and order that its readers expect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edgec.passes._axes import AxisMap, Shape
from edgec.rewriting import (
    AlongAxis,
    ArgExtreme,
    Binary,
    Cast,
    Concat,
    Dense,
    Gather,
    Normalize,
    Op,
    Pad,
    Reduce,
    Resample,
    Scaled,
    Slice,
    Unary,
    Value,
    Where,
    replace,
)


@dataclass(frozen=True)
class Sunk:
    """``build`` makes the operator from root-order operands; ``below`` is the axis map of its result."""

    build: Callable[[Mapping[Value, Value]], Op]
    below: AxisMap


def others(op: Op, lead: Value) -> list[Value]:
    """Operands that must come into the root's order together with ``lead``."""
    match op:
        case Binary() | Concat() | Where() | Normalize():
            return [v for v in dict.fromkeys(op.operands) if v is not lead]
        case _:
            return []


def sunk(op: Op, lead: Value, change: AxisMap) -> Sunk | None:
    """The operator in the root's axes, or None if it depends on the order of axes."""
    axes, source = change.axes, change.source
    rank = len(source)

    def per_axis(values: tuple[int, ...], neutral: Shape) -> Shape:
        """One number per axis of the result of ``change``, put into the root's order."""
        given = {a: v for a, v in zip(axes, values, strict=True) if a is not None}
        return tuple(given.get(a, neutral[a]) for a in range(rank))

    def unary(new: Op, shape: Shape | None = None) -> Sunk:
        return Sunk(lambda operands: replace(new, x=operands[lead]), AxisMap(shape or source, axes))  # type: ignore[call-arg]

    match op:
        case Unary() | Cast():
            return unary(op)
        case Scaled(axis=None) if op.x is lead:
            return unary(op)
        case Scaled(axis=int() as at, block=0) if op.x is lead and (axis := axes[at]) is not None:
            return unary(replace(op, axis=axis))
        case Binary() if lead.type.rank == op.result.type.rank and change.covers(op.result.shape):
            shape = per_axis(op.result.shape, (1,) * rank)
            return Sunk(lambda v: replace(op, a=v[op.a], b=v[op.b]), AxisMap(shape, axes))
        case Where() if lead.type.rank == op.result.type.rank and change.covers(op.result.shape):
            shape = per_axis(op.result.shape, (1,) * rank)
            return Sunk(lambda v: replace(op, condition=v[op.condition], a=v[op.a], b=v[op.b]), AxisMap(shape, axes))
        case Concat() if (axis := axes[op.axis]) is not None:
            shape = per_axis(op.result.shape, (1,) * rank)
            moved = replace(op, axis=axis)
            return Sunk(lambda v: replace(moved, xs=tuple(v[x] for x in moved.xs)), AxisMap(shape, axes))
        case Resample() if op.x is lead and (axis := axes[op.axis]) is not None:
            extent = op.result.shape[op.axis]
            return unary(replace(op, axis=axis), (*source[:axis], extent, *source[axis + 1 :]))
        case ArgExtreme() if (axis := axes[op.axis]) is not None:
            return unary(replace(op, axis=axis), (*source[:axis], 1, *source[axis + 1 :]))
        case AlongAxis() if len(op.results) == 1 and (axis := axes[op.axis]) is not None:
            return unary(replace(op, axis=axis))
        case Normalize() if op.x is lead:
            return _normalize(op, lead, change)
        case Pad() if change.covers(op.result.shape):
            none = (0,) * rank
            new = replace(op, before=per_axis(op.before, none), after=per_axis(op.after, none))
            return unary(new, per_axis(op.result.shape, (1,) * rank))
        case Slice():
            ones = (1,) * rank
            count = per_axis(op.count, ones)
            start, step = per_axis(op.start, (0,) * rank), per_axis(op.step, ones)
            return unary(replace(op, start=start, count=count, step=step), count)
        case Reduce():
            return _reduce(op, lead, change)
        case Gather() if (axis := axes[op.axis]) is not None and op.indices.type.rank <= 1 and op.x is lead:
            return _gather(op, lead, change, axis)
        case Dense() if op.x is lead and axes[-1] == rank - 1 and not change.keeps_order:
            return unary(op, (*source[:-1], op.result.shape[-1]))
        case _:
            return None


def _normalize(op: Normalize, lead: Value, change: AxisMap) -> Sunk | None:
    # A unit axis that is not the root's changes nothing, but that it may not be split.
    normalized = tuple(sorted(a for i in op.axes if (a := change.axes[i]) is not None))
    split = change.axes[op.axis] if op.groups > 1 else 0
    if split is None:
        return None

    def build(v: Mapping[Value, Value]) -> Op:
        bias = None if op.bias is None else v[op.bias]
        return replace(op, x=v[lead], scale=v[op.scale], bias=bias, axes=normalized, axis=split)

    return Sunk(build, change)


def _reduce(op: Reduce, lead: Value, change: AxisMap) -> Sunk | None:
    reduced = sorted(a for i in op.axes if (a := change.axes[i]) is not None)
    if not reduced:
        return None
    if not op.keepdims:
        # Unit axes that the map drops anyhow go with the reduced ones.
        reduced = sorted({*reduced, *(a for a in range(len(change.source)) if a not in change.axes)})
    shape = tuple(1 if a in reduced else d for a, d in enumerate(change.source) if op.keepdims or a not in reduced)
    axes: tuple[int | None, ...] = change.axes
    if not op.keepdims:
        axes = _without(change, reduced, [i for i in range(len(change.axes)) if i not in op.axes])
    return Sunk(lambda v: replace(op, x=v[lead], axes=tuple(reduced)), AxisMap(shape, axes))


def _gather(op: Gather, lead: Value, change: AxisMap, axis: int) -> Sunk:
    axes: tuple[int | None, ...] = change.axes
    if op.indices.type.rank == 0:
        axes = _without(change, [axis], [i for i in range(len(change.axes)) if i != op.axis])
    shape = (*change.source[:axis], *op.indices.shape, *change.source[axis + 1 :])
    return Sunk(lambda v: replace(op, x=v[lead], axis=axis), AxisMap(shape, axes))


def _without(change: AxisMap, gone: list[int], places: list[int]) -> tuple[int | None, ...]:
    """The axes at the given places, renumbered after some axes of the source are gone."""
    kept: list[Any] = [a for a in range(len(change.source)) if a not in gone]
    return tuple(None if (a := change.axes[i]) is None else kept.index(a) for i in places)
