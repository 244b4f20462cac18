"""Assignments by the constraint program: the best by brute force, within the limits, the same every time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec.errors import EdgecError
from edgec.ir import IRError
from edgec.precision import Figures, Layer, Limits, Objective, Problem, Read, Tensor, assign, check, figures

PRECISIONS = ("int8", "int16x8", "float32")
CONVERSION = {(a, b): 3.0 + i for i, (a, b) in enumerate(product(PRECISIONS, PRECISIONS)) if a != b}


def chain(*layers: Layer, elements: int = 100, conversion: dict[tuple[str, str], float] | None = None) -> Problem:
    """Layers one after the other, between a float input and a float output."""
    names: list[str | None] = [None, *(layer.name for layer in layers), None]
    tensors = tuple(
        Tensor(f"t{i}", elements, made_by, i - 1, (Read(i, read_by),))
        for i, (made_by, read_by) in enumerate(pairwise(names))
    )
    return Problem(layers, tensors, CONVERSION if conversion is None else conversion)


def layer(name: str, losses: Sequence[float], costs: Sequence[int], precisions: Sequence[str] = PRECISIONS) -> Layer:
    sizes = dict(zip(PRECISIONS, (10, 10, 40), strict=True))
    return Layer(
        name,
        dict(zip(precisions, losses, strict=True)),
        dict(zip(precisions, costs, strict=True)),
        {p: sizes[p] for p in precisions},
    )


def everything(problem: Problem) -> Iterator[tuple[dict[str, str], Figures]]:
    for picked in product(*(layer.loss for layer in problem.layers)):
        precisions = {layer.name: p for layer, p in zip(problem.layers, picked, strict=True)}
        yield precisions, figures(problem, precisions)


def best(problem: Problem, minimize: Objective, limits: Limits) -> float | None:
    return min((vars(f)[minimize] for _, f in everything(problem) if not f.exceeds(limits)), default=None)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A few layers that read any earlier tensors, some of them only in some precisions."""
    count = draw(st.integers(1, 5))
    layers: list[Layer] = []
    reads: list[list[Read]] = [[]]
    makers: list[str | None] = [None]
    for index in range(count):
        precisions = draw(st.sampled_from([PRECISIONS, ("int8", "float32"), ("float32",), ("int16x8", "float32")]))
        losses = draw(st.tuples(*(st.floats(1e-9, 1e-1) for _ in precisions)))
        costs = draw(st.tuples(*(st.integers(0, 5000) for _ in precisions)))
        name = f"l{index}"
        layers.append(layer(name, (*losses[:-1], 0.0), costs, precisions))
        for source in draw(st.sets(st.integers(0, index), min_size=1, max_size=2)):
            reads[source].append(Read(index, draw(st.sampled_from([name, name, None]))))
        reads.append([])
        makers.append(name)
    reads[-1].append(Read(count, None))
    sizes = draw(st.lists(st.integers(1, 200), min_size=count + 1, max_size=count + 1))
    tensors = (
        Tensor(f"t{i}", size, maker, i - 1, tuple(read))
        for i, (size, maker, read) in enumerate(zip(sizes, makers, reads, strict=True))
    )
    return Problem(tuple(layers), tuple(tensors), CONVERSION, draw(st.integers(0, 100)))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(problems(), st.floats(0, 1), st.sampled_from(["cost", "loss"]))
def test_no_assignment_within_the_limits_is_better(problem: Problem, share: float, minimize: Objective) -> None:
    """Limits between the least and the most that any assignment needs, of one figure after the other."""
    found = [f for _, f in everything(problem)]
    for name in ("loss", "cost", "ram_bytes", "weight_bytes"):
        values = sorted(vars(f)[name] for f in found)
        limits = replace(Limits(), **{name: values[int(share * (len(values) - 1))]})
        answer = assign(problem, minimize, limits)
        assert not answer.figures.exceeds(limits)
        assert vars(answer.figures)[minimize] == pytest.approx(best(problem, minimize, limits), rel=1e-9, abs=1e-12)
        assert answer.status == "optimal"
        assert answer.bound == pytest.approx(vars(answer.figures)[minimize], rel=1e-6, abs=1e-9)


def test_all_limits_hold_together() -> None:
    problem = chain(*(layer(f"l{i}", (1e-3 * (i + 1), 1e-6, 0.0), (100, 180, 900)) for i in range(5)), elements=40)
    limits = Limits(loss=6e-3, cost=3000, ram_bytes=240, weight_bytes=100)
    answer = assign(problem, "cost", limits)
    assert answer.figures.cost == best(problem, "cost", limits)
    assert not answer.figures.exceeds(limits)


def test_of_the_cheapest_the_one_that_loses_least() -> None:
    problem = chain(layer("a", (1e-2, 1e-5, 0.0), (100, 100, 500)), conversion={})
    assert assign(problem, "cost").precisions == {"a": "int16x8"}


def test_a_conversion_can_cost_more_than_a_precision_saves() -> None:
    cheap_middle = [layer(n, (1e-9 if n == "b" else 1.0, 1.0, 0.0), (10, 20, 30)) for n in "abc"]
    free, dear = chain(*cheap_middle, conversion={}), chain(*cheap_middle)
    assert assign(free, "cost", Limits(loss=0.5)).precisions == {"a": "float32", "b": "int8", "c": "float32"}
    assert set(assign(dear, "cost", Limits(loss=0.5)).precisions.values()) == {"float32"}


def test_a_copy_is_made_once_for_all_that_read_it() -> None:
    a, b, c = (layer(n, (0.0, 0.0, 0.0), (1, 1, 1)) for n in "abc")
    tensor = Tensor("t", 10, "a", 0, (Read(1, "b"), Read(2, "c")))
    problem = Problem((a, b, c), (tensor,), {("float32", "int8"): 7.0})
    assert figures(problem, {"a": "float32", "b": "int8", "c": "int8"}).cost == 3 + 70


def test_ram_counts_what_is_held_in_the_fullest_moment() -> None:
    problem = chain(layer("a", (0.0, 0.0, 0.0), (1, 1, 1)), elements=64)
    # The float input beside its copy, or operand and result of the layer, or the result beside its copy.
    assert figures(problem, {"a": "int8"}).ram_bytes == 256 + 64
    assert figures(problem, {"a": "int16x8"}).ram_bytes == 256 + 128
    assert figures(problem, {"a": "float32"}).ram_bytes == 512


def test_a_tensor_is_held_until_its_last_reader_of_each_precision() -> None:
    layers = [layer(n, (0.0, 0.0, 0.0), (1, 1, 1)) for n in "abc"]
    tensors = (
        Tensor("x", 16, "a", 0, (Read(1, "b"), Read(3, "c"))),
        Tensor("y", 160, "b", 1, (Read(2, None),)),
        Tensor("z", 160, None, 2, (Read(3, None),)),
    )
    problem = Problem(tuple(layers), tensors)
    # In step 2, y and z in float; x in int8 for c if that reads it so, not the copy that only b read.
    assert figures(problem, {"a": "float32", "b": "float32", "c": "int8"}).ram_bytes == 640 + 640 + 16
    assert figures(problem, {"a": "int8", "b": "float32", "c": "int8"}).ram_bytes == 640 + 640 + 16
    assert figures(problem, {"a": "int8", "b": "int8", "c": "float32"}).ram_bytes == 640 + 640 + 64


def test_what_cannot_be_kept_is_an_error_that_names_the_limits() -> None:
    problem = chain(layer("a", (1e-2, 1e-5, 0.0), (100, 200, 500)))
    with pytest.raises(EdgecError, match=r"no assignment keeps loss 0\.001, cost 50"):
        assign(problem, "cost", Limits(loss=1e-3, cost=50))


def test_a_limit_of_no_loss_leaves_everything_float() -> None:
    problem = chain(*(layer(n, (1e-30, 1e-40, 0.0), (1, 2, 3)) for n in "ab"), conversion={})
    assert set(assign(problem, "cost", Limits(loss=0.0)).precisions.values()) == {"float32"}


def test_a_problem_without_layers_has_an_answer() -> None:
    problem = Problem((), (Tensor("x", 4, None, -1, (Read(0, None),)),), fixed_cost=5)
    answer = assign(problem, "cost", Limits(loss=0.0, ram_bytes=16))
    assert (answer.precisions, answer.figures) == ({}, Figures(0.0, 5, 16, 0))


def test_the_same_problem_gets_the_same_answer() -> None:
    problem = chain(*(layer(f"l{i}", (1e-3, 1e-3, 0.0), (10, 10, 10)) for i in range(12)), conversion={})
    answers = [assign(problem, "loss", Limits(cost=120, ram_bytes=700)) for _ in range(2)]
    assert answers[0] == answers[1]


def test_the_check_trusts_nobody() -> None:
    problem = chain(layer("a", (1e-2, 1e-5, 0.0), (100, 200, 500)), conversion={})
    answer = assign(problem, "cost")
    check(problem, answer, "cost", Limits())
    with pytest.raises(IRError, match="exceeds its limits of loss"):
        check(problem, answer, "cost", Limits(loss=1e-3))
    with pytest.raises(IRError, match="claims to be"):
        check(problem, replace(answer, figures=replace(answer.figures, cost=1)), "cost", Limits())
    with pytest.raises(IRError, match="better than its own bound"):
        check(problem, replace(answer, bound=inf), "cost", Limits())
    with pytest.raises(IRError, match="has no precision int4"):
        check(problem, replace(answer, precisions={"a": "int4"}), "cost", Limits())
    with pytest.raises(IRError, match="is none to the problem's layers"):
        check(problem, replace(answer, precisions={}), "cost", Limits())
