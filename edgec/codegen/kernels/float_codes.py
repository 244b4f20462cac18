"""Codes of sums by float32 arithmetic where that gives those of fixed-point arithmetic: three instructions, not six.

A code is ``fma(float(sum + shifted), scale, offset)``, less MAGIC, which is in the offset and so large that the one
rounding is to an integer, half to even. As the sum grows, both this and the fixed-point code grow by steps. They are
the same where each step is at the same sum, of which there are 255 at most. A scale has 24 bits; where none of those
next to the true one does, sums are shifted by a number that is about so many steps, which shifts all of them a little.
"""

from dataclasses import dataclass

import numpy as np

from edgec.ir import Array

MAGIC = 3 << 22
"""Floats next to it are integers, 2**22 on both sides."""

ROOM = 1 << 22

EXACT = 1 << 24
"""Up to there every integer is a float."""

SHIFTS = 54
"""Up to this shift steps are computed in 64 bits."""

NEIGHBOURS = 3
"""Floats on both sides of the true scale that are tried."""

OFFSETS = 1 << 9
"""And how many steps a sum may be shifted by."""


@dataclass(frozen=True)
class FloatCodes:
    """For each channel what is added to sums (i32), the scale (f32), and what is added to products (f32)."""

    shifted: Array
    scale: Array
    offset: Array


def float_codes(
    multiplier: Array, shift: Array, largest: Array, zero: int, limits: tuple[int, int]
) -> FloatCodes | None:
    """For sums up to ``largest`` from 0; None where a channel has no such numbers.

    Fixed-point codes are ``((sum * multiplier + 2**(shift - 1)) >> shift) + zero`` within limits; i64 ``[O]`` each.
    """
    if shift.max() > SHIFTS or largest.max() >= 1 << 31:
        return None
    multiplier, shift = multiplier[:, None], shift[:, None]
    codes = np.arange(limits[0] + 1, limits[1] + 1) - zero
    # The first sum with that code; with a multiplier of 0 there is none.
    steps = -((-(codes << shift) + (1 << shift - 1)) // np.maximum(multiplier, 1))
    steps = np.where(multiplier == 0, np.where(codes > 0, EXACT, -EXACT), steps)
    reach = largest[:, None]
    inside = np.abs(steps) <= reach
    # What no sum reaches has to stay out of reach.
    first, before = np.clip(steps, -reach, None), np.clip(steps - 1, None, reach)
    reached, missed = inside | (steps < 0), inside | (steps > 0)
    middles = codes - 0.5
    true = multiplier[:, 0] / np.exp2(shift[:, 0].astype(np.float64))
    scale = true.astype(np.float32)
    found = np.zeros(len(scale), bool)
    chosen = [np.zeros(len(scale)) for _ in range(3)]
    for near in _near(scale):
        exact = near.astype(np.float64)[:, None]
        # By so much products may be shifted: more than `low`, less than `high`.
        low = np.where(reached, middles - exact * first, -np.inf).max(axis=1)
        high = np.where(missed, middles - exact * before, np.inf).min(axis=1)
        for channel in np.flatnonzero(~found & (low < high)):
            pair = _shift(float(exact[channel, 0]), low[channel], high[channel])
            if pair is not None:
                found[channel] = True
                for values, value in zip(chosen, (pair[0], exact[channel, 0], pair[1]), strict=True):
                    values[channel] = value
        if found.all():
            break
    shifted, scales, offset = chosen
    # From the last step on, or the largest sum before it, the next ones are the same or further out.
    last = (np.minimum(np.abs(steps), reach).max(axis=1) + np.abs(shifted)).max()
    farthest = ((largest + np.abs(shifted)) * scales + np.abs(offset)).max() + 256
    if not found.all() or last >= EXACT or farthest >= ROOM:
        return None
    return FloatCodes(shifted.astype(np.int64), scales.astype(np.float32), (MAGIC + zero - offset).astype(np.float32))


def _near(scale: Array) -> list[Array]:
    found, up, down = [scale], scale, scale
    for _ in range(NEIGHBOURS):
        up, down = np.nextafter(up, np.float32(np.inf)), np.nextafter(down, np.float32(0))
        found += [up, down]
    return found


def _shift(scale: float, low: float, high: float) -> tuple[int, int] | None:
    """An integer and how many steps it is, about: ``scale * integer - steps`` lies between low and high."""
    if low < 0 < high:
        return 0, 0
    if scale == 0:
        return None
    steps = np.arange(1, OFFSETS)
    integers = np.rint(steps / scale)
    over = scale * integers - steps
    for sign in (1, -1):
        fits = np.flatnonzero((low < sign * over) & (sign * over < high))
        if len(fits):
            return sign * int(integers[fits[0]]), sign * int(steps[fits[0]])
    return None
