"""Kernels of float32 for hosts, on vectors of 16, 8 and 4 lanes: every form of them against the interpreter."""

from collections import Counter
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kernel_harness import BUILDS, Case, check

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels import candidates, select
from edgec.codegen.kernels.endings import ended
from edgec.cpu import this_cpu
from edgec.ir import DType, Graph, Op, TensorType, Value, ops

X86 = {
    "f32x8": "-march=x86-64 -mavx2 -mfma",
    "f32x16": "-march=x86-64 -mavx2 -mfma -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl",
}
NEEDED = {"f32x8": {"avx2", "fma"}, "f32x16": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}}
MACHINES = [
    *((family, cc, f"{flags} {X86[family]}", ()) for family in X86 for cc, flags in BUILDS.values()),
    ("f32x4", "aarch64-linux-gnu-gcc", "-O2 -static", ("qemu-aarch64",)),
]
CLAMPS = (None, None, ops.Clamp(0.0), ops.Clamp(0.0, 6.0), ops.Clamp(-0.5, inf), ops.Clamp(-inf, 0.25))

machines = pytest.mark.parametrize(
    ("family", "cc", "flags", "runner"), MACHINES, ids=[f"{m[0]}-{m[1]}-{m[2].split()[0]}" for m in MACHINES]
)


class Drawn:
    """Operators by a seed, each a case of its own."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.cases: list[Case] = []

    def one_of(self, *choices: Any) -> Any:
        """One of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def between(self, least: int, most: int) -> int:
        """From ``least`` to ``most``."""
        return int(self.rng.integers(least, most, endpoint=True))

    def channels(self) -> int:
        """Mostly few, or such as fill vectors."""
        return int(self.one_of(self.between(1, 5), self.between(1, 20), self.between(1, 70), 16, 32, 64))

    def add(self, make: Callable[..., Op], *shapes: tuple[int, ...], alias: int | None = None) -> None:
        """An operator on inputs of these shapes."""
        graph = Graph("one")
        inputs = [graph.input(f"x{i}", TensorType(DType.F32, shape)) for i, shape in enumerate(shapes)]
        op = graph.insert(make(graph, *inputs))
        graph.returns({f"y{i}": value for i, value in enumerate(op.results)})
        drawn = {value.name: self.rng.normal(size=value.shape).astype(np.float32) for value in inputs}
        self.cases.append(Case(graph, drawn, alias=alias))

    def constant(self, graph: Graph, *shape: int, scale: float = 1) -> Value:
        """Weights."""
        return graph.const((scale * self.rng.normal(size=shape)).astype(np.float32))

    def product(self, cls: Callable[..., Op], x: tuple[int, ...], *shape: int, **attributes: Any) -> None:
        """A convolution or dense layer by weights of that shape, clamped or not."""
        clamp = self.one_of(*CLAMPS)

        def make(graph: Graph, x: Value) -> Op:
            w, bias = self.constant(graph, *shape), self.constant(graph, shape[0])
            return cls(x, w, bias, clamp=clamp, **attributes)

        self.add(make, x)

    def residual(self, x: tuple[int, ...], w: tuple[int, ...], attributes: dict[str, Any]) -> None:
        """A convolution, and what is added to it or to what it is added, clamped or not."""
        swapped, clamp = self.one_of(True, False), self.one_of(*CLAMPS)
        given, weights, bias = (Value("", TensorType(DType.F32, shape)) for shape in (x, w, w[:1]))
        out = ops.Conv2d(given, weights, bias, **attributes).infer()[0].shape

        def make(graph: Graph, x: Value, other: Value) -> Op:
            conv = ops.Conv2d(x, self.constant(graph, *w), self.constant(graph, w[0]), **attributes)
            own = graph.insert(conv).result
            return ops.Add(*((other, own) if swapped else (own, other)), clamp)

        self.add(make, x, out, alias=self.one_of(None, 1))

    def normalize(self, shape: tuple[int, ...], axes: tuple[int, ...], centered: bool, shifted: bool) -> None:
        """A normalization by drawn scales and biases."""
        given = tuple(shape[a] for a in axes)

        def make(graph: Graph, x: Value) -> Op:
            scale, bias = self.constant(graph, *given), self.constant(graph, *given)
            return ops.Normalize(x, scale, bias if shifted else None, axes, 1e-5, centered)

        self.add(make, shape)

    def lstm(self, hidden: int, steps: int, batch: int, inputs: int) -> None:
        """A layer in either direction, with initial states or without."""
        reverse, states = self.one_of(True, False), self.one_of(True, False)

        def make(graph: Graph, x: Value, h: Value | None = None, c: Value | None = None) -> Op:
            w, r = self.constant(graph, 4 * hidden, inputs), self.constant(graph, 4 * hidden, hidden)
            return ops.Lstm(x, w, r, self.constant(graph, 4 * hidden), None, h, c, reverse=reverse)

        self.add(make, (steps, batch, inputs), *([(batch, hidden)] * 2 if states else []))

    def gru(self, hidden: int, steps: int, batch: int, inputs: int) -> None:
        """The same."""
        reverse, states = self.one_of(True, False), self.one_of(True, False)

        def make(graph: Graph, x: Value, h: Value | None = None) -> Op:
            # As of trained layers: larger states would magnify what rounding does from step to step.
            w, r = (
                self.constant(graph, 3 * hidden, inputs),
                self.constant(graph, 3 * hidden, hidden, scale=hidden**-0.5),
            )
            bias = self.constant(graph, 4 * hidden)
            return ops.Gru(x, w, r, bias, None, h, reverse=reverse, linear_before_reset=True)

        self.add(make, (steps, batch, inputs), *([(batch, hidden)] if states else []))

    def window(self, kernel: tuple[int, int], strides: int = 3) -> tuple[list[int], dict[str, Any]]:
        """Extents and attributes of a convolution that they have room for; few pixels, mostly."""
        stride = (self.between(1, strides), self.between(1, strides))
        dilation = (self.one_of(1, 1, 1, 2), self.one_of(1, 1, 1, 2, 3))
        pad = tuple(int(self.one_of(0, self.between(0, k - 1), (k - 1) // 2)) for k in kernel for _ in range(2))
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [self.between(span, span + more) for span, more in zip(spans, (6, 20), strict=True)]
        return extents, {"stride": stride, "dilation": dilation, "pad": pad}

    def check(self, directory: Path, family: str, cc: str, flags: str, runner: tuple[str, ...]) -> Counter[str]:
        """Run each by one of its kernels of the family; returns how often there was which kind of kernel."""
        if lacking := NEEDED.get(family, set()) - this_cpu().features:
            pytest.skip(f"this CPU lacks {', '.join(sorted(lacking))}")
        found: Counter[str] = Counter()

        def choose(op: Op) -> Kernel:
            conv = next((v.producer for v in op.operands if isinstance(v.producer, ops.Conv2d)), op)
            own = [kernel for kernel in candidates(conv, [family]) if kernel.name.endswith(family)]
            kernel: Kernel | None = self.one_of(*(own or candidates(op)))
            if conv is not op and kernel is not None:
                kernel = ended(kernel, op, conv.results[0], select)
            assert kernel is not None
            found[kernel.name.removeprefix("edgec_").removesuffix(f"_{family}")] += 1
            return kernel

        check(self.cases, directory, cc, flags.split(), choose, runner)
        return found


@machines
def test_dense(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(1)
    for pixels in (1, 1, 1, 2, 3, 5, 12, 13, 29, 64):
        for _ in range(3):
            inner, outs = drawn.channels(), drawn.channels()
            drawn.product(ops.Dense, (pixels, inner), outs, inner)
    drawn.product(ops.Dense, (1, 40), 530, 40)
    # Weights that are asked for ahead.
    drawn.product(ops.Dense, (30, 200), 150, 200)
    # So many inputs that pixels are taken by strips.
    drawn.product(ops.Dense, (75, 300), 66, 300)
    for _ in range(6):
        inner, outs = drawn.channels(), drawn.channels()
        x = (drawn.between(1, 2), drawn.between(1, 5), drawn.between(1, 9), inner)
        drawn.product(ops.Conv2d, x, outs, 1, 1, inner)
    assert drawn.check(tmp_path, family, cc, flags, runner) == {"dense": len(drawn.cases)}


@machines
def test_convolutions(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(2)
    for number in range(30):
        kernel = (drawn.between(1, 4), drawn.between(1, 5)) if number % 2 else (3, 3)
        extents, attributes = drawn.window(kernel)
        inner, outs = drawn.one_of(1, 2, 3, 4, drawn.between(1, 20)), drawn.channels()
        drawn.product(ops.Conv2d, (2 if number < 3 else 1, *extents, inner), outs, *kernel, inner, **attributes)
    for groups in (2, 3, 5):
        extents, attributes = drawn.window((3, 2))
        inner, outs = drawn.between(2, 5), drawn.between(8, 40)
        x = (1, *extents, inner * groups)
        drawn.product(ops.Conv2d, x, outs * groups, 3, 2, inner, groups=groups, **attributes)
    # Maps so large that they are computed by strips, with padding and without.
    drawn.product(ops.Conv2d, (1, 21, 33, 24), 35, 3, 3, 24, pad=(1, 1, 1, 1))
    drawn.product(ops.Conv2d, (1, 31, 33, 24), 17, 3, 3, 24, stride=(2, 2))
    kernels = drawn.check(tmp_path, family, cc, flags, runner)
    assert kernels["dense"] + kernels["conv2d"] + kernels["conv3"] == len(drawn.cases)
    assert kernels["conv2d"] > 20 and kernels["conv3"] > 3


@machines
def test_depthwise(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(3)
    for number in range(30):
        kernel = (drawn.between(1, 4), drawn.between(1, 5)) if number % 2 else (drawn.between(1, 3), 3)
        extents, attributes = drawn.window(kernel, 2 if number % 4 else 3)
        channels = max(drawn.channels(), 8)
        x = (2 if number < 3 else 1, *extents, channels)
        drawn.product(ops.Conv2d, x, channels, *kernel, 1, groups=channels, **attributes)
    drawn.product(ops.Conv2d, (1, 40, 33, 20), 20, 5, 5, 1, groups=20, pad=(2, 2, 2, 2))
    for width in range(2, 6):
        drawn.product(ops.Conv2d, (1, 3, width, 17), 17, 3, 3, 1, groups=17, pad=(1, 1, 1, 1))
    # Maps that are larger than the nearest cache: what goes over them in pieces has to meet itself again.
    for channels, stride in ((144, 1), (96, 2), (40, 1)):
        for kernel in ((3, 3), (5, 5)):
            pad = tuple(k // 2 for k in kernel for _ in range(2))
            drawn.product(
                ops.Conv2d, (1, 37, 50, channels), channels, *kernel, 1, stride=(stride,) * 2, pad=pad, groups=channels
            )
    kernels = drawn.check(tmp_path, family, cc, flags, runner)
    assert kernels["depthwise"] + kernels["depthwise3"] == len(drawn.cases)


@machines
def test_transposed_convolutions(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(11)
    for number in range(14):
        stride = (drawn.between(1, 3), drawn.between(1, 3))
        kernel = tuple(drawn.between(s, s + 3) for s in stride)
        pad = tuple(drawn.between(0, (k - 1) // 2) for k in kernel for _ in range(2))
        inner, outs = drawn.between(1, 20), max(drawn.channels(), 8)
        shape = (2 if number < 2 else 1, drawn.between(2, 6), drawn.between(2, 12), inner)
        drawn.product(ops.ConvTranspose2d, shape, outs, *kernel, inner, stride=stride, pad=pad)
    assert drawn.check(tmp_path, family, cc, flags, runner) == {"conv_transpose": len(drawn.cases)}


@machines
def test_residuals(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    """Sums in registers, also in the place of what is added."""
    drawn = Drawn(9)
    for number in range(12):
        kernel = (1, 1) if number % 3 == 0 else (3, 3)
        extents, attributes = drawn.window(kernel)
        shape = (2 if number < 2 else 1, *extents, drawn.channels())
        drawn.residual(shape, (drawn.channels(), *kernel, shape[-1]), attributes)
    kernels = drawn.check(tmp_path, family, cc, flags, runner)
    assert kernels["dense"] + kernels["conv2d"] + kernels["conv3"] == len(drawn.cases)


@machines
def test_recurrent_layers(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(4)
    for hidden, steps, batch in ((1, 3, 1), (7, 4, 2), (16, 5, 1), (33, 3, 3), (64, 2, 1), (70, 5, 1)):
        drawn.lstm(hidden, steps, batch, drawn.between(1, 12))
        drawn.gru(hidden, steps, batch, drawn.between(1, 12))
    assert drawn.check(tmp_path, family, cc, flags, runner) == {"lstm": 6, "gru": 6}


@machines
def test_matmul(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(5)
    for number in range(20):
        rows = drawn.between(1, 3) if number < 6 else drawn.between(4, 40)
        inner, columns = drawn.channels(), max(drawn.channels() * (4 if number < 3 else 1), 8)
        a, b = drawn.one_of(((), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), ()), ((2, 1), (1, 3)))
        drawn.add(lambda graph, a, b: ops.MatMul(a, b), (*a, rows, inner), (*b, inner, columns))
    assert drawn.check(tmp_path, family, cc, flags, runner) == {"matmul": 14, "matmul_rows": 6}


@machines
def test_lines(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(6)
    for axis in (1, 3, 4, 7, 8, 15, 16, 17, 33, 64, 100):
        drawn.add(lambda graph, x: ops.Softmax(x, 1), (drawn.between(1, 4), axis))
        # All far below zero: what fills up a vector must not count.
        drawn.cases[-1].inputs["x0"] -= np.float32(drawn.one_of(0, 100, -100))
        shape, axes = drawn.one_of(((3, axis), (1,)), ((2, 3, axis), (2,)), ((3, 2, axis), (1, 2)))
        drawn.add(lambda graph, x, axes=axes: drawn.one_of(ops.ReduceMean, ops.ReduceSum)(x, axes), shape)
        drawn.normalize(shape, axes, drawn.one_of(True, False), drawn.one_of(True, False))
    kernels = drawn.check(tmp_path, family, cc, flags, runner)
    assert kernels["softmax"] == kernels["normalize"] == 11
    assert kernels["line_sums"] > 5


@machines
def test_pools(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(7)
    for number in range(14):
        kernel = (drawn.between(1, 3), drawn.between(1, 4))
        extents, attributes = drawn.window(kernel)
        shape = (2 if number < 2 else 1, *extents, max(drawn.channels(), 8))
        attributes |= {"kernel": kernel, "clamp": drawn.one_of(*CLAMPS)}
        drawn.add(lambda graph, x, more=attributes: ops.MaxPool2d(x, **more), shape)
        if number % 3:
            drawn.cases[-1].inputs["x0"].reshape(-1)[:: drawn.between(5, 40)] = np.nan
        counted = drawn.one_of(attributes["pad"], (0, 0, 0, 0))
        drawn.add(lambda graph, x, more={**attributes, "counted": counted}: ops.AveragePool2d(x, **more), shape)
    for shape in ((1, 5, 7, 8), (2, 3, 3, 21), (1, 4, 5, 64), (3, 1, 2, 70), (1, 6, 6, 130)):
        drawn.add(lambda graph, x: ops.AveragePool2d(x, x.shape[1:3], clamp=ops.Clamp(-0.1)), shape)
        drawn.add(lambda graph, x: ops.ReduceMean(x, (1, 2), keepdims=False), shape)
    kernels = drawn.check(tmp_path, family, cc, flags, runner)
    assert (kernels["max_pool"], kernels["average_pool"], kernels["mean"]) == (14, 14, 10)


@machines
def test_elements(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(8)
    functions: list[Callable[[Value], Op]] = [
        *(ops.Exp, ops.Sigmoid, ops.Tanh, ops.Erf, ops.Gelu, ops.Relu, ops.HardSwish, ops.Sqrt, ops.Reciprocal),
        *(lambda x: ops.Clip(x, -0.5, 1.5), lambda x: ops.LeakyRelu(x, 0.3), lambda x: ops.Swish(x, 1.5)),
        *(lambda x: ops.HardSigmoid(x, 0.3, 0.4), lambda x: ops.Elu(x, 1.5)),
    ]
    for function in functions:
        for count in (1, 5, 16, 200, 333):
            drawn.add(lambda graph, x, make=function: make(x), (count,), alias=drawn.one_of(None, 0))
            drawn.cases[-1].inputs["x0"] *= np.float32(drawn.one_of(0.1, 1, 5, 30))
            if count > 300:
                x = drawn.cases[-1].inputs["x0"]
                x[:8] = [np.nan, np.inf, -np.inf, 0, 88, -88, 1e-30, -1e30]
    binary: list[Callable[[Value, Value, ops.Clamp | None], Op]] = [
        *(ops.Add, ops.Sub, ops.Mul, ops.Div),
        *(lambda a, b, _: ops.Max(a, b), lambda a, b, _: ops.Min(a, b)),
    ]
    for arithmetic in binary:
        for a, b in (((3, 40), (3, 40)), ((2, 50), (50,)), ((33,), (1,)), ((1,), (16,)), ((2, 1, 20), (2, 3, 20))):
            clamp = drawn.one_of(*CLAMPS)
            alias = 0 if a == (3, 40) else None
            drawn.add(lambda graph, a, b, make=arithmetic, clamp=clamp: make(a, b, clamp), a, b, alias=alias)
    kernels = drawn.check(tmp_path, family, cc, flags, runner)
    assert len(kernels) == len(functions) + len(binary)
    assert set(kernels.values()) == {5}


@machines
def test_transposes(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(10)
    for height, width in ((1, 2), (3, 5), (4, 4), (5, 11), (16, 12)):
        drawn.add(lambda graph, x: ops.Transpose(x, (0, 2, 3, 1)), (1, 3, height, width))
    for shape, perm in (
        ((33, 21), (1, 0)),
        ((2, 16, 8), (0, 2, 1)),
        ((3, 4, 17, 5), (0, 3, 1, 2)),
        ((7, 3, 19), (2, 1, 0)),
    ):
        drawn.add(lambda graph, x, perm=perm: ops.Transpose(x, perm), shape)
    assert drawn.check(tmp_path, family, cc, flags, runner) == {"planes": 5, "transpose": 4}


@machines
def test_resampling(family: str, cc: str, flags: str, runner: tuple[str, ...], tmp_path: Path) -> None:
    drawn = Drawn(12)
    for axis, shape in ((1, (1, 5, 4, 9)), (2, (2, 3, 7, 16)), (0, (4, 33)), (1, (2, 6, 70))):
        count, taps, extent = drawn.between(1, 9), drawn.between(1, 4), shape[axis]

        def make(graph: Graph, x: Value, axis: int = axis, shape: tuple[int, ...] = (count, taps, extent)) -> Op:
            count, taps, extent = shape
            places = graph.const(drawn.rng.integers(-extent, extent, (count, taps)))
            return ops.Resample(x, places, drawn.constant(graph, count, taps), axis)

        drawn.add(make, shape)
    assert drawn.check(tmp_path, family, cc, flags, runner) == {"resample": len(drawn.cases)}
