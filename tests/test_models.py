"""Real models, end to end: ONNX -> C -> built -> run -> compared with onnxruntime and the interpreter."""

from pathlib import Path

import numpy as np
import pytest

import edgec
from edgec.devices import open_device
from edgec.samples import fit_inputs, input_types

ROOT = Path(__file__).parent.parent
TRAINED = ("digits", "kws10", "gunpoint", "italy_power")
TOPOLOGIES = ("resnet8", "dscnn", "mobilenetv1_025_96", "autoencoder")


@pytest.mark.parametrize("name", TRAINED)
def test_trained_models_have_onnxruntimes_accuracy_on_the_host(name: str) -> None:
    folder = ROOT / "examples" / name
    result = edgec.verify(edgec.compile(folder / f"{name}.onnx"), folder / f"{name}.npz")
    assert result["passed"]
    assert result["accuracy"] == result["reference_accuracy"]
    assert result["max_abs_error"] <= 1e-4 * result["output_range"]


@pytest.mark.parametrize("toolchain", ["gcc", "zig"])
@pytest.mark.parametrize("emulator", ["qemu", "unicorn"])
@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m0", "rv32imc"])
def test_devices_give_the_hosts_bits(target: str, emulator: str, toolchain: str, need_tools: None) -> None:
    """Float32 without contraction, summed in a stated order: what a target computes is what the host computes."""
    for name in ("italy_power", "digits"):
        folder = ROOT / "examples" / name
        with np.load(folder / f"{name}.npz") as data:
            x = data["test"][:4].astype(np.float32)
        host = edgec.compile(folder / f"{name}.onnx", "host")
        samples = fit_inputs({"x": x}, input_types(host.model.graph)).inputs
        compiled = edgec.compile(folder / f"{name}.onnx", target)
        device = compiled.device(toolchain, emulator)
        run, _ = compiled.run_on(device, samples)
        expected, _ = host.run_on(host.device(), samples)
        assert run.instructions is not None
        assert run.stack_bytes is not None
        np.testing.assert_array_equal(run.outputs["y"].view(np.uint32), expected.outputs["y"].view(np.uint32))


@pytest.mark.parametrize("exporter", ["", "_dynamo"])
@pytest.mark.parametrize("name", TOPOLOGIES)
def test_topologies_of_both_exporters(name: str, exporter: str) -> None:
    path = ROOT / "tests" / "models" / f"{name}{exporter}.onnx"
    compiled = edgec.compile(path, "host")
    result = edgec.verify(compiled)
    assert result["passed"]
    largest = max(
        sum(v.type.bytes for v in {*op.operands, *op.results} if v.data is None) for op in compiled.model.schedule.steps
    )
    assert compiled.manifest["arena_bytes"] <= largest
    assert compiled.model.plan.optimal
    assert compiled.manifest["macs"] > 0


def test_open_device_names_what_it_uses() -> None:
    device = open_device(edgec.compile(ROOT / "examples/digits/digits.onnx").target)
    assert device.toolchain
    assert device.emulator
