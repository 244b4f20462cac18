"""What is packed: items with lifespans and sizes; and what the searches see of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import gcd

from edgec.errors import EdgecError

LARGEST = 1 << 53
"""Sizes and times are below: up to there JSON's and spreadsheets' numbers are exact."""
MOST = 10_000_000
"""Pairs of items alive together, and items alive in sections, that are looked at: some seconds, some 100 MB."""


@dataclass(frozen=True)
class Item:
    """``size`` bytes in one piece from time ``lower`` until before ``upper`` (half open)."""

    id: str
    lower: int
    upper: int
    size: int


@dataclass(frozen=True)
class Section:
    """A maximal span of time with the same items alive, by their positions."""

    lower: int
    upper: int
    alive: tuple[int, ...]


@dataclass(frozen=True)
class Rectangles:
    """Items as the searches see them: sizes and distances in multiples of ``unit`` bytes, positions for names.

    ``gaps[(a, b)]``: how far b must start above the start of a if it is above; the size of a for all other pairs.
    """

    lower: tuple[int, ...]
    upper: tuple[int, ...]
    size: tuple[int, ...]
    gaps: Mapping[tuple[int, int], int]
    unit: int

    def distance(self, a: int, b: int) -> int:
        """How far b must start above the start of a, if it does and both are alive at a time."""
        return self.gaps.get((a, b), self.size[a])

    def _overlap(self, a: int, b: int) -> int:
        """The most that b can share of the place of a when it starts above it, or where it does."""
        return min(self.size[b], self.size[a] - self.distance(a, b))

    @cached_property
    def neighbours(self) -> list[list[int]]:
        """The items that are alive at some time of each."""
        found: list[list[int]] = [[] for _ in self.size]
        for section in self.sections:
            begun = [i for i in section.alive if self.lower[i] == section.lower]
            for i in begun:
                # Of those that begin together each pair is met once.
                others = [j for j in section.alive if self.lower[j] < section.lower or j < i]
                found[i] += others
                for j in others:
                    found[j].append(i)
        return [sorted(others) for others in found]

    @cached_property
    def sections(self) -> list[Section]:
        """In order of time, without the empty ones."""
        begin: dict[int, list[int]] = {}
        end: dict[int, list[int]] = {}
        for i, (lower, upper) in enumerate(zip(self.lower, self.upper, strict=True)):
            begin.setdefault(lower, []).append(i)
            end.setdefault(upper, []).append(i)
        alive: set[int] = set()
        found = []
        for time, after in pairwise(sorted({*begin, *end})):
            alive.difference_update(end.get(time, ()))
            alive.update(begin.get(time, ()))
            if alive:
                found.append(Section(time, after, tuple(sorted(alive))))
        return found

    def least(self, section: Section) -> int:
        """What the items of a section need at least: their sizes, less what pairs of them may share.

        Of what several share, all but one count as lying over another one at most once.
        """
        alive = set(section.alive)
        shared = {b: sum(size for a, size in self.shared.get(b, ()) if a in alive) for b in alive}
        return sum(max(self.size[i] - shared[i], 0) for i in alive)

    @cached_property
    def shared(self) -> dict[int, list[tuple[int, int]]]:
        """Item -> others, and the most that it can share of the place of each; every pair stands at one of both."""
        found: dict[int, list[tuple[int, int]]] = {}
        for a, b in self.gaps:
            if (b, a) not in self.gaps or a < b:
                found.setdefault(b, []).append((a, max(self._overlap(a, b), self._overlap(b, a))))
        return found

    @cached_property
    def fullest(self) -> Section | None:
        """The first section of those that need most."""
        return max(self.sections, key=lambda s: (self.least(s), -s.lower), default=None)

    @cached_property
    def bound(self) -> int:
        """No packing is lower."""
        largest = max(self.size, default=0)
        return max(largest, self.least(self.fullest)) if self.fullest else largest

    def height(self, offsets: Sequence[int]) -> int:
        """Of a packing."""
        return max((o + s for o, s in zip(offsets, self.size, strict=True)), default=0)


def rectangles(items: Sequence[Item], alignment: int, gaps: Mapping[tuple[int, int], int]) -> Rectangles:
    """Items in units: sizes and distances rounded up to the alignment. EdgecError for what cannot be an item."""
    for item in items:
        where = f"item {item.id}"
        if item.upper <= item.lower:
            raise EdgecError(where, f"lives from {item.lower} to {item.upper}", "let upper be above lower")
        if item.size < 0:
            raise EdgecError(where, f"has a size of {item.size}", "let it be 0 or more")
        if max(item.size, abs(item.lower), abs(item.upper)) >= LARGEST:
            raise EdgecError(where, "has a number beyond 2^53", "use a larger unit")
    sizes = [-(-item.size // alignment) for item in items]
    if sum(sizes) * alignment >= LARGEST:
        raise EdgecError("items", "have more than 2^53 bytes together", "use a larger unit")
    _check_extent(items)
    distances = {(a, b): min(max(-(-d // alignment), 0), sizes[a]) for (a, b), d in gaps.items()}
    unit = gcd(*sizes, *distances.values()) or 1
    return Rectangles(
        tuple(item.lower for item in items),
        tuple(item.upper for item in items),
        tuple(size // unit for size in sizes),
        {pair: d // unit for pair, d in distances.items()},
        unit * alignment,
    )


def _check_extent(items: Sequence[Item]) -> None:
    """EdgecError where more is alive together than can be looked at."""
    begin = Counter(item.lower for item in items)
    end = Counter(item.upper for item in items)
    alive = pairs = times = 0
    for time in sorted({*begin, *end}):
        alive -= end[time]
        pairs += begin[time] * alive + begin[time] * (begin[time] - 1) // 2
        alive += begin[time]
        times += alive
        if max(pairs, times) > MOST:
            what = f"are too many: beyond {MOST:,} pairs of them are alive together, or as many in all spans of time"
            raise EdgecError(
                f"{len(items)} items", what, "pack parts of the time one by one, with fewer distinct times"
            )
