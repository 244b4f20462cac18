"""Simulated annealing of a free order, compiled on first use by the host's compiler; in Python, slowly, without one."""

import ctypes
from collections.abc import Sequence
from math import exp
from random import Random
from time import monotonic
from typing import NamedTuple

from edgec.errors import EdgecError
from edgec.native import native_library
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay

SOURCE = ("edgec.schedule.remat", "anneal")
SLOWER = 200  # a move in Python takes that much longer at least, and so many fewer are made
SLOW = "no C compiler found (cc, gcc or clang): the local search runs in Python, hundreds of times slower"


class Weights(ctypes.Structure):
    """Temperature, and what weighs: per step what it holds beyond the budget, and what the fullest holds beyond it.

    All are relative: to the duration of each node once, and to the budget.
    """

    _fields_ = (("heat", ctypes.c_double), ("soft", ctypes.c_double), ("hard", ctypes.c_double))
    heat: float
    soft: float
    hard: float


class Cooling(NamedTuple):
    """Weights of the first move and of the last; each goes from the one to the other by a constant factor."""

    first: Weights
    last: Weights


def warm(n: int) -> Cooling:
    """For ``n`` nodes: at first memory costs about what saving it by recomputation does, and much may be rearranged."""
    return Cooling(Weights(2 / n, 2 / n, 0.1), Weights(0.1 / n, 300 / n, 10.0))


def cool(n: int) -> Cooling:
    """For ``n`` nodes: keeps more of a good order. Better where there is little time for each node."""
    return Cooling(Weights(0.5 / n, 10 / n, 0.3), Weights(0.05 / n, 300 / n, 10.0))


def cold(n: int) -> Cooling:
    """For ``n`` nodes: improves on steps that are good already."""
    return Cooling(Weights(0.15 / n, 20 / n, 0.5), Weights(0.01 / n, 300 / n, 10.0))


# Of the order alone.
ORDER = Cooling(Weights(0.1, 0.1, 0.1), Weights(1e-5, 0.1, 0.1))


class Annealed(NamedTuple):
    """The cheapest steps found that keep the budget, or else those of the least peak; whether the clock ended it."""

    steps: list[int]
    cut: bool


def anneal(
    problem: RematProblem, start: Sequence[int], moves: int, seconds: float, seed: int, compiled: bool = True
) -> list[int]:
    """The cheapest steps found that keep the budget, or else those of the least peak.

    The same for the same seed and number of ``moves``, as long as ``seconds`` do not end it earlier.
    """
    return annealed(problem, start, moves, seconds, seed, warm(max(len(problem.names), 1)), compiled=compiled).steps


def annealed(
    problem: RematProblem,
    start: Sequence[int],
    moves: int,
    seconds: float,
    seed: int,
    cooling: Cooling,
    *,
    recompute: bool = True,
    compiled: bool = True,
) -> Annealed:
    """``anneal`` with all it can be told. Without ``recompute`` only the order is searched.

    It ends when no node is computed again and the budget is kept: nothing is cheaper. Only the search in Python keeps
    to a fixed order; ``staged`` is for these.
    """
    library = native_library(*SOURCE) if compiled and problem.joint else None
    if library is None:
        return _annealed_slowly(problem, start, moves, seconds, seed, cooling, recompute)
    place = {node: i for i, node in enumerate(problem.order)}  # the search numbers nodes in their order
    n = len(place)
    pred_at, pred = lists([[place[u] for u in problem.inputs[node]] for node in problem.order])
    succ_at, succ = lists([[place[u] for u in problem.users[node]] for node in problem.order])
    best = (ctypes.c_int * (n * problem.intervals + 1))()
    cut = ctypes.c_int(0)
    length = library.edgec_anneal(
        n,
        problem.intervals,
        int(recompute),
        pred_at,
        pred,
        succ_at,
        succ,
        (ctypes.c_double * n)(*(problem.sizes[node] for node in problem.order)),
        (ctypes.c_int64 * n)(*(problem.durations[node] for node in problem.order)),
        (ctypes.c_int * len(start))(*(place[node] for node in start)),
        len(start),
        ctypes.c_double(problem.budget),
        ctypes.c_int64(problem.base),
        ctypes.c_int64(moves),
        ctypes.c_double(seconds),
        ctypes.c_uint64(seed),
        ctypes.byref(cooling.first),
        ctypes.byref(cooling.last),
        best,
        ctypes.byref(cut),
    )
    if length < 0:
        raise EdgecError("schedule", "no memory for the search", "free some")
    return Annealed([problem.order[best[i]] for i in range(length)], bool(cut.value))


def is_compiled() -> bool:
    """Whether the search runs as C here."""
    return native_library(*SOURCE) is not None


def lists(rows: list[list[int]]) -> tuple[ctypes.Array[ctypes.c_int], ctypes.Array[ctypes.c_int]]:
    """Where each row starts in the second array, and all rows one after the other."""
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    flat = [x for row in rows for x in row]
    return (ctypes.c_int * len(starts))(*starts), (ctypes.c_int * max(len(flat), 1))(*flat)


def _annealed_slowly(
    problem: RematProblem,
    start: Sequence[int],
    moves: int,
    seconds: float,
    seed: int,
    cooling: Cooling,
    recompute: bool,
) -> Annealed:
    """The same idea on plain lists: each move is replayed as a whole, and only the fullest step weighs."""
    random, until = Random(seed), monotonic() + seconds
    moves, cut = max(moves // SLOWER, 1), False
    steps, best = list(start), list(start)
    base, limit = problem.base or 1, max(problem.budget, 1)

    def rank(cost: int, peak: int) -> tuple[int, int]:
        return max(peak, problem.budget), cost

    def energy(cost: int, peak: int) -> float:
        return cost / base + cooling.last.hard * max(peak - problem.budget, 0) / limit

    figures = least = replay(problem, steps)
    for move in range(moves):
        if cut := monotonic() > until:
            break
        if least[1] <= problem.budget and least[0] <= problem.base:
            break
        heat = cooling.first.heat * (cooling.last.heat / cooling.first.heat) ** (move / moves)
        changed = list(steps)
        if (random.random() < 0.6 or not recompute) and changed:
            node = changed.pop(random.randrange(len(changed)))
            if random.random() < 0.5 or not recompute:
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
    return Annealed(best, cut)
