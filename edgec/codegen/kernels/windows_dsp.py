"""Windows of convolutions as runs of elements, for the blocks of the DSP extension."""

from collections.abc import Mapping

import numpy as np

from edgec.codegen.ctree import Int
from edgec.codegen.emitter import Fields
from edgec.codegen.kernels.strips import Geometry
from edgec.ir import Array

MOST_ROWS = 3
"""Of output, that a call computes: with three, whole blocks of 3 pixels make up rows of any width."""


class Window:
    """Where the taps of a window lie in rows that were widened with their padding; of groups those of the first one."""

    def __init__(self, rows: Geometry, columns: Geometry, channels: int, groups: int = 1) -> None:
        self.rows, self.columns, self.channels = rows, columns, channels
        self.pitch = (columns.reach(columns.out) * channels + 1) // 2 * 2
        # Taps that lie side by side are one run.
        self.merged = columns.dilation == 1 and groups == 1
        self.seen = channels // groups
        self.elements = self.seen * (columns.kernel if self.merged else 1)
        steps = [columns.stride * channels] + ([] if self.merged else [columns.dilation * channels, self.seen])
        self.aligned = all(step % 2 == 0 for step in steps)

    @property
    def words(self) -> int:
        """Of a run."""
        return -(-self.elements // 2)

    @property
    def order(self) -> Array:
        """The taps in the order of the patch, -1 for what is beyond the end of a run of an odd number of elements."""
        taps = np.arange(self.rows.kernel * self.columns.kernel * self.seen).reshape(-1, self.elements)
        return np.pad(taps, ((0, 0), (0, -self.elements % 2)), constant_values=-1).reshape(-1)

    @property
    def runs(self) -> tuple[int, int]:
        """Windows of a patch, and runs of each."""
        return (1, self.rows.kernel) if self.merged else (self.rows.kernel, self.columns.kernel)

    @property
    def triples(self) -> int:
        """Of a run, words that are copied by threes."""
        return self.words // 3 if self.aligned else 0

    def work(self, patches: int, lines: int) -> Mapping[str, float]:
        """Of so many patches of 3 pixels, from so many rows of input."""
        windows, runs = self.runs
        runs *= windows * patches
        padded = (self.columns.padding + self.columns.behind) * self.channels
        return {
            "lines": lines,
            "widened": lines * self.columns.taken * self.channels,
            "filled": lines * padded,
            "windows": windows * patches,
            "runs": runs,
            "triples": runs * self.triples,
            "singles": runs * (self.words - 3 * self.triples),
        }

    def fields(self) -> Fields:
        """The first fields of an ``edgec_conv2d_dsp``, but ``x_zero``."""
        below = self.rows.dilation * self.pitch
        windows, runs = self.runs
        apart = below if self.merged else self.columns.dilation * self.channels
        return {
            "first": Int(self.columns.skipped * self.channels),
            "count": Int(self.columns.taken * self.channels),
            "before": Int(self.columns.padding * self.channels),
            "behind": Int(self.columns.behind * self.channels),
            "pitch": Int(self.pitch),
            "rows": Int(self.rows.span),
            "stride": Int(self.rows.stride),
            "out_width": Int(self.columns.out),
            "pixel": Int(self.columns.stride * self.channels),
            "windows": Int(windows),
            "window": Int(0 if self.merged else below),
            "runs": tuple(map(Int, (runs, self.triples, self.words - 3 * self.triples, 2 * apart - 4 * self.words))),
        }
