"""What reads or writes elements at places that tensors of indices name.

An index counts from the end of its axis if it is negative. One that leaves the axis, known only when the model runs,
makes the run fail (EDGEC_ERROR_INDEX); nothing outside the tensor is touched.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import broadcast, expect
from edgec.ir.types import NUMBERS, DType, TensorType

INDICES = frozenset({DType.I32, DType.I64})
"""Element types of indices."""


def expect_indices(indices: Value, *extents: int) -> None:
    """The type of indices, and, if they are constants, that each (along the last axis, of several) fits its extent."""
    expect(indices.type.dtype in INDICES, f"indices are {indices.type.dtype.value}, not i32 or i64")
    if (data := indices.data) is None:
        return
    for position, extent in enumerate(extents):
        part = data if len(extents) == 1 else data[..., position]
        fits = part.size == 0 or (int(part.min()) >= -extent and int(part.max()) < extent)
        expect(fits, f"an index leaves -{extent}..{extent - 1}")


def expect_axis(axis: int, x: Value) -> None:
    """That x has an axis of that number."""
    expect(0 <= axis < x.type.rank, f"axis {axis} does not fit {list(x.shape)}")


@dataclass(eq=False)
class Gather(Op):
    """Slices of x along ``axis`` picked by an index tensor: ``x[.., indices, ..]``."""

    x: Value
    indices: Value
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: the axis is replaced by the index tensor's shape."""
        expect_axis(self.axis, self.x)
        expect_indices(self.indices, self.x.shape[self.axis])
        shape = self.x.shape
        return [self.x.type.with_shape(*shape[: self.axis], *self.indices.shape, *shape[self.axis + 1 :])]


@dataclass(eq=False)
class GatherElements(Op):
    """``y[.., i, ..] = x[.., indices[.., i, ..], ..]``, where x and indices broadcast on all axes but ``axis``."""

    x: Value
    indices: Value
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: the broadcast shape, with the indices' extent along the axis."""
        expect_axis(self.axis, self.x)
        expect_indices(self.indices, self.x.shape[self.axis])
        count = self.indices.shape
        expect(len(count) == self.x.type.rank, f"indices {list(count)} do not fit {list(self.x.shape)}")
        around = broadcast(without(self.x.shape, self.axis), without(count, self.axis))
        return [self.x.type.with_shape(*around[: self.axis], count[self.axis], *around[self.axis :])]


@dataclass(eq=False)
class GatherNd(Op):
    """``y[b, i] = x[b, indices[b, i]]``: b runs over the first ``batch`` axes, the last axis of indices is an index."""

    x: Value
    indices: Value
    batch: int = 0

    def infer(self) -> list[TensorType]:
        """Output type: the indices' shape without its last axis, then what is left of x's."""
        x, places = self.x.shape, self.indices.shape
        expect(0 <= self.batch < min(len(x), len(places)), f"batch {self.batch} does not fit")
        expect(x[: self.batch] == places[: self.batch], f"indices {list(places)} do not fit {list(x)}")
        depth = self.batch + places[-1]
        expect(places[-1] > 0 and depth <= len(x), f"indices {list(places)} do not fit {list(x)}")
        expect_indices(self.indices, *x[self.batch : depth])
        return [self.x.type.with_shape(*places[:-1], *x[depth:])]


@dataclass(eq=False)
class Scatter(Op):
    """Base of those that write updates over a copy of x, one after the other in row-major order.

    ``reduction`` says how an update joins what is there: none (it replaces it), add, mul, max or min. ``inplace``: the
    result may take x's place in memory.
    """

    reductions: ClassVar[tuple[str, ...]] = ("none", "add", "mul", "max", "min")
    x: Value
    indices: Value
    updates: Value
    inplace: bool = field(kw_only=True, default=False)

    def expect_types(self, reduction: str) -> None:
        """Element types, and the reduction's name."""
        dtype = self.x.type.dtype
        expect(reduction in self.reductions, f"reduction is {reduction!r}")
        expect(dtype is self.updates.type.dtype, f"updates of {self.updates.type} to {self.x.type}")
        expect(reduction == "none" or dtype in NUMBERS, f"{reduction} of {dtype.value}")


@dataclass(eq=False)
class ScatterElements(Scatter):
    """``y[.., indices[.., i, ..], ..] = updates[.., i, ..]``; indices broadcast to the updates."""

    axis: int
    reduction: str = "none"

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        self.expect_types(self.reduction)
        expect_axis(self.axis, self.x)
        expect_indices(self.indices, self.x.shape[self.axis])
        shape = self.updates.shape
        expect(broadcast(self.indices.shape, shape) == shape, f"indices {list(self.indices.shape)}, updates {shape}")
        fits = len(shape) == self.x.type.rank and all(
            u <= d or a == self.axis for a, (u, d) in enumerate(zip(shape, self.x.shape, strict=True))
        )
        expect(fits, f"updates {list(shape)} do not fit {list(self.x.shape)}")
        return [self.x.type]


@dataclass(eq=False)
class ScatterNd(Scatter):
    """``y[indices[i]] = updates[i]``: the last axis of indices is an index into the first axes of x."""

    reduction: str = "none"

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        self.expect_types(self.reduction)
        x, places = self.x.shape, self.indices.shape
        expect(len(places) > 0 and places[-1] in range(1, len(x) + 1), f"indices {list(places)} do not fit {list(x)}")
        expect_indices(self.indices, *x[: places[-1]])
        wanted = (*places[:-1], *x[places[-1] :])
        expect(self.updates.shape == wanted, f"updates are {list(self.updates.shape)}, not {list(wanted)}")
        return [self.x.type]


def without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """A shape without one axis."""
    return shape[:axis] + shape[axis + 1 :]
