"""The staged problem as a constraint program (after Bartan et al., "Moccasin", ICML 2023), solved by CP-SAT.

Event (k, j) is the computation of node j in stage k, j <= k, and its time k * (k + 1) / 2 + j; node v is first computed
in (v, v), again in later stages. Each instance of a node lives from its start to its end and takes the node's size.
For each use there is a literal per instance of the used node that says that it serves it: it has started, and lives.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd
from typing import Any

from edgec.schedule.remat.bound import Places, add_rows, new_solver
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.staged import Event, steps_of


@dataclass
class _Instance:
    """A computation: ``start`` and ``end`` are times (numbers or variables), ``present`` is None where certain."""

    start: Any
    first: int  # its earliest time
    present: Any = None
    stage: Any = None
    end: Any = None
    least: int = 0  # its end is no earlier


@dataclass(frozen=True)
class Proof:
    """The cheapest steps found below what was asked for, or None; ``bound``: none of those takes less than it."""

    steps: list[int] | None
    bound: int
    infeasible: bool


def time_of(stage: int, node: int) -> int:
    """Events, numbered in their order."""
    return stage * (stage + 1) // 2 + node


def prove(
    problem: RematProblem,
    below: int | None,
    seconds: float,
    effort: float,
    kept: Sequence[Event] = (),
    window: range | None = None,
    rows: bool = True,
    free: frozenset[int] | None = None,
    least: int = 0,
) -> Proof:
    """The cheapest schedule that takes less than ``below``; ``infeasible`` if there is none.

    With a ``window`` of stages, what is computed again outside it is what ``kept`` says; ``free`` are the nodes that
    may be computed again inside it, all without. ``least`` is a known bound.
    """
    from ortools.sat.python import cp_model

    staged = StagedModel(problem, kept, window, free)
    if rows and window is None:
        staged.add_rows()
    if below is not None:
        staged.model.add(staged.added <= (below - problem.base - 1) // staged.places.unit)
    if least > problem.base:
        staged.model.add(staged.added >= -((problem.base - least) // staged.places.unit))
    solver = new_solver(seconds, effort)
    status = solver.solve(staged.model)
    if status == cp_model.INFEASIBLE:
        return Proof(None, problem.base if below is None else below, True)
    bound = problem.base + max(round(solver.best_objective_bound), 0) * staged.places.unit
    return Proof(staged.steps(solver) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None, bound, False)


class StagedModel:
    """The model; minimises ``added``, what is computed again, in units of ``places.unit``."""

    def __init__(
        self,
        problem: RematProblem,
        kept: Sequence[Event] = (),
        window: range | None = None,
        free: frozenset[int] | None = None,
    ) -> None:
        from ortools.sat.python import cp_model

        self.problem, self.model, self.places = problem, cp_model.CpModel(), Places(problem)
        places, n = self.places, self.places.n
        self.window = range(n) if window is None else window
        self.free = frozenset(range(n)) if free is None else free
        self.kept = [event for event in kept if event[0] not in self.window]
        self.horizon = time_of(n, 0)
        self.instances = [self._instances_of(v) for v in range(n)]
        self._end_instances()
        for v in range(n):
            for use in self.instances[v]:
                for u in places.inputs[v]:
                    self._serve(u, use)
        self._hold_memory()
        again = [(v, i) for v in range(n) for i in self.instances[v][1:]]
        self.added = sum(places.durations[v] // places.unit * (1 if i.present is None else i.present) for v, i in again)
        self.model.minimize(self.added)

    def add_rows(self) -> None:
        """Add what the bound knows: each is implied, but by far more than propagation sees."""
        again = {v: sum(i.present for i in self.instances[v][1:]) for v in range(self.places.n)}
        for (v, k), out in add_rows(self.model, self.places, again).items():
            if len(self.instances[v]) == 2:
                self.model.add(self.instances[v][1].start > time_of(k, k)).only_enforce_if(out)

    def steps(self, solver: Any) -> list[int]:
        """Those of a solution."""
        events = list(self.kept)
        for v, instances in enumerate(self.instances):
            events += [(solver.value(i.stage), v) for i in instances if i.stage is not None and solver.value(i.present)]
        return steps_of(self.problem, events)

    def _instances_of(self, v: int) -> list[_Instance]:
        from ortools.sat.python import cp_model

        model, window = self.model, self.window
        fixed = sorted(stage for stage, node in self.kept if node == v)
        stages = range(max(v + 1, window.start), window.stop)
        most = self.places.most - 1 - len(fixed) if self.places.users[v] and v in self.free else 0
        made = [_Instance(time_of(k, v), time_of(k, v)) for k in (v, *(k for k in fixed if k < window.start))]
        for _ in range(most if stages else 0):
            before, present = made[-1], model.new_bool_var("")
            times = [time_of(k, v) for k in stages]
            start = model.new_int_var_from_domain(cp_model.Domain.from_values(times), "")
            stage = model.new_int_var(stages.start, stages.stop - 1, "")
            model.add_element(stage - stages.start, times, start)
            made.append(_Instance(start, times[0], present, stage))
            if before.present is not None:
                model.add_implication(present, before.present)
        made += [_Instance(time_of(k, v), time_of(k, v)) for k in fixed if k >= window.stop]
        return made

    def _end_instances(self) -> None:
        """Ends are variables where a choice has a part in them."""
        places, model = self.places, self.model
        certain = [all(i.present is None for i in instances) for instances in self.instances]
        for u, instances in enumerate(self.instances):
            for i in instances:
                i.least = i.first
            if certain[u] and all(certain[v] for v in places.users[u]):
                for v in places.users[u]:
                    for use in self.instances[v]:
                        server = max((i for i in instances if i.first < use.first), key=lambda i: i.first)
                        server.least = max(server.least, use.first)
                for i in instances:
                    i.end = i.least
                continue
            for i in instances:
                i.end = model.new_int_var(i.first, self.horizon - 1, "")
                if i.present is not None:
                    model.add(i.end >= i.start)
            for one, other in itertools.pairwise(instances):
                row = model.add(one.end < other.start)
                if other.present is not None:
                    row.only_enforce_if(other.present)
            fixed = [i for i in instances if i.present is None]
            for one, other in itertools.pairwise(fixed):
                model.add(one.end < other.start)
                for i in instances[instances.index(one) + 1 : instances.index(other)]:
                    model.add(i.end < other.start)

    def _serve(self, u: int, use: _Instance) -> None:
        """One of the instances of u lives when it is used."""
        model = self.model
        if isinstance(self.instances[u][0].end, int):
            return
        literals = [] if use.present is None else [~use.present]
        latest = use.start if isinstance(use.start, int) else self.horizon
        for instance in self.instances[u]:
            if instance.first >= latest:
                continue
            serves = model.new_bool_var("")
            literals.append(serves)
            for present in (instance.present, use.present):
                if present is not None:
                    model.add_implication(serves, present)
            model.add(instance.start < use.start).only_enforce_if(serves)
            model.add(instance.end >= use.start).only_enforce_if(serves)
        model.add_bool_or(literals)

    def _hold_memory(self) -> None:
        model, sizes = self.model, self.places.sizes
        unit = reduce(gcd, sizes, 0) or 1
        spans, demands = [], []
        for size, instances in zip(sizes, self.instances, strict=True):
            for i in instances if size else ():
                length = model.new_int_var(1, self.horizon, "")
                if isinstance(i.end, int):
                    spans.append(model.new_fixed_size_interval_var(i.start, i.end - i.start + 1, ""))
                elif i.present is None:
                    spans.append(model.new_interval_var(i.start, length, i.end + 1, ""))
                else:
                    spans.append(model.new_optional_interval_var(i.start, length, i.end + 1, i.present, ""))
                demands.append(size // unit)
        model.add_cumulative(spans, demands, self.problem.budget // unit)
