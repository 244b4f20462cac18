"""Transposes and reshapes that only add or drop unit axes, as one thing: a map of axes.

An ``AxisMap`` of a value ``x`` describes a result whose axis ``i`` is axis ``axes[i]`` of x, or a new axis of extent 1
where ``axes[i]`` is None. Axes of x that are not named have extent 1 and are dropped. Maps compose and invert, so a
chain of any length is one map.
"""

from dataclasses import dataclass

from edgec.ir import Array, Graph, Op, Value
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
    def order(self) -> tuple[int, ...]:
        """The source's axes longer than 1, in the result's order: all that matters to memory."""
        return tuple(a for a in self.axes if a is not None and self.source[a] > 1)

    @property
    def keeps_order(self) -> bool:
        """True if elements stay where they are in memory."""
        return self.order == tuple(sorted(self.order))

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

    def apply(self, array: Array) -> Array:
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
    for extent in shape:
        if extent > 1:
            while source[next_axis] == 1:
                next_axis += 1
        if next_axis < len(source) and source[next_axis] == extent:
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
        moved: Op | None = shared_transpose(value, change)
        if moved is None:
            moved = graph.insert(Transpose(value, change.permutation(), source=source), before, names=[name])
        value = _above(graph, moved, before)
    if value.shape != change.shape:
        for user in value.uses:
            if isinstance(user, Reshape) and user.shape == change.shape:
                return _above(graph, user, before)
        value = graph.insert(Reshape(value, change.shape, source=source), before, names=[name]).result
    return value


def shared_transpose(value: Value, change: AxisMap) -> Transpose | None:
    """A Transpose of ``value`` that brings the elements into the same order, if there is one."""
    for user in value.uses:
        if isinstance(user, Transpose) and AxisMap(value.shape, user.perm).order == change.order:
            return user
    return None


def _above(graph: Graph, op: Op, before: Op) -> Value:
    """The result of an operator, moved up if it stands after ``before``."""
    if graph.ops.index(op) > graph.ops.index(before):
        graph.move(op, before)
    return op.result
