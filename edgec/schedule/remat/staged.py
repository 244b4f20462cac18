"""The incumbent with a fixed order: which nodes are computed again, and in which stages, by annealing in C."""

import ctypes
from collections.abc import Iterable, Sequence

from edgec.errors import EdgecError
from edgec.native import native_library
from edgec.schedule.remat.anneal import anneal, lists
from edgec.schedule.remat.problem import RematProblem

Event = tuple[int, int]  # (stage, node), both as places in the order: the node is computed in that stage
HOT, COLD = 1.0, 0.02
BITS = 24  # of a node in the key of an event
SOURCE = ("edgec.schedule.remat", "staged")


def events_of(problem: RematProblem, steps: Sequence[int]) -> list[Event]:
    """The recomputations of steps that keep to the order."""
    place = {node: i for i, node in enumerate(problem.order)}
    due, events = 0, []
    for node in steps:
        if place[node] == due:
            due += 1
        else:
            events.append((due, place[node]))
    return events


def steps_of(problem: RematProblem, events: Iterable[Event]) -> list[int]:
    """The steps of a set of recomputations."""
    n = len(problem.order)
    return [problem.order[node] for _, node in sorted([*events, *((k, k) for k in range(n))])]


def anneal_staged(
    problem: RematProblem,
    start: Sequence[int],
    moves: int,
    seconds: float,
    seed: int,
    compiled: bool = True,
    hot: float = HOT,
) -> list[int]:
    """The cheapest steps found that keep the budget and the order, or else those of the least excess over the budget.

    The same for the same seed and number of ``moves`` wherever a machine makes them well within ``seconds``: else
    temperature follows the clock.
    """
    library = native_library(*SOURCE) if compiled else None
    if library is None:
        return anneal(problem, start, moves, seconds, seed, compiled=False)
    place = {node: i for i, node in enumerate(problem.order)}
    n = len(place)
    pred_at, pred = lists([[place[u] for u in problem.inputs[node]] for node in problem.order])
    succ_at, succ = lists([[place[u] for u in problem.users[node]] for node in problem.order])
    keys = [k << BITS | v for k, v in events_of(problem, start)]
    best = (ctypes.c_int64 * (n * problem.intervals + 1))()
    length = library.edgec_anneal_staged(
        n,
        problem.intervals,
        pred_at,
        pred,
        succ_at,
        succ,
        (ctypes.c_int64 * n)(*(problem.sizes[node] for node in problem.order)),
        (ctypes.c_int64 * n)(*(problem.durations[node] for node in problem.order)),
        (ctypes.c_int64 * (len(keys) + 1))(*keys),
        len(keys),
        ctypes.c_int64(problem.budget),
        ctypes.c_int64(moves),
        ctypes.c_double(seconds),
        ctypes.c_uint64(seed),
        ctypes.c_double(hot),
        ctypes.c_double(COLD),
        best,
    )
    if length < 0:
        raise EdgecError("schedule", "no memory for the search", "free some")
    return steps_of(problem, ((best[i] >> BITS, best[i] & (1 << BITS) - 1) for i in range(length)))
