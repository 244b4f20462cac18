"""The independent checker: it replays steps, knowing nothing of how they were found."""

from collections.abc import Sequence

from edgec.errors import EdgecError
from edgec.schedule.remat.problem import RematProblem


def replay(problem: RematProblem, steps: Sequence[int]) -> tuple[int, int]:
    """Duration and peak of steps; raises EdgecError if they are no schedule of the problem (the budget aside)."""
    count = [0] * len(problem.names)
    release: list[list[int]] = [[] for _ in steps]
    latest: dict[int, int] = {}  # node -> its latest step
    ends: list[int] = list(range(len(steps)))
    for index, node in enumerate(steps):
        count[node] += 1
        for u in problem.inputs[node]:
            if u not in latest:
                raise _wrong(f"step {index} computes {problem.names[node]!r} before {problem.names[u]!r}")
            ends[latest[u]] = index
        latest[node] = index
    if min(count, default=1) < 1 or max(count, default=1) > problem.intervals:
        raise _wrong(f"a node is not computed 1 to {problem.intervals} times")
    if not problem.joint:
        _check_stages(problem, steps)
    for index, end in enumerate(ends):
        release[end].append(problem.sizes[steps[index]])
    live = peak = 0
    for index, node in enumerate(steps):
        live += problem.sizes[node]
        peak = max(peak, live)
        live -= sum(release[index])
    return sum(problem.durations[node] for node in steps), peak


def _check_stages(problem: RematProblem, steps: Sequence[int]) -> None:
    """First computations in the given order, and in that order too what is computed again between two of them."""
    place = {node: i for i, node in enumerate(problem.order)}
    due, before = 0, -1
    for index, node in enumerate(steps):
        at = place[node]
        if at <= before or at > due:
            raise _wrong(f"step {index} computes {problem.names[node]!r} out of the given order")
        due, before = (due + 1, -1) if at == due else (due, at)


def _wrong(what: str) -> EdgecError:
    return EdgecError("schedule", what, "this is a defect of edgec: please report it with the graph")
