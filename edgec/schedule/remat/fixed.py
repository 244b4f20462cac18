"""A fixed order: incumbents by annealing, a bound by rows, what closes the gap by CP-SAT."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from edgec.schedule.remat.anneal import anneal
from edgec.schedule.remat.bound import EFFORT, relax
from edgec.schedule.remat.cp import prove
from edgec.schedule.remat.found import CUT, Found
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay
from edgec.schedule.remat.staged import anneal_staged, steps_of
from edgec.schedule.remat.windows import improve

SHORT, LONG = 1000, 20_000  # moves a node
COOL = 0.2  # where what is known is worth keeping
PROVABLE = 300  # nodes; beyond, the constraint program as a whole finds and proves nothing in a minute


@dataclass
class Search:
    """Where the search stands: the best steps, and that none within the budget takes less than ``bound``."""

    problem: RematProblem
    until: float
    seed: int
    compiled: bool
    steps: list[int]
    bound: int
    infeasible: bool = False

    def __post_init__(self) -> None:
        self.duration, self.peak = replay(self.problem, self.steps)

    @property
    def fits(self) -> bool:
        """Whether the best steps keep the budget."""
        return self.peak <= self.problem.budget

    @property
    def done(self) -> bool:
        """Nothing is left to find, or no time to find it."""
        return self.infeasible or (self.fits and self.duration <= self.bound) or self.left() <= 0

    @property
    def below(self) -> int | None:
        """What is asked for: less than the best takes."""
        return self.duration if self.fits else None

    def left(self) -> float:
        """Seconds."""
        return self.until - monotonic()

    def offer(self, steps: Sequence[int]) -> None:
        """Take steps if they are better than the best ones."""
        duration, peak = replay(self.problem, steps)
        least = self.problem.budget
        if (max(peak, least), duration) < (max(self.peak, least), self.duration):
            self.steps, self.duration, self.peak = list(steps), duration, peak

    def anneal(self, moves: int, start: Sequence[int] | None = None, hot: float = 1.0, share: float = 0.5) -> None:
        """A round of local search."""
        if not self.done:
            self.seed += 1
            start = self.steps if start is None else start
            seconds = share * self.left()
            self.offer(anneal_staged(self.problem, start, moves, seconds, self.seed, self.compiled, hot))

    def learn(self, bound: int, none: bool) -> None:
        """No schedule below the best takes less than the bound; ``none``: there is none at all."""
        if none and not self.fits:
            self.infeasible = True
        self.bound = max(self.bound, min(bound, self.duration) if self.fits else bound)


def search_fixed(problem: RematProblem, time_limit: float, seed: int, compiled: bool) -> Found:
    """The best steps within the time limit, or those of the least peak, and what is known of them."""
    search = Search(problem, monotonic() + time_limit, seed, compiled, list(problem.order), problem.base)
    n = len(problem.order)
    search.anneal(SHORT * n)
    if not search.done:
        relaxed = relax(problem, search.below, 0.3 * search.left(), EFFORT)
        search.learn(relaxed.bound, relaxed.infeasible)
        search.anneal(SHORT * n, steps_of(problem, relaxed.events), COOL, 0.2)
    if not search.done and n <= PROVABLE:
        search.anneal(SHORT * n)
        proof = prove(problem, search.below, 0.8 * search.left(), EFFORT, least=search.bound)
        if proof.steps is not None:
            search.offer(proof.steps)
        search.learn(proof.bound, proof.infeasible)
    search.anneal(LONG * n, list(problem.order))
    while not search.done and not search.fits and search.left() > 1:
        search.anneal(LONG * n, search.steps, COOL)
    if not search.done and search.fits:
        search.offer(improve(problem, search.steps, seed, search.left))
    return Found(search.steps, search.bound, (CUT,) if search.left() <= 0 else (), search.infeasible)


def least_fitting(problem: RematProblem, least: int, seconds: float, seed: int) -> int:
    """The least peak that a short search finds; none below ``least`` exists."""
    search, until = anneal if problem.joint else anneal_staged, monotonic() + seconds
    best = replay(problem, problem.order)[1]
    for share in (0, 0.25, 0.5):
        looser = replace(problem, budget=int(least + share * (best - least)))
        peak = replay(
            looser, search(looser, problem.order, SHORT * len(problem.order), (until - monotonic()) / 2, seed)
        )[1]
        best = min(best, peak)
        if peak <= looser.budget:
            break
    return best
