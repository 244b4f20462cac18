"""Chen et al.'s square-root strategy ("Training Deep Nets with Sublinear Memory Cost", 2016), as a baseline.

The order is cut into segments; what crosses a cut is kept, and the inside of a segment is computed again when a later
segment asks for it. On a general graph: before a node that uses values of an earlier segment, those and what they need
back to kept values are computed again.
"""

from math import isqrt

from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay


def square_root(problem: RematProblem, segments: int | None = None) -> list[int]:
    """Steps by the strategy; of ``segments`` pieces, the square root of the number of nodes without. Budget ignored.

    A node is computed at most twice: at first, and again at the first use from a later segment.
    """
    n = len(problem.order)
    length = -(-n // (segments or max(isqrt(n), 1))) if n else 1
    segment = {node: i // length for i, node in enumerate(problem.order)}
    kept = {node for i, node in enumerate(problem.order) if i % length == length - 1}
    again: set[int] = set()
    place = {node: i for i, node in enumerate(problem.order)}
    steps: list[int] = []
    for node in problem.order:
        stale, asked = [u for u in problem.inputs[node] if segment[u] < segment[node]], set[int]()
        while stale:
            u = stale.pop()
            if u not in kept and u not in again and u not in asked:
                asked.add(u)
                stale += [w for w in problem.inputs[u] if segment[w] < segment[node]]
        if problem.intervals > 1:
            steps += sorted(asked, key=place.__getitem__)
            again |= asked
        steps.append(node)
    return steps


def best_square_root(problem: RematProblem) -> tuple[int, int]:
    """(duration, peak) of the number of segments that fits cheapest, or that has the least peak if none fits."""
    found = [replay(problem, problem.order)]
    found += [replay(problem, square_root(problem, k)) for k in range(1, 2 * isqrt(len(problem.order)) + 1)]
    return min(found, key=lambda f: (max(f[1], problem.budget), f[0]))
