"""Which buffer lies in which memory: what is accessed most in the one whose bytes cost least, as far as all fit.

Each memory has a packing of its own. To choose both at once is assignment and packing in one: a greedy answer comes
first, and CP-SAT improves on it where there are few enough buffers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from edgec.schedule.memories import Memory
from edgec.schedule.packing import Item
from edgec.schedule.packing.items import Rectangles, rectangles
from edgec.schedule.plan import MemoryPlan, Placement, plan_memory
from edgec.schedule.problem import ALIGN, Problem, aligned

WORK = 5.0
"""Deterministic time that CP-SAT may spend (about seconds, but the same work on every machine)."""

LARGE = 400
"""Buffers times memories from which on greedy answers stand."""


@dataclass(frozen=True)
class _Memory:
    """What a search sees of one: how much it has room for, in the rectangles' units, and what a byte's access costs."""

    room: int
    cost: float


@dataclass(frozen=True)
class _Answer:
    """Of each buffer the memory, and the offset in it in units."""

    memory: tuple[int, ...]
    offset: tuple[int, ...]


def place(problem: Problem, memories: Sequence[Memory], accesses: Sequence[int]) -> MemoryPlan | None:
    """A plan in several memories, each packed like one alone; None where none was found.

    ``accesses`` are the bytes of each buffer that a run reads and writes: the sum of them, each times the cost of its
    memory, is made small. The same problem always gives the same plan.
    """
    r = _rectangles(problem)
    seen = [_Memory(m.bytes // r.unit, m.cost) for m in memories]
    answer = _greedy(r, seen, accesses)
    proven = answer is not None and _cost(answer, seen, accesses) == min(m.cost for m in seen) * sum(accesses)
    if not proven and len(r.size) * len(seen) <= LARGE:
        answer, proven = _cp_sat(r, seen, accesses, answer)
    if answer is None:
        return None
    offsets, used, bounds = [o * r.unit for o in answer.offset], [], []
    for number, memory in enumerate(memories):
        inside = [b for b, k in enumerate(answer.memory) if k == number]
        plan = plan_memory(problem.only(inside))
        extent = max((offsets[b] + aligned(problem.buffers[b].bytes) for b in inside), default=ALIGN)
        if plan.arena_bytes <= min(extent, memory.bytes):
            extent = plan.arena_bytes
            for buffer, offset in zip(inside, plan.offsets, strict=True):
                offsets[buffer] = offset
        used.append(extent)
        bounds.append(plan.lower_bound)
    starts = [0, *accumulate(used)]
    placement = Placement(
        tuple(memories), answer.memory, tuple(used), tuple(accesses), _cost(answer, seen, accesses), proven
    )
    return MemoryPlan(
        tuple(starts[k] + o for k, o in zip(answer.memory, offsets, strict=True)), sum(used), sum(bounds), placement
    )


def smallest(problem: Problem, memories: Sequence[Memory]) -> tuple[int, int, bool]:
    """How much larger the largest memory would have to be, the others as they are.

    Returns its index, bytes that do, and whether no fewer would.
    """
    grown = max(range(len(memories)), key=lambda k: (memories[k].bytes, -k))
    r = _rectangles(problem)
    # What the others can hold, they shall hold.
    seen = [
        _Memory(sum(r.size) if k == grown else m.bytes // r.unit, float(k == grown)) for k, m in enumerate(memories)
    ]
    answer, proven = _greedy(r, seen, r.size), False
    assert answer is not None  # one memory has room for all
    if len(r.size) * len(seen) <= LARGE:
        answer, proven = _cp_sat(r, seen, None, answer, grown)
        assert answer is not None
    ends = [o + s for o, s, k in zip(answer.offset, r.size, answer.memory, strict=True) if k == grown]
    return grown, max(ends, default=0) * r.unit, proven


def _rectangles(problem: Problem) -> Rectangles:
    items = [Item(b.name, b.first, b.last, b.bytes) for b in problem.buffers]
    return rectangles(items, ALIGN, problem.distances)


def _cost(answer: _Answer, memories: Sequence[_Memory], accesses: Sequence[int]) -> float:
    return sum(count * memories[k].cost for count, k in zip(accesses, answer.memory, strict=True))


# --- greedy -----------------------------------------------------------------------------------------------------------


def _greedy(r: Rectangles, memories: Sequence[_Memory], accesses: Sequence[int]) -> _Answer | None:
    """The cheapest that first fit finds in a few orders; None where it finds none."""
    density = [count / max(1, size) for count, size in zip(accesses, r.size, strict=True)]
    orders: tuple[Callable[[int], tuple[float, ...]], ...] = (
        lambda i: (-density[i], -r.size[i]),
        lambda i: (-accesses[i], -r.size[i]),
        lambda i: (-r.size[i], -density[i]),
        lambda i: (-r.size[i] * (r.upper[i] - r.lower[i]), -density[i]),
        lambda i: (r.lower[i], -r.size[i]),
    )
    found = [_first_fit(r, memories, sorted(range(len(r.size)), key=lambda i: (*key(i), i))) for key in orders]
    fitting = [answer for answer in found if answer is not None]
    return min(fitting, key=lambda answer: _cost(answer, memories, accesses), default=None)


def _first_fit(r: Rectangles, memories: Sequence[_Memory], order: Sequence[int]) -> _Answer | None:
    """Each buffer, in order, in the cheapest memory that has room for it during its life."""
    cheapest = sorted(range(len(memories)), key=lambda k: (memories[k].cost, k))
    memory, offset = [-1] * len(order), [0] * len(order)
    for i in order:
        for k in cheapest:
            placed = [j for j in r.neighbours[i] if memory[j] == k]
            at = 0
            # Between these, exclusively, it may not start.
            for start, stop in sorted((offset[j] - r.distance(i, j), offset[j] + r.distance(j, i)) for j in placed):
                if at <= start:
                    break
                at = max(at, stop)
            if at + r.size[i] <= memories[k].room:
                memory[i], offset[i] = k, at
                break
        else:
            return None
    return _Answer(tuple(memory), tuple(offset))


# --- exact ------------------------------------------------------------------------------------------------------------


def _cp_sat(
    r: Rectangles,
    memories: Sequence[_Memory],
    accesses: Sequence[int] | None,
    start: _Answer | None,
    lowest: int = 0,
) -> tuple[_Answer | None, bool]:
    """Improve on an answer, or find one; and whether no better one exists.

    What is made small is the cost of accesses, or, without ``accesses``, what is used of the memory ``lowest``.
    """
    from ortools.sat.python import cp_model  # three quarters of a second to import, and most models do not need it

    if max(r.size, default=0) > max(m.room for m in memories):
        return None, False
    model = cp_model.CpModel()
    offsets: list[Any] = []
    inside: list[list[Any]] = []
    for i, size in enumerate(r.size):
        offsets.append(model.new_int_var(0, max(m.room for m in memories) - size, f"offset{i}"))
        inside.append([model.new_bool_var(f"{i} in {k}") for k in range(len(memories))])
        model.add_exactly_one(inside[i])
        for literal, memory in zip(inside[i], memories, strict=True):
            model.add(offsets[i] + size <= memory.room).only_enforce_if(literal)
        if start is not None:
            model.add_hint(offsets[i], start.offset[i])
            for k, literal in enumerate(inside[i]):
                model.add_hint(literal, k == start.memory[i])
    short = {b for _, b in r.gaps}
    pairs = [(i, j) for i in sorted(short) for j in r.neighbours[i] if j not in short or j > i]
    above = {pair: model.new_bool_var(f"{pair[0]} above {pair[1]}") for pair in pairs}
    for k in range(len(memories)):
        across, along = [], []
        for i, size in enumerate(r.size):
            if i not in short and size:
                life, literal = r.upper[i] - r.lower[i], inside[i][k]
                across.append(model.new_optional_fixed_size_interval_var(r.lower[i], life, literal, f"life{i} in {k}"))
                along.append(model.new_optional_fixed_size_interval_var(offsets[i], size, literal, f"{i} bytes in {k}"))
        model.add_no_overlap_2d(across, along)
        for (i, j), over in above.items():
            both = [inside[i][k], inside[j][k]]
            model.add(offsets[i] >= offsets[j] + r.distance(j, i)).only_enforce_if([over, *both])
            model.add(offsets[j] >= offsets[i] + r.distance(i, j)).only_enforce_if([~over, *both])
    if accesses is None:
        height = model.new_int_var(0, memories[lowest].room, "height")
        for i, size in enumerate(r.size):
            model.add(offsets[i] + size <= height).only_enforce_if(inside[i][lowest])
        model.minimize(height)
    else:
        # In whole numbers that the solver can add up.
        unit = max(sum(accesses) * max(m.cost for m in memories), 1) / 1e12
        costs = [[round(count * m.cost / unit) for m in memories] for count in accesses]
        model.minimize(
            sum(c * x for row, literals in zip(costs, inside, strict=True) for c, x in zip(row, literals, strict=True))
        )
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = WORK
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, False
    chosen = tuple(next(k for k, x in enumerate(literals) if solver.boolean_value(x)) for literals in inside)
    return _Answer(chosen, tuple(solver.value(o) for o in offsets)), status == cp_model.OPTIMAL
