"""What no schedule in a fixed order can do without, as rows over booleans: a lower bound, and cuts for the proof.

In a full stage, one whose first computation needs more than the budget if all is kept, something is given up. What is
used later and does not stay has to be computed again after that stage, and then what it is computed from must be there:
it stays as well, or is computed again too. A node is computed again at least as often as there are gaps between uses of
it in which it is given up.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from math import ceil, gcd
from time import monotonic
from typing import Any

from edgec.schedule.remat.problem import RematProblem

DEPTH = 2
FIRST_STAGES = 4
EFFORT = 1e6  # none: seconds end it


class Places:
    """A problem with its nodes numbered in the order, and what is live in each stage if nothing is computed again."""

    def __init__(self, problem: RematProblem) -> None:
        place = {node: i for i, node in enumerate(problem.order)}
        self.n, self.budget, self.most = len(place), problem.budget, problem.intervals
        self.sizes = [problem.sizes[node] for node in problem.order]
        self.durations = [problem.durations[node] for node in problem.order]
        self.inputs = [sorted(place[u] for u in problem.inputs[node]) for node in problem.order]
        self.users = [sorted(place[u] for u in problem.users[node]) for node in problem.order]
        self.last = [max(users, default=v) for v, users in enumerate(self.users)]
        memory = [0] * (self.n + 1)
        for v in range(self.n):
            memory[v] += self.sizes[v]
            memory[self.last[v] + 1] -= self.sizes[v]
        for k in range(self.n):
            memory[k + 1] += memory[k]
        self.memory = memory[: self.n]

    @cached_property
    def unit(self) -> int:
        """What all durations are a multiple of."""
        return reduce(gcd, self.durations, 0) or 1

    @cached_property
    def full(self) -> list[int]:
        """Stages in which the budget is exceeded if all is kept."""
        return [k for k in range(self.n) if self.memory[k] > self.budget]


def add_rows(
    model: Any,
    places: Places,
    again: Mapping[int, Any],
    depth: int = DEPTH,
    budget: Any = None,
    stages: Collection[int] | None = None,
) -> dict[tuple[int, int], Any]:
    """Add the rows for each full stage, or those of ``stages``; ``again[v]`` is how often v is computed again.

    ``budget`` may be a variable that is no less than the problem's. What the inputs of what is given up are computed
    from is followed ``depth`` times; beyond it is taken to be there. Returns, for a node and a full stage, whether it
    is given up there and computed again later.
    """
    given_up: dict[tuple[int, int], Any] = {}
    for k in places.full if stages is None else sorted(stages):
        held = set(places.inputs[k])
        live = {v for v in range(k) if places.last[v] > k and v not in held}
        depths = dict.fromkeys(live, 0)
        queue = sorted(live)
        for v in queue:  # the queue grows
            for u in places.inputs[v]:
                if depths[v] < depth and u not in depths and u not in held:
                    depths[u] = depths[v] + 1
                    queue.append(u)
        stays = {}
        for v in queue:
            out = model.new_bool_var("")
            given_up[v, k] = out
            if v in live:
                stays[v] = ~out
            else:
                stays[v] = model.new_bool_var("")
                model.add_implication(out, ~stays[v])
                model.add(again[v] >= out)
        for v in queue:
            if depths[v] < depth:
                for u in places.inputs[v]:
                    if u not in held:
                        model.add_bool_or(~given_up[v, k], stays[u], given_up[u, k])
        certain = places.sizes[k] + sum(places.sizes[u] for u in held)
        most = places.budget if budget is None else budget
        model.add(certain + sum(places.sizes[v] * stays[v] for v in queue) <= most)
    by_node: dict[int, dict[int, list[Any]]] = {}
    for (v, k), out in given_up.items():
        use = next((w for w in places.users[v] if w > k), None)
        if use is not None:
            by_node.setdefault(v, {}).setdefault(use, []).append(out)
    for v, gaps in by_node.items():
        marks = []
        for outs in gaps.values():
            mark = outs[0] if len(outs) == 1 else model.new_bool_var("")
            for out in outs if len(outs) > 1 else ():
                model.add_implication(out, mark)
            marks.append(mark)
        model.add(sum(marks) <= again[v])
    return given_up


@dataclass(frozen=True)
class Relaxed:
    """No schedule that is cheaper than asked for takes less than ``bound``; ``events`` are what the rows ask for."""

    bound: int
    infeasible: bool
    events: tuple[tuple[int, int], ...]


def relax(problem: RematProblem, below: int | None, seconds: float, effort: float, depth: int = DEPTH) -> Relaxed:
    """The rows alone, over schedules that take less than ``below``: ``infeasible`` if there are none.

    Rows of the fullest stage come first, then those of stages that exceed the budget most by what the rows so far ask
    for; each round bounds what follows. ``effort`` is CP-SAT's measure of work for a round, which makes the outcome the
    same on each machine that is fast enough.
    """
    from ortools.sat.python import cp_model

    places, until = Places(problem), monotonic() + seconds
    stages, least, found = (
        set(sorted(places.full, key=lambda k: -places.memory[k])[:FIRST_STAGES]),
        0,
        Relaxed(0, False, ()),
    )
    most = None if below is None else (below - problem.base - 1) // places.unit
    while True:
        model = cp_model.CpModel()
        again = {v: model.new_int_var(0, places.most - 1, "") for v in range(places.n) if places.users[v]}
        given_up = add_rows(model, places, again, depth, stages=stages)
        added = sum(places.durations[v] // places.unit * again[v] for v in again)
        model.add(added >= least)
        if most is not None:
            model.add(added <= most)
        model.minimize(added)
        solver = new_solver(until - monotonic(), effort)
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return Relaxed(problem.base if below is None else below, True, found.events)
        least = max(least, ceil(solver.best_objective_bound - 1e-6))
        if status == cp_model.UNKNOWN:
            return Relaxed(problem.base + least * places.unit, False, found.events)
        events = _events(places, {key for key, out in given_up.items() if solver.value(out)})
        found = Relaxed(problem.base + least * places.unit, False, events)
        memory = _memory(places, events)
        over = sorted(
            (k for k in places.full if k not in stages and memory[k] > problem.budget), key=lambda k: -memory[k]
        )
        if not over or status != cp_model.OPTIMAL or monotonic() > until:
            return found
        stages |= set(over[: max(len(stages) // 2, FIRST_STAGES)])


def _memory(places: Places, events: Iterable[tuple[int, int]]) -> list[int]:
    """What is live in the first computation of each stage."""
    computed = sorted([*events, *((k, k) for k in range(places.n))])
    latest: dict[int, tuple[int, int]] = {}
    end: dict[tuple[int, int], tuple[int, int]] = {}
    for event in computed:
        for u in places.inputs[event[1]]:
            end[latest[u]] = event
        latest[event[1]] = end[event] = event
    memory = [0] * (places.n + 1)
    for (stage, v), (last, user) in end.items():
        memory[stage] += places.sizes[v]
        memory[last + (user == last)] -= places.sizes[v]
    for k in range(places.n):
        memory[k + 1] += memory[k]
    return memory


def least_budget(problem: RematProblem, seconds: float) -> tuple[int, tuple[int, ...]]:
    """Of a problem without a schedule: a budget below which there is none, and the node that holds it beside others."""
    from ortools.sat.python import cp_model

    places, model = Places(problem), cp_model.CpModel()
    again = {v: model.new_int_var(0, places.most - 1, "") for v in range(places.n) if places.users[v]}
    budget = model.new_int_var(problem.budget + 1, max(places.memory), "")
    given_up = add_rows(model, places, again, budget=budget)
    model.minimize(budget)
    solver = new_solver(seconds, EFFORT)
    status = solver.solve(model)
    least = max(ceil(solver.best_objective_bound - 1e-6), problem.budget + 1)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return least, ()

    def live(k: int) -> list[int]:
        held = [
            v for v in range(k) if places.last[v] >= k and not ((v, k) in given_up and solver.value(given_up[v, k]))
        ]
        return [k, *held]

    fullest = max(map(live, places.full), key=lambda nodes: sum(places.sizes[v] for v in nodes))
    return least, tuple(problem.order[v] for v in fullest)


def new_solver(seconds: float, effort: float) -> Any:
    """CP-SAT with one worker, so that it does the same each time as long as the seconds do not end it."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    solver.parameters.max_deterministic_time = effort
    solver.parameters.linearization_level = 2
    return solver


def _events(places: Places, given_up: set[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """What is given up is computed again just before it is used: (stage, node)."""
    found: dict[tuple[int, int], None] = {}
    latest: dict[int, int] = {}
    for v, k in given_up:
        latest[v] = max(latest.get(v, 0), k)
    stage: dict[int, int] = {}
    for v in sorted(latest, reverse=True):  # users come first
        uses = [w for w in places.users[v] if w > latest[v]] + [stage[w] for w in places.users[v] if w in stage]
        uses = [k for k in uses if k > latest[v]]
        if uses:
            stage[v] = min(uses)
            found[stage[v], v] = None
    return tuple(found)
