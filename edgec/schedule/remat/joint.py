"""The order is free too: a good order first, by annealing it alone, then order and recomputation together.

The work is a number of moves that depends on the problem and the time limit alone; the clock only cuts it short. Two
searches of different seeds run side by side wherever there are cores for them.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from edgec.schedule.remat.anneal import ORDER, Annealed, annealed, cold, cool, warm
from edgec.schedule.remat.found import CUT, Found
from edgec.schedule.remat.free import free_bound
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay

WORKERS = 2  # whatever the number of cores: answers depend on it
ORDER_SHARE, FULL_SHARE, LAST_SHARE = 0.1, 0.5, 0.25  # of the time limit, on a slow machine
ORDER_GAIN = 3  # so many moves of the order alone take as long as one of all kinds
ROUND = 20_000  # moves a node, after which another start is better than a longer search

TRIED, MOST_TRIED = 20_000, 200_000  # sets, for the bound: a second of the limit, and at most


def search_joint(problem: RematProblem, time_limit: float, seed: int, compiled: bool, patience: float = 1.0) -> Found:
    """The cheapest schedule found within the budget, or that of the least peak.

    The clock may take ``patience`` times the limit for the work of the limit.
    """
    until = monotonic() + time_limit * patience
    bound = problem.base

    def rank(steps: Sequence[int]) -> tuple[int, int]:
        duration, peak = replay(problem, steps)
        return max(peak, problem.budget), duration

    def is_best(steps: Sequence[int]) -> bool:
        return rank(steps) <= (problem.budget, bound)

    starts = [list(problem.order), list_schedule(problem)]
    best = min(starts, key=rank)
    if is_best(best):
        return Found(best, bound)
    n = len(problem.names)
    cut = False

    def side_by_side(search: Callable[[int], Annealed]) -> list[list[int]]:
        nonlocal cut
        with ThreadPoolExecutor(WORKERS) as pool:
            found = list(pool.map(search, range(WORKERS)))
        cut |= any(one.cut for one in found)
        return [one.steps for one in found]

    def seconds(share: float) -> float:
        return max(share * (until - monotonic()), 1e-3)

    moves = moves_within(problem, ORDER_SHARE * time_limit) * ORDER_GAIN
    limit = seconds(1.5 * ORDER_SHARE)
    orders = side_by_side(
        lambda k: annealed(problem, best, moves, limit, seed + k, ORDER, recompute=False, compiled=compiled)
    )
    best = order = min([best, *orders], key=rank)
    if not is_best(best):
        proven = free_bound(problem, min(int(TRIED * time_limit), MOST_TRIED))
        if proven is None:
            return Found(best, bound, infeasible=True)
        bound = max(bound, proven)
    total = moves_within(problem, FULL_SHARE * time_limit)
    rounds = max(total // (ROUND * n), 1)
    for round_ in range(rounds):
        if is_best(best):
            break
        limit = seconds(FULL_SHARE / ((rounds - round_) * FULL_SHARE + LAST_SHARE * rounds))
        first = seed + WORKERS * (round_ + 1)

        def anew(k: int, limit: float = limit, first: int = first) -> Annealed:
            cooling = (warm, cool)[k % 2](n)
            return annealed(problem, order, total // rounds, limit, first + k, cooling, compiled=compiled)

        best = min([best, *side_by_side(anew)], key=rank)
    if not is_best(best):
        moves, limit, first = (
            moves_within(problem, LAST_SHARE * time_limit),
            seconds(1.0),
            seed + WORKERS * (rounds + 1),
        )
        last = side_by_side(lambda k: annealed(problem, best, moves, limit, first + k, cold(n), compiled=compiled))
        best = min([best, *last], key=rank)
    return Found(best, bound, (CUT,) if cut else ())


def moves_within(problem: RematProblem, seconds: float) -> int:
    """How many moves a slow machine makes: half as many as a core of a server does, whose figures these are."""
    n = len(problem.names)
    degree = len(problem.edges) / max(n, 1)
    microseconds = (0.8 + 1.6 * n / 1000) * (6 + degree) / 12
    return max(int(seconds * 1e6 / microseconds), 1)


def list_schedule(problem: RematProblem) -> list[int]:
    """Next is always the ready node that adds least to what is live, the earliest in the given order of such."""
    place = {node: i for i, node in enumerate(problem.order)}
    unmet = [len(inputs) for inputs in problem.inputs]
    waiting = [len(users) for users in problem.users]  # uses to come

    def growth(node: int) -> tuple[int, int]:
        freed = sum(problem.sizes[u] for u in problem.inputs[node] if waiting[u] == 1)
        return (problem.sizes[node] if waiting[node] else 0) - freed, place[node]

    ready = {node for node in range(len(unmet)) if not unmet[node]}
    steps: list[int] = []
    while ready:
        node = min(ready, key=growth)
        ready.remove(node)
        steps.append(node)
        for u in problem.inputs[node]:
            waiting[u] -= 1
        for w in problem.users[node]:
            unmet[w] -= 1
            if not unmet[w]:
                ready.add(w)
    return steps
