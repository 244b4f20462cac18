"""Windows of convolutions and dense layers with RVV: output channels in lanes, or pixels of a row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.kernels.padded_rvv import pitch_of
from edgec.codegen.kernels.strips import geometry
from edgec.ir import Array
from edgec.ir.ops import Conv2d

LANES = (32, 64)
"""Elements of 32 bits that eight vectors may hold."""


@dataclass(frozen=True)
class Windows:
    """An ``edgec_windows_rvv``: what is left of a layer inside its loops."""

    out_width: int
    out_channels: int
    groups: int
    group: int
    pixel: int
    row: int
    kernel_rows: int
    runs: int
    run: int
    tap: int = 1
    skip: int = 0
    turn: int = 0

    @classmethod
    def dense(cls, pixels: int, inner: int, outs: int) -> "Windows":
        """A row of so many pixels."""
        return cls(pixels, outs, 1, 0, inner, 0, 1, 1, inner)

    @classmethod
    def of(cls, op: Conv2d) -> "Windows":
        """In the tensor, or in copies of its rows with their padding."""
        rows, columns = geometry(op)
        pitch, channels, depth = pitch_of(op), op.x.shape[3], op.w.shape[3]
        step = columns.dilation * channels
        if columns.dilation == 1 and op.groups == 1:
            runs, run, tap, skip = 1, columns.kernel * channels, 1, 0
        elif depth == 1 and op.groups > 1:
            runs, run, tap, skip = 1, columns.kernel, step, 0
        else:
            runs, run, tap, skip = columns.kernel, depth, 1, step - depth
        turn = rows.dilation * pitch - runs * (run * tap + skip)
        place = (columns.stride * channels, rows.stride * pitch, rows.kernel)
        return cls(columns.out, op.result.shape[3], op.groups, depth, *place, runs, run, tap, skip, turn)

    def fields(self) -> tuple[Expr, ...]:
        """In their order."""
        return tuple(map(Int, asdict(self).values()))

    def packed(self, weights: Array, form: str) -> Array:
        """``weights[O, ...]`` as channels or pixels in lanes read them."""
        rows = weights.reshape(len(weights), -1)
        return np.ascontiguousarray(rows.T if form == "channels" else rows).reshape(-1)

    def work(self, form: str, counts: list[int], together: int) -> Mapping[str, float]:
        """How often loops turn in calls for so many rows: of so many sums together, and of one."""
        if form == "channels":
            lanes = self.out_channels
            found = [divmod(n * self.out_width, together) for n in counts]
        else:
            lanes = self.out_width
            found = [divmod(self.out_channels // self.groups, together)] * (sum(counts) * self.groups)
        blocks, singles = (sum(part) for part in zip(*found, strict=True))
        work: dict[str, float] = {"rows": sum(counts), "sums": blocks + singles}
        for most in LANES:
            vectors = -(-lanes // most)
            for name, sums in (("blocks", blocks), ("singles", singles)):
                turns = sums * vectors * self.kernel_rows * self.runs
                work |= {f"{name}{most}": sums * vectors, f"{name}_runs{most}": turns}
                work |= {f"{name}_fours{most}": turns * (self.run // 4), f"{name}_rest{most}": turns * (self.run % 4)}
        return work


FORMS = ("channels", "pixels")


def fullest(forms: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Forms by their work: first the one that computes fewest lanes that there are not, with the shortest vectors."""
    return sorted(forms, key=lambda form: 2 * forms[form]["blocks32"] + forms[form]["singles32"])
