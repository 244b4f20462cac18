"""``--quantize auto``, end to end: chosen by what is counted on the target, and true to what was asked for."""

from pathlib import Path

import numpy as np
import pytest

import edgec
from edgec.driver import CompiledModel

ROOT = Path(__file__).parent.parent
GUNPOINT = ROOT / "examples/gunpoint"


def mixed(tmp_path: Path, target: str, drop: float, labels: bool = False) -> CompiledModel:
    with np.load(GUNPOINT / "gunpoint.npz") as data:
        arrays = {name: data[name] for name in ("calibration", *["calibration_labels"][: int(labels)])}
    np.savez(tmp_path / "data.npz", **arrays)
    data_file = str(tmp_path / "data.npz")
    return edgec.compile(GUNPOINT / "gunpoint.onnx", target, quantize="auto", calibration=data_file, accuracy_drop=drop)


def test_with_labels_bytes_hold_half_a_point(tmp_path: Path) -> None:
    compiled = mixed(tmp_path, "host", 0.005, labels=True)
    manifest = compiled.manifest
    assert set(manifest["precisions"].values()) == {"int8"}
    assert "accuracy 100.00 % of 100.00 %" in manifest["reason"]
    assert {step["arithmetic"] for step in manifest["steps"]} == {"i8", "conversion"}


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"), [("host", "gcc", "host"), ("cortex-m4", "gcc", "unicorn+qemu")]
)
def test_without_labels_a_mixture_keeps_the_noise(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    compiled = mixed(tmp_path, target, 0.0003)
    manifest = compiled.manifest
    assert compiled.choice is not None and compiled.choice.loss.noise <= 0.0003
    assert len(set(manifest["precisions"].values())) > 1
    assert ("instructions counted on the target" in manifest["reason"]) == (target != "host")
    arithmetic = {"int8": "i8", "int16x8": "i16", "float32": "f32"}
    computed = {step["name"]: step["arithmetic"] for step in manifest["steps"]}
    assert {name: computed[name] for name in manifest["precisions"]} == {
        name: arithmetic[precision] for name, precision in manifest["precisions"].items()
    }
    result = edgec.verify(compiled, GUNPOINT / "gunpoint.npz")
    assert result["passed"]
    # What the constraint program expected is what the mixture costs, conversions between layers included.
    if result["instructions"] is not None:
        (trial,) = [t for t in compiled.choice.trials if t.precisions == compiled.choice.precisions]
        assert trial.cost == pytest.approx(result["instructions"], rel=0.02)
