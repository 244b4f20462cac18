"""Sums of each channel over all pixels: what the instruction sets' kernels for these have in common."""

from dataclasses import dataclass
from math import prod

from edgec.codegen.ctree import Int
from edgec.codegen.emitter import Fields
from edgec.ir import Value
from edgec.ir.ops import AveragePool, Clamp, ReduceMean, ReduceSum
from edgec.ir.requantization import mean_factors, reduce_factor, zero_of


@dataclass(frozen=True)
class PixelSums:
    """``(sum * multiplier) >> shift``, rounded, is each channel's result."""

    x: Value
    result: Value
    multiplier: int
    shift: int
    clamp: Clamp | None

    @property
    def channels(self) -> int:
        """Each has one sum."""
        return self.x.shape[-1]

    @property
    def pixels(self) -> int:
        """Elements of each sum."""
        return self.x.type.elements // self.channels

    def fields(self) -> Fields:
        """The first fields of the kernels' structs; sums begin at ``first``, so that zero points don't count."""
        return {
            "pixels": Int(self.pixels),
            "channels": Int(self.channels),
            "first": Int(-self.pixels * zero_of(self.x)),
        }


def pixel_sums(op: ReduceSum | ReduceMean | AveragePool) -> PixelSums | None:
    """Of a sum or mean over all axes but the last one, or a pool over the whole of one image; None for any other."""
    channels = op.x.shape[-1]
    if isinstance(op, AveragePool):
        extents = op.x.shape[1:-1]
        if op.x.shape[0] > 1 or op.kernel != extents or any(op.pad) or {*op.dilation} != {1}:
            return None
        multiplier, shift = (factor[prod(extents)].item() for factor in mean_factors(op))
        return PixelSums(op.x, op.result, multiplier, shift, op.clamp)
    if op.x.type.rank - 1 in op.axes or op.result.type.elements != channels:
        return None
    return PixelSums(op.x, op.result, *reduce_factor(op), None)
