"""Order and rematerialization of plain graphs: brute force, the checker, bad input, the command line."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec import cli
from edgec.errors import EdgecError
from edgec.schedule import RematProblem, solve
from edgec.schedule.remat import replay, square_root
from edgec.schedule.remat.anneal import ORDER, SLOW, anneal, annealed, warm
from edgec.schedule.remat.free import free_bound
from edgec.schedule.remat.joint import list_schedule, moves_within
from edgec.schedule.remat.minimum import least_memory


def drawn(seed: int, n: int, share: float, joint: bool = False, edges: float = 0.5) -> RematProblem:
    """A random graph; the budget lies ``share`` of the way from its largest step to its peak in order."""
    random = Random(seed)
    pairs = tuple((u, v) for v in range(n) for u in range(v) if random.random() < edges)
    durations, sizes = (tuple(random.randint(1, 9) for _ in range(n)) for _ in range(2))
    names = tuple(f"n{i}" for i in range(n))
    free = RematProblem(names, durations, sizes, pairs, tuple(range(n)), 0, joint)
    least, peak = max(map(free.working_set, range(n))), replay(free, free.order)[1]
    return RematProblem(names, durations, sizes, pairs, free.order, least + int(share * (peak - least)), joint)


def every_schedule(problem: RematProblem) -> Iterator[list[int]]:
    n = len(problem.names)

    def extend(steps: list[int]) -> Iterator[list[int]]:
        if len(set(steps)) == n:
            yield steps
            return  # what comes after all are computed is of no use
        for v in range(n):
            if steps.count(v) < problem.intervals and all(u in steps for u in problem.inputs[v]):
                yield from extend([*steps, v])

    yield from extend([])


def cheapest(problem: RematProblem) -> int | None:
    best = None
    for steps in every_schedule(problem):
        try:
            duration, peak = replay(problem, steps)
        except EdgecError:
            continue  # out of the order
        if peak <= problem.budget and (best is None or duration < best):
            best = duration
    return best


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_small_graphs_are_solved_as_well_as_by_brute_force(seed: int, joint: bool) -> None:
    problem = drawn(seed, 5, 0.4, joint)
    best = cheapest(problem)
    if best is None and joint:
        with pytest.raises(EdgecError, match="no schedule within"):
            solve(problem, 0.5)
        return
    if best is None:
        assert solve(problem, 5).status == "infeasible"
        return
    answer = solve(problem, 0.5)
    assert answer.duration == best
    assert answer.bound <= best
    assert (answer.status == "optimal") == (answer.bound == best)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 30), st.floats(0.3, 1), st.booleans())
def test_answers_keep_budget_and_order(seed: int, n: int, share: float, joint: bool) -> None:
    problem = drawn(seed, n, share, joint, 0.2)
    try:
        answer = solve(problem, 0.1)
    except EdgecError:
        return
    place = {name: i for i, name in enumerate(problem.names)}
    assert replay(problem, [place[name] for name in answer.steps]) == (answer.duration, answer.peak)
    assert problem.base <= answer.bound <= answer.duration
    assert answer.peak <= problem.budget


def test_a_chain_with_a_long_skip_is_recomputed() -> None:
    # a (large, cheap) is used at the start and at the end; between them the budget has no room for it.
    problem = RematProblem(
        ("a", "b", "c", "d", "e"),
        (1, 10, 10, 10, 10),
        (50, 1, 60, 1, 1),
        ((0, 1), (1, 2), (2, 3), (3, 4), (0, 4)),
        (0, 1, 2, 3, 4),
        70,
    )
    answer = solve(problem, 0.5)
    assert answer.steps == ("a", "b", "c", "d", "a", "e")
    assert (answer.duration, answer.peak) == (42, 61)


@pytest.mark.parametrize("joint", [False, True])
def test_the_same_seed_gives_the_same_answer(joint: bool) -> None:
    problem = drawn(3, 40, 0.6, joint, 0.1)
    moves = [anneal(problem, problem.order, 20_000, 60, 7) for _ in range(2)]
    assert moves[0] == moves[1]


def test_a_joint_answer_depends_on_the_seed_alone_unless_the_clock_cuts_it() -> None:
    problem = drawn(3, 40, 0.5, True, 0.1)
    answers = [solve(problem, 0.5, seed) for seed in (1, 1)]
    assert answers[0] == answers[1] or any(answer.notes for answer in answers)


def test_the_clock_is_told_of() -> None:
    problem = drawn(3, 40, 0.1, True, 0.1)
    assert annealed(problem, problem.order, 10**9, 0.0, 0, warm(40)).cut
    assert not annealed(problem, problem.order, 2000, 60, 0, warm(40)).cut


def test_work_is_a_matter_of_problem_and_time_limit() -> None:
    small, large = drawn(0, 20, 0.5, True, 0.2), drawn(0, 80, 0.5, True, 0.2)
    assert moves_within(small, 2.0) == pytest.approx(2 * moves_within(small, 1.0), abs=1)
    assert moves_within(large, 1.0) < moves_within(small, 1.0)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_alone_is_searched_without_recomputation(seed: int) -> None:
    problem = drawn(seed, 30, 0.0, True, 0.15)
    for compiled in (True, False):
        found = annealed(problem, problem.order, 20_000, 60, seed, ORDER, recompute=False, compiled=compiled).steps
        assert sorted(found) == sorted(problem.order)
        assert replay(problem, found)[1] <= replay(problem, problem.order)[1]
    listed = list_schedule(problem)
    assert replay(problem, listed)[0] == problem.base


@pytest.mark.parametrize("seed", range(8))
def test_no_schedule_needs_less_than_the_smallest_budget(seed: int) -> None:
    problem = replace(drawn(seed, 5, 0.4, True), intervals=3)
    least = least_memory(problem)
    found = min(replay(problem, steps)[1] for steps in every_schedule(replace(problem, intervals=2)))
    assert max(map(problem.working_set, range(5))) <= least.size <= found
    assert least.size == sum(problem.sizes[v] for v in least.holds)


@pytest.mark.parametrize("seed", [13, 18])
def test_no_schedule_of_a_free_order_takes_less_than_its_bound(seed: int) -> None:
    problem = drawn(seed, 6, 0, True, 0.4)
    problem = replace(problem, budget=least_memory(problem).size + seed % 3)
    bound, early = free_bound(problem, 10**6), free_bound(problem, 200)
    assert bound is not None and early is not None
    assert problem.base < bound == cheapest(problem)
    assert problem.base <= early <= bound


def test_two_inputs_of_the_same_node_hold_more_than_any_step_by_itself() -> None:
    # c needs a and b (10 each), and each of these 15 more in its own step, where whichever is last finds the other.
    problem = RematProblem(
        ("x", "y", "a", "b", "c"), (1,) * 5, (15, 15, 10, 10, 1), ((0, 2), (1, 3), (2, 4), (3, 4)), (0, 1, 2, 3, 4), 0
    )
    least = least_memory(problem)
    assert max(map(problem.working_set, range(5))) == 25
    assert least.size == 35
    answer = solve(replace(problem, budget=34), 0.1)
    assert (answer.status, answer.minimum) == ("infeasible", 35)
    assert set(answer.holds) in ({"a", "b", "x"}, {"a", "b", "y"})


def test_without_a_compiler_the_search_runs_in_python_and_says_that_it_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgec.schedule.remat.anneal.native_library", lambda *_: None)
    problem = drawn(1, 8, 1.0, True)
    answer = solve(problem, 0.05)
    assert SLOW in answer.notes
    assert answer.peak <= problem.budget


def test_without_a_compiler_moves_are_fewer() -> None:
    problem = drawn(1, 8, 0.7, True)
    found = anneal(problem, problem.order, 100_000, 5, 0, compiled=False)
    assert replay(problem, found)[1] <= max(problem.budget, replay(problem, problem.order)[1])


def test_the_checker_refuses_what_is_no_schedule() -> None:
    problem = drawn(0, 4, 1.0, edges=1)
    for steps in ([0, 1, 2], [1, 0, 2, 3], [0, 0, 0, 1, 2, 3], [0, 1, 2, 1, 0, 3]):
        with pytest.raises(EdgecError):
            replay(problem, steps)
    replay(problem, [0, 1, 2, 0, 1, 3])


def test_the_peak_counts_a_value_from_its_step_to_its_last_use_before_it_is_recomputed() -> None:
    problem = RematProblem(("a", "b", "c"), (1, 1, 1), (5, 3, 2), ((0, 1), (0, 2)), (0, 1, 2), 99)
    assert replay(problem, [0, 1, 2]) == (3, 8)  # b is used by nobody: live in its own step only
    assert replay(problem, [0, 1, 0, 2]) == (4, 8)


def test_the_square_root_strategy_is_a_schedule() -> None:
    problem = drawn(5, 40, 1.0, edges=0.1)
    assert len(square_root(problem)) > 40
    assert replay(problem, square_root(problem))[0] >= problem.base


def test_a_budget_below_every_schedule_says_what_holds_it() -> None:
    problem = RematProblem(("a", "b"), (1, 1), (5, 3), ((0, 1),), (0, 1), 7)
    answer = solve(problem, 0.1)
    assert (answer.status, answer.minimum, answer.holds) == ("infeasible", 8, ("b", "a"))


GRAPH: dict[str, Any] = {
    "nodes": [{"name": "a", "duration": 1, "size": 2}, {"name": "b", "duration": 3, "size": 4}],
    "edges": [["a", "b"]],
    "order": ["a", "b"],
}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"edges": [["a", "b"], ["b", "a"]]}, "cycle"),
        ({"edges": [["a", "a"]]}, "cycle"),
        ({"edges": [["a", "x"]]}, "no node"),
        ({"edges": [["a"]]}, "pairs"),
        ({"edges": [[["a"], "b"]]}, "no node"),
        ({"order": ["b", "a"]}, "before"),
        ({"order": ["a"]}, "each node once"),
        ({"order": "ab"}, "list"),
        ({"nodes": {}}, "list of nodes"),
        ({"nodes": [{"name": "a"}]}, "no node"),
        ({"nodes": [*GRAPH["nodes"], {"name": "a", "duration": 1, "size": 1}]}, "twice"),
        ({"nodes": [{"name": "a", "duration": -1, "size": 1}, GRAPH["nodes"][1]]}, "negative"),
        ({"nodes": [{"name": "a", "duration": 1, "size": 2**53 + 1}, GRAPH["nodes"][1]]}, "2\\^53"),
        ({"nodes": [{"name": "a", "duration": 1, "size": 0.5}, GRAPH["nodes"][1]]}, "whole number"),
    ],
)
def test_bad_graphs_are_refused(change: dict[str, Any], what: str) -> None:
    with pytest.raises(EdgecError, match=what):
        RematProblem.from_json(GRAPH | change, 10)


def test_graphs_go_through_json_and_networkx() -> None:
    problem = drawn(2, 12, 0.8)
    assert RematProblem.from_json(json.loads(json.dumps(problem.to_json())), problem.budget) == problem
    back = RematProblem.from_networkx(problem.to_networkx(), problem.budget)
    assert (back.names, back.order, sorted(back.edges)) == (problem.names, problem.order, sorted(problem.edges))


def test_the_command_line_shows_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(GRAPH))
    monkeypatch.setattr(sys, "argv", ["edgec", "schedule", str(file), "--budget", "100"])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert not exit_.value.code
    assert "optimal" in capsys.readouterr().out


def test_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "graph.json"

    def call(text: str, *args: str) -> tuple[int, Any]:
        file.write_text(text)
        monkeypatch.setattr(sys, "argv", ["edgec", "schedule", str(file), *args, "--json"])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return int(exit_.value.code or 0), json.loads(capsys.readouterr().out)

    code, told = call(json.dumps(GRAPH), "--budget", "6", "--joint")
    assert code == 0
    assert (told["status"], told["duration"], told["peak"], told["steps"]) == ("optimal", 4, 6, ["a", "b"])
    code, told = call(json.dumps(GRAPH), "--budget", "5")
    assert (code, told["status"], told["minimum"], told["holds"]) == (2, "infeasible", 6, ["b", "a"])
    assert call("{", "--budget", "5")[0] == 2
