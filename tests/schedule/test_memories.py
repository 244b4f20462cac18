"""Several memories: what names them, and which buffer is placed in which."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec.errors import EdgecError
from edgec.ir import Graph, IRError, f32
from edgec.ir.ops import Add, Dense, Relu
from edgec.schedule import (
    ALIGN,
    Buffer,
    Constants,
    Memory,
    Problem,
    accesses,
    build_problem,
    check_plan,
    parse_memories,
    place,
    plan_memory,
    program_order,
    smallest,
)


def test_names_sizes_and_speeds() -> None:
    text = "sram1=128K, sram2=32KiB@fast,big=1M@slow,odd=100@1.5,dtcm@fast"
    assert parse_memories(text, {"ram": 1 << 20, "dtcm": 4096}) == (
        Memory("sram1", 128 << 10, 2.0),
        Memory("sram2", 32 << 10, 1.0),
        Memory("big", 1 << 20, 4.0),
        Memory("odd", 100, 1.5),
        Memory("dtcm", 4096, 1.0),
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no name"),
        ("a=1K,", "no name"),
        ("1a=1K", "no name"),
        ("a-b=1K", "no name"),
        ("=1K", "no name"),
        ("a", "no size"),
        ("a=", "size ''"),
        ("a=-5", "size '-5'"),
        ("a=5X", "size '5X'"),
        ("a=0", "has 0 bytes"),
        ("a=15", "has 15 bytes"),
        ("a=9007199254740993", "2^53"),
        ("ram=9K", "the target's 8192"),
        ("a=1K,A=1K", "names A twice"),
        ("a=1K@", "is ''"),
        ("a=1K@quick", "is 'quick'"),
        ("a=1K@0", "is '0'"),
        ("a=1K@nan", "is 'nan'"),
        ("a=1K@inf", "is 'inf'"),
    ],
)
def test_what_names_no_memories(text: str, word: str) -> None:
    with pytest.raises(EdgecError, match="option memory") as caught:
        parse_memories(text, {"ram": 8192})
    assert word in str(caught.value)


def problem_of(rectangles: list[tuple[int, int, int]]) -> Problem:
    """(units of ALIGN, first, last) of each buffer."""
    return Problem(tuple(Buffer(f"b{i}", r[0] * ALIGN, r[1], r[2], "value") for i, r in enumerate(rectangles)), {}, {})


drawn_problems = st.builds(
    lambda drawn: problem_of([(size, first, first + length) for size, first, length in drawn]),
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=6),
)


def fits(problem: Problem, memory: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    inside = [[b for b, k in enumerate(memory) if k == number] for number in range(len(sizes))]
    return all(not i or plan_memory(problem.only(i)).arena_bytes <= s for i, s in zip(inside, sizes, strict=True))


drawn_constants = st.lists(
    st.builds(Constants, st.integers(1, 4).map(lambda n: n * ALIGN), st.integers(0, 4000)), max_size=2
)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(drawn_problems, drawn_constants, st.tuples(st.integers(1, 12), st.integers(1, 12)), st.integers(0, 1 << 20))
def test_no_placement_costs_less(
    problem: Problem, constants: list[Constants], units: tuple[int, int], seed: int
) -> None:
    count = len(problem.buffers)
    weights = [int(w) for w in np.random.default_rng(seed).integers(0, 1000, count)]
    sizes = (units[0] * ALIGN, units[1] * ALIGN)
    memories = (Memory("slow", sizes[0], 3.0), Memory("fast", sizes[1], 1.0))
    possible = []
    for of_buffer, moved in product(product((0, 1), repeat=count), product((False, True), repeat=len(constants))):
        held = sum(c.bytes for c, fast in zip(constants, moved, strict=True) if fast)
        if held <= sizes[1] and fits(problem, of_buffer, (sizes[0], sizes[1] - held)):
            cost = sum(w * memories[k].cost for w, k in zip(weights, of_buffer, strict=True))
            possible.append(cost + sum(c.accesses * (2 - fast) for c, fast in zip(constants, moved, strict=True)))
    plan = place(problem, memories, weights, constants)
    if plan is None:
        assert not possible
        grown, bytes = smallest(problem, memories)
        for spare, does in ((0, True), (ALIGN, False)):
            larger = tuple(bytes - spare if k == grown else size for k, size in enumerate(sizes))
            assert any(fits(problem, m, larger) for m in product((0, 1), repeat=count)) is does
        return
    placement = plan.placement
    assert placement is not None
    assert placement.proven
    assert placement.cost == min(possible)
    assert fits(problem, placement.of_buffer, sizes)
    assert plan.arena_bytes == sum(placement.used)
    taken = [used + held for used, held in zip(placement.used, placement.constants, strict=True)]
    assert all(bytes <= size for bytes, size in zip(taken, sizes, strict=True))
    assert placement.constants == (0, sum(c.bytes for c, k in zip(constants, placement.of_constants, strict=True) if k))
    assert plan.ram_bytes == sum(taken)
    for a, b in product(range(count), repeat=2):
        (k, start), (other, begin) = plan.place(a), plan.place(b)
        one, two = problem.buffers[a], problem.buffers[b]
        assert start + one.bytes <= placement.used[k]
        if a < b and k == other and one.first < two.last and two.first < one.last:
            assert start + one.bytes <= begin or begin + two.bytes <= start


def test_an_operand_at_a_safe_distance_shares_its_memory_only() -> None:
    """Two buffers of 4 units that may overlap by 3 fit into one memory of 5 units."""
    problem = problem_of([(4, 0, 2), (4, 0, 2)])
    overlapping = Problem(problem.buffers, {}, {}, {(0, 1): ALIGN})
    memories = (Memory("a", 5 * ALIGN, 1.0), Memory("b", 2 * ALIGN))
    assert place(problem, memories, (1, 1)) is None
    plan = place(overlapping, memories, (1, 1))
    assert plan is not None
    assert [plan.place(b) for b in (0, 1)] == [(0, 0), (0, ALIGN)]
    assert smallest(problem, memories) == (0, 8 * ALIGN)


def test_a_program_without_buffers_is_given_a_few_bytes_beside_its_constants() -> None:
    plan = place(problem_of([]), (Memory("a", 32, 1.0), Memory("b", 32)), (), [Constants(16, 9), Constants(16, 5)])
    assert plan is not None and plan.placement is not None
    assert plan.placement.used == (ALIGN, 0)
    assert plan.placement.of_constants == (0, None)
    assert plan.ram_bytes == 2 * ALIGN


def test_many_buffers_are_placed_greedily_and_always_the_same_way() -> None:
    rng = np.random.default_rng(5)
    problem = problem_of([(int(s), int(f), int(f) + 4) for s, f in zip(*rng.integers(1, 60, (2, 300)), strict=True)])
    weights = [int(w) for w in rng.integers(1, 1 << 40, 300)]
    memories = (Memory("slow", 1 << 20, 4.0), Memory("fast", 2048, 1.0))
    plan = place(problem, memories, weights)
    assert plan is not None and plan.placement is not None
    assert not plan.placement.proven
    assert 0 < plan.placement.used[1] <= 2048
    assert plan == place(problem, memories, weights)


def dense(name: str = "net") -> Graph:
    graph = Graph(name)
    x = graph.input("x", f32(1, 64))
    w = graph.const(np.ones((32, 64), np.float32))
    h = graph.insert(Dense(x, w, graph.const(np.zeros(32, np.float32))), names=["h"]).result
    r = graph.insert(Relu(h), names=["r"]).result
    graph.returns({"y": graph.insert(Add(r, h), names=["y"]).result})
    return graph


def test_what_is_multiplied_is_read_for_each_few_products_from_scratch_if_there_is_some() -> None:
    graph = dense()
    schedule = program_order(graph)
    for scratch, expected in (({}, {"x": 64 * 32}), ({0: 16}, {"x": 64 * 4, "scratch0": 4 * 64 * 32})):
        problem = build_problem(graph, schedule, scratch, True)
        found = dict(zip((b.name for b in problem.buffers), accesses(schedule, problem), strict=True))
        assert found["h"] == 3 * 32 * 4  # written once, read twice
        assert {name: found[name] for name in expected} == expected


def test_the_checker_refuses_a_buffer_that_lies_in_two_memories() -> None:
    graph = dense()
    schedule = program_order(graph)
    problem = build_problem(graph, schedule, {}, True)
    plan = place(problem, (Memory("a", 256), Memory("b", 512, 1.0)), accesses(schedule, problem))
    assert plan is not None
    assert len(plan.borders) == 1
    offsets = {v: plan.offsets[i] for v, i in problem.of_value.items()}
    check_plan(graph, schedule, plan.arena_bytes, offsets, {}, plan.borders)
    start = min(offsets.values())
    with pytest.raises(IRError, match="lies in two memories"):
        check_plan(graph, schedule, plan.arena_bytes, offsets, {}, [start + ALIGN])
