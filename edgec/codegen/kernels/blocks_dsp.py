"""Weights, biases and codes as the streams of words that the blocks of ``block_dsp.h`` and ``dense_dsp.h`` read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgec.codegen.ctree import Expr, Name
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import code_limits, zero_of

SHIFTS = range(33, 55)
"""With these shifts half of the result's last bit and the zero point, shifted, fit the accumulator's upper half."""

LAST = 1 << 31
"""Set in a shift: the stream ends here."""


def widened(channels: int) -> Array:
    """The order in which bytes, 4 or more, are widened: by fours as 0, 2, 1, 3, at the end the last four.

    What was there already is -1.
    """
    order = np.arange(channels // 4 * 4)
    if channels % 4:
        order = np.concatenate([order, np.arange(channels - 4, channels)])
    _, first = np.unique(order, return_index=True)
    again = np.full(len(order), -1)
    again[first] = order[first]
    return again.reshape(-1, 4)[:, [0, 2, 1, 3]].reshape(-1)


def in_order(weights: Array, order: Array, multiple: int) -> Array:
    """``[O, K]`` -> ``[O, taps]``: the weights at the places in ``order``, 0 at those below 0 and up to a multiple."""
    taken = np.where(order < 0, 0, weights[:, order])
    return np.pad(taken, ((0, 0), (0, -len(order) % multiple)))


def both_halves(number: int) -> int:
    """A number of 16 bits in both halves of a word."""
    word = (number & 0xFFFF) * 0x10001
    return word - (1 << 32) if word >> 31 else word


@dataclass(frozen=True)
class Codes:
    """How the sums of each channel become codes: ``(upper half of sum * multiplier + begin) >> shift``, saturated."""

    multiplier: Array
    begin: Array
    shift: Array

    @classmethod
    def of(cls, largest: Array, multiplier: Array, shift: Array, zero: int) -> "Codes | None":
        """For sums that are at most ``largest``; None where a shift is not among SHIFTS."""
        nothing = largest * multiplier.astype(np.float64) < 2.0 ** (shift - 2.0)
        shift = np.where(nothing, SHIFTS.start, shift)
        if shift.min() < SHIFTS.start or shift.max() >= SHIFTS.stop:
            return None
        begin = zero * (1 << (shift - 32)) + (1 << (shift - 33))
        return cls(np.where(nothing, 0, multiplier), begin, shift - 32)


@dataclass(frozen=True)
class Streams:
    """Groups of channels as words, in one stream or two, by the name of the loop that reads it.

    ``groups``: how many there are in each stream.
    """

    words: dict[str, Array]
    groups: dict[str, int]

    def work(self, blocks: int, calls: int, steps: int, unrolled: int, clamped: int) -> Mapping[str, float]:
        """Of so many blocks of pixels in so many calls of the loops.

        A group of channels takes so many steps, of which a turn has some ``unrolled``. So many codes are clamped.
        """
        # Of halfwords the loops are plain16 and positive16: of what does not share halfwords, all of them.
        pairs = sum(n for loop, n in self.groups.items() if "pairs" in loop)
        plain = sum(self.groups.values()) - pairs
        return {
            "calls": calls * len(self.groups),
            "blocks": blocks * len(self.groups),
            "pairs": blocks * pairs,
            "pairs_turns": blocks * pairs * -(-steps // unrolled),
            "pairs_steps": blocks * pairs * steps,
            "plain": blocks * plain,
            "plain_steps": blocks * plain * steps,
            "clamped": clamped,
        }

    def fields(self, emitter: Emitter, role: str = "") -> dict[str, Expr]:
        """The fields ``loop``, ``stream``, ``other_loop``, ``other`` of a kernel's struct.

        ``role``: what the streams' names end in, where a step has several.
        """
        named = [
            part
            for loop, words in self.words.items()
            for part in (Name(loop), emitter.array(loop.split("_")[1] + role, words, f"read by {loop}"))
        ]
        return dict(zip(("loop", "stream", "other_loop", "other"), [*named, *[Name("NULL")] * 2], strict=False))


def streams(weights: Array, sums: WeightedSums, y: Value, clamp: Clamp | None, width: int) -> Streams | None:
    """The streams of all channels by groups of ``width``; None where a sum does not become a code in their way.

    ``weights``: ``[O, taps]`` i8 in the order of the patch, taps a multiple of 4; ``y``: the result, of bytes or
    halfwords as x is. Where the number of channels is no multiple of ``width`` the last group is that of the last ones;
    of fewer than that there is one group, with channels that are nothing.
    """
    zero, size, (bias,) = zero_of(y), y.type.dtype.bytes, sums.biases
    if size > 1 and zero:
        return None
    count = len(weights)
    rows = weights.astype(np.int64)
    rows = np.pad(rows, ((0, max(width - count, 0)), (0, 0)))
    bias, multiplier, shift = (
        np.pad(np.broadcast_to(a, count).astype(np.int64), (0, len(rows) - count), mode="edge")
        for a in (bias, sums.factors.multipliers, sums.factors.shifts)
    )
    firsts = [min(first, len(rows) - width) for first in range(0, len(rows), width)]
    chosen = np.array([range(first, first + width) for first in firsts])
    largest = largest_sums(rows, bias, size)
    pairs = np.array(firsts)[:, None] + np.arange(0, width, 2)
    shared = _shared(rows, largest)[pairs].all(axis=1) & (size == 1)
    made, counts = {}, {}
    for share in (True, False):
        groups = chosen[shared == share]
        if not len(groups):
            continue
        up = np.array([0, 8] * (width // 2) if share else [0] * width)
        codes = Codes.of(largest[groups] << up, multiplier[groups], shift[groups] + up, zero)
        if codes is None:
            return None
        begin, taps = _shared_words(rows, bias, groups) if share else _plain_words(rows, bias, groups)
        # Blocks of two channels load the first words with the sums.
        first = [taps[:, :2], begin, taps[:, 2:]] if share and width == 2 else [begin, taps]
        factors = np.stack([codes.multiplier, codes.begin], axis=-1).reshape(len(groups), -1)
        codes.shift[-1, -1] |= LAST
        places = size * groups[:, :1]
        last = [codes.shift[:, :1] | places << 8, codes.shift[:, 1:]] if width == 2 else [codes.shift, places]
        words = np.concatenate([*first, factors, *last], axis=1)
        kind = "pairs" if share else "plain" if size == 1 else _loop16(y, clamp)
        loop = f"edgec_{kind}_{'3x2' if width == 2 else '1x4'}_dsp"
        made[loop], counts[loop] = words.astype(np.int64).reshape(-1).astype(np.uint32), len(groups)
    return Streams(made, counts)


def largest_sums(rows: Array, bias: Array, size: int = 1) -> Array:
    """The largest magnitude of the sum of each channel over any bytes, or codes of so many."""
    half = 1 << 8 * size - 1
    up, down = np.maximum(rows, 0).sum(axis=1), np.minimum(rows, 0).sum(axis=1)
    ends = bias + (half - 1) * up - half * down, bias - half * up + (half - 1) * down
    largest: Array = np.maximum(*map(np.abs, ends))
    return largest


def _loop16(y: Value, clamp: Clamp | None) -> str:
    """The loop that saturates at 0 or at the lowest code."""
    return "positive16" if code_limits(y.type, clamp)[0] == 0 else "plain16"


def _shared(rows: Array, largest: Array) -> Array:
    """``[O]``: whether a channel and the next one can share halfwords, as ``block_dsp.h`` has them."""
    halves = rows[:-1] + 256 * rows[1:]
    fit = (halves >= -(1 << 15)).all(axis=1) & (largest[1:] < 1 << 23)
    shared: Array = np.append(fit, False)
    return shared


def _shared_words(rows: Array, bias: Array, groups: Array) -> tuple[Array, Array]:
    """What the sums begin at, and the taps, each ``[groups, ...]``."""
    even, odd = groups[:, ::2], groups[:, 1::2]
    begin = np.stack([bias[even], bias[even] + 256 * bias[odd]], axis=-1).reshape(len(groups), -1)
    halves = (rows[even] + 256 * rows[odd]).astype(np.int16)  # [groups, pairs, taps]
    words = np.ascontiguousarray(halves).view(np.uint32)
    return begin, words.swapaxes(1, 2).reshape(len(groups), -1)


def _plain_words(rows: Array, bias: Array, groups: Array) -> tuple[Array, Array]:
    taps = rows[groups].astype(np.int8).reshape(*groups.shape, -1, 4)[..., [0, 2, 1, 3]]
    words = np.ascontiguousarray(taps).view(np.uint32)[..., 0]
    return bias[groups], words.swapaxes(1, 2).reshape(len(groups), -1)
