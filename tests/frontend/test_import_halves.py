"""16-bit floats are computed with as float32; between nodes that compute nothing is rounded."""

from pathlib import Path

import numpy as np
from onnx import TensorProto
from onnx_models import imported, model, node

from edgec.ir import DType
from edgec.ir.interp import run
from edgec.ir.ops import Cast


def test_a_chain_is_rounded_once(tmp_path: Path) -> None:
    nodes = [node("Exp", ["x"], ["e"]), node("Reshape", ["e", "s"], ["r"]), node("Log", ["r"], ["y"])]
    proto = model(nodes, {"x": [4]}, {"s": np.array([2, 2])}, types=dict.fromkeys("xy", TensorProto.FLOAT16))
    graph = imported(proto, tmp_path)
    x = np.array([0.1, 1.7, 5.3, 11], np.float16)
    result = run(graph, {"x": x})["y"]
    assert result.dtype == np.float16
    np.testing.assert_array_equal(result.reshape(-1), x)


def test_what_is_an_output_is_rounded(tmp_path: Path) -> None:
    nodes = [node("Exp", ["x"], ["e"]), node("Neg", ["e"], ["y"])]
    types = dict.fromkeys("xey", TensorProto.FLOAT16)
    graph = imported(model(nodes, {"x": [4]}, outputs=["e", "y"], types=types), tmp_path)
    assert all(v.type.dtype is DType.F16 for v in graph.outputs)


def test_a_cast_of_the_model_itself_rounds(tmp_path: Path) -> None:
    nodes = [
        node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16),
        node("Neg", ["h"], ["n"]),
        node("Cast", ["n"], ["y"], to=TensorProto.FLOAT),
    ]
    graph = imported(model(nodes, {"x": [1]}), tmp_path)
    assert any(isinstance(op, Cast) for op in graph)
    x = np.array([1.0001], np.float32)
    np.testing.assert_array_equal(run(graph, {"x": x})["y"], -x.astype(np.float16).astype(np.float32))
