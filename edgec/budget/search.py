"""The search for the cheapest program that fits: plain graphs are solved for several budgets, each answer planned."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from edgec.budget.bound import fullest
from edgec.budget.descent import dropped, parted
from edgec.budget.durations import Durations
from edgec.budget.problem import StepGraph
from edgec.budget.program import Program, Select, steps_of
from edgec.budget.proof import prove
from edgec.budget.rebuild import needed, rebuild
from edgec.budget.room import Room
from edgec.codegen.fusion import Steps, fuse
from edgec.codegen.model import Model
from edgec.costs import Costs
from edgec.ir import Value
from edgec.schedule import RematProblem
from edgec.schedule.remat.anneal import anneal
from edgec.schedule.remat.replay import replay

MOVES = 60_000
"""Of the search on a plain graph, each round of it: work and not time, so that every machine finds the same."""

LEVELS = 6
"""Budgets of the plain graph, between what its fullest step needs and what the order as it is needs."""

HALVINGS = 4
"""How often the gap above the best level is halved."""

DROPS = 16
"""How many values more are dropped at most where no level gives what fits."""


def fit(
    default: Model,
    starts: Sequence[Steps],
    room: Room,
    choose: Select,
    costs: Costs | None,
    plan: Callable[[Steps], Model],
    leaner: Callable[[Steps], Iterable[Steps]],
    joins: bool = True,
) -> Model:
    """The cheapest program found that the room holds; ``default`` if that fits.

    ``starts`` are the same graph's steps, apart or joined, that are put into other orders and computed again;
    ``plan`` gives them addresses, ``leaner`` the same steps by kernels that need less memory; ``joins``: steps may be
    joined by strips. BudgetError where no program was found that fits: it names the smallest one and what holds it.
    """
    own = steps_of(default)
    durations = Durations.of(own, costs)
    first = Program(default, durations.total(own), room.holds(default))
    found = [first]
    if not first.fits:
        search = partial(_Search, room, durations, choose, plan, leaner, joins)
        for start in starts:
            found += search(start).programs()
        _descend(found, search)
    fitting = [program for program in found if program.fits]
    tried = [*starts, *(steps_of(program.model) for program in found)]
    holder = min(map(fullest, tried), key=lambda holder: holder.bytes)
    if not fitting:
        raise room.refuse([program.model for program in found], holder)
    best = min(fitting, key=lambda program: (program.cost, program.bytes))
    if best is not first:
        prove(default, best.model)
    return replace(best.model, fit=best.told(first, room.bytes, holder.bytes, durations, choose))


@dataclass
class _Search:
    """Of the programs that steps give in other orders, with recomputations, and joined further where they don't fit."""

    room: Room
    durations: Durations
    choose: Select
    plan: Callable[[Steps], Model]
    leaner: Callable[[Steps], Iterable[Steps]]
    joins: bool
    start: Steps
    twins: Mapping[Value, Value] = field(default_factory=dict)
    known: dict[tuple[int, ...], list[Program]] = field(default_factory=dict)

    def programs(self) -> Iterator[Program]:
        """The steps as they are, with one value less, what levels gave, and what is left of the best when less is
        computed again."""
        yield from self._forms(self.start, self.twins)
        graph = StepGraph(self.start, self.durations)
        found = {level: self._within(graph, level) for level in _levels(graph, self.room.bytes)}
        self._refine(graph, found)
        for order in dropped(self.start):
            self.ordered(order)
        fitting = [(program.cost, order) for order, programs in self.known.items() for program in self._fit(programs)]
        if fitting:
            self._spare(min(fitting)[1])
        yield from (program for programs in self.known.values() for program in programs)

    def _forms(self, steps: Steps, twins: Mapping[Value, Value]) -> list[Program]:
        """The program of steps as they are, and if that doesn't fit, those of forms that need less memory."""
        models = [self.plan(steps)]
        if not self.room.holds(models[0]):
            models += map(self.plan, self.leaner(steps))
        return [Program(m, self.durations.total(steps_of(m)), self.room.holds(m), twins) for m in models]

    def _fit(self, programs: Sequence[Program]) -> list[Program]:
        return [program for program in programs if program.fits]

    def _within(self, graph: StepGraph, level: int) -> list[Program]:
        return self.ordered(needed(self.start, graph.steps_of(_solve(graph.problem(level)))))

    def ordered(self, order: Sequence[int]) -> list[Program]:
        """The program of steps in that order, and that with more of them joined."""
        key = tuple(order)
        if key not in self.known:
            steps, twins = self.start, self.twins
            if key != tuple(range(len(steps.kernels))):
                steps, twins = rebuild(steps, order, self.choose, twins)
            programs = self._forms(steps, twins)
            if self.joins and not programs[0].fits and (joined := fuse(steps, self.choose)) is not steps:
                programs += self._forms(joined, twins)
            self.known[key] = programs
        return self.known[key]

    def parted(self) -> list[Program]:
        """With the fullest step as two."""
        _, index = self.start.problem.peak
        ways = parted(self.start, index, self.choose)
        return [program for steps in ways for program in self._forms(steps, self.twins)]

    def _refine(self, graph: StepGraph, found: Mapping[int, list[Program]]) -> None:
        """Try halfway between the level of the cheapest program that fits and the next one, again and again."""
        fitting = {n: min(p.cost for p in fits) for n, programs in found.items() if (fits := self._fit(programs))}
        if not fitting:
            return
        low = max(fitting, key=lambda level: (-fitting[level], level))
        high = min((level for level in found if level > low), default=low)
        for _ in range(HALVINGS):
            middle = (low + high) // 2
            if middle == low:
                break
            if self._fit(self._within(graph, middle)):
                low = middle
            else:
                high = middle

    def _spare(self, order: tuple[int, ...]) -> None:
        """Leave out what is computed again, one by one, as long as a program fits: the plain graph may have asked for
        more than is needed."""
        position = len(order) - 1
        while position >= 0:
            if order[position] in order[:position]:
                less = tuple(needed(self.start, order[:position] + order[position + 1 :]))
                if self._fit(self.ordered(less)):
                    order, position = less, len(less)
            position -= 1


def _descend(found: list[Program], search: Callable[..., _Search]) -> None:
    """From the smallest program on, as long as none fits: drop a value more, and look for another order from there."""
    for _ in range(DROPS):
        if any(program.fits for program in found):
            return
        least = min(found, key=lambda program: (program.bytes, program.cost))
        from_here = search(steps_of(least.model), least.twins)
        tried = [program for order in dropped(from_here.start) for program in from_here.ordered(order)]
        tried += from_here.parted()
        tried = tried if any(program.bytes < least.bytes for program in tried) else list(from_here.programs())
        if not any(program.bytes < least.bytes for program in tried):
            return
        found += tried


def _levels(graph: StepGraph, budget: int) -> list[int]:
    """Budgets of the plain graph to try. Addresses and what it can't tell make arenas larger or smaller than these."""
    problem = graph.problem(budget)
    least = max(map(problem.working_set, range(len(problem.names))), default=0)
    _, most = replay(problem, problem.order)
    between = [least + (most - least) * level // LEVELS for level in range(LEVELS)]
    return sorted({*between, min(max(budget - graph.kept_bytes, least), most)}, reverse=True)


def _solve(problem: RematProblem) -> list[int]:
    """The nodes of the cheapest answer found, or else of that with the least peak."""
    best = list(problem.order)
    for seed in range(2):
        found = anneal(problem, best, MOVES, 60.0, seed)
        best = min(best, found, key=lambda nodes: _rank(problem, nodes))
    return best


def _rank(problem: RematProblem, nodes: Sequence[int]) -> tuple[int, int]:
    duration, peak = replay(problem, nodes)
    return max(peak, problem.budget), duration
