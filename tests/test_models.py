"""Real models, end to end: ONNX -> C -> built -> run -> compared with onnxruntime and the interpreter."""

from pathlib import Path

import pytest

import edgec
from edgec.devices import open_device
from edgec.schedule import ALIGN

ROOT = Path(__file__).parent.parent
TRAINED = ("digits", "kws10", "gunpoint", "italy_power")
TOPOLOGIES = ("resnet8", "dscnn", "mobilenetv1_025_96", "autoencoder", "lstm_kws")


@pytest.mark.parametrize("name", TRAINED)
def test_trained_models_have_onnxruntimes_accuracy_on_the_host(name: str) -> None:
    folder = ROOT / "examples" / name
    result = edgec.verify(edgec.compile(folder / f"{name}.onnx"), folder / f"{name}.npz")
    assert result["passed"]
    assert result["accuracy"] == result["reference_accuracy"]
    assert result["max_abs_error"] <= 1e-4 * result["output_range"]


@pytest.mark.parametrize("exporter", ["", "_dynamo"])
@pytest.mark.parametrize("name", TOPOLOGIES)
def test_topologies_of_both_exporters(name: str, exporter: str) -> None:
    path = ROOT / "tests" / "models" / f"{name}{exporter}.onnx"
    compiled = edgec.compile(path, "host")
    result = edgec.verify(compiled)
    assert result["passed"]
    # Input and output of one layer, and what its kernel needs while it runs (only recurrent ones do).
    largest = max(
        sum(v.type.bytes for v in {*op.operands, *op.results} if v.data is None) + kernel.scratch
        for op, kernel in zip(compiled.model.schedule.steps, compiled.model.kernels, strict=True)
    )
    assert compiled.manifest["arena_bytes"] <= largest + ALIGN
    assert compiled.model.plan.optimal
    assert compiled.manifest["macs"] > 0


def test_open_device_names_what_it_uses() -> None:
    device = open_device(edgec.compile(ROOT / "examples/digits/digits.onnx").target)
    assert device.toolchain
    assert device.emulator
