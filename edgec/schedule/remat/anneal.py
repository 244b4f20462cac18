"""The incumbent: simulated annealing, compiled on first use by the host's compiler; in Python, slowly, without one."""

import ctypes
from collections.abc import Sequence
from math import exp, log
from random import Random
from time import monotonic

from edgec.errors import EdgecError
from edgec.native import native_library
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay

WEIGHT, HOT, COLD = 5.0, 1e-2, 1e-6
SOURCE = ("edgec.schedule.remat", "anneal")
SLOW = "no C compiler found (cc, gcc or clang): the local search runs in Python, hundreds of times slower"


def anneal(
    problem: RematProblem, start: Sequence[int], moves: int, seconds: float, seed: int, compiled: bool = True
) -> list[int]:
    """The cheapest steps found that keep the budget, or else those of the least peak.

    The same for the same seed and number of ``moves``, as long as ``seconds`` do not end it earlier.
    """
    library = native_library(*SOURCE) if compiled else None
    if library is None:
        return _anneal_slowly(problem, start, moves, seconds, seed)
    place = {node: i for i, node in enumerate(problem.order)}  # the search numbers nodes in their order
    n = len(place)
    pred_at, pred = _lists([[place[u] for u in problem.inputs[node]] for node in problem.order])
    succ_at, succ = _lists([[place[u] for u in problem.users[node]] for node in problem.order])
    best = (ctypes.c_int * (n * problem.intervals + 1))()
    length = library.edgec_anneal(
        n,
        problem.intervals,
        int(not problem.joint),
        pred_at,
        pred,
        succ_at,
        succ,
        (ctypes.c_int64 * n)(*(problem.sizes[node] for node in problem.order)),
        (ctypes.c_int64 * n)(*(problem.durations[node] for node in problem.order)),
        (ctypes.c_int * len(start))(*(place[node] for node in start)),
        len(start),
        ctypes.c_int64(problem.budget),
        ctypes.c_int64(moves),
        ctypes.c_double(seconds),
        ctypes.c_uint64(seed),
        ctypes.c_double(WEIGHT),
        ctypes.c_double(HOT),
        ctypes.c_double(COLD),
        best,
    )
    if length < 0:
        raise EdgecError("schedule", "no memory for the search", "free some")
    return [problem.order[best[i]] for i in range(length)]


def is_compiled() -> bool:
    """Whether the search runs as C here."""
    return native_library(*SOURCE) is not None


def _lists(rows: list[list[int]]) -> tuple[ctypes.Array[ctypes.c_int], ctypes.Array[ctypes.c_int]]:
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    flat = [x for row in rows for x in row]
    return (ctypes.c_int * len(starts))(*starts), (ctypes.c_int * max(len(flat), 1))(*flat)


def _anneal_slowly(problem: RematProblem, start: Sequence[int], moves: int, seconds: float, seed: int) -> list[int]:
    """The same idea on plain lists: each move is replayed as a whole."""
    random, until = Random(seed), monotonic() + seconds
    moves = max(moves // 200, 1)
    steps, best = list(start), list(start)
    base, limit = problem.base or 1, max(problem.budget, 1)

    def rank(cost: int, peak: int) -> tuple[int, int]:
        return max(peak, problem.budget), cost

    def energy(cost: int, peak: int) -> float:
        return log(max(cost, 1e-12) / base) + WEIGHT * log(max(peak, limit) / limit)

    figures = least = replay(problem, steps)
    for move in range(moves):
        if monotonic() > until:
            break
        heat = HOT * (COLD / HOT) ** (move / moves)
        changed = list(steps)
        if random.random() < 0.6 and changed:
            node = changed.pop(random.randrange(len(changed)))
            if random.random() < 0.5:
                changed.insert(random.randrange(len(changed) + 1), node)
        elif changed:
            changed.insert(random.randrange(len(changed) + 1), random.choice(changed))
        try:
            tried = replay(problem, changed)
        except EdgecError:
            continue
        worse = energy(*tried) - energy(*figures)
        if worse <= 0 or random.random() < exp(-worse / heat):
            steps, figures = changed, tried
            if rank(*tried) < rank(*least):
                best, least = changed, tried
    return best
