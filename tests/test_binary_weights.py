"""Constants as a binary file: the same bits as text, whichever compiler includes it."""

import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import edgec
from edgec.codegen.binary_weights import BINARY_FROM
from edgec.errors import EdgecError

DIGITS = Path(__file__).parent.parent / "examples/digits/digits.onnx"


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [
        ("host", "gcc", "host"),
        ("host", "clang", "host"),
        ("cortex-m4", "gcc", "qemu"),
        ("cortex-m4", "zig", "unicorn"),
        ("rv32imc", "gcc", "qemu"),
        ("cortex-a53", "gcc", "qemu"),
    ],
)
def test_binary_and_text_give_the_same_bits(target: str, toolchain: str, emulator: str, need_tools: None) -> None:
    samples = {"x": np.random.default_rng(0).standard_normal((2, 1, 1, 8, 8)).astype(np.float32)}
    outputs = []
    for form in ("text", "binary"):
        compiled = edgec.compile(DIGITS, target, weights=form)
        run, _ = compiled.run_on(compiled.device(toolchain, emulator), samples)
        outputs.append(run.outputs["y"])
    np.testing.assert_array_equal(outputs[0], outputs[1])


def test_large_models_are_binary_and_build_as_a_library(tmp_path: Path) -> None:
    weights = np.ones((BINARY_FROM // 4 // 512 + 1, 512), np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 512])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, len(weights)])],
        [numpy_helper.from_array(weights, "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "m.onnx")
    compiled = edgec.compile(tmp_path / "m.onnx")
    directory = compiled.save(tmp_path / "out")
    assert (directory / "m_weights.bin").stat().st_size >= weights.nbytes
    assert all(p.stat().st_size < 100_000 for p in directory.glob("*.[chS]"))
    subprocess.run(["make", "-s", "-C", directory], check=True)
    subprocess.run(["cmake", "-B", tmp_path / "cmake", "-S", directory], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", tmp_path / "cmake"], check=True, capture_output=True)
    assert edgec.verify(compiled)["passed"]


def test_another_form_is_refused() -> None:
    with pytest.raises(EdgecError, match="use one of auto, text, binary"):
        edgec.compile(DIGITS, weights="hex")
