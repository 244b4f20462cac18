"""A fixed order: the constraint program, the bound and the local search against brute force."""

from itertools import combinations, product
from random import Random

import pytest

from edgec.schedule import RematProblem, solve
from edgec.schedule.remat import replay
from edgec.schedule.remat.bound import Places, least_budget, relax
from edgec.schedule.remat.cp import prove
from edgec.schedule.remat.staged import anneal_staged, events_of, steps_of

LONG, WORK = 60.0, 20.0


def drawn(seed: int, n: int, share: float, intervals: int = 2, edges: float = 0.5) -> RematProblem:
    """A random graph; the budget lies ``share`` of the way from its largest step to its peak in order."""
    random = Random(seed)
    pairs = tuple((u, v) for v in range(n) for u in range(v) if random.random() < edges)
    durations, sizes = (tuple(random.randint(1, 9) for _ in range(n)) for _ in range(2))
    names = tuple(f"n{i}" for i in range(n))
    free = RematProblem(names, durations, sizes, pairs, tuple(range(n)), 0)
    least, peak = max(map(free.working_set, range(n))), replay(free, free.order)[1]
    budget = least + int(share * (peak - least))
    return RematProblem(names, durations, sizes, pairs, free.order, budget, False, intervals)


def every_schedule(problem: RematProblem) -> list[tuple[int, int]]:
    """(duration, peak) of each set of recomputations."""
    n, most = len(problem.names), problem.intervals - 1
    choices = [[c for size in range(most + 1) for c in combinations(range(v + 1, n), size)] for v in range(n)]
    return [
        replay(problem, steps_of(problem, [(k, v) for v, stages in enumerate(chosen) for k in stages]))
        for chosen in product(*choices)
    ]


CASES = [(seed, 6, 0.15 + 0.1 * (seed % 4), 2) for seed in range(16)] + [(seed, 5, 0.2, 3) for seed in range(4)]


@pytest.mark.parametrize(("seed", "n", "share", "intervals"), CASES)
def test_proofs_and_bounds_agree_with_brute_force(seed: int, n: int, share: float, intervals: int) -> None:
    problem = drawn(seed, n, share, intervals)
    every = every_schedule(problem)
    best = min((duration for duration, peak in every if peak <= problem.budget), default=None)
    relaxed = relax(problem, None, LONG, WORK)
    for rows in (False, True):
        proof = prove(problem, None, LONG, WORK, rows=rows)
        if best is None:
            assert proof.infeasible
            continue
        assert proof.steps is not None
        assert (replay(problem, proof.steps)[0], proof.bound) == (best, best)
        assert replay(problem, proof.steps)[1] <= problem.budget
    if best is None:
        if relaxed.infeasible:
            assert least_budget(problem, LONG)[0] <= min(peak for _, peak in every)
        return
    assert not relaxed.infeasible
    assert problem.base <= relaxed.bound <= best
    below = prove(problem, best, LONG, WORK)
    assert (below.steps, below.bound, below.infeasible) == (None, best, True)
    assert relax(problem, best + 1, LONG, WORK).bound <= best


@pytest.mark.parametrize("seed", range(6))
def test_the_local_search_finds_the_best_of_small_graphs(seed: int) -> None:
    problem = drawn(seed, 6, 0.5)
    best = min((duration for duration, peak in every_schedule(problem) if peak <= problem.budget), default=None)
    found = anneal_staged(problem, problem.order, 20_000, LONG, seed)
    duration, peak = replay(problem, found)
    assert (duration if peak <= problem.budget else None) == best


def test_the_local_search_counts_as_the_checker_does_and_keeps_to_its_seed() -> None:
    problem = drawn(4, 40, 0.6, 3, 0.12)
    first, second = (anneal_staged(problem, problem.order, 50_000, LONG, 3) for _ in range(2))
    assert first == second
    assert replay(problem, first)[1] <= problem.budget < replay(problem, problem.order)[1]
    again = anneal_staged(problem, first, 0, LONG, 3)
    assert again == first


def test_with_a_window_the_rest_stays_as_it_is() -> None:
    problem = drawn(4, 40, 0.6, 2, 0.12)
    start = anneal_staged(problem, problem.order, 50_000, LONG, 3)
    kept = events_of(problem, start)
    window = range(15, 25)
    proof = prove(problem, None, LONG, WORK, kept, window)
    assert proof.steps is not None
    assert replay(problem, proof.steps)[0] <= replay(problem, start)[0]
    assert {e for e in events_of(problem, proof.steps) if e[0] not in window} == {e for e in kept if e[0] not in window}


def test_full_stages_are_those_in_which_keeping_all_exceeds_the_budget() -> None:
    problem = drawn(7, 12, 0.5)
    places = Places(problem)
    assert max(places.memory) == replay(problem, problem.order)[1]
    assert all(places.memory[k] > problem.budget for k in places.full)


def test_an_order_that_needs_more_than_its_largest_step_is_proven_infeasible() -> None:
    # c needs a and b, which need 15 more each; in this order a is there when b is made, and computing it again needs x.
    problem = RematProblem(
        ("x", "y", "a", "b", "c"), (1,) * 5, (15, 15, 10, 10, 1), ((0, 2), (1, 3), (2, 4), (3, 4)), (0, 2, 1, 3, 4), 34
    )
    answer = solve(problem, 20)
    assert (answer.status, answer.steps) == ("infeasible", ())
    assert answer.minimum == answer.fits == min(peak for _, peak in every_schedule(problem))
    assert answer.holds
