"""Large neighbourhoods: what is computed again in a window of stages is chosen anew by CP-SAT, the rest stays."""

from collections.abc import Callable, Sequence
from random import Random

from edgec.schedule.remat.cp import prove
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay
from edgec.schedule.remat.staged import events_of

NARROW, WIDE = 16, 128  # stages
EFFORT = 2.0  # of CP-SAT for one window


def improve(problem: RematProblem, steps: Sequence[int], seed: int, left: Callable[[], float]) -> list[int]:
    """Cheaper steps, if windows around what is computed again hold any; windows widen where they hold none.

    ``steps`` keep the budget. ``left`` tells the seconds that are left.
    """
    random, best, width = Random(seed), list(steps), NARROW
    while width <= WIDE and left() > 0:
        events = events_of(problem, best)
        centres = sorted({stage for stage, _ in events})
        random.shuffle(centres)
        better = False
        while centres and left() > 0 and not better:
            first = max(centres.pop() - width // 2, 0)
            window = range(first, min(first + width, len(problem.order)))
            centres = [k for k in centres if k - width // 4 not in window or k + width // 4 not in window]
            duration, _ = replay(problem, best)
            free = live_in(problem, best, window)
            proof = prove(problem, duration, left(), EFFORT, events, window, free=free)
            if proof.steps is not None:
                best, better = proof.steps, True
        if not better:
            width *= 2
    return best


def live_in(problem: RematProblem, steps: Sequence[int], window: range) -> frozenset[int]:
    """Nodes that are live in a stage of the window, and their inputs, as places in the order."""
    place = {node: i for i, node in enumerate(problem.order)}
    latest: dict[int, int] = {}  # node -> stage of its latest computation
    found: set[int] = set()
    due = 0
    for node in steps:
        for u in problem.inputs[node]:
            if latest[u] < window.stop and due >= window.start:
                found.add(place[u])
        latest[node] = due
        if window.start <= due < window.stop:
            found.add(place[node])
        due += place[node] == due
    return frozenset(found | {place[w] for v in found for w in problem.inputs[problem.order[v]]})
