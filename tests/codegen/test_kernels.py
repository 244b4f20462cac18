"""Every kernel, as C that is compiled and run, against the interpreter, over drawn shapes and attributes."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from kernel_cases import NUMERIC, Draw, case, clamps, constants, drawn, extent, functions, noise
from kernel_harness import BUILDS, Case, check

from edgec.ir import Array, DType, Graph, Op, TensorType, Value, f32, ops
from edgec.ir.types import NUMBERS


@st.composite
def pointwise(draw: Draw) -> Case:
    inner, out, clamp = extent(draw, 9), extent(draw, 11), draw(clamps())

    def build(graph: Graph, x: Value) -> Op:
        w, bias = constants(draw, graph, (out, 1, 1, inner), (out,))
        return ops.Conv2d(x, w, bias, clamp=clamp)

    return case(draw, [f32(extent(draw, 2), extent(draw, 4), extent(draw, 4), inner)], build)


@st.composite
def denses(draw: Draw) -> Case:
    leading = draw(st.lists(st.integers(1, 4), max_size=3))
    inner, out, clamp = extent(draw, 20), extent(draw, 11), draw(clamps())

    def build(graph: Graph, x: Value) -> Op:
        w, bias = constants(draw, graph, (out, inner), (out,))
        return ops.Dense(x, w, bias, clamp)

    return case(draw, [f32(*leading, inner)], build)


ATTRIBUTES: dict[type[ops.Unary], list[dict[str, Any]]] = {
    ops.Clip: [{"low": low, "high": high} for low, high in ((-inf, inf), (0.0, 6.0), (-0.5, inf), (-inf, 0.25))],
    ops.Gelu: [{"approximate": True}, {"approximate": False}],
    ops.IsInf: [{"negative": False}, {"positive": False}, {}],
}
"""Attributes worth trying of unary functions; the others take their defaults."""

EDGES = np.array([0.0, -0.0, inf, -inf, float("nan"), 1e-30, -1e-30, 0.5, -0.5, 1.5, 2.5, -2.5, 1e6])


@st.composite
def unaries(draw: Draw) -> Case:
    function = draw(st.sampled_from(functions(ops.Unary)))
    attributes = draw(st.sampled_from(ATTRIBUTES.get(function, [{}])))
    dtype = draw(st.sampled_from(sorted(function.dtypes, key=lambda d: d.value)))
    kind = TensorType(dtype, tuple(draw(st.lists(st.integers(1, 5), max_size=3))))
    same = function not in (ops.IsNan, ops.IsInf)
    alias = draw(st.sampled_from([None, 0])) if same else None
    if not dtype.is_float:
        return case(draw, [kind], lambda graph, x: function(x, **attributes), exact=True, alias=alias)
    kind = TensorType(dtype, (16 + len(EDGES),))
    drawn = case(draw, [kind], lambda graph, x: function(x, **attributes), alias=alias)
    x = np.concatenate([4 * drawn.inputs["x0"][:16], EDGES]).astype(dtype.numpy)
    return Case(drawn.graph, {"x0": x}, exact=not same, alias=alias)


@st.composite
def binaries(draw: Draw) -> Case:
    function = draw(st.sampled_from(functions(ops.Binary)))
    dtype = draw(st.sampled_from(sorted(function.dtypes, key=lambda d: d.value)))
    shape = draw(st.lists(st.integers(1, 4), max_size=6))
    operands = broadcastable(draw, shape, dtype, dtype)
    if draw(st.booleans()):
        operands[draw(st.integers(0, 1))] = TensorType(dtype, tuple(shape))
    attributes: dict[str, Any] = {"clamp": draw(clamps())} if issubclass(function, ops.Arithmetic) else {}
    result = ops.broadcast(operands[0].shape, operands[1].shape)
    places = [i for i in (0, 1) if operands[i].shape == result and not issubclass(function, ops.Comparison)]
    alias = draw(st.sampled_from([None, *places]))
    exact = not dtype.is_float or issubclass(function, ops.Comparison)
    if draw(st.booleans()) and alias in (None, 0):
        # b is in flash.
        def build(graph: Graph, a: Value) -> Op:
            return function(a, graph.const(noise(draw, operands[1])), **attributes)

        return case(draw, operands[:1], build, exact, alias)
    return case(draw, operands, lambda graph, a, b: function(a, b, **attributes), exact, alias)


def broadcastable(draw: Draw, shape: list[int], *dtypes: DType) -> list[TensorType]:
    """Types that broadcast to no more than the shape."""
    operands = []
    for dtype in dtypes:
        kept = shape[draw(st.integers(0, len(shape))) :]
        operands.append(TensorType(dtype, tuple(draw(st.sampled_from([1, e, e])) for e in kept)))
    return operands


@st.composite
def wheres(draw: Draw) -> Case:
    dtype = draw(st.sampled_from(sorted(NUMBERS, key=lambda d: d.value)))
    shape = draw(st.lists(st.integers(1, 4), max_size=6))
    operands = broadcastable(draw, shape, DType.BOOL, dtype, dtype)
    return case(draw, operands, lambda graph, condition, a, b: ops.Where(condition, a, b), exact=True)


def typed(draw: Draw, *shape: int) -> TensorType:
    return TensorType(draw(st.sampled_from(NUMERIC)), tuple(shape))


@st.composite
def transposes(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), max_size=6))
    perm = tuple(draw(st.permutations(range(len(shape)))))
    return case(draw, [typed(draw, *shape)], lambda graph, x: ops.Transpose(x, perm), exact=True)


@st.composite
def slices(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    start, count, step = [], [], []
    for size in shape:
        first, last = draw(st.integers(0, size - 1)), draw(st.integers(0, size - 1))
        stride = draw(st.integers(1, 3)) * (1 if first <= last else -1)
        start.append(first)
        step.append(stride)
        count.append((last - first) // stride + 1)
    bounds = tuple(start), tuple(count), tuple(step)
    return case(draw, [typed(draw, *shape)], lambda graph, x: ops.Slice(x, *bounds), exact=True)


@st.composite
def concats(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    axis, dtype = draw(st.integers(0, len(shape) - 1)), draw(st.sampled_from(NUMERIC))
    parts = []
    for _ in range(extent(draw, 3)):
        parts.append(TensorType(dtype, (*shape[:axis], extent(draw, 3), *shape[axis + 1 :])))

    def build(graph: Graph, *xs: Value) -> Op:
        known = graph.const(noise(draw, parts[0]))
        return ops.Concat((*xs, known), axis)

    return case(draw, parts, build, exact=True)


@st.composite
def pads(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    before, after = (tuple(draw(st.integers(0, 3)) for _ in shape) for _ in range(2))
    value = draw(st.sampled_from([0.0, 1.0, 3.0]))
    return case(draw, [typed(draw, *shape)], lambda graph, x: ops.Pad(x, before, after, value), exact=True)


@st.composite
def expands(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), max_size=6))
    x = broadcastable(draw, shape, draw(st.sampled_from(NUMERIC)))
    return case(draw, x, lambda graph, x: ops.Expand(x, tuple(shape)), exact=True)


@st.composite
def bit_casts(draw: Draw) -> Case:
    x = typed(draw, *draw(st.lists(st.integers(1, 4), max_size=3)))
    target = draw(st.sampled_from([d for d in NUMERIC if d.bytes == x.dtype.bytes and d is not DType.BOOL]))
    return case(draw, [x], lambda graph, x: ops.BitCast(x, target), exact=True)


def indexed(
    draw: Draw, others: list[TensorType], extents: list[int], shape: list[int], build: Callable[..., Op], **form: Any
) -> Case:
    """``build(graph, indices, *others)`` with indices that fit ``extents`` (one an axis, the last of several).

    They are constants or inputs, count from either end, and one of an input's may leave its axis.
    """
    dtype: Any = draw(st.sampled_from([np.int32, np.int64]))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    limits = np.array(extents)
    indices = generator.integers(-limits, limits, size=shape if len(extents) == 1 else (*shape, len(extents))).astype(
        dtype
    )
    if draw(st.booleans()):
        return case(draw, others, lambda graph, *xs: build(graph, graph.const(indices), *xs), exact=True, **form)
    fails = draw(st.integers(0, 7)) == 0
    if fails:
        bad = draw(st.sampled_from([extents[-1], -extents[-1] - 1, np.iinfo(dtype).max, np.iinfo(dtype).min]))
        indices.reshape(-1)[-1] = bad
    inputs = [*others, TensorType(DType.of(indices.dtype), indices.shape)]
    made = case(draw, inputs, lambda graph, *xs: build(graph, xs[-1], *xs[:-1]), exact=True, **form)
    return Case(made.graph, {**made.inputs, f"x{len(others)}": indices}, True, made.alias, fails)


@st.composite
def gathers(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    axis = draw(st.integers(0, len(shape) - 1))
    picked = draw(st.lists(st.integers(1, 3), max_size=2))
    return indexed(draw, [typed(draw, *shape)], [shape[axis]], picked, lambda graph, i, x: ops.Gather(x, i, axis))


@st.composite
def gather_elements(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    axis = draw(st.integers(0, len(shape) - 1))
    x, places = ([draw(st.sampled_from([1, d, d])) for d in shape] for _ in range(2))
    x[axis], places[axis] = shape[axis], extent(draw, 4)
    return indexed(draw, [typed(draw, *x)], [shape[axis]], places, lambda graph, i, x: ops.GatherElements(x, i, axis))


@st.composite
def gather_nds(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    batch = draw(st.integers(0, len(shape) - 1))
    depth = draw(st.integers(1, len(shape) - batch))
    places = [*shape[:batch], *draw(st.lists(st.integers(1, 3), max_size=2))]
    extents = shape[batch : batch + depth]
    if depth == 1:
        places.append(1)
    return indexed(draw, [typed(draw, *shape)], extents, places, lambda graph, i, x: ops.GatherNd(x, i, batch))


@st.composite
def resamples(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    axis, taps = draw(st.integers(0, len(shape) - 1)), extent(draw, 4)
    count, dtype = extent(draw, 5), draw(st.sampled_from([DType.F32, DType.F64]))
    types = [TensorType(dtype, tuple(shape)), TensorType(dtype, (count, taps))]
    return indexed(draw, types, [shape[axis]], [count, taps], lambda graph, i, x, w: ops.Resample(x, i, w, axis))


def scattered(draw: Draw) -> tuple[DType, str]:
    """Element type and reduction of a scatter."""
    reduction = draw(st.sampled_from(ops.Scatter.reductions))
    return draw(st.sampled_from(NUMERIC if reduction == "none" else NUMERIC[:-1])), reduction


@st.composite
def scatter_elements(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    axis = draw(st.integers(0, len(shape) - 1))
    updates = [draw(st.integers(1, d)) for d in shape]
    updates[axis] = extent(draw, 5)
    places = [draw(st.sampled_from([1, d])) for d in updates]
    dtype, reduction = scattered(draw)
    inplace = draw(st.booleans())
    return indexed(
        draw,
        [TensorType(dtype, tuple(shape)), TensorType(dtype, tuple(updates))],
        [shape[axis]],
        places,
        lambda graph, i, x, u: ops.ScatterElements(x, i, u, axis, reduction, inplace=inplace),
        alias=0 if inplace else None,
    )


@st.composite
def scatter_nds(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    depth = draw(st.integers(1, len(shape)))
    places = draw(st.lists(st.integers(1, 3), max_size=2))
    dtype, reduction = scattered(draw)
    updates = TensorType(dtype, (*places, *shape[depth:]))
    return indexed(
        draw,
        [TensorType(dtype, tuple(shape)), updates],
        shape[:depth],
        [*places, 1] if depth == 1 else places,
        lambda graph, i, x, u: ops.ScatterNd(x, i, u, reduction),
    )


@st.composite
def grid_samples(draw: Draw) -> Case:
    spatial = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    dtype, batch = draw(st.sampled_from([DType.F32, DType.F64])), extent(draw, 2)
    points = [extent(draw, 3) for _ in spatial]
    types = [
        TensorType(dtype, (batch, extent(draw, 3), *spatial)),
        TensorType(dtype, (batch, *points, len(spatial))),
    ]
    mode = draw(st.sampled_from(["nearest", "linear", "cubic"]))
    padding, align = draw(st.sampled_from(["zeros", "border", "reflection"])), draw(st.booleans())
    drawn = case(draw, types, lambda graph, x, grid: ops.GridSample(x, grid, mode, padding, align), exact=True)
    # A good part of the places lies outside, some of them nowhere.
    grid = 1.5 * drawn.inputs["x1"]
    grid.reshape(-1)[:: draw(st.integers(3, 9))] = draw(st.sampled_from([0.0, 1.0, -1.0, inf, -1e30, float("nan")]))
    return Case(drawn.graph, {**drawn.inputs, "x1": grid}, exact=True)


def regions(draw: Draw, count: int, dtype: DType) -> Array:
    """Corners of regions of images of a few elements; some lie outside, are empty, or no numbers."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    corners = generator.uniform(-2, 8, (count, 4)).astype(dtype.numpy)
    if draw(st.integers(0, 3)) == 0:
        corners[0, draw(st.integers(0, 3))] = draw(st.sampled_from([1e4, -1e30, float("nan")]))
    return corners


@st.composite
def roi_aligns(draw: Draw) -> Case:
    dtype, count = draw(st.sampled_from([DType.F32, DType.F64])), extent(draw, 3)
    shape = [extent(draw, 2), extent(draw, 2), extent(draw, 6), extent(draw, 6)]
    form = (extent(draw, 3), extent(draw, 3)), draw(st.sampled_from([1.0, 0.3])), draw(st.integers(1, 3))
    flags = draw(st.booleans()), draw(st.booleans())
    corners = regions(draw, count, dtype)
    if np.abs(corners).max() < 100 and draw(st.booleans()):
        form = (*form[:2], 0)
    types = [TensorType(dtype, tuple(shape)), TensorType(dtype, (count, 4))]
    drawn = indexed(draw, types, [shape[0]], [count], lambda graph, b, x, rois: ops.RoiAlign(x, rois, b, *form, *flags))
    return Case(drawn.graph, {**drawn.inputs, "x1": corners}, True, None, drawn.fails)


@st.composite
def max_roi_pools(draw: Draw) -> Case:
    dtype, count = draw(st.sampled_from([DType.F32, DType.F64])), extent(draw, 3)
    shape = (extent(draw, 2), extent(draw, 2), extent(draw, 6), extent(draw, 6))
    size, scale = (extent(draw, 3), extent(draw, 3)), draw(st.sampled_from([1.0, 0.3]))
    types = [TensorType(dtype, shape), TensorType(dtype, (count, 5))]
    drawn = case(draw, types, lambda graph, x, rois: ops.MaxRoiPool(x, rois, size, scale), exact=True)
    fails = draw(st.integers(0, 7)) == 0
    image = draw(st.sampled_from([-1.0, shape[0], 1e30, float("nan")])) if fails else shape[0] - 1
    rois = np.concatenate([np.full((count, 1), image), regions(draw, count, dtype)], axis=1).astype(dtype.numpy)
    return Case(drawn.graph, {**drawn.inputs, "x1": rois}, True, None, fails)


FAMILIES = {
    "products": [pointwise(), denses()],
    "unary": [unaries()],
    "binary": [binaries(), wheres()],
    "movement": [transposes(), slices(), concats(), pads(), expands(), bit_casts()],
    "indexing": [gathers(), gather_elements(), gather_nds(), scatter_elements(), scatter_nds()],
    "resampling": [resamples(), grid_samples(), roi_aligns(), max_roi_pools()],
}


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_kernels_agree_with_the_interpreter(family: str, build: str, tmp_path: Path) -> None:
    # All cases are one program: a compiler takes longer to start than to compile one of them.
    cases = [case for strategy in FAMILIES[family] for case in drawn(strategy, 160 // len(FAMILIES[family]))]
    cc, flags = BUILDS[build]
    check(cases, tmp_path, cc, flags.split(), nearer=0 if build == "gcc" else None)
