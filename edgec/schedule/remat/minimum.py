"""A budget below which nothing fits, whatever the order and however often nodes are computed, and what holds it.

When a node is computed, it and its inputs are live. Of any values that are live at once, one was computed last, and
then the others and that one's inputs were live: a set of live values has such a set before it, and so on back to none.
So a schedule walks from {a node and its inputs} back to the empty set, and needs what the fullest set on the way holds;
the least that any way needs is a bound. Sets are explored by what they need, the least first, as far as ``EFFORT``.
"""

from heapq import heappop, heappush
from typing import NamedTuple

from edgec.schedule.remat.problem import RematProblem

EFFORT = 2000  # sets that are explored


class Minimum(NamedTuple):
    """No schedule's peak is less than ``size``; ``holds``: the node whose step needs it, and what else is live."""

    size: int
    holds: tuple[int, ...]


def least_memory(problem: RematProblem) -> Minimum:
    """The bound of the node that gives the largest one, of those whose step needs most by themselves."""
    order = sorted(range(len(problem.names)), key=problem.working_set, reverse=True)
    best = Minimum(0, ())
    effort = EFFORT
    for node in order:
        found, used = _before(problem, node, effort)
        best = max(best, found, key=lambda minimum: minimum.size)
        effort -= used
        if effort <= 0:
            break
    return best


def _before(problem: RematProblem, node: int, effort: int) -> tuple[Minimum, int]:
    start = frozenset((node, *problem.inputs[node]))
    need = problem.working_set(node)
    queue: list[tuple[int, int, tuple[int, ...], frozenset[int]]] = [(need, 0, (node, *problem.inputs[node]), start)]
    seen = {start}
    explored = 0
    while True:
        need, _, holds, live = heappop(queue)
        if not live or explored >= effort:
            return Minimum(need, holds), explored + 1
        explored += 1
        for last in live:
            before = (live - {last}) | frozenset(problem.inputs[last])
            if before in seen:
                continue
            seen.add(before)
            step = before | {last}
            size = sum(problem.sizes[v] for v in step)
            if size > need:
                heappush(queue, (size, len(seen), (last, *sorted(step - {last})), before))
            else:
                heappush(queue, (need, len(seen), holds, before))
