"""The layers that kernels are measured on: small ones of every kind, in bytes, in 16 bits, and in float32.

Their shapes are those of keyword spotters, image classifiers and autoencoders, at fewer pixels or channels, with odd
ones between, so that the loops of each kernel turn in other proportions from layer to layer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from edgec.ir import Array, DType, Op, Quant, TensorType, Value
from edgec.ir.graph import Graph
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    Clamp,
    Clip,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dense,
    Dequantize,
    Lookup,
    Lstm,
    MatMul,
    MaxPool2d,
    Mul,
    Normalize,
    Pad,
    Quantize,
    ReduceMean,
    Relu,
    Requantize,
    Sigmoid,
    Softmax,
    Sub,
    Tanh,
    Transpose,
)

SEED = 7

DRAWN = 12
"""Layers of bytes of each kind with a drawn shape, beside those that are listed."""

# height, width, channels, output channels, window, stride
CONVOLUTIONS = (
    (16, 10, 1, 16, (10, 4), 2),
    (12, 12, 3, 8, (3, 3), 1),
    (13, 11, 3, 16, (3, 3), 2),
    (6, 6, 16, 16, (3, 3), 1),
    (8, 8, 16, 24, (3, 3), 2),
    (3, 3, 32, 24, (3, 3), 1),
    (8, 8, 16, 32, (1, 1), 2),
    (9, 9, 10, 6, (1, 1), 2),
    (5, 7, 8, 10, (5, 5), 1),
    (10, 9, 6, 9, (3, 3), 1),
    (5, 20, 2, 13, (3, 5), 1),
    (1, 24, 8, 8, (1, 5), 1),
    (1, 31, 5, 12, (1, 3), 2),
    (20, 20, 1, 4, (3, 3), 1),
    (6, 3, 24, 10, (3, 3), 1),
    (2, 2, 48, 16, (3, 3), 1),
    (7, 6, 8, 16, (4, 4), 1),
    (24, 24, 3, 8, (3, 3), 2),
    (4, 16, 16, 16, (3, 3), 1),
    (4, 32, 3, 8, (3, 3), 1),
    (3, 40, 2, 6, (3, 3), 1),
    (6, 33, 4, 10, (3, 3), 2),
    (3, 48, 8, 7, (1, 3), 1),
    (4, 4, 16, 64, (3, 3), 1),
    (3, 5, 8, 40, (3, 3), 1),
    (5, 5, 12, 100, (1, 1), 2),
    (2, 3, 32, 128, (2, 2), 1),
    (3, 32, 16, 9, (3, 3), 1),
)
# height, width, channels, window, stride
DEPTHWISE = (
    (25, 5, 16, (3, 3), 1),
    (12, 12, 8, (3, 3), 1),
    (24, 24, 8, (3, 3), 1),
    (12, 12, 16, (3, 3), 2),
    (24, 24, 8, (3, 3), 2),
    (6, 6, 32, (3, 3), 1),
    (6, 6, 24, (3, 3), 2),
    (5, 5, 9, (3, 3), 2),
    (3, 3, 64, (3, 3), 1),
    (7, 9, 5, (3, 3), 1),
    (10, 10, 10, (3, 3), 2),
    (5, 5, 40, (3, 3), 1),
    (16, 16, 4, (3, 3), 1),
    (8, 8, 12, (5, 5), 1),
    (9, 7, 8, (5, 5), 2),
    (12, 6, 16, (5, 5), 1),
    (1, 24, 8, (1, 3), 1),
    (6, 8, 16, (7, 7), 1),
    (10, 10, 8, (4, 2), 2),
    (1, 1, 128, (1, 1), 1),
    (1, 1, 8, (1, 1), 1),
    (48, 4, 8, (3, 3), 1),
    (48, 4, 16, (3, 3), 2),
    (3, 3, 256, (3, 3), 1),
    (6, 6, 128, (3, 3), 2),
    (4, 3, 20, (1, 1), 1),
    (1, 2, 64, (1, 1), 1),
    (20, 10, 32, (3, 3), 2),
    (9, 15, 6, (3, 3), 2),
    (48, 30, 4, (3, 3), 2),
    (7, 20, 12, (3, 3), 2),
    (30, 48, 8, (3, 3), 2),
    (5, 6, 44, (3, 3), 2),
    (1, 40, 16, (1, 5), 1),
    (11, 13, 7, (5, 5), 1),
    (20, 4, 12, (5, 2), 1),
    (13, 16, 9, (4, 4), 2),
    (5, 31, 10, (1, 7), 1),
)
# pixels, channels, output channels; one pixel: dense layers
PRODUCTS = (
    (25, 64, 16),
    (25, 64, 64),
    (9, 128, 128),
    (36, 16, 32),
    (144, 8, 16),
    (9, 64, 32),
    (9, 128, 16),
    (30, 7, 9),
    (20, 33, 12),
    (64, 12, 8),
    (125, 8, 6),
    (16, 40, 24),
    (7, 20, 14),
    (5, 36, 20),
    (4, 32, 24),
    (3, 64, 30),
    (2, 48, 16),
    (2, 20, 33),
    (8, 24, 2),
    (1, 64, 12),
    (1, 128, 8),
    (1, 8, 128),
    (1, 256, 2),
    (1, 320, 16),
    (1, 100, 33),
    (1, 33, 17),
    (1, 16, 16),
    (1, 48, 5),
    (1, 128, 64),
    (1, 20, 3),
    (1, 11, 29),
    (1, 640, 8),
)
# height, width, channels, output channels, groups
GROUPED = (
    (8, 8, 8, 8, 2),
    (6, 6, 12, 6, 3),
    (5, 9, 16, 16, 4),
    (12, 12, 4, 8, 2),
    (7, 6, 24, 10, 2),
    (4, 4, 6, 32, 2),
    (5, 12, 30, 12, 3),
    (9, 3, 20, 40, 5),
)
# transposed ones, of stride 2: height, width, channels, output channels, window
TRANSPOSED = (
    (6, 6, 8, 8, (4, 4)),
    (5, 7, 16, 4, (2, 2)),
    (8, 8, 6, 3, (3, 3)),
    (4, 9, 12, 10, (4, 4)),
    (7, 5, 20, 1, (3, 3)),
    (3, 12, 24, 2, (4, 4)),
    (5, 4, 5, 30, (3, 3)),
    (6, 8, 9, 16, (2, 4)),
    (4, 20, 3, 5, (5, 3)),
    (3, 5, 32, 24, (2, 2)),
    (8, 6, 16, 3, (5, 5)),
)
# height, width, channels, window, stride
POOLS = (
    (8, 8, 16, (2, 2), 2),
    (16, 16, 4, (2, 2), 2),
    (6, 6, 33, (2, 2), 2),
    (10, 8, 7, (2, 2), 2),
    (9, 9, 16, (3, 3), 2),
    (13, 13, 5, (3, 3), 2),
    (7, 7, 32, (3, 3), 1),
    (12, 10, 24, (3, 2), 1),
    (1, 30, 16, (1, 2), 2),
    (1, 21, 40, (1, 2), 2),
    (7, 5, 4, (2, 1), 1),
    (6, 14, 8, (2, 4), 2),
)
MEANS = ((25, 5, 64), (8, 8, 64), (3, 3, 256), (3, 3, 64), (4, 4, 20), (12, 12, 8), (2, 9, 33), (2, 2, 128))
VECTORS = ((1, 8, 8, 16), (1, 16, 16, 8), (1, 4, 4, 64), (1, 5, 5, 7), (1, 100), (1, 3, 3, 130))
LINES = ((1, 12), (1, 10), (1, 2), (4, 20), (16, 64), (3, 35))
IMAGES = (
    (1, 3, 16, 16),
    (1, 8, 9, 7),
    (1, 64, 5, 3),
    (1, 2, 25, 10),
    (1, 3, 32, 32),
    (1, 16, 4, 4),
    (1, 3, 7, 3),
    (1, 9, 5, 3),
)
MATRICES = (
    (2, 16, 16, 16),
    (1, 20, 12, 33),
    (4, 9, 8, 7),
    (1, 32, 32, 16),
    (1, 7, 45, 10),
    (3, 5, 20, 40),
    (1, 40, 6, 24),
    (1, 3, 96, 12),
    (2, 12, 33, 5),
)
SEQUENCES = (
    (8, 6, 8),
    (4, 10, 16),
    (12, 5, 5),
    (3, 10, 32),
    (2, 24, 40),
    (1, 4, 12),
    (5, 40, 8),
    (9, 16, 24),
    (20, 3, 4),
)


@dataclass
class Spread:
    """A graph of layers that stand beside each other; those of an input's type share it."""

    graph: Graph = field(default_factory=lambda: Graph("layers"))
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))
    layers: list[Op] = field(default_factory=list)
    _inputs: dict[tuple[TensorType, int], Value] = field(default_factory=dict)

    def x(self, dtype: DType, *shape: int, number: int = 0) -> Value:
        """An input; the ``number``-th of its type."""
        quants = {DType.I8: Quant((0.03,), (-5,)), DType.I16: Quant((1e-4,), (0,))}
        type = TensorType(dtype, shape, quants.get(dtype))
        if (type, number) not in self._inputs:
            self._inputs[type, number] = self.graph.input(f"x{len(self._inputs)}", type)
        return self._inputs[type, number]

    def put(self, op: Op, type: TensorType | None = None, reach: float = 4.0) -> None:
        """A layer with a result of that type, or with one whose numbers go that far from zero."""
        types = op.infer() if type is None else [type]
        if type is None and op.operands[0].type.quant is not None:
            zero, steps = (-4, 100) if types[0].dtype is DType.I8 else (0, 25000)
            types = [TensorType(types[0].dtype, types[0].shape, Quant((reach / steps,), (zero,)))]
        self.layers.append(self.graph.insert(op, types=types))

    def linear(self, make: Callable[..., Op], x: Value, shape: tuple[int, ...], **attributes: Any) -> None:
        """A layer with weights of that shape and a bias; results of every other one are clamped."""
        count = prod(shape[1:])
        attributes["clamp"] = Clamp(0.0) if len(self.layers) % 2 else None
        if x.type.dtype is DType.F32:
            w = self.graph.const(self._normal(shape, count**-0.5))
            self.put(make(x, w, self.graph.const(self._normal(shape[:1])), **attributes))
            return
        codes = np.clip(np.rint(self.rng.standard_normal(shape) * 40), -127, 127).astype(np.int8)
        assert x.type.quant is not None
        scales = self.rng.uniform(0.006, 0.01, shape[0])
        w = self._per_channel(codes, scales)
        long = x.type.dtype is DType.I16
        bias = self.rng.integers(-900, 900, shape[0]).astype(np.int32)
        sums = scales * x.type.quant.scale[0]
        reach = float(np.median(sums)) * 40 * (12000 if long else 70) * count**0.5
        self.put(make(x, w, self._per_channel(bias, sums), **attributes), reach=2 * reach)

    def between(self, least: int, most: int) -> int:
        """Drawn, from ``least`` to ``most``."""
        return int(self.rng.integers(least, most, endpoint=True))

    def constants(self, *arrays: Array) -> list[Value]:
        """Operands known at compile time."""
        return [self.graph.const(array) for array in arrays]

    def normal(self, *shape: int) -> Value:
        """A constant of random floats."""
        return self.graph.const(self._normal(shape))

    def _normal(self, shape: tuple[int, ...], deviation: float = 1.0) -> Array:
        return (self.rng.standard_normal(shape) * deviation).astype(np.float32)

    def _per_channel(self, codes: Array, scales: Array) -> Value:
        value = self.graph.const(codes)
        value.type = TensorType(value.type.dtype, value.shape, Quant(tuple(scales.tolist()), (0,) * len(scales), 0))
        return value


Part = Callable[[Spread, DType], None]
"""Puts the layers of one kind, in one type, into a graph."""


def spreads_of_all() -> Iterator[Spread]:
    """The layers of each kind and type, a graph each."""
    for dtype in (DType.I8, DType.I16, DType.F32):
        for part in _PARTS[dtype]:
            spread = Spread()
            part(spread, dtype)
            yield spread


def _convolutions(spread: Spread, dtype: DType) -> None:
    for h, w, c, o, kernel, stride in CONVOLUTIONS:
        _window(spread, dtype, (h, w, c), (o, *kernel, c), stride, 1)
    for h, w, c, o, groups in GROUPED:
        _window(spread, dtype, (h, w, c), (o, 3, 3, c // groups), 1, groups)
    for h, w, c, o, kernel in TRANSPOSED:
        spread.linear(ConvTranspose2d, spread.x(dtype, 1, h, w, c), (o, *kernel, c), stride=(2, 2))
    for number in range(2 * DRAWN if dtype is DType.I8 else 0):
        c, o, side = spread.between(1, 24), spread.between(4, 24), spread.between(1, 3)
        shape = spread.between(side, 11), spread.between(side, 11), c
        if number % 2:  # wide, of few channels
            c, o = spread.between(1, 8), spread.between(2, 12)
            shape = spread.between(side, 5), spread.between(12, 70), c
        _window(spread, dtype, shape, (o, side, side, c), spread.between(1, 2), 1)


def _depthwise(spread: Spread, dtype: DType) -> None:
    for h, w, c, kernel, stride in DEPTHWISE:
        _window(spread, dtype, (h, w, c), (c, *kernel, 1), stride, c)
    for number in range(2 * DRAWN if dtype is DType.I8 else 0):
        c, side = spread.between(4, 48), 3 if number % 3 else spread.between(2, 5)
        shape = spread.between(side, 16), spread.between(side, 16), c
        _window(spread, dtype, shape, (c, side, side, 1), spread.between(1, 2), c)


def _window(spread: Spread, dtype: DType, shape: tuple[int, ...], w: tuple[int, ...], stride: int, groups: int) -> None:
    """As much padding as keeps the extents, as ONNX's SAME_UPPER has it."""
    pads: list[int] = []
    for extent, kernel in zip(shape[:2], w[1:3], strict=True):
        total = max((-(-extent // stride) - 1) * stride + kernel - extent, 0)
        pads += [total // 2, total - total // 2]
    step = tuple(1 if extent == 1 else stride for extent in shape[:2])
    x = spread.x(dtype, 1, *shape)
    spread.linear(Conv2d, x, w, stride=step, pad=tuple(pads), groups=groups)


def _products(spread: Spread, dtype: DType) -> None:
    for pixels, channels, outs in PRODUCTS:
        spread.linear(Dense, spread.x(dtype, pixels, channels), (outs, channels))
    for number in range(2 * DRAWN if dtype is DType.I8 else 0):
        pixels = 1 if number % 2 else spread.between(2, 40)
        channels, outs = spread.between(4, 90), spread.between(2, 40)
        spread.linear(Dense, spread.x(dtype, pixels, channels), (outs, channels))


def _pools(spread: Spread, dtype: DType) -> None:
    for *shape, kernel, stride in POOLS:
        for pool in (MaxPool2d, AveragePool2d):
            spread.put(pool(spread.x(dtype, 1, *shape), kernel, (stride, stride)))
    for h, w, c in MEANS:
        spread.put(AveragePool2d(spread.x(dtype, 1, h, w, c), (h, w)))
        spread.put(ReduceMean(spread.x(dtype, 1, h, w, c), (1, 2)))


def _elementwise(spread: Spread, dtype: DType) -> None:
    for shape in VECTORS:
        a, b = (spread.x(dtype, *shape, number=number) for number in (0, 1))
        for binary in (Add, Mul, Sub):
            spread.put(binary(a, b))
        if dtype is DType.I8:
            for binary in (Add, Mul):
                spread.put(binary(a, spread.x(dtype, 1)))
        spread.put(Relu(a))
        if dtype is DType.F32:
            for binary in (Add, Mul, Sub):
                spread.put(binary(a, b, Clamp(0.0)))
            spread.put(Add(a, spread.normal(shape[-1])))
            spread.put(Mul(a, spread.normal(shape[-1])))
            spread.put(Clip(a, 0.0, 6.0))
            spread.put(Sigmoid(a))
            spread.put(Tanh(a))
        else:
            spread.put(Requantize(a))
        if dtype is DType.I8:
            table = spread.graph.const(np.arange(-128, 128).astype(np.int8))
            table.type = TensorType(DType.I8, (256,), Quant((0.03,), (0,)))
            spread.put(Lookup(a, table), TensorType(DType.I8, shape, table.type.quant))
        quant = a.type.quant
        if quant is not None:
            scale, zero = spread.constants(np.array(quant.scale[0], np.float32), np.array(quant.zero, dtype.numpy))
            op = Quantize(spread.x(DType.F32, *shape), scale, zero, dtype=dtype)
            spread.put(op, TensorType(dtype, shape, quant))
            spread.put(Dequantize(a, scale, zero), TensorType(DType.F32, shape))


def _lines(spread: Spread, dtype: DType) -> None:
    for shape in LINES:
        x = spread.x(dtype, *shape)
        if dtype is DType.I8:
            spread.put(Softmax(x, 1), TensorType(dtype, shape, Quant((1 / 256,), (-128,))))
        else:
            spread.put(Softmax(x, 1))
            spread.put(Normalize(x, spread.normal(shape[1]), spread.normal(shape[1]), (1,), 1e-5, axis=1))
    for batch, rows, inner, columns in MATRICES:
        spread.put(MatMul(spread.x(dtype, batch, rows, inner), spread.x(dtype, batch, inner, columns)))


def _movement(spread: Spread, dtype: DType) -> None:
    for shape in IMAGES:
        x = spread.x(dtype, *shape)
        edges = (0, 1, 1, 0)
        moved = (Transpose(x, (0, 2, 3, 1)), Transpose(x, (0, 3, 1, 2)), Pad(x, edges, edges), Concat((x, x), 1))
        for op in moved:
            spread.put(op, op.infer()[0])


def _recurrent(spread: Spread, dtype: DType) -> None:
    for steps, width, hidden in SEQUENCES:
        shapes = ((4 * hidden, width), (4 * hidden, hidden), (4 * hidden,))
        w, r, bias = (spread.normal(*shape) for shape in shapes)
        spread.put(Lstm(spread.x(dtype, steps, 1, width), w, r, bias, None, None))


_PARTS: dict[DType, tuple[Part, ...]] = {
    DType.I8: (_convolutions, _depthwise, _products, _pools, _elementwise, _lines, _movement),
    DType.I16: (_convolutions, _depthwise, _products, _pools, _elementwise),
    DType.F32: (_convolutions, _depthwise, _products, _pools, _elementwise, _lines, _movement, _recurrent),
}
