"""Addresses of a schedule: its buffers packed, and what is known of the least arena."""

from dataclasses import dataclass
from itertools import accumulate

from edgec.schedule.memories import Memory
from edgec.schedule.packing import Item, check_packing, pack
from edgec.schedule.problem import ALIGN, Problem


@dataclass(frozen=True)
class Placement:
    """In which of several memories each buffer lies, and the constants of each step: None where they stay in flash.

    ``used`` are the bytes that buffers take of each memory, ``constants`` those that constants take. ``accesses`` are
    the bytes of each buffer that a run reads and writes, as estimated; ``cost`` is the sum of them and of those of
    constants, each times the cost of its memory. ``proven``: none is lower.
    """

    memories: tuple[Memory, ...]
    of_buffer: tuple[int, ...]
    of_constants: tuple[int | None, ...]
    used: tuple[int, ...]
    constants: tuple[int, ...]
    accesses: tuple[int, ...]
    cost: float
    proven: bool

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each memory begins if they lie one behind the other."""
        return tuple(accumulate(self.used[:-1], initial=0))


@dataclass(frozen=True)
class MemoryPlan:
    """Offset of each buffer of the problem, the bytes of arena in all, and what is known of the optimum.

    With several memories (``placement``) offsets are as if these lay one behind the other, each as large as what is
    used of it: that is the arena then.
    """

    offsets: tuple[int, ...]
    arena_bytes: int
    lower_bound: int
    placement: Placement | None = None

    @property
    def optimal(self) -> bool:
        """True if no smaller arena exists for this schedule."""
        return self.arena_bytes == self.lower_bound

    @property
    def ram_bytes(self) -> int:
        """Of the arena, or of all memories, constants in them included."""
        return self.arena_bytes + (0 if self.placement is None else sum(self.placement.constants))

    def place(self, buffer: int) -> tuple[int, int]:
        """The number of a buffer's memory, 0 if there is only one, and the buffer's offset in it."""
        if self.placement is None:
            return 0, self.offsets[buffer]
        memory = self.placement.of_buffer[buffer]
        return memory, self.offsets[buffer] - self.placement.starts[memory]

    @property
    def borders(self) -> tuple[int, ...]:
        """Offsets that no buffer crosses: there one memory ends, and the next one begins."""
        return () if self.placement is None else self.placement.starts[1:]


def plan_memory(problem: Problem) -> MemoryPlan:
    """Place every buffer. The same problem always gives the same plan."""
    items = [Item(b.name, b.first, b.last, b.bytes) for b in problem.buffers]
    packing = pack(items, alignment=ALIGN, gaps=problem.distances)
    check_packing(items, packing.offsets, packing.height, ALIGN, problem.distances)
    # Never zero: a C array of no elements does not exist.
    return MemoryPlan(packing.offsets, max(packing.height, ALIGN), max(packing.bound, ALIGN))
