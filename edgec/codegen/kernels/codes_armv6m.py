"""How sums become codes on a core without a long multiplication: proven step by step.

A code is a step function of the sum, of at most 255 steps. Counted from where its smallest code ends a channel's sum is
u, and the code of each u from 0 to ``last`` is computed in 32 bits as ``(u * whole + (u * part >> 14) + begin) >> 24``.
That is right for all of them if it is right on both sides of each step. Where ``last`` is larger the part has 11 bits,
and a rest 11 more.
"""

from dataclasses import dataclass

import numpy as np

from edgec.ir import Array

FRACTION = 24
"""Bits of a code's fraction."""

SHORT, LONG = 14, 11
"""Bits of a part; a rest has as many as a long part."""

TRIES = 16
"""Places to count sums from."""

LARGEST_SHIFT = 54
"""Up to here steps are found in 64 bits."""


@dataclass(frozen=True)
class Codes:
    """Parameters of each channel, i64 ``[O]``; those that are not ``long`` have no rest."""

    offset: Array
    """What is taken off the sum."""
    whole: Array
    part: Array
    begin: Array
    rest: Array
    last: Array
    long: Array


def prove_codes(
    ends: tuple[Array, Array], multipliers: Array, shifts: Array, zero: int, limits: tuple[int, int]
) -> Codes | None:
    """Parameters for sums from ``ends[0]`` to ``ends[1]``, i64 ``[O]``; None where there are none for a channel.

    The code of a sum is ``((sum * multiplier + 2^(shift - 1)) >> shift) + zero``, within ``limits``.
    """
    half = np.int64(1) << (shifts - 1)
    first, final = (np.clip(((end * multipliers + half) >> shifts) + zero, *limits) for end in ends)
    constant = first == final
    multipliers, shifts = np.where(constant, 0, multipliers), np.where(constant, LARGEST_SHIFT, shifts)
    if shifts.max() > LARGEST_SHIFT or shifts.min() < FRACTION:
        return None
    half = np.int64(1) << (shifts - 1)
    steps = np.arange(1, max(int((final - first).max()), 1) + 1)
    real = steps <= (final - first)[:, None]
    level = ((first[:, None] + steps - zero) << shifts[:, None]) - half[:, None]
    # The smallest sum behind each step: [O, steps].
    sums = -(-level // np.maximum(multipliers, 1)[:, None])
    offset = np.where(constant, 1, sums[:, 0])
    short, long = (_factor(multipliers, shifts, *bits) for bits in ((SHORT, 0), (LONG, LONG)))
    begin, is_long = np.full(len(shifts), -1), np.zeros(len(shifts), bool)
    # Where products are rounded down depends on where they are counted from.
    for _ in range(TRIES):
        offset = np.where(begin < 0, offset - 1, offset)
        u = np.where(real, sums - offset[:, None], 0)
        last = np.where(constant, 0, u.max(axis=1))
        found = _begin(short, SHORT, u, last, real)
        is_long = np.where(begin < 0, found < 0, is_long)
        found = np.where(found < 0, _begin(long, LONG, u, last, real), found)
        begin = np.where(begin < 0, found, begin)
        if begin.min() >= 0:
            break
    else:
        return None
    if np.abs(np.stack(ends) - offset).max() >= 1 << 31:
        return None
    whole, part, rest = (np.where(is_long, b, a) for a, b in zip(short, long, strict=True))
    return Codes(offset, whole, part, begin + ((first & 0xFF) << FRACTION), rest, last, is_long)


def _factor(multipliers: Array, shifts: Array, bits: int, more: int) -> tuple[Array, Array, Array]:
    """Whole, part of so many bits and rest of ``more`` of ``multiplier * 2^(FRACTION - shift)``, rounded down."""
    up = FRACTION + bits + more - shifts
    factor = np.where(up < 0, multipliers >> np.maximum(-up, 0), multipliers << np.maximum(up, 0))
    return factor >> (bits + more), (factor >> more) & ((1 << bits) - 1), factor & ((1 << more) - 1)


def _begin(factor: tuple[Array, Array, Array], bits: int, u: Array, last: Array, real: Array) -> Array:
    """What makes codes right on both sides of each step that is ``real``; -1 where nothing does."""
    whole, part, rest = (f[:, None] for f in factor)

    def scaled(u: Array) -> Array:
        total: Array = u * whole + ((u * part + ((u * rest) >> bits)) >> bits)
        return total

    level = np.arange(1, u.shape[1] + 1) << FRACTION
    least = np.where(real, level - scaled(u), 0).max(axis=1)
    most = np.where(real, level - 1 - scaled(u - 1), (1 << FRACTION) - 1).min(axis=1)
    top = ((real.sum(axis=1) + 1) << FRACTION) - 1 - scaled(last[:, None])[:, 0]
    least, most = np.maximum(least, 0), np.minimum(most, np.minimum(top, (1 << FRACTION) - 1))
    fits = (last * (factor[1] + 1) < 1 << 32) & (least <= most)
    return np.where(fits, (least + most) // 2, -1)
