"""Drawn cases: graphs of one operator over shapes and attributes that hypothesis chooses, the same ones in each run."""

from collections.abc import Callable
from math import inf
from typing import Any, TypeVar

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from kernel_harness import Case

from edgec.ir import Array, DType, Graph, Op, TensorType, Value, ops
from edgec.ir.interp.registry import MEANINGS
from edgec.ir.types import NUMBERS

Draw = st.DrawFn
OpClass = TypeVar("OpClass", bound=Op)
NUMERIC = [*sorted(NUMBERS, key=lambda d: d.value), DType.BOOL]


def functions(base: type[OpClass]) -> list[type[OpClass]]:
    """The operators of a class that have a meaning: each must have a kernel."""
    return [cls for cls in MEANINGS if issubclass(cls, base)]


def noise(draw: Draw, type: TensorType) -> Array:
    """Seeded values of a tensor type; floats around zero, integers over their whole range."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype: np.dtype[Any] = type.dtype.numpy
    if dtype.kind == "f":
        return generator.standard_normal(type.shape).astype(dtype)
    if dtype.kind == "b":
        return generator.integers(0, 2, type.shape).astype(dtype)
    info = np.iinfo(dtype)
    return generator.integers(info.min, info.max, type.shape, dtype=dtype, endpoint=True)


def case(
    draw: Draw,
    inputs: list[TensorType],
    build: Callable[..., Op],
    exact: bool = False,
    alias: int | None = None,
) -> Case:
    """A graph of the one operator ``build(*inputs)`` with drawn inputs."""
    graph = Graph("g")
    values = [graph.input(f"x{i}", t) for i, t in enumerate(inputs)]
    op = graph.insert(build(graph, *values))
    graph.returns({f"y{i}": v for i, v in enumerate(op.results)})
    return Case(graph, {v.name: noise(draw, v.type) for v in values}, exact, alias)


def clamps() -> st.SearchStrategy[ops.Clamp | None]:
    """Limits of results around zero, or none."""
    return st.sampled_from([None, ops.Clamp(0.0), ops.Clamp(0.0, 0.5), ops.Clamp(-0.25, 0.25), ops.Clamp(-inf, 0.1)])


def extent(draw: Draw, most: int) -> int:
    """From 1 to ``most``."""
    return draw(st.integers(1, most))


def constants(draw: Draw, graph: Graph, *shapes: tuple[int, ...], dtype: DType = DType.F32) -> list[Value]:
    """Constants of these shapes."""
    return [graph.const(noise(draw, TensorType(dtype, s))) for s in shapes]


def drawn(strategy: st.SearchStrategy[Case], count: int) -> list[Case]:
    """That many different cases, the same ones in each run."""
    cases: list[Case] = []

    @settings(max_examples=count, derandomize=True, deadline=None, phases=[Phase.generate], database=None)
    @given(strategy)
    def collect(case: Case) -> None:
        cases.append(case)

    collect()
    return cases
