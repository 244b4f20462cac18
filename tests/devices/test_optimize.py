"""Code optimized for speed, size or both, counted: ``balanced`` lies between, in instructions and in bytes."""

from pathlib import Path

import pytest

import edgec
from edgec.options import OPTIMIZE
from edgec.samples import input_types, random_samples

MODEL = Path(__file__).parent.parent / "models" / "dscnn_qdq.onnx"


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"), [("cortex-m4", "gcc", "qemu"), ("cortex-m4", "zig", "qemu")]
)
def test_balanced_lies_between_speed_and_size(target: str, toolchain: str, emulator: str, need_tools: None) -> None:
    """Exact counts of a network without steps joined for its RAM, which cost some of both."""
    instructions, text = {}, {}
    for optimize in OPTIMIZE:
        compiled = edgec.compile(MODEL, target, optimize=optimize)
        assert not any("+" in step["op"] for step in compiled.manifest["steps"])
        inputs = random_samples(input_types(compiled.model.graph), 1).inputs
        run, binary = compiled.run_on(compiled.device(toolchain, emulator), inputs)
        assert run.instructions is not None
        instructions[optimize], text[optimize] = run.instructions, binary.flash_bytes
    assert text["size"] <= text["balanced"] <= text["speed"]
    assert instructions["speed"] <= instructions["balanced"] <= instructions["size"]
    assert text["size"] < text["speed"] and instructions["speed"] < instructions["size"]
