"""pack(): first fit, then the exact searches until the lowest packing is proven or the work is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from edgec.schedule.packing.cp import cp_sat
from edgec.schedule.packing.greedy import greedy
from edgec.schedule.packing.items import Item, Rectangles, rectangles
from edgec.schedule.packing.search import SLOW, is_compiled, search

NODES = 200_000
"""Nodes of the exact search: the same work on every machine, some seconds for hundreds of items."""
CP_SAT_ITEMS = 100
"""Up to so many items CP-SAT proves quicker where no packing is perfect."""
CP_SAT_WORK = 5.0
"""Deterministic time that CP-SAT may spend (about seconds, but the same work on every machine)."""
DENSE = 100_000
"""Items alive in all sections; where there are more a node takes longer, about by the square, and fewer are visited."""
FIRST = 4
"""The first search takes that part of the nodes; each round doubles it."""
HALVINGS = 6
"""Of what lies between goal and height, in each round."""


@dataclass(frozen=True)
class Packing:
    """Offsets in the order of the items, the bytes in all, and the bytes below which nothing packs them."""

    offsets: tuple[int, ...]
    height: int
    bound: int
    notes: tuple[str, ...] = ()

    @property
    def optimal(self) -> bool:
        """True if no lower packing exists."""
        return self.height == self.bound


def pack(
    items: Sequence[Item],
    capacity: int | None = None,
    *,
    alignment: int = 1,
    gaps: Mapping[tuple[int, int], int] | None = None,
    nodes: int = NODES,
    time_limit: float | None = None,
    seed: int = 0,
    compiled: bool = True,
) -> Packing:
    """Offsets, multiples of ``alignment``, such that items that are alive at the same time do not overlap.

    As low as can be, or, with a ``capacity``, at least as low as that, if the work suffices: about ``nodes`` of the
    exact search, and ``time_limit`` seconds, if given. ``gaps[(a, b)]`` by the items' positions: item b may start that
    many bytes above the start of item a although both are alive. Sizes are rounded up to the alignment. The same items
    always give the same offsets where the time limit does not cut the work short. Raises EdgecError for a negative
    size, an empty life, or numbers beyond 2^53.
    """
    r = rectangles(items, alignment, gaps or {})
    attempt = _Attempt(r, capacity, nodes, inf if time_limit is None else monotonic() + time_limit, seed, compiled)
    attempt.run()
    offsets = tuple(o * r.unit for o in attempt.offsets)
    notes = (SLOW,) if attempt.searches and compiled and not is_compiled() else ()
    return Packing(offsets, r.height(attempt.offsets) * r.unit, attempt.bound * r.unit, notes)


class _Attempt:
    """The best packing so far, what is proven, and the work that is left."""

    def __init__(
        self, r: Rectangles, capacity: int | None, nodes: int, until: float, seed: int, compiled: bool
    ) -> None:
        self.r, self.until, self.seed, self.compiled = r, until, seed, compiled
        self.nodes = nodes * DENSE**2 // max(sum(len(section.alive) for section in r.sections), DENSE) ** 2
        self.bound = r.bound
        self.capacity = 0 if capacity is None else capacity // r.unit
        self.offsets = greedy(r)
        self.searches = 0

    @property
    def goal(self) -> int:
        """A height that is low enough."""
        return max(self.bound, self.capacity)

    def run(self) -> None:
        """The goal itself; a proof where items are few; then heights between and the goal by turns, ever longer."""
        share = self.nodes // FIRST
        self._search(self.goal, share)
        if not self._done() and len(self.r.size) <= CP_SAT_ITEMS:
            self.offsets, self.bound = cp_sat(self.r, self.offsets, self.bound, CP_SAT_WORK, self._seconds())
        while not self._done() and self.nodes > 0 and monotonic() < self.until:
            low = self.goal
            for _ in range(HALVINGS):
                middle = (max(low, self.goal) + self.r.height(self.offsets)) // 2
                if self._done() or middle <= low:
                    break
                if not self._search(middle, share // 8):
                    low = middle
            share *= 2
            self._search(self.goal, share)

    def _done(self) -> bool:
        return self.r.height(self.offsets) <= self.goal

    def _seconds(self) -> float:
        return max(self.until - monotonic(), 0.0)

    def _search(self, capacity: int, nodes: int) -> bool:
        """Look for offsets below the capacity; without any, the proof may raise the bound. Whether there are any."""
        if self._done() or self.nodes <= 0:
            return self._done()
        given = max(min(nodes, self.nodes), 1)
        found = search(self.r, capacity, given, min(self._seconds(), 1e9), self.seed + self.searches, self.compiled)
        self.searches += 1
        self.nodes -= max(found.nodes, 1)
        if found.offsets is not None:
            self.offsets = found.offsets
        elif found.proven:
            self.bound = max(self.bound, capacity + 1)
        return found.offsets is not None
