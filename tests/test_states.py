"""Recurrent states that a model keeps between runs: ``--state h_out=h_in``."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import edgec
from edgec.errors import EdgecError
from edgec.samples import input_types, random_samples

HIDDEN = 6


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Two states that feed each other: ``a' = gru(x, a)``, ``b' = relu(a)`` and ``y = a' + b``."""
    rng = np.random.default_rng(0)
    weights = {
        "w": rng.standard_normal((1, 3 * HIDDEN, 4)),
        "r": rng.standard_normal((1, 3 * HIDDEN, HIDDEN)),
        "two": np.array(2.0),
    }
    state = [1, 1, HIDDEN]
    nodes = [
        helper.make_node("GRU", ["x:0", "w", "r", "", "", "a/in"], ["", "a/out"], hidden_size=HIDDEN),
        helper.make_node("Mul", ["a/in", "two"], ["b/out"]),
        helper.make_node("Add", ["a/out", "b/in"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [
            helper.make_tensor_value_info("x:0", TensorProto.FLOAT, [1, 1, 4]),
            helper.make_tensor_value_info("a/in", TensorProto.FLOAT, state),
            helper.make_tensor_value_info("b/in", TensorProto.FLOAT, state),
        ],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, state) for n in ("y", "a/out", "b/out")],
        [numpy_helper.from_array(w.astype(np.float32), n) for n, w in weights.items()],
    )
    path = tmp_path / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


STATES = ["a/out=a/in", "b/out=b/in"]


@pytest.mark.parametrize("caller_io", [False, True])
def test_a_sequence_gives_what_onnxruntime_gives_with_the_states_fed_back(model: Path, caller_io: bool) -> None:
    compiled = edgec.compile(model, state=STATES, caller_io=caller_io)
    assert [p.name for p in compiled.model.inputs] == ["x:0"]
    assert [p.name for p in compiled.model.outputs] == ["y"]
    result = edgec.verify(compiled)
    assert result["passed"]
    assert result["samples"] > 3
    header = compiled.sources["model.h"]
    assert "int32_t model_reset(void *arena, size_t arena_bytes);" in header
    assert "a/in: f32[1,1,6]" in header


def test_states_stay_where_they_are_in_several_memories(model: Path) -> None:
    compiled = edgec.compile(model, state=STATES, memory="a=128@fast,b=32@1.5,c=1K")
    assert any(b["memory"] != "a" for b in compiled.manifest["buffers"] if b["kind"] == "state")
    assert edgec.verify(compiled)["passed"]
    assert "int32_t model_reset(const model_memories *memories);" in compiled.sources["model.h"]
    x = random_samples(input_types(compiled.model.graph), 4).inputs
    expected = edgec.compile(model, state=STATES).run(x)["y"]
    np.testing.assert_array_equal(compiled.run(x)["y"], expected)


def test_each_batch_of_samples_begins_from_zero(model: Path) -> None:
    compiled = edgec.compile(model, state=STATES)
    x = np.ones((3, 1, 1, 4), np.float32)
    first, second = compiled.run({"x:0": x})["y"], compiled.run({"x:0": x})["y"]
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize(
    ("states", "word"),
    [
        (["a/out=nothing"], "no input"),
        (["nothing=a/in"], "no output"),
        (["a/out"], "no input"),
        (["a/out=x:0"], "must not change its type"),
        (["a/out=a/in", "b/out=a/in"], "a second time"),
        (["a/out=a/in", "a/out=b/in"], "a second time"),
    ],
)
def test_refusals(model: Path, states: list[str], word: str) -> None:
    with pytest.raises(EdgecError, match=word):
        edgec.compile(model, state=states)
