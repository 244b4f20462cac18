"""The search for the cheapest program that fits: plain graphs are solved for several budgets, each answer planned."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edgec.budget.bound import Holder, fullest, held
from edgec.budget.durations import Durations
from edgec.budget.problem import StepGraph
from edgec.budget.proof import prove
from edgec.budget.rebuild import rebuild
from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps, fuse
from edgec.codegen.model import Model
from edgec.costs import Costs
from edgec.errors import BudgetError
from edgec.ir import Op, Value
from edgec.schedule import RematProblem, Step
from edgec.schedule.fit import Fit, Recomputed
from edgec.schedule.remat.anneal import anneal
from edgec.schedule.remat.replay import replay

MOVES = 60_000
"""Of the search on a plain graph, each round of it: work and not time, so that every machine finds the same."""

LEVELS = 6
"""Budgets of the plain graph, between what its fullest step needs and what the order as it is needs."""

HALVINGS = 4
"""How often the gap above the best level is halved."""

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


Known = dict[tuple[int, ...], list[Program]]
"""Steps in their order -> programs that run them so."""


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
    ``plan`` gives them addresses; ``joins``: steps may be joined by strips. BudgetError where no program was found that
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
    if best is not first:
        prove(default, best.model)
    return replace(best.model, fit=_told(first, best, budget, holder.bytes, durations, choose))


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
        yield Program(plan(start), durations.total(start), {})
        graph = StepGraph(start, durations)
        known: Known = {}

        def within(level: int, start: Steps = start, graph: StepGraph = graph, known: Known = known) -> list[Program]:
            order = tuple(_solve(graph, level))
            if order not in known:
                steps, twins = rebuild(start, order, choose)
                known[order] = [Program(plan(steps), durations.total(steps), twins)]
                if joins and known[order][0].bytes > budget:
                    joined = fuse(steps, choose)
                    known[order] += [Program(plan(joined), durations.total(joined), twins)]
            return known[order]

        found = {level: within(level) for level in _levels(graph, budget)}
        _refine(found, budget, within)
        yield from (program for programs in known.values() for program in programs)


def _refine(found: Mapping[int, list[Program]], budget: int, within: Callable[[int], list[Program]]) -> None:
    """Try halfway between the level of the cheapest program that fits and the next one, again and again."""
    fitting = {level: min(fits) for level, p in found.items() if (fits := [q.cost for q in p if q.bytes <= budget])}
    if not fitting:
        return
    low = max(fitting, key=lambda level: (-fitting[level], level))
    high = min((level for level in found if level > low), default=low)
    for _ in range(HALVINGS):
        middle = (low + high) // 2
        if middle == low:
            break
        if any(program.bytes <= budget for program in within(middle)):
            low = middle
        else:
            high = middle


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


def _told(first: Program, best: Program, budget: int, minimum: int, durations: Durations, choose: Select) -> Fit:
    model = best.model
    return Fit(
        budget,
        first.bytes,
        best.bytes,
        minimum,
        durations.unit,
        first.cost,
        best.cost,
        tuple(_again(best, durations, choose)),
        _live(first.model),
        _live(model),
    )


def _again(program: Program, durations: Durations, choose: Select) -> Iterator[Recomputed]:
    """What is computed again, step by step: some of its operators, at their own cost, or all of it."""
    for index, (step, kernel) in enumerate(zip(program.model.schedule.steps, program.model.kernels, strict=True)):
        twins = [op for op in step.ops if any(value in program.twins for value in op.results)]
        if not twins:
            continue
        whole = len(twins) == len(step.ops)
        cost = durations(step, kernel) if whole else sum(durations(Step.of(op), choose(op)) for op in twins)
        value = twins[-1].results[0]
        yield Recomputed(index, value.name, program.twins[value].name, " + ".join(op.opname for op in twins), cost)


def _live(model: Model) -> tuple[int, ...]:
    return tuple(map(model.problem.live_bytes, range(len(model.schedule.steps))))


def _too_small(name: str, budget: int, least: Program, holder: Holder) -> BudgetError:
    steps = steps_of(least.model)
    return BudgetError(
        name,
        f"no program fits into {budget} bytes of RAM: the smallest that was found needs {least.bytes} (fullest step: "
        f"{held(steps, least.model.problem.peak[1])}); in whatever order, such steps need {holder.bytes} ({holder})",
        f"give at least {least.bytes} bytes, or use a smaller model or input (--shape)",
        least.bytes,
    )
