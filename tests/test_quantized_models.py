"""Quantized models, end to end: the device computes the interpreter's integers, and keeps the accuracy."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import edgec
from edgec import verification
from edgec.driver import CompiledModel
from edgec.errors import EdgecError
from edgec.ir.interp import run_samples
from edgec.ir.requantization import codes
from edgec.samples import input_types, load_samples

ROOT = Path(__file__).parent.parent
TRAINED = ("digits", "kws10", "gunpoint", "italy_power")
POOL: dict[str, dict[str, Any]] = {"quantized": {}, "moved": {"kernel_shape": [3], "pads": [1, 1]}}
TINY = ("resnet8", "dscnn", "mobilenetv1_025_96", "autoencoder")


def trained(name: str, target: str = "host", **options: Any) -> CompiledModel:
    folder = ROOT / "examples" / name
    given: dict[str, Any] = {"quantize": "int8", **options}
    return edgec.compile(folder / f"{name}.onnx", target, calibration=str(folder / f"{name}.npz"), **given)


@pytest.mark.parametrize("precision", ["int8", "uint8", "int16x8"])
@pytest.mark.parametrize("name", TRAINED)
def test_trained_models_keep_their_accuracy(name: str, precision: str) -> None:
    compiled = trained(name, quantize=precision)
    result = edgec.verify(compiled, ROOT / "examples" / name / f"{name}.npz")
    assert result["passed"], "the device differs from the interpreter"
    assert result["accuracy"] >= result["reference_accuracy"] - 0.005
    assert {s["arithmetic"] for s in compiled.manifest["steps"]} <= {"conversion", "i8", "u8", "i16"}
    float_weights = edgec.compile(ROOT / "examples" / name / f"{name}.onnx").manifest["weights_bytes"]
    assert compiled.manifest["weights_bytes"] < 0.6 * float_weights


@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m0", "rv32imc", "cortex-a53"])
@pytest.mark.parametrize(("toolchain", "emulator"), [("gcc", "qemu")])
@pytest.mark.usefixtures("need_tools")
def test_every_target_computes_the_same_integers(target: str, toolchain: str, emulator: str) -> None:
    samples = load_samples(ROOT / "examples/gunpoint/gunpoint.npz", input_types(trained("gunpoint").model.graph))
    few = {name: array[:4] for name, array in samples.inputs.items()}
    for precision in ("int8", "int16x8"):
        compiled = trained("gunpoint", target, quantize=precision, io="int8" if precision == "int8" else "int16")
        graph = compiled.model.graph
        stored = {name: codes(array, graph.given[name].type) for name, array in few.items()}
        run, _ = compiled.run_on(compiled.device(toolchain, emulator), stored)
        for name, expected in run_samples(graph, stored).items():
            np.testing.assert_array_equal(run.outputs[name], expected)


@pytest.mark.parametrize("name", TINY)
def test_qdq_models_are_integers_within_one_step_of_onnxruntime(name: str) -> None:
    compiled = edgec.compile(ROOT / "tests" / "models" / f"{name}_qdq.onnx")
    arithmetic = Counter(s["arithmetic"] for s in compiled.manifest["steps"])
    assert set(arithmetic) == {"conversion", "i8"}
    result = edgec.verify(compiled)
    assert result["passed"], "the device differs from the interpreter"
    assert result["within_one_lsb"] == 1.0


def test_what_stays_float_is_named() -> None:
    manifest = edgec.compile(ROOT / "tests" / "models" / "transformer_encoder_qdq.onnx").manifest
    assert {s["op"] for s in manifest["steps"] if s["arithmetic"] == "f32"} == {"normalize"}
    assert {s["op"] for s in manifest["steps"] if s["arithmetic"] == "conversion"} == {"quantize", "dequantize"}


def test_the_accuracy_asked_for_decides(tmp_path: Path) -> None:
    compiled = trained("digits", accuracy_drop=0.5)
    assert edgec.verify(compiled, ROOT / "examples/digits/digits.npz")["passed"]
    with pytest.raises(EdgecError, match="no labels to measure the accuracy by"):
        edgec.verify(compiled)
    # With labels that no model can know, the float model is right by chance and the drop is what it is.
    data = np.load(ROOT / "examples/digits/digits.npz")
    np.savez(tmp_path / "x.npz", test=data["test"], test_labels=data["test_labels"])
    strict = trained("digits", accuracy_drop=0.0)
    result = edgec.verify(strict, tmp_path / "x.npz")
    assert result["passed"] == (result["accuracy"] >= result["reference_accuracy"])


def test_integers_at_the_border_are_described(tmp_path: Path) -> None:
    compiled = trained("digits", io="int8")
    compiled.save(tmp_path / "out")
    (x,), (y,) = compiled.manifest["inputs"], compiled.manifest["outputs"]
    assert (x["dtype"], y["dtype"]) == ("i8", "i8")
    header = (tmp_path / "out" / "digits.h").read_text()
    assert f"DIGITS_{x['c_name'].upper()}_SCALE" in header
    assert f"DIGITS_{y['c_name'].upper()}_ZERO_POINT" in header
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["options"]["io"] == "int8"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantize": "int8"}, "needs to know what numbers the model meets"),
        ({"quantize": "int4", "calibration": "x.npz"}, "is 'int4'"),
        ({"calibration": "x.npz"}, "does nothing without quantization"),
        ({"accuracy_drop": 0.1}, "does nothing without quantization"),
        ({"calibration_method": "mse"}, "does nothing without quantization"),
        ({"rounding": "adaround"}, "does nothing without quantization"),
        ({"quantize": "auto", "calibration": "x.npz", "accuracy_drop": "0.5%"}, "give a share"),
        ({"quantize": "auto", "calibration": "x.npz", "accuracy_drop": -0.1}, "give a share"),
        ({"quantize": "int8", "calibration": "x.npz", "passes": "simplify"}, "chooses the pipeline"),
        ({"quantize": "int8", "calibration": "missing.npz"}, "no such file"),
        ({"io": "int8"}, "is not quantized"),
        ({"quantize": "int8", "calibration": np.zeros((4, 1, 8, 8), np.float32)}, "input x is 0 in all samples"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EdgecError, match=message):
        edgec.compile(ROOT / "examples/digits/digits.onnx", **options)


def test_calibration_data_of_python_is_named_in_the_manifest(tmp_path: Path) -> None:
    samples = np.load(ROOT / "examples/digits/digits.npz")["calibration"].astype(np.float32)
    for data in (samples, [{"x": s} for s in samples], lambda: iter(samples), (samples,)):
        compiled = edgec.compile(ROOT / "examples/digits/digits.onnx", quantize="int8", calibration=data)
        compiled.save(tmp_path / "out")
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert manifest["options"]["calibration"] == type(data).__name__


def test_a_quantized_model_is_not_quantized_again() -> None:
    with pytest.raises(EdgecError, match="quantized already"):
        edgec.compile(ROOT / "tests/models/dscnn_qdq.onnx", quantize="int8", calibration=[np.ones((1, 1, 49, 10))])


def test_a_model_of_which_nothing_can_be_quantized_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("Erf", ["x"], ["e"]), helper.make_node("Mod", ["e", "x"], ["y"], fmod=1)]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xy"]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "m.onnx")
    with pytest.raises(EdgecError, match="no operator of the model has a quantized form"):
        edgec.compile(tmp_path / "m.onnx", quantize="int8", calibration=np.ones((3, 4), np.float32))


@pytest.mark.parametrize("kind", ["quantized", "moved"])
def test_integers_that_the_model_itself_takes_and_gives_are_compared_as_such(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "sx", "zx"], ["d"]),
        helper.make_node("Tanh", ["d"], ["t"]),
        helper.make_node("QuantizeLinear", ["t", "sy", "zy"], ["q"]),
        helper.make_node(*(("Identity", ["q"]) if kind == "quantized" else ("MaxPool", ["q"])), ["y"], **POOL[kind]),
    ]
    constants = {"sx": np.float32(0.02), "zx": np.int8(3), "sy": np.float32(1 / 128), "zy": np.int8(-5)}
    ports = [helper.make_tensor_value_info(name, TensorProto.INT8, [1, 1, 8]) for name in "xy"]
    stored = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:], stored)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "m.onnx")
    compiled = edgec.compile(tmp_path / "m.onnx")
    result = edgec.verify(compiled)
    assert result["passed"]
    assert result["within_one_lsb"] == 1.0
    assert result["max_abs_error"] <= 1
    honest = verification.run_onnxruntime

    def far_off(*arguments: Any, **options: Any) -> dict[str, Any]:
        return {name: array // 2 for name, array in honest(*arguments, **options).items()}

    monkeypatch.setattr(verification, "run_onnxruntime", far_off)
    assert not edgec.verify(compiled)["passed"]


@pytest.mark.parametrize("cc", ["arm-none-eabi-gcc"])
@pytest.mark.usefixtures("need_compiler")
def test_flash_is_what_size_says(cc: str, tmp_path: Path) -> None:
    """Weights, tables and code of the int8 keyword spotter: the manifest's figure is that of the binary."""
    compiled = trained("kws10", "cortex-m4")
    compiled.save(tmp_path / "model")
    (tmp_path / "work").mkdir()
    binary = compiled.device("gcc").build(tmp_path / "model", tmp_path / "work")
    size = [cc.replace("gcc", "size"), *map(str, binary.model)]
    said = subprocess.run(size, check=True, capture_output=True, text=True)
    text, data, _ = map(int, said.stdout.splitlines()[1].split()[:3])
    assert binary.flash_bytes == text + data
    weights = compiled.manifest["weights_bytes"]
    assert weights < binary.flash_bytes < 2 * weights
