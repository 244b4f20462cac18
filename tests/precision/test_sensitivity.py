"""What layers lose: the same as running each variant as a whole, and what it must be by construction."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgec.calibration import Calibration, calibrate, open_source
from edgec.driver import import_model
from edgec.errors import EdgecError
from edgec.ir import Array, Const, Graph, f32, parse_graph
from edgec.ir.interp import results, run_samples
from edgec.ir.ops import Add, Dense, Relu
from edgec.options import Options
from edgec.passes import DEFAULT
from edgec.precision import evaluation
from edgec.precision.evaluation import Evaluator
from edgec.precision.layers import Node, find_layers, of_operators, owners_of, tensors_of
from edgec.precision.problem import FLOAT, Read, Tensor
from edgec.precision.sensitivity import Tally, measure_sensitivity, quantized, uniform
from edgec.rewriting import Pipeline, parse_pipeline
from edgec.samples import input_types

ROOT = Path(__file__).parents[2]

# Two dense layers, a relu between them, a sum around the second, and a softmax that has no form with 16 bits.
BLOCK = """
graph @block(%x: f32[1,8]) {
  %w1: f32[8,8] = const @w1
  %b1: f32[8] = const @b1
  %a: f32[1,8] = dense %x, %w1, %b1
  %r: f32[1,8] = relu %a
  %v: f32[8] = reshape %r {shape=(8)}
  %t: f32[1,8] = reshape %v {shape=(1,8)}
  %w2: f32[8,8] = const @w2
  %b2: f32[8] = const @b2
  %c: f32[1,8] = dense %t, %w2, %b2
  %s: f32[1,8] = add %r, %c
  %e: f32[1,8] = tanh %s
  %y: f32[1,8] = softmax %s {axis=1}
  return y=%y, e=%e
}
"""
DATA = np.random.default_rng(3).standard_normal((20, 1, 8)).astype(np.float32)


def block() -> tuple[Graph, Calibration]:
    rng = np.random.default_rng(1)
    graph = parse_graph(BLOCK, lambda name, type: rng.standard_normal(type.shape).astype(np.float32))
    source = open_source(DATA, input_types(graph))
    return graph, calibrate(graph, source)


def variant_of(graph: Graph, calibration: Calibration, nodes: list[Node], precisions: dict[str, str]) -> Graph:
    return quantized(graph, calibration, of_operators(graph, nodes, precisions))


def noise(outputs: dict[str, Array], reference: dict[str, Array]) -> float:
    ratios = [
        np.sum((outputs[n].astype(np.float64) - r) ** 2) / np.sum(r.astype(np.float64) ** 2)
        for n, r in reference.items()
    ]
    return float(np.mean(ratios))


def test_layers_are_what_computes_in_integers() -> None:
    graph, calibration = block()
    nodes = find_layers(graph, calibration)
    found = {node.name: node.precisions for node in nodes}
    both, byte = ("int8", "int16x8", FLOAT), ("int8", FLOAT)
    assert found == {"a": both, "c": both, "s": both, "e": byte, "y": byte}
    assert nodes[0].weight_bytes("int8") == nodes[0].weight_bytes("int16x8") == 8 * 8 + 4 * 8
    assert nodes[0].weight_bytes(FLOAT) == 4 * 8 * 8 + 4 * 8


def test_what_moves_follows_the_layer_above_it_and_views_are_no_tensors() -> None:
    graph, calibration = block()
    nodes = find_layers(graph, calibration)
    owners = {op.results[0].name: owner for op, owner in owners_of(graph, nodes).items()}
    assert owners == {"a": "a", "r": "a", "v": "a", "t": "a", "c": "c", "s": "s", "e": "e", "y": "y"}
    assert tensors_of(graph, nodes) == [
        Tensor("x", 8, None, -1, (Read(0, "a"),)),
        Tensor("a", 8, "a", 0, (Read(1, "a"),)),
        Tensor("r", 8, "a", 1, (Read(3, "s"), Read(2, "c"))),
        Tensor("c", 8, "c", 2, (Read(3, "s"),)),
        Tensor("s", 8, "s", 3, (Read(4, "e"), Read(5, "y"))),
        Tensor("e", 8, "e", 4, (Read(6, None),)),
        Tensor("y", 8, "y", 5, (Read(6, None),)),
    ]


def test_what_moves_the_input_follows_its_readers() -> None:
    graph = parse_graph(
        "graph @g(%x: f32[1,4,2]) {\n %t: f32[1,2,4] = transpose %x {perm=(0,2,1)}\n"
        " %y: f32[1,2] = reduce_mean %t {axes=(2)}\n return y=%y\n}"
    )
    calibration = calibrate(graph, np.ones((3, 1, 4, 2), np.float32))
    owners = owners_of(graph, find_layers(graph, calibration))
    assert {op.results[0].name: owner for op, owner in owners.items()} == {"t": "y", "y": "y"}


def test_each_loss_is_that_of_the_whole_variant_run_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, calibration = block()
    nodes = find_layers(graph, calibration)
    monkeypatch.setattr("edgec.precision.sensitivity.HELD_BYTES", 3000)  # several batches
    result = measure_sensitivity(graph, calibration, samples=17)
    reference = run_samples(graph, {"x": DATA[:17]})

    def run(precisions: dict[str, str]) -> float:
        return noise(run_samples(variant_of(graph, calibration, nodes, precisions), {"x": DATA[:17]}), reference)

    assert result.samples == 17
    assert [layer.node.name for layer in result.layers] == [node.name for node in nodes]
    for layer in result.layers:
        for precision in layer.node.precisions:
            expected = run(uniform(nodes, FLOAT) | {layer.node.name: precision})
            assert layer.alone[precision].noise == pytest.approx(expected, rel=1e-9)
        others = run(uniform(nodes, "int8") | {layer.node.name: FLOAT})
        assert layer.others.noise == pytest.approx(others, rel=1e-9)
    for precision in ("int8", "int16x8", FLOAT):
        assert result.uniform[precision].noise == pytest.approx(run(uniform(nodes, precision)), rel=1e-9)
    assert result.uniform["int16x8"].noise < result.uniform["int8"].noise
    assert result.uniform[FLOAT].noise == 0 and result.uniform[FLOAT].sqnr_db is None


def test_only_what_a_variant_changes_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, calibration = block()
    nodes = find_layers(graph, calibration)
    evaluator = Evaluator([graph, variant_of(graph, calibration, nodes, uniform(nodes, "int8"))])
    evaluator.begin({"x": DATA})
    computed: list[str] = []
    real = results

    def counted(op: Const, arguments: list[Array]) -> tuple[Array, ...]:
        computed.append(op.opname)
        return real(op, arguments)

    monkeypatch.setattr(evaluation, "results", counted)
    variant = variant_of(graph, calibration, nodes, uniform(nodes, FLOAT) | {"s": "int8"})
    outputs = evaluator.outputs(variant, "s")
    assert "dense" not in computed and computed.count("add") == computed.count("softmax") == 1
    expected = run_samples(variant, {"x": DATA})
    assert all(np.array_equal(outputs[name], array) for name, array in expected.items())
    computed.clear()
    evaluator.outputs(variant_of(graph, calibration, nodes, uniform(nodes, "int8") | {"c": FLOAT}), "c")
    assert computed.count("dense") == computed.count("add") == 1


def test_states_go_on_from_batch_to_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = parse_graph(
        "graph @g(%x: f32[1,2], %h: f32[1,2] {state='h'}) {\n %d: f32[1,2] = add %x, %h\n"
        " %half: f32[1] = const [0.5]\n %s: f32[1,2] = mul %d, %half\n return y=%s, h=%s\n}"
    )
    data = np.random.default_rng(0).standard_normal((30, 1, 2)).astype(np.float32)
    source = open_source(data, input_types(graph))
    calibration = calibrate(graph, source)
    whole = measure_sensitivity(graph, calibration)
    monkeypatch.setattr("edgec.precision.sensitivity.HELD_BYTES", 1)  # batches of one sample
    apart = measure_sensitivity(graph, calibration)
    assert apart.uniform["int8"].noise == pytest.approx(whole.uniform["int8"].noise, rel=1e-9)
    assert 0 < whole.uniform["int8"].noise < 1e-3


def test_numbers_that_are_not_finite_do_not_count_and_a_silent_output_has_no_signal() -> None:
    tally = Tally()
    reference = {"y": np.array([[1.0, np.inf, np.nan]]), "z": np.array([[0.0, 0.0, 0.0]])}
    tally.add({"y": np.array([[1.1, 5.0, 5.0]]), "z": np.array([[0.0, 0.0, 0.0]])}, reference, None)
    assert tally.loss.noise == pytest.approx(0.01 / 2)
    tally.add({"y": np.array([[1.0, 5.0, 5.0]]), "z": np.array([[0.0, 1e-3, 0.0]])}, reference, None)
    assert tally.loss.noise == pytest.approx((0.005 + 1) / 2)


def test_a_model_without_quantized_forms_is_refused() -> None:
    graph = Graph("g")
    x = graph.input("x", f32(1, 4))
    graph.returns({"y": x})
    source = open_source(np.ones((3, 1, 4), np.float32), input_types(graph))
    with pytest.raises(EdgecError, match="no operator of the model has a quantized form"):
        measure_sensitivity(graph, calibrate(graph, source))


def test_accuracy_is_counted_where_there_are_labels() -> None:
    graph = import_model(ROOT / "examples/digits/digits.onnx", Options())
    Pipeline(parse_pipeline(DEFAULT)).run(graph)
    data = ROOT / "examples/digits/digits.npz"
    with np.load(data) as arrays:
        inputs, labels = arrays["test"][:30], arrays["test_labels"][:30]
    source = replace(open_source(inputs[:, None], input_types(graph)), labels=labels)
    result = measure_sensitivity(graph, calibrate(graph, source), samples=30)
    first = run_samples(graph, {"x": inputs.reshape(30, *graph.inputs[0].shape)})["y"]
    assert result.uniform[FLOAT].accuracy == np.mean(first.reshape(30, -1).argmax(axis=1) == labels)
    assert all(layer.others.accuracy is not None for layer in result.layers)
    # The sum of what the layers lose is about what they lose together: the model that assignments are chosen by.
    total = sum(layer.alone["int8"].noise for layer in result.layers)
    assert 0.5 < total / result.uniform["int8"].noise < 2


@pytest.mark.parametrize("beyond", [False, True])
def test_labels_that_are_no_index_of_the_output_are_refused(beyond: bool) -> None:
    graph, _ = block()
    classes = graph.outputs[0].type.elements
    source = open_source(np.ones((3, *graph.inputs[0].shape), np.float32), input_types(graph))
    labels = np.array([0, classes - 1, classes if beyond else -1])
    with pytest.raises(EdgecError, match="are no classes of an output"):
        measure_sensitivity(graph, calibrate(graph, replace(source, count=3, labels=labels)), samples=3)


def test_progress_ends_at_all() -> None:
    graph, calibration = block()
    seen: list[tuple[str, int, int]] = []
    measure_sensitivity(
        graph, replace(calibration, source=replace(calibration.source, count=20)), 8, lambda *told: seen.append(told)
    )
    assert seen[-1][0] == "sensitivity" and seen[-1][1] == seen[-1][2]


def net(*values: float) -> Graph:
    """A relu net whose constants are these."""
    graph = Graph("net")
    x = graph.input("x", f32(1, 2))
    w = graph.const(np.array([[values[0], 1.0], [0.0, values[1]]], np.float32))
    b = graph.const(np.zeros(2, np.float32))
    d = graph.insert(Dense(x, w, b)).result
    graph.returns({"y": graph.insert(Add(graph.insert(Relu(d)).result, d)).result})
    return graph


def test_values_of_one_number_are_computed_alike() -> None:
    number = evaluation.Numbering([])
    a, same, other = (number.of(net(*values)) for values in ((1, 2), (1, 2), (1, 3)))
    assert list(a.values()) == list(same.values())
    assert [x == y for x, y in zip(a.values(), other.values(), strict=True)] == [True, False, True, False, False, False]
