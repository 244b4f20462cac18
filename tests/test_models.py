"""Real models, end to end: ONNX -> C -> built -> run -> compared with onnxruntime and the interpreter."""

from pathlib import Path

import pytest

import edgec
from edgec.devices import open_device
from edgec.ir import DType
from edgec.ir.ops import Dequantize
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
        sum(v.type.bytes for v in {*step.operands, *step.results} if v.data is None) + kernel.scratch
        for step, kernel in zip(compiled.model.schedule.steps, compiled.model.kernels, strict=True)
    )
    assert compiled.manifest["arena_bytes"] <= largest + ALIGN
    assert compiled.model.plan.optimal
    assert compiled.manifest["macs"] > 0


def test_a_quantized_model_runs_by_its_definition() -> None:
    """Dequantize, float, quantize: onnxruntime's numbers, but where a last bit of float decides a rounding."""
    path = ROOT / "tests" / "models" / "dscnn_qdq.onnx"
    graph = edgec.driver.import_model(path, edgec.Options())
    stored = [op.x for op in graph if isinstance(op, Dequantize) and op.x.data is not None]
    assert {v.type.dtype for v in stored} == {DType.I8, DType.I32}, "weights and biases stay integers"
    host = edgec.compile(path, "host")
    assert edgec.verify(host)["max_abs_error"] <= 1.001 / 255, "more than the last bit of the output"


def test_open_device_names_what_it_uses() -> None:
    device = open_device(edgec.compile(ROOT / "examples/digits/digits.onnx").target)
    assert device.toolchain
    assert device.emulator
