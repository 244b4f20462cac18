"""Equalization keeps the function, whatever stands between two layers, and evens out their channels."""

from math import inf

import numpy as np
import pytest

from edgec.ir import Array, Graph, Op, Value, f32, verify
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    Clamp,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dense,
    LeakyRelu,
    Max,
    MaxPool2d,
    Pad,
    Prelu,
    ReduceMean,
    Relu,
    Resample,
    Reshape,
    Slice,
    Transpose,
)
from edgec.passes.equalize_layers import EqualizeLayers
from edgec.rewriting.testing import assert_same_meaning

POSITIVE = Clamp(0.0, inf)
CHANNELS = 4


class Network:
    """A chain of layers whose channels have ranges that are far apart."""

    def __init__(self) -> None:
        self.graph = Graph("net")
        self.random = np.random.default_rng(7)
        self.x = self.graph.input("x", f32(1, 6, 6, CHANNELS))

    def const(self, *shape: int, spread: float = 2.0) -> Value:
        values = self.random.standard_normal(shape) * 10 ** self.random.uniform(
            -spread, spread, (shape[0], *(1,) * (len(shape) - 1))
        )
        return self.graph.const(values.astype(np.float32))

    def put(self, op: Op) -> Value:
        return self.graph.insert(op).result

    def conv(self, x: Value, out: int = CHANNELS, *, groups: int = 1, clamp: Clamp | None = POSITIVE) -> Value:
        w = self.const(out, 1, 3, x.shape[-1] // groups)
        return self.put(Conv2d(x, w, self.const(out), pad=(0, 0, 1, 1), groups=groups, clamp=clamp))

    def end(self, x: Value) -> Graph:
        flat = self.put(Reshape(x, (1, x.type.elements)))
        y = self.put(Dense(flat, self.const(3, x.type.elements), self.const(3)))
        self.graph.returns({"y": y})
        verify(self.graph)
        return self.graph


def between(network: Network, kind: str, x: Value) -> Value:
    """Something that lets positive factors through."""
    put, graph = network.put, network.graph
    match kind:
        case "nothing":
            return x
        case "relu":
            return put(Relu(x))
        case "leaky relu":
            return put(LeakyRelu(x, alpha=0.2))
        case "prelu":
            return put(Prelu(x, network.const(CHANNELS, spread=0.0)))
        case "max pool":
            return put(MaxPool2d(x, kernel=(2, 2), pad=(1, 0, 0, 0), clamp=POSITIVE))
        case "average pool":
            return put(AveragePool2d(x, kernel=(2, 2), pad=(1, 0, 0, 0), counted=(1, 0, 0, 0)))
        case "pad":
            return put(Pad(x, (0, 1, 0, 0), (0, 0, 1, 0)))
        case "add":
            return put(Add(x, put(Relu(x)), clamp=POSITIVE))
        case "max":
            return put(Max(x, network.conv(network.x)))
        case "mean":
            return put(Add(x, put(ReduceMean(x, (1, 2)))))
        case "concat":
            return put(Concat((x, network.conv(network.x)), axis=1))
        case "slice":
            return put(Slice(x, (0, 1, 1, 0), (1, 2, 3, CHANNELS), (1, 2, 1, 1)))
        case "resample":
            rows = graph.const(np.array([[0, 1], [2, 3]], np.int32))
            return put(Resample(x, rows, graph.const(np.full((2, 2), 0.5, np.float32)), axis=1))
        case "transpose":
            return put(Transpose(x, (0, 2, 1, 3)))
        case "reshape":
            return put(Reshape(x, (1, 4, 9, CHANNELS)))
        case "grouped":
            return network.conv(x, groups=2)
        case _:
            w = network.const(CHANNELS, 2, 2, CHANNELS // 2)
            return put(ConvTranspose2d(x, w, network.const(CHANNELS), stride=(2, 2), groups=2))


KINDS = [
    "nothing", "relu", "leaky relu", "prelu", "max pool", "average pool", "pad", "add", "max", "mean", "concat",
    "slice", "resample", "transpose", "reshape", "grouped", "transposed",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_lets_factors_through_keeps_the_function_and_links_its_layers(kind: str) -> None:
    network = Network()
    first = network.conv(network.x)
    assert first.producer is not None
    between_them = between(network, kind, first)
    graph = network.end(network.conv(between_them, groups=CHANNELS))
    before = graph.copy()
    assert EqualizeLayers().run(graph, None)
    verify(graph)
    assert_same_meaning(before, graph)
    layers = [op for op in graph.ops if isinstance(op, Conv2d | Dense)]
    depthwise, dense = layers[-2:]
    np.testing.assert_allclose(output_ranges(depthwise), input_ranges(dense), rtol=0.01)
    if kind not in ("grouped", "transposed"):
        writers = [op for op in layers[:-2] if op.result.shape[-1] == CHANNELS]
        written = np.max([output_ranges(op) for op in writers], axis=0)
        np.testing.assert_allclose(written, np.abs(weights(depthwise)).max(axis=(1, 2, 3)), rtol=0.01)


def weights(op: Conv2d | Dense) -> Array:
    assert op.w.data is not None
    return op.w.data


def output_ranges(op: Conv2d | Dense) -> Array:
    """The norm of each output channel's weights and bias."""
    assert op.bias.data is not None
    ranges: Array = np.linalg.norm(np.c_[weights(op).reshape(op.w.shape[0], -1), op.bias.data], axis=1)
    return ranges


def input_ranges(op: Conv2d | Dense) -> Array:
    """Of each channel of what is flattened."""
    ranges: Array = np.abs(weights(op)).reshape(-1, CHANNELS).max(axis=0)
    return ranges


def test_channels_that_are_zero_or_that_nobody_reads_stay_as_they_are() -> None:
    graph = Graph("net")
    x = graph.input("x", f32(1, 2))
    w = graph.const(np.array([[0, 0], [0, 0], [3, 4], [1e-30, 0]], np.float32))
    h = graph.insert(Dense(x, w, graph.const(np.array([0, 5, 0, 0.25], np.float32)), clamp=POSITIVE)).result
    v = graph.const(np.array([[1, 2, 0, 4]], np.float32))
    graph.returns({"y": graph.insert(Dense(h, v, graph.const(np.zeros(1, np.float32)))).result})
    before = graph.copy()
    assert EqualizeLayers().run(graph, None)
    assert_same_meaning(before, graph)
    first, second = (op for op in graph.ops if isinstance(op, Dense))
    assert first.bias.data is not None
    assert np.array_equal(weights(first)[2], [3, 4]) and np.array_equal(weights(second)[0, [0, 2]], [1, 0])
    # A constant channel has the range of its bias; so has one whose weights are nearly zero.
    np.testing.assert_allclose(first.bias.data[[1, 3]], np.abs(weights(second)[0, [1, 3]]), rtol=1e-3)


def test_a_factor_has_limits() -> None:
    graph = Graph("net")
    x = graph.input("x", f32(1, 1))
    zero = graph.const(np.zeros(1, np.float32))
    h = graph.insert(Dense(x, graph.const(np.full((1, 1), 1e-30, np.float32)), zero)).result
    graph.returns({"y": graph.insert(Dense(h, graph.const(np.ones((1, 1), np.float32)), zero)).result})
    EqualizeLayers().run(graph, None)
    found = [weights(op).item() for op in graph.ops if isinstance(op, Dense)]
    np.testing.assert_allclose(found, [2.0**16 * 1e-30, 2.0**-16], rtol=1e-6)


def test_what_is_equal_already_does_not_change() -> None:
    network = Network()
    graph = network.end(network.conv(network.conv(network.x)))
    EqualizeLayers().run(graph, None)
    assert not EqualizeLayers().run(graph, None)
