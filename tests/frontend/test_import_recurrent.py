"""LSTM, GRU and RNN in every form: the interpreter against onnxruntime, and the C against both."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import agrees, imported, model, node, weights

import edgec
from edgec.errors import EdgecError

STEPS, BATCH, INPUTS, HIDDEN = 5, 3, 4, 6
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}

FORMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "reverse": {"direction": "reverse"},
    "bidirectional": {"direction": "bidirectional"},
    "clipped": {"clip": 0.4},
    "linear before reset": {"linear_before_reset": 1},
    "batch first": {"layout": 1},
    "coupled": {"input_forget": 1},
    "other activations": {
        "activations": ["HardSigmoid", "ScaledTanh", "Affine"],
        "activation_alpha": [0.3, 0.9, 1.2],
        "activation_beta": [0.4, 0.7, 0.1],
    },
}
ONLY = {"linear before reset": "GRU", "coupled": "LSTM"}
NOT_IN_ONNXRUNTIME = {"batch first"}


def recurrent(kind: str, lengths: bool, states: bool, peepholes: bool, **form: Any) -> Any:
    """A model of one layer."""
    count = 2 if form.get("direction") == "bidirectional" else 1
    gates, first = GATES[kind], bool(form.get("layout"))
    if "activations" in form:
        functions = {"RNN": 1, "GRU": 2, "LSTM": 3}[kind]
        form = {name: values[:functions] for name, values in form.items()}
    constants = {
        "w": weights(count, gates * HIDDEN, INPUTS),
        "r": weights(count, gates * HIDDEN, HIDDEN, seed=4) / 2,
        "b": weights(count, 2 * gates * HIDDEN, seed=5),
        "p": weights(count, 3 * HIDDEN, seed=6),
    }
    inputs: dict[str, list[int]] = {"x": [BATCH, STEPS, INPUTS] if first else [STEPS, BATCH, INPUTS]}
    state = [BATCH, count, HIDDEN] if first else [count, BATCH, HIDDEN]
    operands = ["x", "w", "r", "b", "", "", "", ""]
    if lengths:
        constants["lengths"] = np.array([5, 2, 3], np.int32)
        operands[4] = "lengths"
    if states:
        operands[5] = "h0"
        inputs["h0"] = state
        if kind == "LSTM":
            operands[6] = "c0"
            inputs["c0"] = state
    if peepholes:
        operands[7] = "p"
    used = {n: c for n, c in constants.items() if n in operands}
    outputs = ["y", "h", "c"] if kind == "LSTM" else ["y", "h"]
    operands = operands if kind == "LSTM" else operands[:6]
    layer = node(kind, operands, outputs, hidden_size=HIDDEN, **form)
    return model([layer], inputs, used, outputs)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", GATES)
def test_layers(tmp_path: Path, kind: str, form: str) -> None:
    if ONLY.get(form, kind) != kind:
        return
    proto = recurrent(kind, lengths=False, states=True, peepholes=kind == "LSTM", **FORMS[form])
    if form in NOT_IN_ONNXRUNTIME:
        turned = {**FORMS[form], "layout": 0}
        expected = imported(recurrent(kind, False, True, kind == "LSTM", **turned), tmp_path).macs()
        assert imported(proto, tmp_path).macs() == expected
        return
    agrees(proto, tmp_path)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("kind", GATES)
def test_lengths(tmp_path: Path, kind: str, direction: str) -> None:
    agrees(recurrent(kind, lengths=True, states=False, peepholes=False, direction=direction), tmp_path)


@pytest.mark.parametrize("kind", GATES)
def test_the_c_agrees(tmp_path: Path, kind: str) -> None:
    """Both directions, lengths, states and odd activations in C, against onnxruntime and the interpreter."""
    form = {"direction": "bidirectional", "clip": 2.0}
    proto = recurrent(kind, lengths=True, states=True, peepholes=kind == "LSTM", **form)
    path = tmp_path / f"{kind.lower()}.onnx"
    path.write_bytes(proto.SerializeToString())
    assert edgec.verify(edgec.compile(path))["passed"]


@pytest.mark.parametrize("activation", ["Elu", "LeakyRelu", "Relu", "Softplus", "Softsign", "ThresholdedRelu"])
def test_activations_in_c(tmp_path: Path, activation: str) -> None:
    form: dict[str, Any] = {"activations": [activation]}
    if activation == "ThresholdedRelu":
        form["activation_alpha"] = [0.7]  # onnxruntime's default is not the standard's
    proto = recurrent("RNN", lengths=False, states=False, peepholes=False, **form)
    path = tmp_path / "rnn.onnx"
    path.write_bytes(proto.SerializeToString())
    assert edgec.verify(edgec.compile(path))["passed"]


@pytest.mark.parametrize(
    ("form", "word"),
    [({"direction": "sideways"}, "direction"), ({"activations": ["Cosine"]}, "activation is 'Cosine'")],
)
def test_refusals(tmp_path: Path, form: dict[str, Any], word: str) -> None:
    with pytest.raises(EdgecError, match=word):
        imported(recurrent("RNN", lengths=False, states=False, peepholes=False, **form), tmp_path)


def test_weights_that_are_computed(tmp_path: Path) -> None:
    layer = node("RNN", ["x", "w", "r"], ["y"], hidden_size=HIDDEN)
    shapes = {"x": [STEPS, BATCH, INPUTS], "w": [1, HIDDEN, INPUTS], "r": [1, HIDDEN, HIDDEN]}
    with pytest.raises(EdgecError, match="weights are not constant"):
        imported(model([layer], shapes, types={"y": TensorProto.FLOAT}), tmp_path)
