"""Normalization by the mean and variance of the elements themselves."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import broadcast, expect
from edgec.ir.types import FLOATS, TensorType


@dataclass(eq=False)
class Normalize(Op):
    """``(x - mean) / sqrt(variance + epsilon) * scale + bias`` over ``axes`` (non-negative, ascending).

    The variance is the mean square of ``x - mean``. Not ``centered``, the mean counts as 0 (RMS normalization).
    ``groups`` splits ``axis``, one of ``axes``, into equal parts that are normalized apart (group normalization).
    Scale and bias broadcast to x.
    """

    x: Value
    scale: Value
    bias: Value | None
    axes: tuple[int, ...]
    epsilon: float
    centered: bool = True
    axis: int = 0
    groups: int = 1

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        kind, given = self.x.type, [self.scale, *([] if self.bias is None else [self.bias])]
        expect(
            kind.dtype in FLOATS and all(v.type.dtype is kind.dtype for v in given),
            f"normalize of {', '.join(v.type.dtype.value for v in self.operands)}",
        )
        expect(
            list(self.axes) == sorted(set(self.axes)) and all(0 <= a < kind.rank for a in self.axes),
            f"axes {self.axes} do not fit rank {kind.rank}",
        )
        for value in given:
            expect(broadcast(kind.shape, value.shape) == kind.shape, f"{value!r} does not broadcast to {kind.shape}")
        if self.groups != 1:
            expect(self.axis in self.axes, f"axis {self.axis} is none of {self.axes}")
            extent = kind.shape[self.axis]
            expect(self.groups > 0 and extent % self.groups == 0, f"{extent} does not split into {self.groups} groups")
        return [kind]
