"""Addresses: place buffers so that those alive at the same time do not overlap, in as few bytes as possible.

Offset assignment with fixed lifespans is two-dimensional packing (dynamic storage allocation, NP-hard). Greedy orders
find the optimum of most real nets, and the fullest step proves it; where they do not, CP-SAT searches on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edgec.schedule.problem import ALIGN, Buffer, Problem, aligned

CP_SAT_WORK = 5.0
"""Deterministic time that CP-SAT may spend (about seconds, but the same work on every machine)."""


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


_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda b: (-b.bytes, b.first),
    lambda b: (-b.bytes * (b.last - b.first), b.first),
    lambda b: (-(b.last - b.first), -b.bytes),
    lambda b: (b.first, -b.bytes),
    lambda b: (-b.last, -b.bytes),
)


def plan_memory(problem: Problem) -> MemoryPlan:
    """Place every buffer. The same problem always gives the same plan."""
    bound = max(problem.peak[0], ALIGN)
    plans = [_first_fit(problem, order) for order in _ORDERS]
    best = min(plans, key=lambda offsets: _extent(problem, offsets))
    if _extent(problem, best) > bound:
        best, bound = _cp_sat(problem, best, bound)
    return MemoryPlan(tuple(best), _extent(problem, best), bound)


def _extent(problem: Problem, offsets: list[int]) -> int:
    # Never zero: a C array of no elements does not exist.
    return max((o + aligned(b.bytes) for o, b in zip(offsets, problem.buffers, strict=True)), default=ALIGN)


def _first_fit(problem: Problem, order: Callable[[Buffer], tuple[int, ...]]) -> list[int]:
    """Each buffer, in the given order, at the lowest offset that is free during its whole life."""
    buffers = problem.buffers
    offsets = [-1] * len(buffers)
    for index in sorted(range(len(buffers)), key=lambda i: (*order(buffers[i]), i)):
        buffer = buffers[index]
        taken = sorted(
            (offsets[j], offsets[j] + aligned(other.bytes))
            for j, other in enumerate(buffers)
            if offsets[j] >= 0 and other.first < buffer.last and buffer.first < other.last
        )
        offset = 0
        for start, stop in taken:
            if offset + aligned(buffer.bytes) <= start:
                break
            offset = max(offset, stop)
        offsets[index] = offset
    return offsets


def _cp_sat(problem: Problem, start: list[int], bound: int) -> tuple[list[int], int]:
    """Improve a plan by constraint programming; returns offsets and the proven lower bound."""
    from ortools.sat.python import cp_model  # three quarters of a second to import, and most models do not need it

    model = cp_model.CpModel()
    top = _extent(problem, start) // ALIGN
    arena = model.new_int_var(bound // ALIGN, top, "arena")
    variables, across, along = [], [], []
    for index, (buffer, hint) in enumerate(zip(problem.buffers, start, strict=True)):
        size = aligned(buffer.bytes) // ALIGN
        offset = model.new_int_var(0, top - size, f"offset{index}")
        model.add(offset + size <= arena)
        model.add_hint(offset, hint // ALIGN)
        variables.append(offset)
        across.append(model.new_fixed_size_interval_var(buffer.first, buffer.last - buffer.first, f"life{index}"))
        along.append(model.new_fixed_size_interval_var(offset, size, f"bytes{index}"))
    model.add_no_overlap_2d(across, along)
    model.minimize(arena)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = CP_SAT_WORK
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, bound
    return [solver.value(v) * ALIGN for v in variables], round(solver.best_objective_bound) * ALIGN
