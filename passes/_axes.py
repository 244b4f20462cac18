"""Transposes and reshapes that only add or drop unit axes, as one thing: a map of axes.

An ``AxisMap`` of a value ``x`` describes a result whose axis ``i`` is axis ``axes[i]`` of x, or a new axis of extent 1
where ``axes[i]`` is None. Axes of x that are not named have extent 1 and are dropped. Maps compose and invert, so a
chain of any length is one map.
"""

from dataclasses import dataclass

import numpy as np

from edgec.ir import Graph, Op, Value
from edgec.ir.ops import Reshape, Transpose

Shape = tuple[int, ...]


@dataclass(frozen=True)
class AxisMap:
    """Result axis -> axis of a source of the given shape, or None for a new unit axis."""

    source: Shape
    axes: tuple[int | None, ...]

    @property
    def shape(self) -> Shape:
        """The shape of the result."""
        return tuple(1 if a is None else self.source[a] for a in self.axes)

    @property
    def keeps_order(self) -> bool:
        """True if elements stay where they are in memory: axes longer than 1 keep their order."""
        moved = [a for a in self.axes if a is not None and self.source[a] > 1]
        return moved == sorted(moved)

    @property
    def is_identity(self) -> bool:
        """True if nothing changes, not even the shape."""
        return self.keeps_order and self.shape == self.source

    def then(self, after: "AxisMap") -> "AxisMap":
        """This map, then another one on its result."""
        return AxisMap(self.source, tuple(None if a is None else self.axes[a] for a in after.axes))

    def inverse(self, shape: Shape | None = None) -> "AxisMap":
        """The way back, for a result of this map's shape or of another one that broadcasts with it."""
        places = {a: i for i, a in enumerate(self.axes) if a is not None}
        back = tuple(places.get(a) for a in range(len(self.source)))
        return AxisMap(self.shape if shape is None else shape, back)

    def covers(self, shape: Shape) -> bool:
        """True if a tensor of this shape beside the result has extents other than 1 on mapped axes only."""
        return len(shape) == len(self.axes) and all(
            d == 1 or a is not None for d, a in zip(shape, self.axes, strict=True)
        )

    def apply(self, array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> "np.ndarray[Shape, np.dtype[np.generic]]":
        """The result for a source array."""
        return array.transpose(self.permutation()).reshape(self.shape)

    def permutation(self) -> tuple[int, ...]:
        """A permutation of the source's axes that brings those longer than 1 into order.

        If the ranks are equal, unmapped unit axes fill the gaps, so that the transpose alone gives the shape.
        """
        unused = [a for a in range(len(self.source)) if a not in self.axes]
        if len(self.axes) == len(self.source):
            return tuple(unused.pop(0) if a is None else a for a in self.axes)
        return (*unused, *(a for a in self.axes if a is not None))


def unit_reshape(source: Shape, shape: Shape) -> AxisMap | None:
    """The map of a reshape that only adds and drops unit axes, or None if it merges or splits longer ones."""
    if [d for d in source if d > 1] != [d for d in shape if d > 1]:
        return None
    axes: list[int | None] = []
    next_axis = 0
    for position, extent in enumerate(shape):
        if extent > 1:
            while source[next_axis] == 1:
                next_axis += 1
        left = [d for d in source[next_axis:] if d > 1] == [d for d in shape[position:] if d > 1]
        if left and next_axis < len(source) and source[next_axis] == extent:
            axes.append(next_axis)
            next_axis += 1
        else:
            axes.append(None)
    return AxisMap(source, tuple(axes))


def axis_map(op: Op | None) -> AxisMap | None:
    """The map of one Transpose or unit Reshape; None for any other operator."""
    match op:
        case Transpose(x=x, perm=perm):
            return AxisMap(x.shape, perm)
        case Reshape(x=x, shape=shape):
            return unit_reshape(x.shape, shape)
        case _:
            return None


def traced(value: Value) -> tuple[Value, AxisMap]:
    """Where a value comes from through transposes and unit reshapes: the first value, and the map from it."""
    found = AxisMap(value.shape, tuple(range(value.type.rank)))
    while (step := axis_map(value.producer)) is not None and isinstance(value.producer, Transpose | Reshape):
        found = step.then(found)
        value = value.producer.x
    return value, found


def emit(graph: Graph, value: Value, change: AxisMap, before: Op, name: str, source: str = "") -> Value:
    """``change`` applied to a value, as few operators as possible; one that exists already is used again."""
    if change.is_identity:
        return value
    if value.data is not None:
        return graph.const(change.apply(value.data), name, before)
    if not change.keeps_order:
        perm = change.permutation()
        value = _shared(graph, Transpose(value, perm, source=source), before, name)
    if value.shape != change.shape:
        value = _shared(graph, Reshape(value, change.shape, source=source), before, name)
    return value


def _shared(graph: Graph, op: Transpose | Reshape, before: Op, name: str) -> Value:
    """The result of an equal operator if there is one (moved up if it stands after ``before``), else of ``op``."""
    (wanted,) = op.infer()
    for user in op.x.uses:
        same = isinstance(user, type(op)) and user.result.type == wanted
        if same and (isinstance(op, Reshape) or user.perm == op.perm):
            if graph.ops.index(user) > graph.ops.index(before):
                graph.move(user, before)
            return user.result
    return graph.insert(op, before, names=[name]).result
