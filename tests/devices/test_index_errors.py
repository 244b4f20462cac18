"""Indices that are known only when the model runs, and leave the tensor that they index: an error, no stray access."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import edgec
from edgec.errors import EdgecError


def indexing_model(folder: Path) -> Path:
    """``gathered = x[i]``, and ``scattered``: x with row i replaced by ones."""
    info = helper.make_tensor_value_info
    rows = helper.make_tensor("rows", TensorProto.FLOAT, [1, 3], [1.0, 1.0, 1.0])
    nodes = [
        helper.make_node("Gather", ["x", "i"], ["gathered"]),
        helper.make_node("Unsqueeze", ["i", "last"], ["places"]),
        helper.make_node("ScatterND", ["x", "places", "rows"], ["scattered"]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [info("x", TensorProto.FLOAT, [4, 3]), info("i", TensorProto.INT64, [1])],
        [info("gathered", TensorProto.FLOAT, [1, 3]), info("scattered", TensorProto.FLOAT, [4, 3])],
        [rows, helper.make_tensor("last", TensorProto.INT64, [1], [-1])],
    )
    path = folder / "indexing.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"), [("host", "gcc", "host"), ("cortex-m4", "zig", "unicorn")]
)
def test_an_index_that_leaves_its_tensor_is_an_error_code(
    target: str, toolchain: str, emulator: str, tmp_path: Path, need_tools: None
) -> None:
    compiled = edgec.compile(indexing_model(tmp_path), target)
    device = compiled.device(toolchain, emulator)
    x = np.arange(12, dtype=np.float32).reshape(1, 4, 3)
    run, _ = compiled.run_on(device, {"x": x, "i": np.array([[-1]])})
    np.testing.assert_array_equal(run.outputs["gathered"], x[:, -1:])
    np.testing.assert_array_equal(run.outputs["scattered"][0], np.concatenate([x[0, :3], np.ones((1, 3))]))
    for bad in (4, -5, 2**62):
        with pytest.raises(EdgecError, match="EDGEC_ERROR_INDEX: an index leaves the tensor"):
            compiled.run_on(device, {"x": x, "i": np.array([[bad]])})
