"""Kernels of quantized values, but products with weights, as compiled C, against the interpreter, to the bit."""

from collections.abc import Callable, Iterator
from itertools import product
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kernel_harness import BUILDS, Case, check

from edgec.ir import Array, DType, Graph, Op, Quant, TensorType, Value, ops, verify
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    AveragePool3d,
    Clamp,
    Lookup,
    Mul,
    ReduceMean,
    ReduceSum,
    Requantize,
    Resample,
    Softmax,
    Sub,
)
from edgec.ir.ops.quantized import ACTIVATIONS

TYPES = sorted(ACTIVATIONS, key=lambda d: d.value)
BYTES = [d for d in TYPES if d.bytes == 1]
CLAMPS = (None, None, Clamp(0.0, inf), Clamp(-0.5, 0.5), Clamp(0.0, 6.0))


class Draw:
    """Random types, shapes and integers of one case."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def below(self, stop: int) -> int:
        return int(self.rng.integers(stop))

    def kind(self, dtype: DType, shape: tuple[int, ...], scale: float | None = None) -> TensorType:
        """A quantized type; every other one of 16 bits has a zero point, too."""
        zero = int(self.rng.integers(*dtype.limits, endpoint=True)) if dtype.bytes == 1 or self.below(2) else 0
        scale = float(np.float32(10 ** self.rng.uniform(-2, 1))) if scale is None else scale
        return TensorType(dtype, shape, Quant((scale,), (zero,)))

    def shape(self, most: int, least_rank: int = 1, rank: int = 4) -> tuple[int, ...]:
        return tuple(self.rng.integers(1, most, self.rng.integers(least_rank, rank, endpoint=True), endpoint=True))

    def axes(self, rank: int) -> tuple[int, ...]:
        return tuple(a for a in range(rank) if self.below(2))

    def clamp(self) -> Clamp | None:
        return CLAMPS[self.below(len(CLAMPS))]

    def integers(self, kind: TensorType) -> Array:
        """Over the whole range; often at its ends."""
        low, high = kind.dtype.limits
        drawn = self.rng.integers(low, high, kind.shape, endpoint=True)
        ends = self.rng.choice([low, high], kind.shape)
        return np.where(self.rng.random(kind.shape) < 0.2, ends, drawn).astype(kind.dtype.numpy)

    def case(
        self,
        operands: list[TensorType],
        build: Callable[..., Op],
        to: DType,
        scale: float | None = None,
        alias: int | None = None,
    ) -> Case:
        """A graph of the operator ``build(graph, *operands)`` with a result of type ``to``; an operand may be known."""
        graph = Graph("g")
        values, inputs = [], {}
        known = self.below(2 * len(operands)) if len(operands) > 1 and alias is None else -1
        for number, kind in enumerate(operands):
            array = self.integers(kind)
            if number == known:
                values.append(graph.const(array, f"x{number}"))
                values[-1].type = kind
            else:
                values.append(graph.input(f"x{number}", kind))
                inputs[f"x{number}"] = array
        op = build(graph, *values)
        kind = self.kind(to, op.infer()[0].shape, scale)
        graph.returns({"y": graph.insert(op, names=["y"], types=[kind]).result})
        verify(graph)
        return Case(graph, inputs, exact=True, alias=alias)


def seeds(*choices: list[Any], times: int) -> Iterator[tuple[Draw, tuple[Any, ...]]]:
    """Each combination, several times."""
    for number, combination in enumerate([*product(*choices)] * times):
        yield Draw(number), combination


def requantizations() -> Iterator[Case]:
    """All pairs of types, factors from tiny to large, over whole ranges and in place."""
    for draw, (x, y) in seeds(TYPES, TYPES, times=8):
        scale = 10 ** draw.rng.uniform(-7, 5)
        alias = 0 if x is y and draw.below(2) else None
        yield draw.case([draw.kind(x, (600,), scale)], lambda g, x: Requantize(x), y, 1.0, alias)


def tables() -> Iterator[Case]:
    for draw, (x, y) in seeds(BYTES, TYPES, times=2):

        def build(graph: Graph, x: Value, draw: Draw = draw, y: DType = y) -> Op:
            return Lookup(x, graph.const(draw.rng.integers(*y.limits, 256, endpoint=True).astype(y.numpy)))

        alias = 0 if x is y and draw.below(2) else None
        yield draw.case([draw.kind(x, (500,))], build, y, alias=alias)


def binaries() -> Iterator[Case]:
    """All types, broadcast in any way, clamped, over an operand where it has the result's type."""
    for draw, (cls, a, b, y) in seeds([Add, Sub, Mul], TYPES, TYPES, TYPES, times=4):
        shape = draw.shape(4, rank=6)
        shapes = [tuple(int(draw.rng.choice([1, e, e])) for e in shape[draw.below(len(shape)) :]) for _ in range(2)]
        shapes[draw.below(2)] = shape
        operands = [draw.kind(d, s) for d, s in zip((a, b), shapes, strict=True)]
        places = [i for i, d in enumerate((a, b)) if d is y and shapes[i] == shape]
        alias = int(draw.rng.choice(places)) if places and draw.below(2) else None
        clamp = draw.clamp()
        yield draw.case(operands, lambda g, a, b, cls=cls, clamp=clamp: cls(a, b, clamp), y, alias=alias)


def extreme_sums() -> Iterator[Case]:
    """Scales far apart, or far above the result's: multipliers and the shift at their limits."""
    for draw, (cls, x) in seeds([Add, Sub], TYPES, times=8):
        scales = 10 ** draw.rng.uniform(-6, 5.9 if x.bytes == 1 else 8.9, 2)
        operands = [draw.kind(x, (300,), float(s)) for s in scales]
        yield draw.case(operands, lambda g, a, b, cls=cls: cls(a, b), x, 1.0)


def pools() -> Iterator[Case]:
    """Windows that see padding, counted or not, and nothing but padding; the factor by the count, or one for all."""
    for draw, (x, y) in seeds(TYPES, TYPES, times=10):
        rank = 2 + int(draw.below(3) == 0)
        kernel, stride, dilation = (tuple(draw.rng.integers(1, 4, rank).tolist()) for _ in range(3))
        pad = tuple(draw.rng.integers(0, [1, 4][draw.below(2)], 2 * rank).tolist())
        counted = tuple(draw.below(p + 1) for p in pad)
        extents = []
        for axis in range(rank):
            least = (kernel[axis] - 1) * dilation[axis] + 1 - sum(pad[2 * axis : 2 * axis + 2])
            extents.append(max(1 + draw.below(6), least))
        operand = draw.kind(x, (1 + draw.below(2), *extents, 1 + draw.below(9)))
        form = {"stride": stride, "dilation": dilation, "pad": pad, "counted": counted, "clamp": draw.clamp()}
        cls = {2: AveragePool2d, 3: AveragePool3d}[rank]

        def build(graph: Graph, x: Value, cls: Any = cls, kernel: Any = kernel, form: Any = form) -> Op:
            made: Op = cls(x, kernel, **form)
            return made

        yield draw.case([operand], build, y)


def large_pools() -> Iterator[Case]:
    """Of 16 bits more than 32 bits hold the sum."""
    for draw, (y,) in seeds(TYPES, times=1):
        operand = draw.kind(DType.I16, (1, 200, 170, 5))
        yield draw.case([operand], lambda g, x: AveragePool2d(x, (199, 167)), y)
        yield draw.case([operand], lambda g, x: ReduceMean(x, (1, 2)), y)


def reductions() -> Iterator[Case]:
    for draw, (cls, x, y) in seeds([ReduceSum, ReduceMean], TYPES, TYPES, times=6):
        shape = draw.shape(4, rank=7)
        axes, keep = draw.axes(len(shape)), bool(draw.below(2))
        yield draw.case([draw.kind(x, shape)], lambda g, x, c=cls, a=axes, k=keep: c(x, a, k), y)


def softmaxes() -> Iterator[Case]:
    """Any axis, scales from where all are alike to where one takes all, scales of the result that saturate."""
    for draw, (x, y) in seeds(BYTES, TYPES, times=12):
        shape = draw.shape(9)
        axis, scale = draw.below(len(shape)), float(10 ** draw.rng.uniform(-6, 3))
        result = float(draw.rng.choice([1 / 256, 1 / 32768, 1e-6, 0.3, 7.0]))
        alias = 0 if x is y and draw.below(2) else None
        yield draw.case([draw.kind(x, shape, scale)], lambda g, x, a=axis: Softmax(x, a), y, result, alias)


def resamples() -> Iterator[Case]:
    """Weights of both signs and whole ones; indices known or not, from either end, and one that leaves its axis."""
    for draw, (x, y) in seeds(TYPES, TYPES, times=10):
        shape = draw.shape(6)
        axis, count, taps = draw.below(len(shape)), 1 + draw.below(5), 1 + draw.below(4)
        weights = draw.rng.uniform(-1, 1, (count, taps)) if draw.below(3) else draw.rng.integers(-1, 2, (count, taps))
        extent, kind = shape[axis], [DType.I32, DType.I64][draw.below(2)]
        indices = draw.rng.integers(-extent, extent, (count, taps)).astype(kind.numpy)
        computed = bool(draw.below(2))
        fails = computed and draw.below(5) == 0

        def build(
            graph: Graph, x: Value, axis: int = axis, i: Array = indices, w: Array = weights, given: bool = computed
        ) -> Op:
            places = graph.input("i", TensorType(DType.of(i.dtype), i.shape)) if given else graph.const(i)
            return Resample(x, places, graph.const(w.astype(np.float32)), axis)

        made = draw.case([draw.kind(x, shape)], build, y)
        if computed:
            indices.flat[-1] = [extent, -extent - 1][draw.below(2)] if fails else indices.flat[-1]
            made.inputs["i"] = indices
        yield Case(made.graph, made.inputs, exact=True, fails=fails)


def movers() -> Iterator[Case]:
    """What moves, compares or picks: the integers as they are; and the way from and to numbers."""
    for draw, (dtype,) in seeds(TYPES, times=3):
        quant = Quant((0.25,), (draw.below(dtype.limits[1]),))
        x, row, image = (TensorType(dtype, shape, quant) for shape in ((3, 4, 2), (4, 1), (1, 5, 6, 3)))
        yield from (moved(draw, build, [x]) for build in of_one(*dtype.limits))
        yield from (moved(draw, build, [x, row]) for build in of_two())
        yield from (moved(draw, build, [image]) for build in of_images())
        yield from borders(draw, x, quant)


def of_one(low: int, high: int) -> list[Callable[[Graph, Value], Op]]:
    return [
        lambda g, x: ops.Transpose(x, (2, 0, 1)),
        lambda g, x: ops.Slice(x, (1, 3, 0), (2, 2, 2), (1, -2, 1)),
        lambda g, x: ops.Pad(x, (1, 0, 0), (0, 2, 1), float(low)),
        lambda g, x: ops.Expand(x, (2, 3, 4, 2)),
        lambda g, x: ops.Gather(x, g.const(np.array([2, -1])), 1),
        lambda g, x: ops.GatherElements(x, g.const(np.array([[[1], [0], [-1], [2]]])), 0),
        lambda g, x: ops.GatherNd(x, g.const(np.array([[1, 2], [0, -1]]))),
        lambda g, x: ops.ReduceMax(x, (0, 2)),
        lambda g, x: ops.ReduceMin(x, (1,), False),
        lambda g, x: ops.Clip(x, low=3.0, high=high / 2),
        lambda g, x: ops.ArgMax(x, 1),
        lambda g, x: ops.TopK(x, 1, 3),
    ]


def of_two() -> list[Callable[[Graph, Value, Value], Op]]:
    return [
        lambda g, x, row: ops.Max(x, row),
        lambda g, x, row: ops.Min(row, x),
        lambda g, x, row: ops.Where(g.const(np.array([True, False])), x, row),
        lambda g, x, row: ops.Concat((x, x, x), 1),
        lambda g, x, row: ops.ScatterNd(x, g.const(np.array([[2, 0, 0], [0, 1, 1]])), updates(g, row), "max"),
    ]


def of_images() -> list[Callable[[Graph, Value], Op]]:
    return [
        lambda g, x: ops.MaxPool2d(x, (2, 3), (1, 2), (1, 0, 1, 1), clamp=Clamp(-5.0, 50.0)),
        lambda g, x: ops.MaxPoolIndices2d(x, (2, 2)),
    ]


def borders(draw: Draw, x: TensorType, quant: Quant) -> Iterator[Case]:
    """Numbers become integers whose type says so, and the other way."""

    def scaled(graph: Graph) -> tuple[Value, Value]:
        zero = np.array(quant.zero, x.dtype.numpy)
        return graph.const(np.array(quant.scale[0], np.float32)), graph.const(zero)

    yield moved(draw, lambda g, x: ops.Dequantize(x, *scaled(g)), [x])
    graph = Graph("g")
    numbers = graph.input("x0", TensorType(DType.F32, x.shape))
    graph.returns({"y": graph.insert(ops.Quantize(numbers, *scaled(graph), dtype=x.dtype), types=[x]).result})
    verify(graph)
    yield Case(graph, {"x0": (draw.rng.standard_normal(x.shape) * 50).astype(np.float32)}, exact=True)


def updates(graph: Graph, row: Value) -> Value:
    """Two of the type of a row."""
    value = graph.const(np.array([1, -1]).astype(row.type.dtype.numpy))
    value.type = row.type.with_shape(2)
    return value


def moved(draw: Draw, build: Callable[..., Op], types: list[TensorType]) -> Case:
    """A graph of the operator ``build(graph, *operands)`` whose results have the types that the operands give."""
    graph = Graph("g")
    values = [graph.input(f"x{i}", t) for i, t in enumerate(types)]
    op = graph.insert(build(graph, *values))
    graph.returns({f"y{i}": v for i, v in enumerate(op.results)})
    verify(graph)
    return Case(graph, {v.name: draw.integers(v.type) for v in values}, exact=True)


FAMILIES: list[Callable[[], Iterator[Case]]] = [
    requantizations,
    tables,
    binaries,
    extreme_sums,
    pools,
    large_pools,
    reductions,
    softmaxes,
    resamples,
    movers,
]


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("cases", FAMILIES)
def test_kernels_agree_with_the_interpreter(cases: Callable[[], Iterator[Case]], build: str, tmp_path: Path) -> None:
    cc, flags = BUILDS[build]
    check(list(cases()), tmp_path, cc, flags.split(), nearer=0 if build == "gcc" else None)
