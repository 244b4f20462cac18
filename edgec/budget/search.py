"""The search for the cheapest program that fits: plain graphs are solved for several budgets, each answer planned."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from edgec.budget.bound import Holder, fullest, held
from edgec.budget.durations import Durations
from edgec.budget.problem import StepGraph
from edgec.budget.rebuild import rebuild
from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps, fuse
from edgec.codegen.model import Model
from edgec.costs import Costs
from edgec.errors import EdgecError
from edgec.ir import Op, Value
from edgec.schedule import RematProblem
from edgec.schedule.fit import Fit, Recomputed
from edgec.schedule.remat.anneal import anneal
from edgec.schedule.remat.replay import replay

MOVES = 60_000
"""Of the search on a plain graph, each round of it: work and not time, so that every machine finds the same."""

LEVELS = 6
"""Budgets of the plain graph, between what its fullest step needs and what the order as it is needs."""

Select = Callable[[Op], Kernel]


@dataclass(frozen=True)
class Program:
    """Steps with their plan; ``twins``: what is computed again -> what was computed first."""

    model: Model
    cost: int
    twins: dict[Value, Value]

    @property
    def bytes(self) -> int:
        """Of the arena."""
        return self.model.plan.arena_bytes


def fit(
    default: Model,
    starts: Sequence[Steps],
    budget: int,
    choose: Select,
    costs: Costs | None,
    plan: Callable[[Steps], Model],
    joins: bool = True,
    where: str = "--ram-budget",
) -> Model:
    """The cheapest program found whose arena has at most ``budget`` bytes; ``default`` if that fits.

    ``starts`` are the same graph's steps, apart or joined, that are put into other orders and computed again;
    ``plan`` gives them addresses; ``joins``: steps may be joined by strips. EdgecError where no program was found that
    fits: it names the smallest one and what holds it; ``where`` is what the budget is of.
    """
    own = steps_of(default)
    durations = Durations.of(own, costs)
    first = Program(default, durations.total(own), {})
    found = [first]
    if first.bytes > budget:
        found += _programs(starts, budget, durations, choose, plan, joins)
    fitting = [program for program in found if program.bytes <= budget]
    tried = [*starts, *(steps_of(program.model) for program in found)]
    holder = min(map(fullest, tried), key=lambda holder: holder.bytes)
    if not fitting:
        raise _too_small(where, budget, min(found, key=lambda program: program.bytes), holder)
    best = min(fitting, key=lambda program: (program.cost, program.bytes))
    return replace(best.model, fit=_told(first, best, budget, holder.bytes, durations))


def steps_of(model: Model) -> Steps:
    """Those of a model."""
    return Steps(model.graph, model.schedule, model.kernels, model.io_in_arena)


def _programs(
    starts: Sequence[Steps],
    budget: int,
    durations: Durations,
    choose: Select,
    plan: Callable[[Steps], Model],
    joins: bool,
) -> Iterator[Program]:
    """Programs of each start: as it is, in other orders, with recomputations; those that don't fit joined further."""
    for start in starts:
        model = plan(start)
        yield Program(model, durations.total(start), {})
        graph = StepGraph(start, durations)
        seen = set[tuple[int, ...]]()
        for level in _levels(graph, budget):
            order = tuple(_solve(graph, level))
            if order in seen:
                continue
            seen.add(order)
            steps, twins = rebuild(start, order, choose)
            program = Program(plan(steps), durations.total(steps), twins)
            yield program
            if joins and program.bytes > budget:
                joined = fuse(steps, choose)
                if joined is not steps:
                    yield Program(plan(joined), durations.total(joined), twins)


def _levels(graph: StepGraph, budget: int) -> list[int]:
    """Budgets of the plain graph to try. Addresses and what it can't tell make arenas larger or smaller than these."""
    problem = graph.problem(budget)
    least = max(map(problem.working_set, range(len(problem.names))), default=0)
    _, most = replay(problem, problem.order)
    between = [least + (most - least) * level // LEVELS for level in range(LEVELS)]
    return sorted({*between, min(max(budget - graph.kept_bytes, least), most)}, reverse=True)


def _solve(graph: StepGraph, budget: int) -> list[int]:
    """The steps of the cheapest answer found within a budget, or else of that with the least peak."""
    problem = graph.problem(budget)
    best = list(problem.order)
    for seed in range(2):
        found = anneal(problem, best, MOVES, 60.0, seed)
        best = min(best, found, key=lambda steps: _rank(problem, steps))
    return graph.steps_of(best)


def _rank(problem: RematProblem, steps: Sequence[int]) -> tuple[int, int]:
    duration, peak = replay(problem, steps)
    return max(peak, problem.budget), duration


def _told(first: Program, best: Program, budget: int, minimum: int, durations: Durations) -> Fit:
    model = best.model
    again = [(i, s) for i, s in enumerate(model.schedule.steps) if s.results and s.results[0] in best.twins]
    return Fit(
        budget,
        first.bytes,
        best.bytes,
        minimum,
        durations.unit,
        first.cost,
        best.cost,
        tuple(
            Recomputed(i, s.results[0].name, best.twins[s.results[0]].name, s.opname, durations(s, model.kernels[i]))
            for i, s in again
        ),
        _live(first.model),
        _live(model),
    )


def _live(model: Model) -> tuple[int, ...]:
    return tuple(map(model.problem.live_bytes, range(len(model.schedule.steps))))


def _too_small(name: str, budget: int, least: Program, holder: Holder) -> EdgecError:
    steps = steps_of(least.model)
    return EdgecError(
        name,
        f"no program fits into {budget} bytes of RAM: the smallest that was found needs {least.bytes} (fullest step: "
        f"{held(steps, least.model.problem.peak[1])}); in whatever order, such steps need {holder.bytes} ({holder})",
        f"give at least {least.bytes} bytes, or use a smaller model or input (--shape)",
    )
