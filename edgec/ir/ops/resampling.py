"""What computes elements at places between those of its operand."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.ops.indexing import expect_axis, expect_indices
from edgec.ir.ops.quantized import is_activation
from edgec.ir.types import FLOATS, DType, TensorType


@dataclass(eq=False)
class Resample(Op):
    """Weighted sums along one axis: ``y[.., o, ..] = sum over k of weights[o, k] * x[.., indices[o, k], ..]``."""

    x: Value
    indices: Value
    weights: Value
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: x with as many elements along the axis as there are rows of weights."""
        expect_axis(self.axis, self.x)
        expect_indices(self.indices, self.x.shape[self.axis])
        dtype, shape = self.x.type.dtype, self.x.shape
        kind = DType.F32 if is_activation(self.x.type) else dtype
        expect(kind in FLOATS and self.weights.type.dtype is kind, f"{self.weights.type} weigh {self.x.type}")
        expect(self.weights.data is not None or kind is dtype, "weights of quantized values must be constant")
        fits = self.indices.type.rank == 2 and self.indices.shape == self.weights.shape
        expect(fits, f"weights {list(self.weights.shape)} for indices {list(self.indices.shape)}")
        return [self.x.type.with_shape(*shape[: self.axis], self.indices.shape[0], *shape[self.axis + 1 :])]

    def macs(self) -> int:
        """One per output element and weight of it."""
        return self.result.type.elements * self.weights.shape[1]


@dataclass(eq=False)
class GridSample(Op):
    """``x[N,C,*spatial]`` at the places ``grid[N,*points,D]`` -> ``[N,C,*points]``, over D <= 3 spatial axes.

    A place has one coordinate per spatial axis, the last axis first; -1 and 1 are the borders: the outermost elements'
    centres with ``align_corners``, else their outer edges. ``mode`` is nearest, linear or cubic; beyond the borders are
    zeros, or elements as ``padding`` says: those of the border, or x reflected at it.
    """

    x: Value
    grid: Value
    mode: str = "linear"
    padding: str = "zeros"
    align_corners: bool = False

    def infer(self) -> list[TensorType]:
        """Output type: x with the points in place of its spatial axes."""
        x, grid, dtype = self.x.shape, self.grid.shape, self.x.type.dtype
        expect(self.mode in ("nearest", "linear", "cubic"), f"mode is {self.mode!r}")
        expect(self.padding in ("zeros", "border", "reflection"), f"padding is {self.padding!r}")
        expect(dtype in FLOATS and self.grid.type.dtype is dtype, f"{self.x.type} at {self.grid.type}")
        dims = len(x) - 2
        fits = dims in (1, 2, 3) and len(grid) == dims + 2 and grid[0] == x[0] and grid[-1] == dims
        expect(fits, f"grid {list(grid)} does not fit {list(x)}")
        return [self.x.type.with_shape(*x[:2], *grid[1:-1])]
