"""Three pixels in two words: two multiplications by a weight give three products, while sums are of 21 bits.

For cores whose multiplication has 32 bits and no vectors; ``triples.h`` says how. Weights are cut into segments, the
same for all channels of a layer, at whose ends sums are taken out of the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.pixel_pairs import HIGH, LOW, scaling
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import code_limits, zero_of

PIXELS = 6
"""Of a block."""

WORDS = 16
"""Bytes of words for each tap of a block."""

LIMIT = 1 << 20
"""What sums begin at in each segment: how far they may go below, and above."""


LARGEST_SHIFT = 54
"""Up to here the upper half of a product and a shifted zero point are within 32 bits."""

LAST = 1 << 31
"""Set in a shift: the stream ends here."""


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


@dataclass(frozen=True)
class TripleBlock:
    """What a block reads of a layer: its stream, as words, and segments."""

    stream: Array
    segments: Segments

    def work(self, pixels: int, outs: int, width: int) -> Mapping[str, float]:
        """Of so many pixels, by blocks with so many channels side by side."""
        blocks = -(-pixels // PIXELS)
        groups, lengths = blocks * -(-outs // width), self.segments.lengths
        return {
            "blocks": blocks,
            "groups": groups,
            "segments": groups * len(lengths),
            "turns": groups * sum(lengths),
            "taps": groups * self.segments.taps,
        }

    def fields(self, emitter: Emitter, result: Value, clamp: Clamp | None) -> tuple[Expr, ...]:
        """The fields of the struct."""
        numbers = *self.segments.fields(), result.shape[-1], *code_limits(result.type, clamp)
        return (emitter.array("stream", self.stream), *map(Int, numbers))


def block_of_triples(
    rows: Array, sums: WeightedSums, bias: Array, result: Value, turn: int, width: int
) -> TripleBlock | None:
    """A layer in the format of ``block_armv7m.h`` and ``block_rv32im.h``; None where a sum does not become a code so.

    ``rows``: ``[O, taps]`` i8, ``bias``: ``[O]``, ``width``: channels side by side, at most O. Where O is no multiple
    of ``width`` the last ones are the last of all.
    """
    count = len(rows)
    scales = scaling(rows, bias, sums, LARGEST_SHIFT)
    if scales is None or count < width:
        return None
    segments = segments_of(rows, turn)
    multipliers, shifts = scales
    begins = (2 * zero_of(result) + 1) << (shifts - 33)
    parts: list[bytes] = []
    firsts = [min(first, count - width) for first in range(0, count, width)]
    for first, following in zip(firsts, [*firsts[1:], None], strict=True):
        body = np.ascontiguousarray(rows[first : first + width].T).tobytes()
        parts.append(body + bytes(-len(body) % 4))
        last = first + width - 1
        for o in range(first, first + width):
            more = 1 << 8 if o < last else LAST if following is None else (following - last & 0xFF) << 8
            codes = multipliers[o], begins[o], shifts[o] - 32 | more, bias[o] - segments.offset
            parts.append((np.array(codes).astype(np.int64) & 0xFFFFFFFF).astype("<u4").tobytes())
    return TripleBlock(np.frombuffer(b"".join(parts), "<i4").astype(np.int32), segments)
