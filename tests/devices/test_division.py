"""Division of 64-bit integers, which 32-bit cores leave to the compiler's library."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import edgec


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [("cortex-a7", "gcc", "qemu"), ("cortex-m0", "gcc", "qemu"), ("rv32imc", "gcc", "qemu"), ("host", "gcc", "host")],
)
def test_division_of_int64(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    values = [helper.make_tensor_value_info(n, TensorProto.INT64, [1, 4]) for n in ("a", "b", "y", "r")]
    nodes = [helper.make_node("Div", ["a", "b"], ["y"]), helper.make_node("Mod", ["a", "b"], ["r"])]
    graph = helper.make_graph(nodes, "g", values[:2], values[2:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "m.onnx")
    compiled = edgec.compile(tmp_path / "m.onnx", target)
    samples = {"a": np.array([[[7, -7, 9, -(2**63)]]]), "b": np.array([[[2, 3, 0, -1]]])}
    run, _ = compiled.run_on(compiled.device(toolchain, emulator), samples)
    assert run.outputs["y"].tolist() == [[[3, -2, 9, -(2**63)]]]
    assert run.outputs["r"].tolist() == [[[1, 2, 0, 0]]]
