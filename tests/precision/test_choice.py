"""``auto``: the cheapest that holds, bytes if they do, floats if nothing else does; each layer has its own costs."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from edgec.calibration import Calibration, Source, calibrate, open_source
from edgec.ir import DType, Graph, Quant, TensorType, parse_graph, verify
from edgec.ir.interp import run_samples
from edgec.ir.ops import Dense
from edgec.precision import FLOAT, Choice, Limits, choose
from edgec.precision.assignment import NO_LIMITS
from edgec.precision.costs import (
    ESTIMATED,
    MEASURED,
    PROBE_ELEMENTS,
    estimated_costs,
    measured_costs,
    probe,
    problem_of,
)
from edgec.precision.layers import find_layers
from edgec.precision.sensitivity import quantized
from edgec.samples import input_types

# Weights of very different sizes in the first layer cost its bytes much; the layers after it lose little.
NET = """
graph @net(%x: f32[1,16]) {
  %w1: f32[8,16] = const @w1
  %b1: f32[8] = const @b1
  %a: f32[1,8] = dense %x, %w1, %b1
  %r: f32[1,8] = relu %a
  %w2: f32[8,8] = const @w2
  %b2: f32[8] = const @b2
  %c: f32[1,8] = dense %r, %w2, %b2
  %w3: f32[4,8] = const @w3
  %b3: f32[4] = const @b3
  %y: f32[1,4] = dense %c, %w3, %b3
  return y=%y
}
"""
PRECISIONS = ("int8", "int16x8", FLOAT)


def net() -> tuple[Graph, Source, Calibration]:
    rng = np.random.default_rng(7)
    graph = parse_graph(NET, lambda name, type: rng.standard_normal(type.shape).astype(np.float32))
    data = np.random.default_rng(3).standard_normal((64, 1, 16)).astype(np.float32)
    data[:, :, 0] *= 30
    first = next(op for op in graph if isinstance(op, Dense))
    assert first.w.data is not None
    first.w.data[:, 0] *= 0.02
    source = open_source(data, input_types(graph))
    return graph, source, calibrate(graph, source)


def chosen(drop: float, labelled: bool = False, limits: Limits = NO_LIMITS) -> Choice:
    graph, source, calibration = net()
    if labelled:
        outputs = run_samples(graph, next(iter(source.batches())))["y"]
        source = replace(source, labels=outputs.reshape(len(outputs), -1).argmax(axis=1))
        calibration = calibrate(graph, source)
    return choose(graph, calibration, lambda p: quantized(graph, calibration, p), lambda g: None, drop, limits)


def test_bytes_that_hold_are_taken_at_once() -> None:
    found = chosen(0.5)
    assert set(found.precisions.values()) == {"int8"} and len(found.trials) == 1
    assert found.operators == {"a": "int8", "r": "int8", "c": "int8", "y": "int8"}
    assert found.reason.startswith("all layers in int8: noise")


def test_the_cheapest_mixture_that_holds() -> None:
    all_int8 = chosen(0.5).loss.noise
    found = chosen(all_int8 / 3)
    assert found.loss.noise <= all_int8 / 3
    assert found.precisions["a"] != "int8" and "int8" in found.precisions.values()
    holding = [t for t in found.trials if t.holds]
    assert all(t.loss.noise <= all_int8 / 3 for t in holding)
    assert not found.trials[0].holds and found.operators["r"] == found.precisions["a"]
    best = next(t for t in holding if t.precisions == found.precisions)
    assert best.cost == min(t.cost for t in holding if t.cost is not None)
    assert "no counts" in found.reason


def test_the_mixture_fits_the_memory() -> None:
    drop = chosen(0.5).loss.noise / 3
    free = chosen(drop)
    tight = chosen(drop, limits=Limits(weight_bytes=304))
    assert FLOAT in {trial.precisions["a"] for trial in free.trials}
    assert {trial.precisions["a"] for trial in tight.trials} == {"int8", "int16x8"}
    assert tight.loss.noise <= drop


def test_floats_where_nothing_else_holds() -> None:
    found = chosen(0.0)
    assert set(found.precisions.values()) == {FLOAT}
    assert found.loss.noise == 0
    assert found.reason.startswith("all layers in float32")


def test_a_model_without_quantized_forms_stays_as_it_is() -> None:
    graph = parse_graph("graph @g(%x: f32[1,4]) {\n %y: f32[1,4] = hardmax %x {axis=1}\n return y=%y\n}")
    calibration = calibrate(graph, np.ones((3, 1, 4), np.float32))
    found = choose(graph, calibration, lambda p: graph, lambda g: None)
    assert (found.precisions, found.operators, found.loss.noise) == ({}, {}, 0.0)


def test_with_labels_it_is_the_accuracy_that_counts() -> None:
    found = chosen(0.25, labelled=True)
    assert set(found.precisions.values()) == {"int8"}
    assert found.loss.accuracy is not None and found.loss.accuracy >= 0.75
    assert "accuracy" in found.reason and "of 100.00 %" in found.reason


def test_the_choice_is_the_same_every_time() -> None:
    assert chosen(1e-4) == chosen(1e-4)


def test_costs_are_those_of_the_steps_of_each_layer() -> None:
    graph, _, calibration = net()
    nodes = find_layers(graph, calibration)
    built: list[Graph] = []

    def build(precisions: Mapping[str, str]) -> Graph:
        built.append(quantized(graph, calibration, precisions))
        return built[-1]

    def measure(given: Graph) -> dict[str, int]:
        """Each operator by its number of elements, times 1, 2 or 4 for the three models; conversions by name."""
        if given.name == "conversions":
            return {op.results[0].name: 1024 * (i + 1) for i, op in enumerate(list(given)[3:-1])}
        factor = (1, 2, 4)[len(built) - 1]
        return {v.name: factor * v.type.elements for v in given.values() if v.producer is not None and v.data is None}

    costs = measured_costs(graph, nodes, build, measure)
    assert costs is not None and costs.unit == MEASURED
    # The first layer is a dense of 8 elements and the relu behind it. Pairs around them are conversions.
    assert costs.layers == {
        "a": dict(zip(PRECISIONS, (16, 32, 64), strict=True)),
        "c": dict(zip(PRECISIONS, (8, 16, 32), strict=True)),
        "y": dict(zip(PRECISIONS, (4, 8, 16), strict=True)),
    }
    assert costs.fixed == 0
    assert costs.conversion == {
        (FLOAT, "int8"): 1,
        ("int8", "int16x8"): 2,
        ("int16x8", "int8"): 3,
        ("int8", FLOAT): 4,
        (FLOAT, "int16x8"): 5,
        ("int16x8", FLOAT): 6,
    }
    noise = {node.name: dict.fromkeys(node.precisions, 0.0) for node in nodes}
    problem = problem_of(graph, nodes, noise, costs)
    assert [layer.cost for layer in problem.layers] == [costs.layers[name] for name in "acy"]
    assert [tensor.name for tensor in problem.tensors] == ["x", "a", "r", "c", "y"]


@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_without_counts_of_all_models_costs_are_estimated(known: int) -> None:
    graph, _, calibration = net()
    nodes = find_layers(graph, calibration)
    answers: list[Mapping[str, int] | None] = [{}] * known + [None] * 4
    build = lambda precisions: graph  # noqa: E731 - what is built does not matter
    assert measured_costs(graph, nodes, build, lambda given: answers.pop(0)) is None
    costs = estimated_costs(nodes)
    assert costs.unit == ESTIMATED
    assert costs.layers["a"] == {"int8": 136, "int16x8": 272, FLOAT: 544}


def test_the_probe_of_conversions_is_a_graph_that_runs() -> None:
    graph, names = probe()
    verify(graph)
    assert len(set(names.values())) == 6
    x = np.linspace(-6, 6, PROBE_ELEMENTS, dtype=np.float32).reshape(1, 1, -1)
    (y,) = run_samples(graph, {"x": x}).values()
    assert np.abs(y - x).max() < 0.06
    assert graph.inputs[0].type == TensorType(DType.F32, (1, PROBE_ELEMENTS))
    assert {v.type.quant for v in graph.values() if v.type.dtype is DType.I8 and v.data is None} == {
        Quant((0.0625,), (3,))
    }
