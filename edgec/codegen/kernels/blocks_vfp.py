"""Weights and biases as the streams that the blocks of ``block_vfp.h`` read."""

from dataclasses import dataclass
from math import inf

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.strips import Geometry
from edgec.ir import Array
from edgec.ir.ops import Clamp

GROUP = 4
"""Channels of a block."""

PIXELS = 4
"""Of a block; those that are left are computed one by one."""


CLAMPED = (0.0, 1.0, 4.6, 2.0)
"""What clamping takes by its kind, that at zero from below being 1."""


@dataclass(frozen=True)
class Block:
    """All channels of some pixels: their windows are ``runs`` runs of ``run`` elements that lie side by side.

    ``weights``: ``[O, runs * run]``, O at least GROUP; ``skip``: elements from the end of a run to the next one.
    """

    weights: Array
    bias: Array
    clamp: Clamp | None
    runs: int
    run: int
    skip: int

    def fields(self, emitter: Emitter, role: str = "stream") -> dict[str, Expr]:
        """Those of an ``edgec_block_vfp``, in their order."""
        firsts = group_firsts(len(self.weights))
        groups = [np.concatenate([self.bias[g : g + GROUP], self.weights[g : g + GROUP].T.reshape(-1)]) for g in firsts]
        pairs, odd = divmod(self.run, 2)
        numbers = {
            "groups": len(firsts),
            "last": 4 * (GROUP * (len(firsts) - 1) - firsts[-1]),
            "out_step": 4 * len(self.weights),
            "clamp": clamp_kind(self.clamp, self.bias),
        }
        geometry = {
            "runs": self.runs,
            "turns": (pairs + 1) // 2,
            "rest": odd | pairs % 2 << 1,
            "skip": 4 * self.skip,
            "back": 4 * self.runs * (self.run + self.skip),
            "taps": self.run,
            "group": 4 * GROUP * (1 + self.runs * self.run),
        }
        stream = emitter.array(role, np.concatenate(groups), "by 4 channels: biases, then [taps][4]")
        return {"stream": stream, **ints(numbers), **clamp_fields(self.clamp), **ints(geometry)}

    def work(self, calls: list[int]) -> dict[str, float]:
        """How often loops turn in calls for so many pixels: of blocks, and of single pixels by two groups."""
        groups, clamped = len(group_firsts(len(self.weights))), CLAMPED[clamp_kind(self.clamp, self.bias)]
        blocks, singles = (sum(part) for part in zip(*(divmod(pixels, PIXELS) for pixels in calls), strict=True))
        pairs, odd = divmod(self.run, 2)
        alone = singles * -(-groups // 2)
        return {
            "blocks": blocks,
            "groups": blocks * groups,
            "runs": blocks * groups * self.runs,
            "pairs": blocks * groups * self.runs * pairs,
            "odd": blocks * groups * self.runs * odd,
            "clamped": clamped * (PIXELS * blocks * groups + 2 * alone),
            "singles": singles,
            "alone": alone,
            "alone_runs": alone * self.runs,
            "alone_turns": alone * self.runs * (self.run // 4),
            "alone_taps": alone * self.runs * (self.run % 4),
        }


def block_header(operator: str, form: str) -> str:
    """Where the kernels of that form are."""
    return f"{operator}_f32_mve.h" if form == "mve" else f"{operator}_vfp.h"


def ints(fields: dict[str, int]) -> dict[str, Expr]:
    """As literals."""
    return {name: Int(value) for name, value in fields.items()}


def group_firsts(channels: int) -> list[int]:
    """The first channels of groups of GROUP; the last group is that of the last channels."""
    return [min(first, channels - GROUP) for first in range(0, channels, GROUP)]


def clamp_kind(clamp: Clamp | None, bias: Array) -> int:
    """As the blocks know them: none, at zero from below, any, or from zero up to some number.

    -0 is no zero: where it may come out, as a limit or a sum, zeros have to be told apart.
    """
    if clamp is None or (clamp.low, clamp.high) == (-inf, inf):
        return 0
    if clamp.low != 0 or signed_zeros(clamp.low) or signed_zeros(bias) or clamp.high <= 0:
        return 2
    return 1 if clamp.high == inf else 3


def signed_zeros(numbers: Array | float) -> bool:
    """Whether there is a -0."""
    return bool(np.any((np.asarray(numbers) == 0) & np.signbit(numbers)))


def padding(rows: Geometry, columns: Geometry, channels: int) -> dict[str, Expr]:
    """The fields of an ``edgec_padded_vfp``."""
    return ints(
        {
            "count": columns.taken * channels,
            "before": columns.padding * channels,
            "behind": columns.behind * channels,
            "span": rows.span,
            "stride": rows.stride,
        }
    )


def copied(rows: Geometry, columns: Geometry, channels: int, counts: list[int]) -> dict[str, float]:
    """What copying rows takes with their padding, for calls that make so many rows of output."""
    lines = sum(rows.reach(count) for count in counts)
    whole, rest = divmod(columns.taken * channels, 16)
    return {
        "strips": len(counts),
        "lines": lines,
        "copied": lines * whole,
        "copied_rest": lines * rest,
        "zeros": lines * (columns.padding + columns.behind) * channels,
    }


def adds_nothing(weights: Array, bias: Array) -> bool:
    """Whether products of weights with zeros, which are zeros of either sign, leave every sum as it is.

    A sum is -0 only as long as there is nothing in it but -0, from the bias on.
    """
    return bool(np.isfinite(weights).all()) and not signed_zeros(bias)
