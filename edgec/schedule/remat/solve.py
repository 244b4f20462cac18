"""Anytime: the order itself, annealing, then the proof; whatever comes out is replayed by the checker."""

from dataclasses import dataclass
from typing import Any

from edgec.errors import EdgecError
from edgec.schedule.remat.anneal import SLOW, is_compiled
from edgec.schedule.remat.bound import least_budget
from edgec.schedule.remat.fixed import least_fitting, search_fixed
from edgec.schedule.remat.joint import search_joint
from edgec.schedule.remat.minimum import least_memory
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay


@dataclass(frozen=True)
class RematAnswer:
    """A schedule and what is known of it: no schedule within the budget takes less than ``bound``.

    ``steps`` are names; one that stands again is recomputed. Of a problem that is ``infeasible`` there are none:
    ``minimum`` is a budget below which nothing fits, and ``holds`` names the node whose step needs it and what else is
    live; ``fits`` is the smallest budget for which a schedule was found.
    """

    status: str
    duration: int
    added_percent: float
    bound: int
    peak: int
    steps: tuple[str, ...]
    minimum: int
    holds: tuple[str, ...]
    notes: tuple[str, ...] = ()
    fits: int = 0

    def to_json(self) -> dict[str, Any]:
        """As ``edgec schedule --json`` tells it."""
        told: dict[str, Any] = {"status": self.status}
        if self.status == "infeasible":
            return told | {"minimum": self.minimum, "fits": self.fits, "holds": list(self.holds), "steps": []}
        return told | {
            "duration": self.duration,
            "added_percent": self.added_percent,
            "bound": self.bound,
            "peak": self.peak,
            "steps": list(self.steps),
            "notes": list(self.notes),
        }


def solve(
    problem: RematProblem, time_limit: float = 60.0, seed: int = 0, compiled: bool = True, *, patience: float = 1.0
) -> RematAnswer:
    """The fastest schedule found within ``time_limit`` seconds.

    The same for the same seed wherever the time limit does not cut a search short; where the order is free the clock
    may take ``patience`` times the limit for the same work, as on a busy machine. Raises EdgecError if none was found
    although none is excluded: it says how little memory the best one needs.
    """
    least = least_memory(problem)
    holds = tuple(problem.names[v] for v in least.holds)
    if least.size > problem.budget:
        return _infeasible(problem, least.size, least.holds, 0.2 * time_limit, seed)
    if problem.joint:
        found = search_joint(problem, time_limit, seed, compiled, patience)
    else:
        found = search_fixed(problem, time_limit, seed, compiled)
    if found.infeasible and problem.joint:
        return _infeasible(problem, problem.budget + 1, least.holds, 0.1 * time_limit, seed)
    if found.infeasible:
        size, held = least_budget(problem, 0.1 * time_limit)
        return _infeasible(problem, size, held or least.holds, 0.1 * time_limit, seed)
    duration, peak = replay(problem, found.steps)
    if peak > problem.budget:
        raise EdgecError(
            "--budget",
            f"no schedule within {problem.budget} was found, the smallest needs {peak}; none needs less than "
            f"{least.size}, which {holds[0]!r} needs beside {', '.join(map(repr, holds[1:])) or 'nothing'}",
            f"give {peak}, a longer time limit" + ("" if problem.joint else ", or let the order be free (--joint)"),
        )
    return RematAnswer(
        "optimal" if duration == found.bound else "feasible",
        duration,
        100.0 * (duration - problem.base) / problem.base if problem.base else 0.0,
        found.bound,
        peak,
        tuple(problem.names[v] for v in found.steps),
        least.size,
        holds,
        found.notes if not compiled or is_compiled() else (SLOW, *found.notes),
    )


def _infeasible(problem: RematProblem, least: int, holds: tuple[int, ...], seconds: float, seed: int) -> RematAnswer:
    """Nothing fits below ``least``; the least peak that a short search finds is what is known to fit."""
    fits = least_fitting(problem, least, seconds, seed)
    return RematAnswer("infeasible", 0, 0.0, 0, 0, (), least, tuple(problem.names[v] for v in holds), fits=fits)
