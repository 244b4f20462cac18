"""Equalization, bias correction and adaptive rounding win back what quantization lost, and harm no odd layer."""

from math import inf
from typing import Any

import numpy as np
import pytest

from edgec.errors import EdgecError
from edgec.ir import Array, Const, Graph, Value, f32, parse_graph, verify
from edgec.ir.interp import run_samples, trace
from edgec.ir.ops import AveragePool2d, Clamp, Conv2d, Convolution, Dense, Reshape
from edgec.passes import _recovery
from edgec.passes._recovery import Layer
from edgec.passes._walk import Walk
from edgec.passes.equalize_layers import EqualizeLayers
from edgec.passes.quantize import QuantizePass
from edgec.rewriting.testing import made_up

POSITIVE = Clamp(0.0, inf)
SIZE = 10


def pictures(count: int, seed: int) -> Array:
    """Smooth random pictures ``[count, 1, SIZE, SIZE, 3]``."""
    random = np.random.default_rng(seed)
    coarse = random.standard_normal((count, 1, 4, 4, 3))
    places = np.linspace(0, 2.999, SIZE)
    low, part = places.astype(int), places % 1
    for axis in (2, 3):
        weight = part.reshape(-1, *(1,) * (4 - axis))
        coarse = coarse.take(low, axis) * (1 - weight) + coarse.take(low + 1, axis) * weight
    return (coarse + 0.1 * random.standard_normal(coarse.shape)).astype(np.float32)


SEEN, UNSEEN = pictures(96, 1), pictures(48, 2)


def separable(spread: float = 0.0, seed: int = 5) -> Graph:
    """Depthwise and pointwise convolutions by turns, whose channels differ by up to ``spread`` orders of magnitude."""
    random = np.random.default_rng(seed)
    graph = Graph("net")
    x = graph.input("x", f32(1, SIZE, SIZE, 3))
    before = np.ones(3)  # what the channels of x are multiplied by

    def layer(x: Value, out: int, kernel: int, groups: int = 1) -> Value:
        nonlocal before
        after = 10 ** random.uniform(-spread / 2, spread / 2, out)
        inputs = x.shape[-1] // groups
        w = random.standard_normal((out, kernel, kernel, inputs)) / (kernel * inputs**0.5)
        w *= after[:, None, None, None] / before.reshape(groups, inputs).repeat(out // groups, axis=0)[:, None, None]
        bias = random.standard_normal(out) * 0.1 * after
        before, edge = after, kernel // 2
        constants = [graph.const(a.astype(np.float32)) for a in (w, bias)]
        pad = (edge, edge, edge, edge)
        return graph.insert(Conv2d(x, constants[0], constants[1], pad=pad, groups=groups, clamp=POSITIVE)).result

    h = layer(x, 16, 3)
    for out in (24, 32):
        h = layer(h, h.shape[-1], 3, groups=h.shape[-1])
        h = layer(h, out, 1)
    pooled = graph.insert(AveragePool2d(h, kernel=(SIZE, SIZE))).result
    flat = graph.insert(Reshape(pooled, (1, 32))).result
    w = graph.const((random.standard_normal((10, 32)) / before).astype(np.float32))
    y = graph.insert(Dense(flat, w, graph.const(np.zeros(10, np.float32)))).result
    graph.returns({"y": y})
    verify(graph)
    return graph


def noise(graph: Graph, equalize: bool = False, seen: Array = SEEN, **options: Any) -> float:
    """Signal to quantization noise on samples that were not seen, in dB."""
    exact = run_samples(graph, {"x": UNSEEN})["y"]
    other = graph.copy()
    if equalize:
        assert EqualizeLayers().run(other, None)
    assert QuantizePass(seen, **options).run(other, None)
    verify(other)
    found = run_samples(other, {"x": UNSEEN})["y"]
    return float(10 * np.log10(np.square(exact).sum() / np.square(exact - found).sum()))


# --- what is won back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("per_channel", "lost"), [(True, 18), (False, 25)])
def test_channels_two_orders_of_magnitude_apart_cost_no_more_than_equal_ones(per_channel: bool, lost: int) -> None:
    even, uneven = separable(), separable(spread=2.0)
    goal = noise(even, per_channel=per_channel)
    plain = noise(uneven, per_channel=per_channel)
    assert plain < goal - lost
    equal = noise(uneven, equalize=True, per_channel=per_channel)
    assert equal > goal - 2
    both = noise(uneven, equalize=True, per_channel=per_channel, correct_bias=True)
    assert both > equal + 3
    assert noise(uneven, per_channel=per_channel, correct_bias=True) > plain + 8


@pytest.mark.parametrize("per_channel", [True, False])
def test_adaptive_rounding_lowers_the_noise_of_weights(per_channel: bool) -> None:
    # Activations of 16 bits: what noise there is, is that of the weights.
    options: dict[str, Any] = {"dtype": "int16x8", "per_channel": per_channel}
    nearest = noise(separable(), **options, correct_bias=True)
    assert noise(separable(), **options, rounding="adaround") > nearest + 3


def test_few_samples_do_no_harm() -> None:
    nearest = noise(separable(), seen=SEEN[:4])
    assert noise(separable(), seen=SEEN[:4], correct_bias=True) > nearest
    assert noise(separable(), seen=SEEN[:4], rounding="adaround") > nearest


def test_mean_errors_are_gone() -> None:
    def mean_error(**options: Any) -> float:
        graph = separable(spread=1.0)
        exact = run_samples(graph, {"x": SEEN})["y"]
        QuantizePass(SEEN, **options).run(graph, None)
        return float(np.abs((run_samples(graph, {"x": SEEN})["y"] - exact).mean(axis=0)).max())

    assert mean_error(correct_bias=True) < 0.1 * mean_error()


def test_it_is_the_same_each_time() -> None:
    first, second = separable(), separable()
    for graph in (first, second):
        QuantizePass(SEEN, rounding="adaround").run(graph, None)
    assert all(np.array_equal(a.data, b.data) for a, b in zip(constants(first), constants(second), strict=True))


def constants(graph: Graph) -> list[Const]:
    return [op for op in graph if isinstance(op, Const)]


# --- odd layers ------------------------------------------------------------------------------------------------------

ODD = {
    "a zero channel, a constant one, no bias": """
      %w: f32[3,4] = const [0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,0.7,-0.3,0.1]
      %b: f32[3] = const [0.0,5.0,0.0]
      %h: f32[1,3] = dense %x, %w, %b {clamp=(0.0,inf)}
      %v: f32[2,3] = const @v
      %z: f32[2] = const [0.0,0.0]
      %y: f32[1,2] = dense %h, %v, %z
    """,
    "inputs that are always zero": """
      %k: f32[1,4] = const [1.0,0.0,0.0,1.0]
      %m: f32[1,4] = mul %x, %k
      %w: f32[3,4] = const @w
      %b: f32[3] = const @b
      %y: f32[1,3] = dense %m, %w, %b
    """,
    "weights that two layers share": """
      %w: f32[4,4] = const @w
      %b: f32[4] = const @b
      %h: f32[1,4] = dense %x, %w, %b {clamp=(0.0,6.0)}
      %y: f32[1,4] = dense %h, %w, %b
    """,
    "several windows, groups, transposed": """
      %r: f32[1,2,1,2] = reshape %x {shape=(1,2,1,2)}
      %w: f32[4,2,1,1] = const @w
      %b: f32[4] = const @b
      %c: f32[1,3,1,4] = conv2d %r, %w, %b {pad=(1,1,0,0), groups=2}
      %v: f32[2,2,2,2] = const @v
      %d: f32[2] = const @d
      %t: f32[1,6,2,2] = conv_transpose2d %c, %v, %d {stride=(2,2), groups=2, clamp=(-1.0,1.0)}
      %y: f32[24] = reshape %t {shape=(24)}
    """,
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_odd_layers_are_no_worse(body: str) -> None:
    graph = parse_graph(f"graph @net(%x: f32[1,4]) {{{body}  return y=%y\n}}", made_up)
    samples = {"x": made_up("x", f32(1, 4), 60)}
    exact = run_samples(graph, samples)["y"]
    errors = []
    for rounding in ("nearest", "adaround"):
        other = graph.copy()
        assert QuantizePass(samples, rounding=rounding).run(other, None)
        verify(other)
        errors.append(np.square(run_samples(other, samples)["y"] - exact).sum())
    assert errors[1] <= errors[0]


def test_states_are_those_of_the_float_graph() -> None:
    graph = parse_graph(
        """
graph @net(%x: f32[1,4], %s: f32[1,4]) {
  %a: f32[1,4] = add %x, %s
  %w: f32[4,4] = const @w
  %b: f32[4] = const @b
  %h: f32[1,4] = dense %a, %w, %b
  %t: f32[1,4] = tanh %h
  return y=%h, t=%t
}
""",
        made_up,
    )
    graph.states = {graph.inputs[1]: "t"}
    samples = {"x": made_up("x", f32(1, 4), 60)}
    exact = run_samples(graph, samples)["y"]

    def error(rounding: str) -> float:
        other = graph.copy()
        QuantizePass(samples, rounding=rounding).run(other, None)
        return float(np.square(run_samples(other, samples)["y"] - exact).sum())

    assert error("adaround") < error("nearest")


def test_layers_with_too_many_inputs_keep_the_nearest_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_recovery, "GRAM_BYTES", 0)
    corrected, rounded = separable(), separable()
    QuantizePass(SEEN, correct_bias=True).run(corrected, None)
    QuantizePass(SEEN, rounding="adaround").run(rounded, None)
    assert all(np.array_equal(a.data, b.data) for a, b in zip(constants(corrected), constants(rounded), strict=True))


def test_a_rounding_that_does_not_exist_is_refused() -> None:
    with pytest.raises(EdgecError, match="there is no rounding 'best'"):
        QuantizePass(SEEN, rounding="best").run(separable(), None)


# --- its parts -------------------------------------------------------------------------------------------------------


def test_a_walk_computes_what_a_run_does() -> None:
    graph = separable()
    QuantizePass(SEEN).run(graph, None)
    wanted, walk = trace(graph, {"x": UNSEEN}), Walk(graph, {"x": UNSEEN})
    for op in graph:
        if isinstance(op, Layer):
            walk.reach(op)
            for value in op.operands:
                np.testing.assert_allclose(walk.value(value), wanted[value], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "dense %x, %w, %b [5,7,3] [4,3] [5,7,4]",
        "conv2d %x, %w, %b {stride=(2,1), pad=(1,0,2,1), dilation=(1,2)} [2,7,6,3] [4,3,2,3] [2,3,7,4]",
        "conv2d %x, %w, %b {groups=2} [1,5,4,4] [6,2,3,2] [1,4,2,6]",
        "conv2d %x, %w, %b {groups=3} [1,5,4,3] [6,2,3,1] [1,4,2,6]",
        "conv3d %x, %w, %b {pad=(1,1,0,0,0,0), groups=2} [1,2,4,3,4] [2,3,2,1,2] [1,2,3,3,2]",
    ],
)
def test_a_layer_s_own_sums_ask_for_its_own_weights(text: str) -> None:
    form, x, w, y = text.rsplit(" ", 3)
    outputs = w[1:].split(",")[0]
    graph = parse_graph(
        f"graph @net(%x: f32{x}) {{\n %w: f32{w} = const @w\n %b: f32[{outputs}] = const @b\n"
        f" %y: f32{y} = {form}\n return y=%y\n}}",
        made_up,
    )
    op = next(op for op in graph if isinstance(op, Layer))
    inputs = made_up("x", graph.inputs[0].type, 9) + 3
    groups = op.groups if isinstance(op, Convolution) else 1
    target = run_samples(graph, {"x": inputs})["y"]
    gram, products, squares, rows = _recovery._moments(op, groups, inputs, target)
    assert rows == target.size // target.shape[-1]
    assert op.w.data is not None
    own = op.w.data.reshape(groups, op.w.shape[0] // groups, -1)
    np.testing.assert_allclose(own @ gram, products, rtol=1e-4, atol=1e-4 * rows)
    spread = target.reshape(-1, groups, own.shape[1]).var(axis=0)
    np.testing.assert_allclose(squares / rows, spread, rtol=1e-4)
