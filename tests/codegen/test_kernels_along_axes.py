"""Kernels that reduce, normalize, order, transform or multiply along axes, as compiled C against the interpreter."""

from collections.abc import Iterable
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from kernel_cases import Draw, case, clamps, drawn, extent, functions, noise
from kernel_harness import BUILDS, Case, check

from edgec.codegen.kernels.spectral import turns
from edgec.ir import DType, Graph, Op, TensorType, Value, f32, ops
from edgec.ir.types import FLOATS, NUMBERS


def some(draw: Draw, dtypes: Iterable[DType]) -> DType:
    chosen: DType = draw(st.sampled_from(sorted(dtypes, key=lambda d: d.value)))
    return chosen


def shapes(draw: Draw, most: int = 4, rank: int = 6, least: int = 1) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(1, most), min_size=least, max_size=rank)))


def with_edges(draw: Draw, found: Case) -> Case:
    """Some elements of a float operand become NaN, infinite or equal to others; integers get few different values."""
    inputs = {}
    for name, x in found.inputs.items():
        edges = np.array([0.0, -0.0, 1.0, 1.0, inf, -inf, nan] if x.dtype.kind == "f" else [0, 1, 2], x.dtype)
        generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        chosen = generator.random(x.shape) < draw(st.sampled_from([0.0, 0.5, 1.0]))
        inputs[name] = np.where(chosen, generator.choice(edges, x.shape), x)
    return Case(found.graph, inputs, found.exact, found.alias)


@st.composite
def reductions(draw: Draw) -> Case:
    cls = draw(st.sampled_from(functions(ops.Reduce)))
    shape, dtype, keepdims = shapes(draw, rank=7, least=0), some(draw, cls.dtypes), draw(st.booleans())
    axes = tuple(a for a in range(len(shape)) if draw(st.booleans()))
    exact = cls in (ops.ReduceMax, ops.ReduceMin) or not dtype.is_float
    found = case(draw, [TensorType(dtype, shape)], lambda graph, x: cls(x, axes, keepdims), exact)
    return with_edges(draw, found) if cls in (ops.ReduceMax, ops.ReduceMin, ops.ReduceLogSumExp) else found


@st.composite
def long_sums(draw: Draw) -> Case:
    """Large numbers, and small ones that must not be lost beside them."""
    cls, count = draw(st.sampled_from([ops.ReduceSum, ops.ReduceMean])), draw(st.integers(60, 140))
    found = case(draw, [f32(40, count)], lambda graph, x: cls(x, (0, 1)))
    x = np.where(np.arange(40 * count) % 97 == 0, 1e4, 1e-2).astype(np.float32)
    return Case(found.graph, {"x0": x.reshape(40, count)})


@st.composite
def normalizations(draw: Draw) -> Case:
    shape, dtype = shapes(draw, rank=5), some(draw, FLOATS)
    axes = tuple(a for a in range(len(shape)) if draw(st.booleans()))
    axis = draw(st.sampled_from(axes)) if axes else 0
    groups = draw(st.sampled_from([g for g in (1, 2, 4) if shape[axis] % g == 0])) if axes else 1
    kept = [tuple(draw(st.sampled_from([1, e])) for e in shape[draw(st.integers(0, len(shape))) :]) for _ in range(2)]
    biased, alias, centered = draw(st.booleans()), draw(st.sampled_from([None, 0])), draw(st.booleans())

    def build(graph: Graph, x: Value, *others: Value) -> Op:
        bias = others[1] if biased else None
        return ops.Normalize(x, others[0], bias, axes, 1e-3, centered, axis, groups)

    kinds = [TensorType(dtype, s) for s in (shape, *kept[: 1 + biased])]
    return case(draw, kinds, build, alias=alias)


@st.composite
def along(draw: Draw) -> Case:
    shape, alias = shapes(draw, 6, 4), draw(st.sampled_from([None, 0]))
    cls, axis = draw(st.sampled_from([ops.Softmax, ops.LogSoftmax])), draw(st.integers(0, len(shape) - 1))
    return case(draw, [TensorType(some(draw, FLOATS), shape)], lambda graph, x: cls(x, axis), alias=alias)


@st.composite
def positions(draw: Draw) -> Case:
    shape = shapes(draw, 6, 4)
    axis = draw(st.integers(0, len(shape) - 1))
    cls: type[ops.AlongAxis] = draw(st.sampled_from([ops.ArgMax, ops.ArgMin, ops.Hardmax, ops.TopK]))
    dtype = some(draw, cls.dtypes)
    attributes: dict[str, Any] = {}
    if cls is ops.TopK:
        attributes = {"k": draw(st.integers(1, shape[axis])), "largest": draw(st.booleans())}
    elif cls is not ops.Hardmax:
        attributes = {"last": draw(st.booleans())}
    found = case(draw, [TensorType(dtype, shape)], lambda graph, x: cls(x, axis, **attributes), True)
    return with_edges(draw, found)


@st.composite
def running(draw: Draw) -> Case:
    shape, dtype = shapes(draw, 6, 4), some(draw, NUMBERS)
    cls, axis = draw(st.sampled_from([ops.CumSum, ops.CumProd])), draw(st.integers(0, len(shape) - 1))
    exclusive, reverse = draw(st.booleans()), draw(st.booleans())
    alias = draw(st.sampled_from([None, 0]))
    kinds = [TensorType(dtype, shape)]
    return case(draw, kinds, lambda graph, x: cls(x, axis, exclusive, reverse), not dtype.is_float, alias)


@st.composite
def matmuls(draw: Draw) -> Case:
    rows, inner, columns = (extent(draw, 9) for _ in range(3))
    batch, dtype = draw(st.lists(st.integers(1, 3), max_size=3)), some(draw, NUMBERS)
    dtype = draw(st.sampled_from([DType.F32, dtype]))
    kinds = []
    for matrix in ((rows, inner), (inner, columns)):
        kept = batch[draw(st.integers(0, len(batch))) :]
        kinds.append(TensorType(dtype, (*(draw(st.sampled_from([1, e])) for e in kept), *matrix)))
    return case(draw, kinds, lambda graph, a, b: ops.MatMul(a, b))


@st.composite
def denses(draw: Draw) -> Case:
    """Those that are not float32."""
    dtype, clamp = some(draw, NUMBERS - {DType.F32}), draw(clamps())
    inner, out = extent(draw, 9), extent(draw, 9)

    def build(graph: Graph, x: Value) -> Op:
        w, bias = (graph.const(noise(draw, TensorType(dtype, s))) for s in ((out, inner), (out,)))
        return ops.Dense(x, w, bias, clamp)

    return case(draw, [TensorType(dtype, (*shapes(draw, 3, 2, 0), inner))], build)


@st.composite
def determinants(draw: Draw) -> Case:
    order, dtype = extent(draw, 5), some(draw, FLOATS)
    found = case(draw, [TensorType(dtype, (*shapes(draw, 3, 2, 0), order, order))], lambda graph, x: ops.Det(x))
    x = found.inputs["x0"].copy()
    if draw(st.booleans()):
        x[..., 0, 0] = 0  # no pivot where one would look first
    return Case(found.graph, {"x0": x})


@st.composite
def transforms(draw: Draw) -> Case:
    shape, dtype = list(shapes(draw, 3, 3)), some(draw, FLOATS)
    axis = draw(st.integers(0, len(shape) - 1))
    shape[axis] = extent(draw, 18)
    inverse, onesided, complex_ = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    length = draw(st.sampled_from([1, 2, 4, 8, 16, 32, shape[axis], 2 * shape[axis] - 1, 15]))
    kind = TensorType(dtype, (*shape, 2 if complex_ else 1))
    return case(draw, [kind], lambda graph, x: ops.Dft(x, axis, length, inverse, onesided))


@st.composite
def frames(draw: Draw) -> Case:
    dtype, signal, step, onesided = some(draw, FLOATS), draw(st.integers(1, 40)), extent(draw, 5), draw(st.booleans())
    length = draw(st.sampled_from([n for n in (1, 4, 6, 8, 16) if n <= signal]))
    kinds = [TensorType(dtype, (extent(draw, 2), signal, extent(draw, 2))), TensorType(dtype, (length,))]
    kinds = kinds[: 1 + draw(st.booleans())]
    return case(draw, kinds, lambda graph, x, w=None: ops.Stft(x, w, length, step, onesided))


@st.composite
def sequences(draw: Draw) -> Case:
    """Of few different elements, so that n-grams are found."""
    columns, outputs, shortest = extent(draw, 12), extent(draw, 4), extent(draw, 2)
    counts = tuple(draw(st.lists(st.integers(0, 3), min_size=1, max_size=3)))
    counts = (*counts[:-1], counts[-1] + 1)
    skips, binary, weighted = draw(st.integers(0, 3)), draw(st.booleans()), draw(st.booleans())
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = sum(c * (shortest + i) for i, c in enumerate(counts))

    def build(graph: Graph, x: Value) -> Op:
        pool = graph.const(generator.integers(0, 3, size))
        places = graph.const(generator.integers(0, outputs, sum(counts)).astype(np.int32))
        weights = graph.const(noise(draw, f32(outputs))) if weighted else None
        return ops.TfIdf(x, pool, places, weights, outputs, shortest, counts, skips, binary)

    kind = TensorType(draw(st.sampled_from([DType.I32, DType.I64])), (*shapes(draw, 3, 1, 0), columns))
    found = case(draw, [kind], build, exact=True)
    return Case(found.graph, {"x0": generator.integers(0, 3, kind.shape).astype(kind.dtype.numpy)}, exact=True)


FAMILIES = {
    "reductions": ([reductions()], 160),
    "normalizations": ([normalizations(), long_sums(), along()], 150),
    "lines": ([positions(), running(), sequences()], 210),
    "products": ([matmuls(), denses(), determinants()], 150),
    "transforms": ([transforms(), frames()], 120),
}


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_kernels_along_axes_agree_with_the_interpreter(family: str, build: str, tmp_path: Path) -> None:
    strategies, count = FAMILIES[family]
    cases = [case for strategy in strategies for case in drawn(strategy, count // len(strategies))]
    cc, flags = BUILDS[build]
    check(cases, tmp_path, cc, flags.split())


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 12, 16, 400])
def test_turns_are_those_of_the_unit_circle_and_symmetric(length: int) -> None:
    table = turns(length, False, np.dtype(np.float64))
    # The angles of the reference are rounded themselves.
    circle = np.exp(-2j * np.pi * np.arange(length) / length)
    np.testing.assert_allclose(table[:, 0] + 1j * table[:, 1], circle, rtol=0, atol=2e-15)
    np.testing.assert_array_equal(turns(length, True, np.dtype(np.float64)), table * (1, -1))
    np.testing.assert_array_equal(table[1:], table[:0:-1] * (1, -1))
