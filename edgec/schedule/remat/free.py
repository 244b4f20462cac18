"""A bound for a free order: the cheapest schedule if nodes may be computed as often as one likes, by best-first search.

A state is what has been computed so far and what of it is live. What is live stays so until a step has no room: then
one of the smallest sets is dropped that make room (no member of which could be kept). States are explored by what
they cost at least, which is what they took and each missing node once; what is left unexplored bounds all schedules.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from edgec.schedule.remat.problem import RematProblem

MOST_IDLE = 12  # of more there are too many sets that could be dropped


def free_bound(problem: RematProblem, effort: int) -> int | None:
    """No schedule within the budget takes less, after ``effort`` sets that were tried; None: there is none at all."""
    n = len(problem.names)
    inputs = [sum(1 << u for u in problem.inputs[v]) for v in range(n)]
    every = (1 << n) - 1
    queue = [(problem.base, 0, 0, 0)]  # cost at least, nodes still missing, computed, live
    seen = set[tuple[int, int]]()
    while queue:
        least, _, done, live = heappop(queue)
        if done == every:
            return least
        if (done, live) in seen:
            continue
        seen.add((done, live))
        held = sum(problem.sizes[u] for u in _members(live)) - problem.budget
        for v in range(n):
            effort -= 1
            if effort <= 0:
                return least
            new = 1 << v
            if live & new or inputs[v] & ~live or (done & new and not problem.users[v]):
                continue
            for kept in _kept(problem, live, live & ~inputs[v], held + problem.sizes[v]):
                effort -= 1
                if kept is None or effort <= 0:
                    return least  # what is popped costs least; this state has not been explored as a whole
                state = (done | new, kept | new)
                if state not in seen:
                    cost = least + (problem.durations[v] if done & new else 0)
                    heappush(queue, (cost, (every & ~state[0]).bit_count(), *state))
    return None


def _members(nodes: int) -> Iterator[int]:
    while nodes:
        low = nodes & -nodes
        yield low.bit_length() - 1
        nodes ^= low


def _kept(problem: RematProblem, live: int, unused: int, lacking: int) -> Iterator[int | None]:
    """What stays live if ``lacking`` is freed of the unused, each of the dropped being needed; None for too many."""
    if lacking <= 0:
        yield live
        return

    idle = [u for u in _members(unused) if problem.sizes[u]]
    if len(idle) > MOST_IDLE:
        yield None
        return

    def drop(at: int, kept: int, lacking: int, smallest: int) -> Iterator[int]:
        if lacking <= 0:
            if smallest + lacking > 0:  # the smallest dropped is not more than was freed in excess
                yield kept
            return
        for i in range(at, len(idle)):
            size = problem.sizes[idle[i]]
            yield from drop(i + 1, kept & ~(1 << idle[i]), lacking - size, min(smallest, size))

    yield from drop(0, live, lacking, problem.budget + 1)
