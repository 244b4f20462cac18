"""Packing problems whose perfect answer is known: a full rectangle of bytes by time, cut at random.

Cuts are guillotine cuts, in time or in bytes, and pinwheels of five pieces, which no guillotine cut makes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from edgec.schedule.packing import Item

CAPACITY = 1 << 20


@dataclass(frozen=True)
class Instance:
    """Items that fill ``capacity`` bytes at some time at least, and fit."""

    name: str
    items: tuple[Item, ...]
    capacity: int
    offsets: tuple[int, ...]
    """Those of the cuts: an answer."""


Piece = tuple[int, int, int, int]
"""From and to in bytes, from and to in time."""


def cut_rectangle(
    seed: int,
    count: int,
    steps: int,
    capacity: int = CAPACITY,
    pinwheels: float = 0.3,
    tall: float = 0.5,
    grain: int = 1,
    slack: float = 0.0,
) -> Instance:
    """About ``count`` pieces of a rectangle of ``capacity`` bytes and ``steps`` of time.

    ``pinwheels`` is the share of cuts that are, ``tall`` that of the others in time, in which pieces live shorter;
    offsets are multiples of ``grain``. Of what is not alive at one moment, up to the share ``slack`` of the sizes is
    left out.
    """
    random = Random(seed)
    pieces: list[Piece] = [(0, capacity // grain, 0, steps)]
    failures = 0
    while len(pieces) < count and failures < 1000:
        k = max(random.sample(range(len(pieces)), min(2, len(pieces))), key=lambda i: _area(pieces[i]))
        new = _pinwheel(random, pieces[k]) if random.random() < pinwheels else _halves(random, pieces[k], tall)
        failures += not new
        if new:
            pieces[k : k + 1] = new
    random.shuffle(pieces)
    if slack:
        full = random.randrange(steps)
        pieces = [p if p[2] <= full < p[3] else _less(random, p, slack) for p in pieces]
    items = tuple(Item(f"b{i}", p[2], p[3], (p[1] - p[0]) * grain) for i, p in enumerate(pieces))
    return Instance(f"{count}-{seed}", items, capacity, tuple(p[0] * grain for p in pieces))


def _less(random: Random, piece: Piece, slack: float) -> Piece:
    low, high, first, last = piece
    return low, high - int(random.uniform(0, slack) * (high - low)), first, last


def _area(piece: Piece) -> int:
    return (piece[1] - piece[0]) * (piece[3] - piece[2])


def _halves(random: Random, piece: Piece, tall: float) -> list[Piece]:
    low, high, first, last = piece
    if random.random() < tall:
        if last - first < 2:
            return []
        at = random.randint(first + 1, last - 1)
        return [(low, high, first, at), (low, high, at, last)]
    if high - low < 2:
        return []
    at = random.randint(low + 1, high - 1)
    return [(low, at, first, last), (at, high, first, last)]


def _pinwheel(random: Random, piece: Piece) -> list[Piece]:
    low, high, first, last = piece
    if high - low < 3 or last - first < 3:
        return []
    a, b = _two(random, low, high)
    s, t = _two(random, first, last)
    if random.random() < 0.5:
        return [(low, a, first, t), (low, b, t, last), (b, high, s, last), (a, high, first, s), (a, b, s, t)]
    return [(low, b, first, s), (b, high, first, t), (a, high, t, last), (low, a, s, last), (a, b, s, t)]


def _two(random: Random, low: int, high: int) -> Sequence[int]:
    return sorted(random.sample(range(low + 1, high), 2))
