"""Quantization and products of quantized integers, as compiled C, against the interpreter, to the bit."""

from collections.abc import Callable, Iterator
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from kernel_harness import BUILDS, Case, check

from edgec.ir import Array, DType, Graph, Op, TensorType, Value
from edgec.ir.interp.conversion import cast
from edgec.ir.ops import Dequantize, DynamicScale, IntegerConv2d, IntegerMatMul, Quantize
from edgec.ir.ops.quantization import BYTES, QUANTIZED, SMALL_FLOATS

Rng = np.random.Generator
STORED = sorted(QUANTIZED | SMALL_FLOATS, key=str)
FACTORS = sorted(BYTES, key=str)
PLACES = ({"axis": None}, {"axis": 0}, {"axis": 1}, {"axis": 2}, {"axis": 1, "block": 2}, {"axis": 2, "block": 3})
PRECISIONS = np.array([DType.F32, DType.F16, DType.BF16], object)
SPECIAL = np.array([0.0, -0.0, inf, -inf, nan, 1e30, -1e30], np.float32)


def case(inputs: dict[str, Array], known: dict[str, Array], build: Callable[..., Op]) -> Case:
    """A graph of the operator ``build(**values)``; what is ``known`` is constant."""
    graph = Graph("g")
    values: dict[str, Value] = {n: graph.input(n, TensorType(DType.of(a.dtype), a.shape)) for n, a in inputs.items()}
    values |= {n: graph.const(a, n) for n, a in known.items()}
    op = graph.insert(build(**values), names=["y"])
    graph.returns({v.name: v for v in op.results})
    return Case(graph, inputs, exact=True)


def integers(rng: Rng, dtype: DType, shape: tuple[int, ...]) -> Array:
    """Over the whole range of an integer type; of a float type what such integers become."""
    low, high = dtype.limits if not dtype.is_float else (-8, 7)
    return cast(rng.integers(low, high, shape, endpoint=True), dtype)


def scale_shape(shape: tuple[int, ...], axis: int | None, block: int = 0) -> tuple[int, ...]:
    if axis is None:
        return ()
    blocks = -(-shape[axis] // block) if block else 0
    return (*shape[:axis], blocks, *shape[axis + 1 :]) if block else (shape[axis],)


def scalings() -> Iterator[Case]:
    """Both directions, every stored type, every granularity, operands in flash and in RAM, half-way quotients."""
    for number, (dtype, place) in enumerate((d, p) for d in [*STORED, DType.I32] for p in PLACES):
        rng, known = np.random.default_rng(number), bool(number % 2)
        shape = tuple(int(e) for e in rng.integers(1, 6, 3))
        size = scale_shape(shape, **place)
        # Powers of two: quotients that are half way are exact.
        scales = (2.0 ** rng.integers(-3, 3, size) if number % 3 else rng.uniform(0.01, 2, size)).astype(np.float32)
        parameters = {"scale": np.asarray(scales)}
        if dtype in QUANTIZED and number % 5:
            parameters["zero_point"] = integers(rng, dtype, size)
        free, fixed = ({}, parameters) if known else (parameters, {})
        stored = integers(rng, dtype, shape)
        yield case({"x": stored, **free}, fixed, lambda a=place, **v: Dequantize(**v, **a))
        if dtype is DType.I32:
            continue
        x = np.asarray(rng.integers(-40, 40, shape) / 4 + rng.choice([0, 1e-3], shape), np.float32)
        x.reshape(-1)[: len(SPECIAL)] = SPECIAL[: x.size]
        attributes = {**place, "dtype": dtype, "saturate": bool(number % 4), "precision": rng.choice(PRECISIONS)}
        yield case({"x": x, **free}, fixed, lambda a=attributes, **v: Quantize(**v, **a))


def long_runs() -> Iterator[Case]:
    """Runs of one scale, of every size: numbers near half way between two integers, and of any kind; all codes."""
    for number, (dtype, place) in enumerate(
        (d, p) for d in sorted(QUANTIZED, key=str) for p in PLACES[:2] for _ in "abcd"
    ):
        rng = np.random.default_rng(number)
        size = scale_shape((3, 1500), **place)
        exponents = (-149, 127) if number % 4 == 0 else (-20, 8)
        scales = np.ldexp(rng.choice([1, rng.uniform(1, 2)], size), rng.integers(*exponents, size)).astype(np.float32)
        zero = integers(rng, dtype, size)
        low, high = dtype.limits
        column = scales.reshape(-1, 1)
        with np.errstate(all="ignore"):
            near = (rng.integers(low - 20, high + 20, (3, 1500)) - zero.reshape(-1, 1) + 0.5).astype(
                np.float32
            ) * column
            x = (near.view(np.int32) + rng.integers(-4, 5, near.shape)).view(np.float32)
            x = np.where(rng.random(x.shape) < 0.3, (rng.normal(0, 3, x.shape) * column).astype(np.float32), x)
        x[:, :200] = rng.integers(0, 2**32, (3, 200), np.uint32).view(np.float32)
        parameters = {"scale": scales, "zero_point": zero}
        yield case({"x": x}, parameters, lambda a=place, d=dtype, **v: Quantize(**v, **a, dtype=d))
        stored = integers(rng, dtype, (3, 1500))
        yield case({"x": stored}, parameters, lambda a=place, **v: Dequantize(**v, **a))


def dynamic_scales() -> Iterator[Case]:
    """Numbers of both signs and of one, none but 0, and those that do not count; the zero point rounds half to even."""
    rows = [[1.0, 2.0], [-1.0, -2.0], [-1.5, 253.5], [-2.5, 252.5], [0.0, -0.0], [nan, 1.0, -3.0], [1e-40, -1e-40]]
    for row in [*rows, *(list(np.random.default_rng(s).normal(s, 3, 50)) for s in range(9))]:
        yield case({"x": np.array(row, np.float32)}, {}, DynamicScale)


def matrices() -> Iterator[Case]:
    """Every pair of types, results as sums and rescaled, zero points and scales for all, by row and by column."""
    pairs = [(a, b, y) for a in FACTORS for b in FACTORS for y in (DType.I32, *FACTORS)]
    for number, (a, b, dtype) in enumerate(pairs * 4):
        rng = np.random.default_rng(number)
        rows, inner, columns = (int(e) for e in rng.integers(1, 10, 3))
        batch = tuple(int(e) for e in rng.integers(1, 4, rng.integers(0, 3)))
        shared = batch[rng.integers(0, len(batch) + 1) :]
        inputs = {"a": integers(rng, a, (*batch, rows, inner)), "b": integers(rng, b, (*shared, inner, columns))}
        by_row, by_column = ((), (rows, 1), (*batch, rows, 1)), ((), (columns,), (*batch, 1, columns))
        parameters: dict[str, Array] = {}
        if number % 3:
            parameters["a_zero"] = integers(rng, a, by_row[rng.integers(3)])
        if number % 4:
            parameters["b_zero"] = integers(rng, b, by_column[rng.integers(3)])
        if dtype is not DType.I32:
            wide = [*by_row, *by_column, (rows, columns), (*batch, rows, columns)]
            # Powers of two: sums that become half way between two integers are many.
            parameters["scale"] = np.asarray(2.0 ** -rng.integers(1, 12, wide[rng.integers(len(wide))]), np.float32)
            if number % 5:
                parameters["zero_point"] = integers(rng, dtype, wide[rng.integers(len(wide))])
        known = {"b": inputs.pop("b"), **parameters} if number % 2 else {}
        inputs |= {} if known else parameters
        yield case(inputs, known, lambda dtype=dtype, **v: IntegerMatMul(**v, dtype=dtype))


def convolutions() -> Iterator[Case]:
    """Every pair of types, with groups, stride, dilation, padding, and without bias, zero points and scale."""
    pairs = [(x, w, y) for x in FACTORS for w in FACTORS for y in (DType.I32, *FACTORS)]
    for number, (x_type, w_type, dtype) in enumerate(pairs * 5):
        rng = np.random.default_rng(number)
        kernel, stride, dilation = (tuple(int(e) for e in rng.integers(1, 4, 2)) for _ in range(3))
        pad = tuple(int(e) for e in rng.integers(0, 4, 4))
        extents = [int(rng.integers(1, 5)) + (kernel[a] - 1) * dilation[a] for a in (0, 1)]
        groups, depth, out = (int(e) for e in rng.integers(1, [4, 5, 7]))
        if number % 4 == 0:
            depth = 1
        inputs = {"x": integers(rng, x_type, (int(rng.integers(1, 3)), *extents, groups * depth))}
        inputs["w"] = integers(rng, w_type, (groups * out, *kernel, depth))
        channels: tuple[int, ...] = (groups * out,) if number % 2 else ()
        parameters: dict[str, Array] = {}
        if number % 3:
            parameters["bias"] = rng.integers(-(2**31), 2**31 - 1, groups * out, np.int32) // (1 + number % 3 * 65536)
        if number % 5:
            parameters |= {"x_zero": integers(rng, x_type, ()), "w_zero": integers(rng, w_type, channels)}
        if dtype is not DType.I32:
            parameters["scale"] = np.asarray(2.0 ** -rng.integers(4, 16, channels), np.float32)
            parameters |= {"zero_point": integers(rng, dtype, ())} if number % 7 else {}
        known = {"w": inputs.pop("w"), **parameters} if number // 2 % 2 else {}
        inputs |= {} if known else parameters
        attributes = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups, "dtype": dtype}
        yield case(inputs, known, lambda a=attributes, **v: IntegerConv2d(**v, **a))


def test_sums_wrap_around(tmp_path: Path) -> None:
    """70000 products of 255 and 255 are more than 2^31 and 2^32."""
    full = {"a": np.full((1, 70000), 255, np.uint8), "b": np.full((70000, 1), 255, np.uint8)}
    one = case(full, {}, lambda **v: IntegerMatMul(**v))
    cc, flags = BUILDS["sanitized"]
    check([one], tmp_path, cc, flags.split())


@pytest.mark.parametrize("build", ["sanitized", "gcc"])
def test_conversion_without_floating_point_instructions(build: str, tmp_path: Path) -> None:
    """What cores without them compute, on the host."""
    cc, flags = BUILDS[build]
    check([*scalings(), *long_runs()], tmp_path, cc, [*flags.split(), "-DEDGEC_SOFT_FLOAT=1"])


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("cases", [scalings, long_runs, dynamic_scales, matrices, convolutions])
def test_kernels_agree_with_the_interpreter(cases: Callable[[], Iterator[Case]], build: str, tmp_path: Path) -> None:
    cc, flags = BUILDS[build]
    check(list(cases()), tmp_path, cc, flags.split())
