"""Three pixels in two words: two multiplications by a weight give three products, while sums are of 21 bits.

For cores whose multiplication has 32 bits and no vectors; ``triples.h`` says how. Weights are cut into segments, the
same for all channels of a layer, at whose ends sums are taken out of the words.
"""

from dataclasses import dataclass

import numpy as np

from edgec.codegen.kernels.pixel_pairs import HIGH, LOW
from edgec.ir import Array

PIXELS = 6
"""Of a block."""

WORDS = 16
"""Bytes of words for each tap of a block."""

LIMIT = 1 << 20
"""What sums begin at in each segment: how far they may go below, and above."""


@dataclass(frozen=True)
class Segments:
    """A layer's taps in turns of ``turn``, of which the first turn begins with tap ``first``; in turns by segment."""

    taps: int
    turn: int
    lengths: list[int]

    @property
    def first(self) -> int:
        """Of the first turn's taps that one which it begins with."""
        return -self.taps % self.turn

    @property
    def offset(self) -> int:
        """What begins of all segments add to a sum."""
        return LIMIT * len(self.lengths)

    def fields(self) -> tuple[int, int, int, int]:
        """As the structs of blocks have them: first, begin, segment, all."""
        turn = WORDS * self.turn
        return self.first, turn * self.lengths[0], turn * self.lengths[-1], turn * sum(self.lengths)


def segments_of(rows: Array, turn: int) -> Segments:
    """The fewest segments for the weights of all channels ``rows[O, taps]``, i8; all but the first are of one length.

    The proof is interval arithmetic over all activations.
    """
    taps = rows.shape[1]
    products = np.stack([LOW * rows.astype(np.int64), HIGH * rows.astype(np.int64)])
    padded = np.pad(products, ((0, 0), (0, 0), (-taps % turn, 0)))
    down, up = (ends.reshape(len(rows), -1, turn).sum(axis=2) for ends in (padded.min(axis=0), padded.max(axis=0)))
    turns = down.shape[1]
    for count in range(1, turns + 1):
        length = -(-turns // count)
        starts = np.arange(turns, 0, -length)[::-1] - length
        starts[0] = 0
        low, high = (np.add.reduceat(ends, starts, axis=1) for ends in (down, up))
        if low.min() >= -LIMIT and high.max() < LIMIT:
            return Segments(taps, turn, np.diff(starts, append=turns).tolist())
    raise AssertionError("a turn's sums are of 21 bits")
