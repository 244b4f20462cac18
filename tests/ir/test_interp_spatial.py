"""Convolution and pooling against loops that say what they mean, one output element at a time."""

from itertools import product

import numpy as np
import pytest

from edgec.ir import Array, Graph, f32
from edgec.ir.interp import run, run_samples
from edgec.ir.ops import AveragePool2d, Clamp, Conv2d, MaxPool2d, Pads, Pair

RANDOM = np.random.default_rng(7)


def normal(*shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(np.float32)


def taps(at: Pair, kernel: Pair, stride: Pair, pad: Pads, dilation: Pair) -> list[tuple[int, int, int, int]]:
    """``(ky, kx, y, x)`` of every tap of the window of output element ``at``; y and x may lie outside of the input."""
    found = []
    for ky, kx in product(range(kernel[0]), range(kernel[1])):
        y = at[0] * stride[0] + ky * dilation[0] - pad[0]
        x = at[1] * stride[1] + kx * dilation[1] - pad[2]
        found.append((ky, kx, y, x))
    return found


def inside(shape: tuple[int, ...], y: int, x: int, margin: Pads = (0, 0, 0, 0)) -> bool:
    return -margin[0] <= y < shape[1] + margin[1] and -margin[2] <= x < shape[2] + margin[3]


@pytest.mark.parametrize(
    ("groups", "out", "kernel", "stride", "pad", "dilation"),
    [
        (1, 5, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1)),
        (1, 3, (2, 3), (2, 1), (0, 1, 2, 0), (1, 2)),
        (4, 4, (3, 3), (2, 2), (1, 0, 0, 1), (1, 1)),
        (4, 8, (3, 2), (1, 1), (2, 2, 1, 1), (2, 1)),
        (2, 6, (1, 1), (1, 2), (0, 0, 0, 0), (1, 1)),
    ],
)
def test_conv2d(groups: int, out: int, kernel: Pair, stride: Pair, pad: Pads, dilation: Pair) -> None:
    x, w, b = normal(2, 6, 7, 4), normal(out, *kernel, 4 // groups), normal(out)
    graph = Graph("g")
    v = graph.input("x", f32(*x.shape))
    op = Conv2d(v, graph.const(w), graph.const(b), stride, pad, dilation, groups, Clamp(-1.0, 2.0))
    y = graph.insert(op).result
    graph.returns({"y": y})
    expected = np.empty(y.shape)
    per_group = 4 // groups
    for n, i, j, o in product(*map(range, y.shape)):
        first = o // (out // groups) * per_group
        total = float(b[o])
        for ky, kx, r, c in taps((i, j), kernel, stride, pad, dilation):
            if inside(x.shape, r, c):
                total += float(x[n, r, c, first : first + per_group].astype(float) @ w[o, ky, kx].astype(float))
        expected[n, i, j, o] = min(max(total, -1.0), 2.0)
    np.testing.assert_allclose(run(graph, {"x": x})["y"], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("kernel", "stride", "pad", "dilation", "counted"),
    [
        ((2, 2), (2, 2), (0, 0, 0, 0), (1, 1), (0, 0, 0, 0)),
        ((3, 3), (1, 1), (1, 1, 1, 1), (1, 1), (0, 0, 0, 0)),
        ((3, 3), (1, 1), (1, 1, 1, 1), (1, 1), (1, 1, 1, 1)),
        ((3, 2), (2, 2), (1, 2, 0, 1), (1, 1), (1, 1, 0, 0)),
        ((2, 3), (1, 2), (1, 1, 2, 2), (2, 2), (0, 1, 2, 1)),
    ],
)
def test_pools(kernel: Pair, stride: Pair, pad: Pads, dilation: Pair, counted: Pads) -> None:
    x = normal(2, 6, 7, 3)
    graph = Graph("g")
    v = graph.input("x", f32(*x.shape))
    largest = graph.insert(MaxPool2d(v, kernel, stride, pad, dilation)).result
    mean = graph.insert(AveragePool2d(v, kernel, stride, pad, dilation, counted)).result
    graph.returns({"largest": largest, "mean": mean})
    found = run(graph, {"x": x})
    for n, i, j, c in product(*map(range, mean.shape)):
        window = taps((i, j), kernel, stride, pad, dilation)
        values = [float(x[n, r, s, c]) for _, _, r, s in window if inside(x.shape, r, s)]
        divisor = sum(inside(x.shape, r, s, counted) for _, _, r, s in window)
        assert found["largest"][n, i, j, c] == np.float32(max(values))
        assert found["mean"][n, i, j, c] == pytest.approx(sum(values) / divisor, abs=1e-5)


def test_samples_are_independent() -> None:
    x, w, b = normal(5, 1, 4, 4, 2), normal(3, 3, 3, 2), normal(3)
    graph = Graph("g")
    v = graph.input("x", f32(1, 4, 4, 2))
    graph.returns({"y": graph.insert(Conv2d(v, graph.const(w), graph.const(b), pad=(1, 1, 1, 1))).result})
    together = run_samples(graph, {"x": x})["y"]
    for sample, result in zip(x, together, strict=True):
        np.testing.assert_allclose(run(graph, {"x": sample})["y"], result, rtol=0, atol=1e-6)
