"""Memory plans: valid by the checker, optimal where the optimum is known, the same every time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec.ir import Graph, IRError, f32
from edgec.ir.ops import Add, Relu, Reshape, Softmax
from edgec.schedule import (
    ALIGN,
    Buffer,
    Problem,
    Schedule,
    Step,
    build_problem,
    check_plan,
    check_schedule,
    plan_memory,
    program_order,
)


def problem_of(rectangles: list[tuple[int, int, int]]) -> Problem:
    buffers = (Buffer(f"b{i}", size, first, last, "value") for i, (size, first, last) in enumerate(rectangles))
    return Problem(tuple(buffers), {}, {})


def assert_disjoint(problem: Problem, offsets: tuple[int, ...], arena: int) -> None:
    placed = list(zip(problem.buffers, offsets, strict=True))
    for i, (a, start) in enumerate(placed):
        assert start % ALIGN == 0
        assert start >= 0
        assert start + a.bytes <= arena
        for b, other in placed[:i]:
            together = a.first < b.last and b.first < a.last
            assert not (together and start < other + b.bytes and other < start + a.bytes)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 12), st.integers(1, 6)), max_size=14))
def test_plans_never_overlap(drawn: list[tuple[int, int, int]]) -> None:
    problem = problem_of([(size, first, first + length) for size, first, length in drawn])
    plan = plan_memory(problem)
    assert_disjoint(problem, plan.offsets, plan.arena_bytes)
    assert plan.lower_bound <= plan.arena_bytes


def full_rectangle(seed: int, height: int, steps: int, cuts: int) -> list[tuple[int, int, int]]:
    """Cut a rectangle of ``height`` units of ALIGN by ``steps`` into pieces: a perfect packing exists."""
    rng = np.random.default_rng(seed)
    pieces = [(0, height, 0, steps)]
    while len(pieces) < cuts:
        low, high, first, last = pieces.pop(int(rng.integers(len(pieces))))
        if rng.random() < 0.5 and high - low > 1:
            at = int(rng.integers(low + 1, high))
            pieces += [(low, at, first, last), (at, high, first, last)]
        elif last - first > 1:
            at = int(rng.integers(first + 1, last))
            pieces += [(low, high, first, at), (low, high, at, last)]
        else:
            pieces.append((low, high, first, last))
    return [((high - low) * ALIGN, first, last) for low, high, first, last in pieces]


@pytest.mark.parametrize("seed", range(4))
def test_a_perfect_packing_is_found_where_greedy_misses_it(seed: int) -> None:
    plan = plan_memory(problem_of(full_rectangle(seed, height=24, steps=12, cuts=18)))
    assert plan.arena_bytes == 24 * ALIGN
    assert plan.optimal


def test_the_same_problem_gives_the_same_plan() -> None:
    problem = problem_of(full_rectangle(7, height=40, steps=20, cuts=40))
    assert plan_memory(problem) == plan_memory(problem)


def chain() -> Graph:
    """x -> relu in place -> view -> softmax -> add of both."""
    graph = Graph("chain")
    x = graph.input("x", f32(1, 8, 8, 4))
    a = graph.insert(Softmax(x, 3), names=["a"]).result
    b = graph.insert(Relu(a, inplace=True), names=["b"]).result
    c = graph.insert(Reshape(b, (1, 256)), names=["c"]).result
    d = graph.insert(Softmax(c, 1), names=["d"]).result
    e = graph.insert(Add(c, d), names=["e"]).result
    graph.returns({"y": e})
    return graph


def test_views_and_in_place_results_share_one_buffer() -> None:
    graph = chain()
    schedule = program_order(graph)
    problem = build_problem(graph, schedule, {}, io_in_arena=True)
    values = {v.name: problem.of_value[v] for v in graph.values()}
    assert values["a"] == values["b"] == values["c"]
    assert len(problem.buffers) == 4
    assert plan_memory(problem).arena_bytes == 3 * 1024


def test_io_of_the_caller_is_not_in_the_arena() -> None:
    graph = chain()
    problem = build_problem(graph, program_order(graph), {}, io_in_arena=False)
    assert {b.name for b in problem.buffers} == {"a", "d"}


def test_scratch_lives_for_its_step_only() -> None:
    graph = chain()
    problem = build_problem(graph, program_order(graph), {0: 100}, io_in_arena=True)
    scratch = problem.buffers[problem.of_scratch[0]]
    assert (scratch.first, scratch.last, scratch.kind) == (0, 1, "scratch")


def places(graph: Graph, schedule: Schedule) -> dict[str, int]:
    problem = build_problem(graph, schedule, {}, io_in_arena=True)
    plan = plan_memory(problem)
    return {v.name: plan.offsets[i] for v, i in problem.of_value.items()}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"d": 0, "a": 0, "b": 0, "c": 0}, "writes over its operand|overwrote|finds"),
        ({"x": 8}, "aligned"),
        ({"e": 1 << 20}, "arena"),
        ({"c": 2048}, "finds|overwrote|expects"),
    ],
)
def test_the_checker_refuses_a_broken_plan(broken: dict[str, int], message: str) -> None:
    graph = chain()
    schedule = program_order(graph)
    good = places(graph, schedule)
    by_name = {v.name: v for v in graph.values()}
    check_plan(graph, schedule, 3 * 1024, {by_name[n]: o for n, o in good.items()}, {})
    bad = {by_name[n]: o for n, o in {**good, **broken}.items()}
    with pytest.raises(IRError, match=message):
        check_plan(graph, schedule, 3 * 1024, bad, {})


def test_the_checker_refuses_scratch_over_an_operand() -> None:
    graph = chain()
    schedule = program_order(graph)
    by_name = {v.name: v for v in graph.values()}
    offsets = {by_name[n]: o for n, o in places(graph, schedule).items()}
    with pytest.raises(IRError, match="scratch"):
        check_plan(graph, schedule, 3 * 1024, offsets, {0: (offsets[by_name["x"]], 64)})


def test_the_checker_refuses_a_step_before_its_operands() -> None:
    graph = chain()
    steps = program_order(graph).steps
    with pytest.raises(IRError, match="before it is computed"):
        check_schedule(graph, Schedule((steps[1], steps[0], *steps[2:])))
    with pytest.raises(IRError, match="never computed"):
        check_schedule(graph, Schedule(steps[:-1]))


def joined(graph: Graph, *groups: tuple[str, ...], inplace: str | None = None) -> Schedule:
    """Steps of the operators that give these values; the last one may take the place of a value."""
    by_name = {v.name: v for v in graph.values()}
    made = {name: value.producer for name, value in by_name.items() if value.producer is not None}
    steps = [Step(tuple(made[name] for name in group)) for group in groups]
    if inplace is not None:
        steps[-1] = Step(steps[-1].ops, by_name[inplace])
    return Schedule(tuple(steps))


def test_what_lies_inside_a_step_has_no_memory() -> None:
    graph = chain()
    schedule = joined(graph, ("a", "b"), ("d", "e"))
    check_schedule(graph, schedule)
    assert [v.name for v in schedule.steps[1].operands] == ["c"]
    problem = build_problem(graph, schedule, {}, io_in_arena=True)
    assert {v.name for v in problem.of_value} == {"x", "b", "c", "e"}
    offsets = {v: plan_memory(problem).offsets[i] for v, i in problem.of_value.items()}
    check_plan(graph, schedule, 3 * 1024, offsets, {})
    by_name = {v.name: v for v in graph.values()}
    with pytest.raises(IRError, match="is not written there"):
        check_plan(graph, schedule, 4 * 1024, {**offsets, by_name["d"]: 3 * 1024}, {})


def test_a_step_may_take_the_place_of_an_operand_that_its_last_operator_alone_reads() -> None:
    graph = Graph("residual")
    x, y = (graph.input(name, f32(1, 8)) for name in "xy")
    a = graph.insert(Softmax(x, 1), names=["a"]).result
    graph.returns({"z": graph.insert(Add(a, y), names=["b"]).result})
    schedule = joined(graph, ("a", "b"), inplace="y")
    check_schedule(graph, schedule)
    problem = build_problem(graph, schedule, {}, io_in_arena=True)
    assert len(problem.buffers) == 2
    offsets = {v: plan_memory(problem).offsets[i] for v, i in problem.of_value.items()}
    assert plan_memory(problem).arena_bytes == 64
    check_plan(graph, schedule, 64, offsets, {})
    with pytest.raises(IRError, match="may not take the place"):
        check_schedule(graph, joined(graph, ("a", "b"), inplace="x"))
    with pytest.raises(IRError, match="writes over its operand"):
        check_plan(graph, joined(graph, ("a", "b")), 64, offsets, {})


def test_the_checker_refuses_a_step_in_the_wrong_order_and_who_reads_what_lies_inside() -> None:
    graph = chain()
    check_schedule(graph, joined(graph, ("a",), ("b", "d", "e")))
    for wrong in ([("a", "b"), ("e", "d")], [("b", "a"), ("d",), ("e",)], [("a", "b", "d"), ("e",)]):
        with pytest.raises(IRError, match="before it is computed"):
            check_schedule(graph, joined(graph, *wrong))


def convolved() -> tuple[Graph, Schedule]:
    """x -> a -> b -> c: a view of a is read, and x by the last one once more."""
    graph = Graph("convolved")
    x = graph.input("x", f32(1, 8, 8, 4))
    a = graph.insert(Softmax(x, 3), names=["a"]).result
    flat = graph.insert(Reshape(a, (1, 256)), names=["flat"]).result
    b = graph.insert(Softmax(flat, 1), names=["b"]).result
    c = graph.insert(Add(b, graph.insert(Reshape(x, (1, 256)), names=["again"]).result), names=["c"]).result
    graph.returns({"y": c})
    return graph, program_order(graph)


def test_an_operand_lies_over_the_result_where_nothing_reads_it_later() -> None:
    graph, schedule = convolved()
    by_name = {v.name: v for v in graph.values()}
    safe = [{by_name["x"]: 64}, {by_name["flat"]: 96}, {}]
    problem = build_problem(graph, schedule, {}, True, safe)
    names = {(problem.buffers[a].name, problem.buffers[b].name): d for (a, b), d in problem.distances.items()}
    # x is read again at the end.
    assert names == {("b", "a"): 96}
    assert problem.live_bytes(1) == 1024 + 1024 + 96
    plan = plan_memory(problem)
    assert plan.arena_bytes == plan.lower_bound == 3 * 1024  # the sum at the end
    offsets = {v: plan.offsets[i] for v, i in problem.of_value.items()}
    check_plan(graph, schedule, plan.arena_bytes, offsets, {}, distances=safe)


@pytest.mark.parametrize(("above", "fits"), [(96, True), (80, False), (-1008, False)])
def test_the_checker_holds_operands_to_their_distance(above: int, fits: bool) -> None:
    graph, schedule = convolved()
    by_name = {v.name: v for v in graph.values()}
    safe = [{}, {by_name["flat"]: 96}, {}]
    places = {"x": 0, "again": 0, "b": 2048, "a": 2048 + above, "flat": 2048 + above, "c": 4096}
    offsets = {by_name[name]: place for name, place in places.items()}
    if fits:
        check_plan(graph, schedule, 8192, offsets, {}, distances=safe)
    else:
        with pytest.raises(IRError, match="writes over its operand %flat"):
            check_plan(graph, schedule, 8192, offsets, {}, distances=safe)


def test_what_lies_over_a_result_is_gone_for_later_readers() -> None:
    graph, schedule = convolved()
    by_name = {v.name: v for v in graph.values()}
    safe = [{by_name["x"]: 64}, {}, {}]
    places = {"x": 64, "again": 64, "a": 0, "flat": 0, "b": 2048, "c": 4096}
    with pytest.raises(IRError, match="expects"):
        check_plan(graph, schedule, 8192, {by_name[name]: place for name, place in places.items()}, {}, distances=safe)
