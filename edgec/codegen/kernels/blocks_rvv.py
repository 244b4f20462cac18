"""Weights and codes as the blocks of ``block_rvv.h`` read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.strips import Geometry
from edgec.codegen.kernels.weighted_sums import TYPES, WeightedSums
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import zero_of

LEAST_SHIFT = 33
"""From this shift on a sum becomes a code in their way."""


RAISED = range(25, 56)
"""Shifts by which few sums become codes in the way of ``codes_rvv.h``."""

LANES = (16, 32, 64)
"""Channels that vectors may hold."""


@dataclass(frozen=True)
class Channels:
    """Weights, ``[O, taps]`` i8, and what makes codes of their sums, ``[O]`` each."""

    weights: Array
    bias: Array
    multiplier: Array
    shift: Array

    @classmethod
    def of(cls, sums: WeightedSums, types: str = TYPES) -> "Channels | None":
        """None where types or shifts are others than these kernels serve."""
        if sums.types != types or sums.factors.shifts.min() < LEAST_SHIFT:
            return None
        (weights,), (bias,) = sums.weights, sums.biases
        multiplier, shift = (np.broadcast_to(a, len(bias)) for a in (sums.factors.multipliers, sums.factors.shifts))
        return cls(weights.reshape(len(bias), -1), bias, multiplier, shift.astype(np.uint16) - 32)

    def pixels_work(self, pixels: Sequence[int]) -> Mapping[str, float]:
        """Of calls for so many pixels each, three at a time, with vectors of any of these lengths."""
        outs, taps = self.weights.shape
        blocks = sum(-(-count // 3) for count in pixels)
        work: dict[str, float] = {"calls": len(pixels), "blocks": blocks}
        for lanes in LANES:
            groups = blocks * -(-outs // lanes)
            work |= {f"groups{lanes}": groups, f"pairs{lanes}": groups * -(-taps // 2)}
        return work

    @property
    def pairs_fit(self) -> bool:
        """Whether the products of any two neighbouring taps, the first one's being even, add up in 16 bits."""
        return bool(np.abs(self.paired.astype(np.int64)).sum(axis=2).max() <= 255)

    @property
    def paired(self) -> Array:
        """``[pairs, O, 2]``: the weights, an odd number of taps with a 0 behind them."""
        outs, taps = self.weights.shape
        rows = np.pad(self.weights, ((0, 0), (0, taps % 2)))
        return np.ascontiguousarray(rows.reshape(outs, -1, 2).swapaxes(0, 1))

    @property
    def apart(self) -> "Channels":
        """Each tap followed by one of nothing, so that pairs fit."""
        weights = np.stack([self.weights, np.zeros_like(self.weights)], axis=2)
        return replace(self, weights=weights.reshape(len(weights), -1))

    def block(self, emitter: Emitter, y: Value, clamp: Clamp | None) -> dict[str, Expr]:
        """The fields of the ``edgec_block_rvv`` of a layer."""
        outs, taps = self.weights.shape
        return {
            "weights": emitter.array("weights", self.paired.reshape(-1), "[pairs of taps][out][2]"),
            "bias": emitter.array("bias", self.bias),
            "multiplier": emitter.array("multiplier", self.multiplier),
            "shift": emitter.array("shift", self.shift),
            "out_channels": Int(outs),
            "taps": Int(taps),
            "zero_point": Int(zero_of(y)),
            **clamp_codes(y, clamp),
        }


def padding(rows: Geometry, columns: Geometry, pixel: int, zero: int) -> tuple[Expr, ...]:
    """An ``edgec_padded_rvv`` for pixels of so many bytes."""
    reach = columns.reach(columns.out)
    sizes = (columns.skipped, columns.taken, columns.padding, reach)
    return tuple(map(Int, (rows.stride, rows.span, *(pixel * size for size in sizes), zero)))
