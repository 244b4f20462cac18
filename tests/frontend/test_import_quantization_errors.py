"""Quantized models that are damaged, or lack one half: each refused in words, none with a traceback."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx_models import imported, model, node, weights

from edgec.driver import optimize
from edgec.errors import EdgecError
from edgec.ir.interp import run
from edgec.options import Options
from edgec.target import Target

X = (1, 3, 6, 6)
CONSTANTS: dict[str, Any] = {
    "s": np.float32(0.1),
    "z": np.int8(3),
    "w": np.ones((4, 3, 3, 3), np.int8),
    "v": np.ones((4, 6), np.int8),
    "ws": np.full(4, 0.02, np.float32),
    "wz": np.zeros(4, np.int8),
    "f": weights(4, 3, 3, 3),
    "m": weights(6, 5),
}
CODES = {"q": TensorProto.INT8, "a": TensorProto.INT8, "b": TensorProto.INT8}


def refusal(proto: ModelProto, folder: Path) -> EdgecError:
    with pytest.raises(EdgecError) as caught:
        imported(proto, folder)
    return caught.value


def made(nodes: list[Any], inputs: dict[str, Any] | None = None, **constants: Any) -> ModelProto:
    """A model of float input x, or of others: a and b are i8."""
    known = {**CONSTANTS, **constants}
    proto = model(nodes, inputs or {"x": X}, known, opset=21, types=CODES)
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return proto


def microsoft(kind: str, inputs: list[str], **attributes: Any) -> Any:
    return node(kind, inputs, ["y"], domain="com.microsoft", **attributes)


QUANTIZE = node("QuantizeLinear", ["x", "s", "z"], ["q"])
ADD = ["a", "s", "z", "b", "s", "z", "s", "z"]
CONV = ["a", "s", "z", "w", "ws", "wz", "s", "z"]

# --- scales and zero points ----------------------------------------------------------------------------------------

SCALED: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "QuantizeLinear": (node("QuantizeLinear", ["x", "bad", "z"], ["y"]), None),
    "DequantizeLinear": (node("DequantizeLinear", ["a", "bad", "z"], ["y"]), {"a": X}),
    "QLinearConv": (node("QLinearConv", ["a", "bad", "z", *CONV[3:]], ["y"]), {"a": X}),
    "QLinearMatMul": (node("QLinearMatMul", ["a", "s", "z", "b", "s", "z", "bad", "z"], ["y"]), {"a": X, "b": X}),
    "QLinearAdd": (microsoft("QLinearAdd", [*ADD[:6], "bad", "z"]), {"a": X, "b": X}),
    "QLinearConcat": (microsoft("QLinearConcat", ["s", "z", "a", "bad", "z"], axis=1), {"a": X}),
}


@pytest.mark.parametrize("bad", [0.0, -0.5, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("kind", SCALED)
def test_scales_are_positive_and_finite(kind: str, bad: float, tmp_path: Path) -> None:
    operator, inputs = SCALED[kind]
    error = refusal(made([operator], inputs, bad=np.float32(bad)), tmp_path)
    assert kind in error.where
    assert "scale" in error.what or "NaN" in error.what


@pytest.mark.parametrize("bad", [-0.5, np.inf])
def test_scales_of_weights_are_not_negative(bad: float, tmp_path: Path) -> None:
    nodes = [node("DequantizeLinear", ["w", "bad"], ["d"], axis=0), node("Conv", ["x", "d"], ["y"])]
    error = refusal(made(nodes, bad=np.array([0.1, bad, 0.1, 0.1], np.float32)), tmp_path)
    assert "a scale of" in error.what


@pytest.mark.parametrize("quantized", [True, False])
def test_a_channel_of_zeros_may_have_a_scale_of_zero(quantized: bool, tmp_path: Path) -> None:
    """As some tools write it, of integers or of numbers that are quantized in the model."""
    scale = np.array([0.02, 0, 0.03, 0.01], np.float32)
    wide = weights(4, 3, 3, 3)
    wide[1] = 0
    stored = np.clip(np.rint(wide / np.maximum(scale, 1e-9).reshape(4, 1, 1, 1)), -127, 127).astype(np.int8)
    first = [] if quantized else [node("QuantizeLinear", ["f", "ws", "wz"], ["w"], axis=0)]
    constants = {"w": stored} if quantized else {"f": wide}
    nodes = [
        *first,
        node("DequantizeLinear", ["w", "ws", "wz"], ["d"], axis=0),
        QUANTIZE,
        node("DequantizeLinear", ["q", "s", "z"], ["e"]),
        node("Conv", ["e", "d"], ["c"]),
        node("QuantizeLinear", ["c", "s", "z"], ["y"]),
    ]
    proto = made(nodes, None, **constants, ws=scale)
    if not quantized:
        kept = [t for t in proto.graph.initializer if t.name != "w"]
        del proto.graph.initializer[:]
        proto.graph.initializer.extend(kept)
    graph = imported(proto, tmp_path)
    optimize(graph, Target.load("host"), Options())
    x = np.random.default_rng(2).standard_normal(X).astype(np.float32)
    y = run(graph, {"x": x})["y"]
    assert np.all(y[:, 1] == CONSTANTS["z"])
    assert np.ptp(y[:, 0].astype(int)) > 5


@pytest.mark.parametrize("value", [200, 128, -129])
def test_zero_points_are_of_their_type(value: int, tmp_path: Path) -> None:
    proto = made([node("QuantizeLinear", ["x", "s", "z"], ["y"])])
    (zero,) = (t for t in proto.graph.initializer if t.name == "z")
    zero.ClearField("raw_data")
    zero.int32_data[:] = [value]
    assert f"holds {value}, which is no int8" in refusal(proto, tmp_path).what


@pytest.mark.parametrize("zero", [0, 3])
def test_zero_points_are_of_the_integers_type(zero: int, tmp_path: Path) -> None:
    nodes = [QUANTIZE, node("DequantizeLinear", ["q", "s", "other"], ["y"])]
    error = refusal(made(nodes, other=np.uint8(zero)), tmp_path)
    assert "a zero point of u8 for integers of i8" in error.what


@pytest.mark.parametrize(
    ("operator", "constants", "message"),
    [
        (node("QLinearConv", CONV, ["y"]), {"ws": np.ones(3, np.float32)}, "the scale is [3], must be [4]"),
        (node("QLinearConv", CONV, ["y"]), {"ws": np.ones(2, np.float32), "wz": np.zeros(2, np.int8)}, "must be [4]"),
        (microsoft("QLinearAdd", ADD), {"s": np.ones(3, np.float32)}, "has a scale of shape [3]"),
        (microsoft("QLinearAdd", ADD), {"z": np.zeros(3, np.int8)}, "has a zero point of shape [3]"),
        (node("DequantizeLinear", ["a", "ws", "wz"], ["y"], axis=4), {}, "axis 4 does not fit rank 4"),
        (node("DequantizeLinear", ["a", "ws", "wz"], ["y"], axis=-5), {}, "axis -5 does not fit rank 4"),
        (node("DequantizeLinear", ["a", "ws", "wz"], ["y"], axis=1), {}, "the scale is [4], must be [3]"),
        (
            node("DequantizeLinear", ["a", "ws"], ["y"], axis=3, block_size=4),
            {"ws": np.ones((1, 3, 6, 3), np.float32)},
            "the scale is [1, 3, 6, 3], must be [1, 3, 6, 2]",
        ),
        (node("DequantizeLinear", ["a", "ws"], ["y"], block_size=-1), {}, "block_size is -1"),
    ],
)
def test_scales_that_do_not_fit(operator: Any, constants: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in refusal(made([operator], {"a": X, "b": X}, **constants), tmp_path).what


# --- one half is missing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reader",
    [
        node("Conv", ["q", "f"], ["y"]),
        node("Conv", ["q", "w"], ["y"]),
        node("MatMul", ["q", "m"], ["y"]),
        node("Sigmoid", ["q"], ["y"]),
        node("Softmax", ["q"], ["y"]),
        node("Add", ["q", "x"], ["y"]),
        node("AveragePool", ["q"], ["y"], kernel_shape=[2, 2]),
    ],
    ids=lambda n: str(n.op_type),
)
def test_integers_are_not_read_as_numbers(reader: Any, tmp_path: Path) -> None:
    error = refusal(made([QUANTIZE, reader]), tmp_path)
    assert reader.op_type in error.where
    assert "put a DequantizeLinear between" in error.hint


@pytest.mark.parametrize(
    ("nodes", "hint"),
    [
        ([node("DequantizeLinear", ["x", "s"], ["y"])], "put a QuantizeLinear before"),
        ([node("QLinearConv", ["x", *CONV[1:]], ["y"])], "put a QuantizeLinear before"),
        ([microsoft("QLinearSigmoid", ["x", "s", "z", "s", "z"])], "put a QuantizeLinear before"),
        ([QUANTIZE, node("QuantizeLinear", ["q", "s", "z"], ["y"])], "put a DequantizeLinear between"),
    ],
)
def test_numbers_are_not_read_as_integers(nodes: list[Any], hint: str, tmp_path: Path) -> None:
    assert hint in refusal(made(nodes), tmp_path).hint


# --- onnxruntime's operators, which no schema checks ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        (microsoft("QLinearAdd", ADD[:5]), "operand 6 is missing"),
        (microsoft("QLinearAdd", []), "operand 0 is missing"),
        (microsoft("QLinearConcat", ["s", "z", "a", "s", "z", "b"], axis=1), "operand 6 is missing"),
        (microsoft("QLinearConcat", ["s", "z"], axis=1), "not valid ONNX"),
        (microsoft("QLinearConcat", ["s", "z", "a", "s", "z"]), "not valid ONNX"),
        (microsoft("QLinearAdd", ADD, axis=1), "not valid ONNX"),
        (microsoft("QLinearSigmoid", ["a", "s", "z", "s", "z"], alpha=0.5), "not valid ONNX"),
        (microsoft("QLinearLeakyRelu", ["a", "s", "z", "s", "z"], alpha=1), "not valid ONNX"),
        (microsoft("QLinearSoftmax", ["a", "s", "z", "s", "z"], axis="last"), "attribute axis is b'last'"),
        (microsoft("QLinearSoftmax", ["a", "s", "z", "s", "z"], axis=7), "axis 7 does not fit"),
        (microsoft("QLinearReduceMean", ["a", "s", "z", "s", "z"], axes=[9], keepdims=1), "axis 9 does not fit"),
        (microsoft("QLinearReduceMean", ["a", "s", "z", "s", "z"], axes=["h"], keepdims=1), "attribute axes is [b'h']"),
        (microsoft("QLinearAveragePool", ["a", "s", "z", "s", "z"]), "not valid ONNX"),
        (microsoft("QLinearConv", CONV, channels_last="yes"), "attribute channels_last is b'yes'"),
        (microsoft("QLinearConv", CONV, activation="Relu"), "not valid ONNX"),
        (microsoft("QGemm", ["a", "s", "z", "v", "ws", "wz", "", "s"], transB=1), "operand 8 is missing"),
        (microsoft("QGemm", ["a", "s", "z", "v", "ws", "wz", "", "s", "z"]), "must be [6]"),
        (microsoft("QGemm", ["b", "s", "z", "w", "ws", "wz", "", "s", "z"], transB=1), "works on"),
        (microsoft("QGemm", ["a", "s", "z", "w", "ws", "wz", "", "s", "z"], alpha=-1.0), "a scale of -0.02"),
        (microsoft("MatMulIntegerToFloat", ["a", "b", "s"]), "operand 3 is missing"),
        (microsoft("QAttention", ["a"], num_heads=1), "'com.microsoft' is not a domain of the ONNX standard"),
        (microsoft("Conv", ["x", "f"]), "'com.microsoft' is not a domain of the ONNX standard"),
    ],
)
def test_forms_that_are_refused(operator: Any, message: str, tmp_path: Path) -> None:
    inputs = {"a": (5, 6) if operator.op_type == "QGemm" else X, "b": X, "x": X}
    error = refusal(made([operator], inputs), tmp_path)
    assert f"com.microsoft.{operator.op_type}" in error.where
    assert message in error.what


def test_an_operator_of_another_domain_is_another_one(tmp_path: Path) -> None:
    other = node("QLinearAdd", ADD, ["y"], domain="my.own")
    assert "'my.own' is not a domain" in refusal(made([other], {"a": X, "b": X}), tmp_path).what
    plain = node("QLinearAdd", ADD, ["y"])
    assert "is not supported" in refusal(made([plain], {"a": X, "b": X}), tmp_path).what
