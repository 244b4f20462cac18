"""What lies in which memory: what is accessed most in the one whose bytes cost least, as far as all fit.

Each memory has a packing of its own. To choose both at once is assignment and packing in one: a greedy answer comes
first, and CP-SAT improves on it where there are few enough buffers. Constants are like buffers that live all the time,
and may stay in flash, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import accumulate, chain
from typing import Any

from edgec.schedule.memories import FLASH_COST, Constants, Memory
from edgec.schedule.packing import Item
from edgec.schedule.packing.items import Rectangles, rectangles
from edgec.schedule.plan import MemoryPlan, Placement, plan_memory
from edgec.schedule.problem import ALIGN, Problem, aligned

WORK = 1.0
"""Deterministic time that CP-SAT may spend on the best answer: the same work on every machine, mostly some seconds."""

FIRST_WORK = 0.1
"""And on any answer."""

LARGE = 240
"""Buffers and constants, times memories, from which on greedy answers stand."""

FLASH = -1
"""The number of the memory of constants that stay there."""


@dataclass(frozen=True)
class _Memory:
    """What a search sees of one: how much it has room for, in the rectangles' units, and what a byte's access costs."""

    room: int
    cost: float


@dataclass(frozen=True)
class _Answer:
    """Of each buffer, then of each of the constants, the memory, and the offset in it in units."""

    memory: tuple[int, ...]
    offset: tuple[int, ...]


@dataclass(frozen=True)
class _Task:
    """What is placed. Rectangles from number ``buffers`` on are constants."""

    r: Rectangles
    buffers: int
    memories: Sequence[_Memory]
    accesses: Sequence[int]

    def cost(self, answer: _Answer) -> float:
        """The bytes that are accessed, each times the cost of its memory."""
        costs = [*(m.cost for m in self.memories), FLASH_COST]  # flash is the last one, and number -1
        return sum(count * costs[k] for count, k in zip(self.accesses, answer.memory, strict=True))

    @property
    def large(self) -> bool:
        """Whether it is too large to be searched."""
        return len(self.r.size) * len(self.memories) > LARGE

    def allowed(self, i: int) -> list[int]:
        """Memories that a rectangle may lie in, the cheapest first: for constants only what is cheaper than flash."""
        order = sorted(range(len(self.memories)), key=lambda k: (self.memories[k].cost, k))
        return [k for k in order if i < self.buffers or self.memories[k].cost < FLASH_COST]


def place(
    problem: Problem, memories: Sequence[Memory], accesses: Sequence[int], constants: Sequence[Constants] = ()
) -> MemoryPlan | None:
    """A plan in several memories, each packed like one alone; None where none was found.

    ``accesses`` are the bytes of each buffer that a run reads and writes: the sum of them, and of those of
    ``constants``, each times the cost of its memory, is made small. The same problem always gives the same plan.
    """
    task, count = _task(problem, memories, accesses, constants), len(problem.buffers)
    answer, r = _first(task), task.r
    if answer is None:
        return None
    proven = task.cost(answer) == min(m.cost for m in memories) * sum(task.accesses)
    if not proven and not task.large:
        answer, proven = _cp_sat(task, answer)
        assert answer is not None  # there is one to begin with
    offsets, used, bounds, held = [0] * count, [], [], []
    for number, memory in enumerate(memories):
        inside = [b for b in range(count) if answer.memory[b] == number]
        beside = [c for c in range(count, len(r.size)) if answer.memory[c] == number]
        for b in inside:
            # Without the constants: nothing else lives where they are.
            below = sum(r.size[c] for c in beside if answer.offset[c] < answer.offset[b])
            offsets[b] = (answer.offset[b] - below) * r.unit
        extent = max((offsets[b] + aligned(problem.buffers[b].bytes) for b in inside), default=0)
        held.append(sum(r.size[c] for c in beside) * r.unit)
        if inside:
            plan = plan_memory(problem.only(inside))
            bounds.append(plan.lower_bound)
            if plan.arena_bytes <= min(extent, memory.bytes - held[-1]):
                extent = plan.arena_bytes
                for buffer, offset in zip(inside, plan.offsets, strict=True):
                    offsets[buffer] = offset
        used.append(extent)
    if not count:
        used[0], bounds = ALIGN, [ALIGN]
    starts = [0, *accumulate(used)]
    placement = Placement(
        memories=tuple(memories),
        of_buffer=answer.memory[:count],
        of_constants=tuple(None if k == FLASH else k for k in answer.memory[count:]),
        used=tuple(used),
        constants=tuple(held),
        accesses=tuple(accesses),
        cost=task.cost(answer),
        proven=proven,
    )
    found = tuple(starts[k] + o for k, o in zip(placement.of_buffer, offsets, strict=True))
    return MemoryPlan(found, sum(used), sum(bounds), placement)


def placeable(problem: Problem, memories: Sequence[Memory], accesses: Sequence[int]) -> bool:
    """Whether ``place`` finds a plan: that is known sooner than the plan."""
    return _first(_task(problem, memories, accesses, ())) is not None


def smallest(problem: Problem, memories: Sequence[Memory]) -> tuple[int, int]:
    """The number of the largest memory, and the bytes that it would have to have, the others as they are.

    They are the fewest where the problem is small enough to be searched.
    """
    grown = max(range(len(memories)), key=lambda k: (memories[k].bytes, -k))
    r = _rectangles(problem, ())
    # What the others can hold, they shall hold.
    seen = [
        _Memory(sum(r.size) if k == grown else m.bytes // r.unit, float(k == grown)) for k, m in enumerate(memories)
    ]
    task = _Task(r, len(r.size), seen, r.size)
    answer = _greedy(task)
    assert answer is not None  # one memory has room for all
    if not task.large:
        answer, _ = _cp_sat(task, answer, _Aim.ROOM, grown)
        assert answer is not None
    ends = [o + s for o, s, k in zip(answer.offset, r.size, answer.memory, strict=True) if k == grown]
    return grown, max(ends, default=0) * r.unit


def _task(
    problem: Problem, memories: Sequence[Memory], accesses: Sequence[int], constants: Sequence[Constants]
) -> _Task:
    r = _rectangles(problem, constants)
    # A program without buffers is given a few bytes all the same: C has no arrays of none.
    spare = 0 if problem.buffers else ALIGN
    seen = [_Memory((m.bytes - spare) // r.unit, m.cost) for m in memories]
    return _Task(r, len(problem.buffers), seen, [*accesses, *(c.accesses for c in constants)])


def _first(task: _Task) -> _Answer | None:
    """An answer to begin with: a greedy one, or any that CP-SAT finds."""
    answer = _greedy(task)
    if answer is None and not task.large:
        answer, _ = _cp_sat(task, None, _Aim.ANY)
    return answer


def _rectangles(problem: Problem, constants: Sequence[Constants]) -> Rectangles:
    items = [Item(b.name, b.first, b.last, b.bytes) for b in problem.buffers]
    end = max((b.last for b in problem.buffers), default=1)
    items += [Item(f"constants {number}", 0, end, c.bytes) for number, c in enumerate(constants)]
    return rectangles(items, ALIGN, problem.distances)


# --- greedy -----------------------------------------------------------------------------------------------------------


def _greedy(task: _Task) -> _Answer | None:
    """The cheapest that first fit finds in a few orders, with constants among buffers or last; None where none fits."""
    r, accesses, count = task.r, task.accesses, task.buffers
    density = [each / max(1, size) for each, size in zip(accesses, r.size, strict=True)]
    orders: tuple[Callable[[int], tuple[float, ...]], ...] = (
        lambda i: (-density[i], -r.size[i]),
        lambda i: (-accesses[i], -r.size[i]),
        lambda i: (-r.size[i], -density[i]),
        lambda i: (-r.size[i] * (r.upper[i] - r.lower[i]), -density[i]),
        lambda i: (r.lower[i], -r.size[i]),
    )
    by_density = sorted(range(count, len(r.size)), key=lambda i: (-density[i], i))
    sequences = [sorted(range(len(r.size)), key=lambda i: (*orders[0](i), i))] if by_density else []
    sequences += [[*sorted(range(count), key=lambda i: (*key(i), i)), *by_density] for key in orders]
    fitting = [answer for order in sequences if (answer := _first_fit(task, order)) is not None]
    return min(fitting, key=task.cost, default=None)


def _first_fit(task: _Task, order: Sequence[int]) -> _Answer | None:
    """Each in order in the cheapest memory that has room for it during its life; None where a buffer finds none."""
    r = task.r
    memory, offset = [FLASH] * len(order), [0] * len(order)
    for i in order:
        for k in task.allowed(i):
            placed = [j for j in r.neighbours[i] if memory[j] == k]
            at = 0
            # Between these, exclusively, it may not start.
            for start, stop in sorted((offset[j] - r.distance(i, j), offset[j] + r.distance(j, i)) for j in placed):
                if at <= start:
                    break
                at = max(at, stop)
            if at + r.size[i] <= task.memories[k].room:
                memory[i], offset[i] = k, at
                break
        else:
            if i < task.buffers:
                return None
    return _Answer(tuple(memory), tuple(offset))


# --- exact ------------------------------------------------------------------------------------------------------------


class _Aim(Enum):
    """What an answer is to be: of the least cost, with the least used of one memory, or any."""

    COST = auto()
    ROOM = auto()
    ANY = auto()


def _cp_sat(task: _Task, start: _Answer | None, aim: _Aim = _Aim.COST, lowest: int = 0) -> tuple[_Answer | None, bool]:
    """Improve on an answer, or find one; and whether none is better. ``lowest``: the memory that ``ROOM`` means."""
    from ortools.sat.python import cp_model  # three quarters of a second to import, and most models do not need it

    r, rooms = task.r, [m.room for m in task.memories]
    if max(r.size[: task.buffers], default=0) > max(rooms):
        return None, False
    model = cp_model.CpModel()
    offsets: list[Any] = []
    inside: list[dict[int, Any]] = []  # of each the literals of the memories that it may lie in
    for i, size in enumerate(r.size):
        places = [k for k in task.allowed(i) if size <= rooms[k]] + ([] if i < task.buffers else [FLASH])
        offsets.append(model.new_int_var(0, max(max(rooms) - size, 0), f"offset{i}"))
        inside.append({k: model.new_bool_var(f"{i} in {k}") for k in places})
        model.add_exactly_one(inside[i].values())
        for k, literal in inside[i].items():
            if k != FLASH:
                model.add(offsets[i] + size <= rooms[k]).only_enforce_if(literal)
        if start is not None:
            model.add_hint(offsets[i], start.offset[i])
            for k, literal in inside[i].items():
                model.add_hint(literal, k == start.memory[i])
    short = {b for _, b in r.gaps}
    pairs = [(i, j) for i in sorted(short) for j in r.neighbours[i] if j not in short or j > i]
    above = {pair: model.new_bool_var(f"{pair[0]} above {pair[1]}") for pair in pairs}
    for k in range(len(rooms)):
        across, along = [], []
        for i, size in enumerate(r.size):
            if i not in short and size and k in inside[i]:
                life, literal = r.upper[i] - r.lower[i], inside[i][k]
                across.append(model.new_optional_fixed_size_interval_var(r.lower[i], life, literal, f"life{i} in {k}"))
                along.append(model.new_optional_fixed_size_interval_var(offsets[i], size, literal, f"{i} bytes in {k}"))
        model.add_no_overlap_2d(across, along)
        for (i, j), over in above.items():
            if k in inside[i] and k in inside[j]:
                both = [inside[i][k], inside[j][k]]
                model.add(offsets[i] >= offsets[j] + r.distance(j, i)).only_enforce_if([over, *both])
                model.add(offsets[j] >= offsets[i] + r.distance(i, j)).only_enforce_if([~over, *both])
    if aim is _Aim.ROOM:
        height = model.new_int_var(0, rooms[lowest], "height")
        for i, size in enumerate(r.size):
            if lowest in inside[i]:
                model.add(offsets[i] + size <= height).only_enforce_if(inside[i][lowest])
        model.minimize(height)
    elif aim is _Aim.COST:
        # In whole numbers that the solver can add up.
        costs = [*(m.cost for m in task.memories), FLASH_COST]
        unit = max(sum(task.accesses) * max(costs), 1) / 1e12
        parts = [
            [round(count * costs[k] / unit) * literal for k, literal in literals.items()]
            for count, literals in zip(task.accesses, inside, strict=True)
        ]
        model.minimize(sum(chain.from_iterable(parts)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = FIRST_WORK if aim is _Aim.ANY else WORK
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, False
    chosen = tuple(next(k for k, x in literals.items() if solver.boolean_value(x)) for literals in inside)
    return _Answer(chosen, tuple(solver.value(o) for o in offsets)), status == cp_model.OPTIMAL
