"""Addresses of a schedule: its buffers packed, and what is known of the least arena."""

from dataclasses import dataclass

from edgec.schedule.packing import Item, check_packing, pack
from edgec.schedule.problem import ALIGN, Problem


@dataclass(frozen=True)
class MemoryPlan:
    """Offset of each buffer of the problem, the bytes of arena in all, and what is known of the optimum."""

    offsets: tuple[int, ...]
    arena_bytes: int
    lower_bound: int

    @property
    def optimal(self) -> bool:
        """True if no smaller arena exists for this schedule."""
        return self.arena_bytes == self.lower_bound


def plan_memory(problem: Problem) -> MemoryPlan:
    """Place every buffer. The same problem always gives the same plan."""
    items = [Item(b.name, b.first, b.last, b.bytes) for b in problem.buffers]
    packing = pack(items, alignment=ALIGN, gaps=problem.distances)
    check_packing(items, packing.offsets, packing.height, ALIGN, problem.distances)
    # Never zero: a C array of no elements does not exist.
    return MemoryPlan(packing.offsets, max(packing.height, ALIGN), max(packing.bound, ALIGN))
