"""int8 arenas of MLPerf Tiny on Cortex-M4, proven least for their steps, and run in exactly as many bytes."""

from pathlib import Path

import numpy as np
import pytest

import edgec
from edgec.ir.interp import run_samples
from edgec.samples import input_types, random_samples

MODELS = Path(__file__).parent.parent / "models"


@pytest.mark.parametrize(("target", "toolchain", "emulator"), [("cortex-m4", "gcc", "qemu")])
@pytest.mark.parametrize(
    ("name", "largest", "joined"),
    [
        ("dscnn", 9_500, set()),
        ("resnet8", 29_000, {"conv2d + conv2d + add"}),
        ("mobilenetv1_025_96", 41_000, {"transpose + conv2d"}),
    ],
)
def test_results_lie_over_operands_and_are_right(
    name: str, largest: int, joined: set[str], target: str, toolchain: str, emulator: str, need_tools: None
) -> None:
    compiled = edgec.compile(MODELS / f"{name}_qdq.onnx", target, io="int8")
    manifest = compiled.manifest
    assert manifest["arena_bytes"] == manifest["lower_bound"] <= largest
    assert joined <= {step["op"] for step in manifest["steps"]}
    over = [overlap for step in manifest["steps"] for overlap in step.get("overlaps", [])]
    assert over
    assert all(abs(overlap["above"]) >= overlap["distance"] for overlap in over)
    inputs = random_samples(input_types(compiled.model.graph), 1).inputs
    run, _ = compiled.run_on(compiled.device(toolchain, emulator), inputs)
    for output, expected in run_samples(compiled.model.graph, inputs).items():
        np.testing.assert_array_equal(run.outputs[output], expected)
