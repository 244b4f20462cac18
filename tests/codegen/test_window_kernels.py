"""Kernels of convolutions and pools, as C that is compiled and run, against the interpreter."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from kernel_cases import Draw, case, clamps, constants, drawn, extent
from kernel_harness import BUILDS, Case, check

from edgec.ir import Array, DType, Graph, Op, TensorType, Value, ops
from edgec.ir.types import NUMBERS

FLOATS = st.sampled_from([DType.F32, DType.F32, DType.F64])
NUMERIC = st.sampled_from(sorted(NUMBERS, key=lambda d: d.value))
DIMENSIONS = st.sampled_from([2, 2, 3])
CONVOLUTIONS: dict[int, type[ops.Convolution]] = {2: ops.Conv2d, 3: ops.Conv3d}
TRANSPOSED: dict[int, type[ops.Convolution]] = {2: ops.ConvTranspose2d, 3: ops.ConvTranspose3d}


def window(draw: Draw, rank: int = 2) -> dict[str, Any]:
    """Kernel, stride, dilation and padding of a window."""
    kernel = tuple(extent(draw, 4 if axis > rank - 3 else 2) for axis in range(rank))
    stride = tuple(extent(draw, 3) for _ in range(rank))
    dilation = tuple(draw(st.sampled_from([1, 1, 2, 3])) for _ in range(rank))
    pad = tuple(draw(st.integers(0, 3)) for _ in range(2 * rank))
    return {"kernel": kernel, "stride": stride, "dilation": dilation, "pad": pad}


def fitting(draw: Draw, geometry: dict[str, Any]) -> list[int]:
    """Extents of an input that the window fits."""
    shape = []
    rank = len(geometry["kernel"])
    for axis, (k, d) in enumerate(zip(geometry["kernel"], geometry["dilation"], strict=True)):
        least = (k - 1) * d + 1 - sum(geometry["pad"][2 * axis : 2 * axis + 2])
        shape.append(max(extent(draw, 14 if axis == rank - 1 else 5), least))
    return shape


def convolution(
    draw: Draw,
    cls: type[ops.Convolution],
    geometry: dict[str, Any],
    shape: list[int],
    groups: int,
    per_group: int,
    out: int,
) -> Case:
    """A convolution whose weights, or bias, may be computed, too."""
    kernel, dtype, clamp = geometry.pop("kernel"), draw(FLOATS), draw(clamps())
    x = TensorType(dtype, (extent(draw, 2), *shape, per_group * groups))
    w, bias = (out * groups, *kernel, per_group), (out * groups,)
    attributes = {**geometry, "groups": groups, "clamp": clamp}
    if draw(st.integers(0, 3)) == 0:
        operands = [x, TensorType(dtype, w), TensorType(dtype, bias)]
        return case(draw, operands, lambda graph, x, w, bias: cls(x, w, bias, **attributes))

    def build(graph: Graph, x: Value) -> Op:
        known_w, known_bias = constants(draw, graph, w, bias, dtype=dtype)
        return cls(x, known_w, known_bias, **attributes)

    return case(draw, [x], build)


@st.composite
def convolutions(draw: Draw) -> Case:
    rank = draw(DIMENSIONS)
    geometry = window(draw, rank)
    groups, per_group, out = draw(st.sampled_from([1, 1, 2, 3])), extent(draw, 5), extent(draw, 9)
    return convolution(draw, CONVOLUTIONS[rank], geometry, fitting(draw, geometry), groups, per_group, out)


@st.composite
def depthwise(draw: Draw) -> Case:
    rank = draw(DIMENSIONS)
    geometry, multiplier = window(draw, rank), draw(st.sampled_from([1, 1, 2, 3]))
    return convolution(draw, CONVOLUTIONS[rank], geometry, fitting(draw, geometry), extent(draw, 9), 1, multiplier)


@st.composite
def transposed(draw: Draw) -> Case:
    rank = draw(DIMENSIONS)
    geometry = window(draw, rank)
    groups, per_group, out = draw(st.sampled_from([(1, extent(draw, 5), extent(draw, 9)), (3, 1, 1), (2, 2, 3)]))
    shape, pad = [], []
    for k, s, d in zip(geometry["kernel"], geometry["stride"], geometry["dilation"], strict=True):
        shape.append(extent(draw, 7))
        full = (shape[-1] - 1) * s + (k - 1) * d + 1
        before = draw(st.integers(-1, min(3, full - 1)))
        pad += [before, draw(st.integers(-2, min(3, full - 1 - max(before, 0))))]
    geometry["pad"] = tuple(pad)
    return convolution(draw, TRANSPOSED[rank], geometry, shape, groups, per_group, out)


@st.composite
def cropped(draw: Draw) -> Case:
    """A transposed convolution of which nothing is left but a column that no tap reaches."""
    geometry = {"kernel": (extent(draw, 3), 1), "stride": (1, 2), "dilation": (1, 1), "pad": (0, 0, 1, -1)}
    groups, per_group, out = draw(st.sampled_from([(1, 3, 5), (3, 1, 1), (2, 2, 3)]))
    return convolution(draw, ops.ConvTranspose2d, geometry, [extent(draw, 4), 1], groups, per_group, out)


@st.composite
def deformed(draw: Draw) -> Case:
    geometry = window(draw)
    height, width = fitting(draw, geometry)
    kernel, dtype = geometry.pop("kernel"), draw(FLOATS)
    offset_groups, groups, per_group = extent(draw, 2), extent(draw, 2), extent(draw, 3)
    channels, out = 2 * per_group * groups, extent(draw, 5) * groups
    attributes = {**geometry, "groups": groups, "offset_groups": offset_groups, "clamp": draw(clamps())}
    batch, taps = extent(draw, 2), offset_groups * kernel[0] * kernel[1]
    weights = (out, *kernel, channels // groups)
    plain = Graph("plain")
    x = plain.input("x", TensorType(dtype, (batch, height, width, channels)))
    w, bias = constants(draw, plain, weights, (out,), dtype=dtype)
    regular = CONVOLUTIONS[2](x, w, bias, **geometry, groups=groups)
    places = plain.insert(regular).result.shape[:3]
    types = [x.type, TensorType(dtype, (*places, 2 * taps))]
    if draw(st.booleans()):
        types.append(TensorType(dtype, (*places, taps)))

    def build(graph: Graph, x: Value, offset: Value, mask: Value | None = None) -> Op:
        w, bias = constants(draw, graph, weights, (out,), dtype=dtype)
        return ops.DeformConv2d(x, w, bias, offset, mask, **attributes)

    return case(draw, types, build)


def pooled(draw: Draw, dtypes: st.SearchStrategy[DType], geometry: dict[str, Any]) -> TensorType:
    """The type of a pool's input."""
    return TensorType(draw(dtypes), (extent(draw, 2), *fitting(draw, geometry), extent(draw, 6)))


@st.composite
def max_pools(draw: Draw) -> Case:
    rank = draw(DIMENSIONS)
    geometry = window(draw, rank)
    cls = {2: ops.MaxPool2d, 3: ops.MaxPool3d}[rank]
    x = pooled(draw, NUMERIC, geometry)
    clamp = draw(clamps()) if x.dtype.is_float else None
    return case(draw, [x], lambda graph, x: cls(x, **geometry, clamp=clamp), exact=True)


@st.composite
def max_pools_with_indices(draw: Draw) -> Case:
    rank = draw(DIMENSIONS)
    geometry, column_major = window(draw, rank), draw(st.booleans())
    cls = {2: ops.MaxPoolIndices2d, 3: ops.MaxPoolIndices3d}[rank]
    x = pooled(draw, NUMERIC, geometry)
    found = case(draw, [x], lambda graph, x: cls(x, **geometry, column_major=column_major), exact=True)
    # Few values, so that there are equal ones.
    few: Array = np.round(found.inputs["x0"] * 2) if x.dtype.is_float else found.inputs["x0"] % 3
    if x.dtype.is_float and draw(st.booleans()):
        few[few > 1] = np.nan
    return Case(found.graph, {"x0": few.astype(x.dtype.numpy)}, exact=True)


@st.composite
def average_pools(draw: Draw) -> Case:
    rank = draw(DIMENSIONS)
    geometry, clamp = window(draw, rank), draw(clamps())
    counted: Any = tuple(draw(st.integers(0, p)) for p in geometry["pad"])
    cls = {2: ops.AveragePool2d, 3: ops.AveragePool3d}[rank]
    x = pooled(draw, FLOATS, geometry)
    return case(draw, [x], lambda graph, x: cls(x, **geometry, counted=counted, clamp=clamp))


@st.composite
def lp_pools(draw: Draw) -> Case:
    rank = draw(DIMENSIONS)
    geometry, p = window(draw, rank), extent(draw, 4)
    cls = {2: ops.LpPool2d, 3: ops.LpPool3d}[rank]
    return case(draw, [pooled(draw, FLOATS, geometry)], lambda graph, x: cls(x, **geometry, p=p))


@st.composite
def max_unpools(draw: Draw) -> Case:
    shape, result = (extent(draw, 3), extent(draw, 4)), (extent(draw, 4), extent(draw, 6))
    types = [TensorType(draw(NUMERIC), shape), TensorType(DType.I64, shape)]
    found = case(draw, types, lambda graph, x, indices: ops.MaxUnpool(x, indices, result), exact=True)
    size = result[0] * result[1]
    indices = found.inputs["x1"] % size
    fails = draw(st.sampled_from([False, False, True]))
    if fails:
        indices[-1, -1] = draw(st.sampled_from([-1, size]))
    return Case(found.graph, {**found.inputs, "x1": indices}, exact=True, fails=fails)


FAMILIES = {
    "convolutions": [convolutions(), depthwise(), transposed(), cropped(), deformed()],
    "pools": [max_pools(), max_pools_with_indices(), average_pools(), lp_pools(), max_unpools()],
}


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_window_kernels_agree_with_the_interpreter(family: str, build: str, tmp_path: Path) -> None:
    cases = [case for strategy in FAMILIES[family] for case in drawn(strategy, 40)]
    cc, flags = BUILDS[build]
    check(cases, tmp_path, cc, flags.split(), nearer=0 if build == "gcc" else None)
