"""What computes elements at places between those of its operand."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.ops.indexing import expect_axis, expect_indices
from edgec.ir.types import FLOATS, TensorType


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
        expect(dtype in FLOATS and self.weights.type.dtype is dtype, f"{self.weights.type} weigh {self.x.type}")
        fits = self.indices.type.rank == 2 and self.indices.shape == self.weights.shape
        expect(fits, f"weights {list(self.weights.shape)} for indices {list(self.indices.shape)}")
        return [self.x.type.with_shape(*shape[: self.axis], self.indices.shape[0], *shape[self.axis + 1 :])]

    def macs(self) -> int:
        """One per output element and weight of it."""
        return self.result.type.elements * self.weights.shape[1]
