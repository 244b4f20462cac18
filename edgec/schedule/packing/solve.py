"""pack(): first fit, then the exact searches until the lowest packing is proven or the work is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgec.schedule.packing.cp import cp_sat
from edgec.schedule.packing.greedy import greedy
from edgec.schedule.packing.items import Item, rectangles

CP_SAT_WORK = 5.0
"""Deterministic time that CP-SAT may spend (about seconds, but the same work on every machine)."""


@dataclass(frozen=True)
class Packing:
    """Offsets in the order of the items, the bytes in all, and the bytes below which nothing packs them."""

    offsets: tuple[int, ...]
    height: int
    bound: int

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
) -> Packing:
    """Offsets, multiples of ``alignment``, such that items that are alive at the same time do not overlap.

    As low as can be, or, with a ``capacity``, at least as low as that, if the work suffices. ``gaps[(a, b)]`` by the
    items' positions: item b may start that many bytes above the start of item a although both are alive. Sizes are
    rounded up to the alignment. The same items always give the same offsets. Raises EdgecError for a negative size, an
    empty life, or numbers beyond 2^53.
    """
    r = rectangles(items, alignment, gaps or {})
    bound = r.bound
    enough = bound if capacity is None else max(bound, capacity // r.unit)
    offsets = greedy(r)
    if r.height(offsets) > enough:
        offsets, bound = cp_sat(r, offsets, bound, CP_SAT_WORK, None)
    return Packing(tuple(o * r.unit for o in offsets), r.height(offsets) * r.unit, bound * r.unit)
