"""What moves elements without computing."""

from dataclasses import dataclass, replace
from math import prod

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import broadcast, expect
from edgec.ir.types import DType, TensorType


@dataclass(eq=False)
class Reshape(Op):
    """The same elements in row-major order under another shape: no code, no memory."""

    x: Value
    shape: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the new shape."""
        expect(prod(self.shape) == self.x.type.elements, f"{list(self.x.shape)} does not reshape to {self.shape}")
        return [self.x.type.with_shape(*self.shape)]


@dataclass(eq=False)
class Transpose(Op):
    """Axis i of the result is axis ``perm[i]`` of x."""

    x: Value
    perm: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: x's axes permuted (a quantization axis moves along)."""
        expect(sorted(self.perm) == list(range(self.x.type.rank)), f"{self.perm} does not permute {self.x.type.rank}")
        quant = self.x.type.quant
        if quant is not None and quant.axis is not None:
            quant = replace(quant, axis=self.perm.index(quant.axis))
        return [replace(self.x.type, shape=tuple(self.x.shape[p] for p in self.perm), quant=quant, sparsity=None)]


@dataclass(eq=False)
class Concat(Op):
    """Tensors one after the other along ``axis``."""

    xs: tuple[Value, ...]
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: extents along the axis add up."""
        expect(len(self.xs) > 0, "concat of nothing")
        first = self.xs[0]
        expect(0 <= self.axis < first.type.rank, f"axis {self.axis} does not fit {list(first.shape)}")
        for x in self.xs:
            same = x.type.rank == first.type.rank and all(
                d == e for i, (d, e) in enumerate(zip(x.shape, first.shape, strict=True)) if i != self.axis
            )
            expect(same and x.type.dtype == first.type.dtype, f"concat of {first!r} and {x!r} does not fit")
        shape = list(first.shape)
        shape[self.axis] = sum(x.shape[self.axis] for x in self.xs)
        return [first.type.with_shape(*shape)]


@dataclass(eq=False)
class Slice(Op):
    """``count`` elements along each axis from ``start`` on, ``step`` apart (a negative step goes backwards)."""

    x: Value
    start: tuple[int, ...]
    count: tuple[int, ...]
    step: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: x with the counts as extents."""
        rank = self.x.type.rank
        expect(len(self.start) == len(self.count) == len(self.step) == rank, f"slice does not fit rank {rank}")
        for extent, start, count, step in zip(self.x.shape, self.start, self.count, self.step, strict=True):
            last = start + (count - 1) * step
            expect(step != 0 and count > 0 and 0 <= start < extent and 0 <= last < extent, "slice leaves its operand")
        return [self.x.type.with_shape(*self.count)]


@dataclass(eq=False)
class Expand(Op):
    """x with each axis of extent 1 repeated as often as ``shape`` says; axes that x lacks are added in front."""

    x: Value
    shape: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the larger shape."""
        expect(broadcast(self.x.shape, self.shape) == self.shape, f"{list(self.x.shape)} expands to no {self.shape}")
        return [self.x.type.with_shape(*self.shape)]


@dataclass(eq=False)
class Pad(Op):
    """Surround x with ``value``: ``before`` and ``after`` elements per axis."""

    x: Value
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: float = 0.0

    def infer(self) -> list[TensorType]:
        """Output type: x with larger extents."""
        rank = self.x.type.rank
        expect(len(self.before) == len(self.after) == rank, f"pads do not fit rank {rank}")
        expect(min(*self.before, *self.after, 0) >= 0, "pads must not be negative")
        extents = zip(self.before, self.x.shape, self.after, strict=True)
        return [self.x.type.with_shape(*(b + d + a for b, d, a in extents))]


@dataclass(eq=False)
class BitCast(Op):
    """The same bits as elements of another type of the same size."""

    x: Value
    dtype: DType

    def infer(self) -> list[TensorType]:
        """Output type: that of x with another element type."""
        expect(self.x.type.dtype.bytes == self.dtype.bytes, f"{self.x.type} does not have {self.dtype.value}'s size")
        return [TensorType(self.dtype, self.x.shape)]
