"""Quantization and products of quantized integers in every form, against onnxruntime to the bit."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import ModelProto, TensorProto
from onnx_models import Array, imported, model, node

from edgec.errors import EdgecError
from edgec.ir import Graph
from edgec.ir.interp import run
from edgec.ir.ops import Dequantize, Quantize

CODES: dict[Any, Any] = {np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8, np.uint16: TensorProto.UINT16}
CODES |= {np.int16: TensorProto.INT16, np.int32: TensorProto.INT32, np.float16: TensorProto.FLOAT16}
X = np.random.default_rng(5).uniform(-3, 3, (2, 6, 4)).astype(np.float32)


def agrees(proto: ModelProto, folder: Path, **inputs: Array) -> Graph:
    """Import, run in the interpreter, and compare with what onnxruntime makes of each node by itself."""
    graph = imported(proto, folder)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    results = run(graph, inputs)
    for name, expected in zip(graph.output_names, session.run(graph.output_names, inputs), strict=True):
        np.testing.assert_array_equal(results[name], expected, strict=True)
    return graph


def one(kind: str, arrays: dict[str, Array], result: type, constant: bool, **attributes: Any) -> ModelProto:
    """A node whose operands but the first are constants or inputs."""
    known = {n: a for i, (n, a) in enumerate(arrays.items()) if i and constant}
    free = {n: a for n, a in arrays.items() if n not in known}
    types = {n: CODES.get(a.dtype.type, TensorProto.FLOAT) for n, a in free.items()}
    return model(
        [node(kind, list(arrays), ["y"], **attributes)],
        {n: a.shape for n, a in free.items()},
        known,
        opset=21,
        types={**types, "y": CODES.get(result, TensorProto.FLOAT)},
    )


def used(arrays: dict[str, Array], constant: bool) -> dict[str, Array]:
    return {n: a for i, (n, a) in enumerate(arrays.items()) if i == 0 or not constant}


def integers(dtype: Any, *shape: int, seed: int = 1) -> Array:
    info = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(info.min, info.max, shape, dtype, endpoint=True)


GRANULARITIES: dict[str, tuple[dict[str, int], tuple[int, ...]]] = {
    "tensor": ({}, ()),
    "vector of one": ({}, (1,)),
    "axis 1": ({}, (6,)),
    "axis -1": ({"axis": -1}, (4,)),
    "blocks": ({"axis": 1, "block_size": 3}, (2, 2, 4)),
}


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("zero", [True, False])
@pytest.mark.parametrize("granularity", GRANULARITIES)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
def test_quantize_and_back(dtype: Any, granularity: str, zero: bool, constant: bool, tmp_path: Path) -> None:
    attributes, shape = GRANULARITIES[granularity]
    scale = np.random.default_rng(2).uniform(0.01, 0.1, shape).astype(np.float32)
    arrays: dict[str, Array] = {"x": X, "scale": np.asarray(scale)}
    back: dict[str, Array] = {"x": integers(dtype, *X.shape), "scale": np.asarray(scale)}
    if zero:
        arrays["zero"] = back["zero"] = np.asarray(integers(dtype, *shape) // 2)
    stored = {} if zero else {"output_dtype": CODES[dtype]}
    graph = agrees(
        one("QuantizeLinear", arrays, dtype, constant, **attributes, **stored), tmp_path, **used(arrays, constant)
    )
    assert any(isinstance(op, Quantize) for op in graph)
    agrees(one("DequantizeLinear", back, np.float32, constant, **attributes), tmp_path, **used(back, constant))


def test_quantize_rounds_half_to_even_and_saturates(tmp_path: Path) -> None:
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -1e9, np.inf, -np.inf], np.float32)
    arrays: dict[str, Array] = {"x": x, "scale": np.array(1, np.float32), "zero": np.array(3, np.int8)}
    agrees(one("QuantizeLinear", arrays, np.int8, constant=True), tmp_path, x=x)


def test_a_bias_is_dequantized_without_a_zero_point(tmp_path: Path) -> None:
    arrays: dict[str, Array] = {"x": integers(np.int32, 6), "scale": np.array(0.003, np.float32)}
    agrees(one("DequantizeLinear", arrays, np.float32, constant=True), tmp_path, x=arrays["x"])


def test_float16_scales_divide_and_multiply_in_float16(tmp_path: Path) -> None:
    scale, zero = np.array(0.0137, np.float16), np.array(7, np.int8)
    x = X.astype(np.float16)
    back: dict[str, Array] = {"x": integers(np.int8, 5, 5), "scale": scale, "zero": zero}
    agrees(one("DequantizeLinear", back, np.float16, constant=True), tmp_path, x=back["x"])
    graph = imported(one("QuantizeLinear", {"x": x, "scale": scale, "zero": zero}, np.int8, constant=True), tmp_path)
    quotient = (x / scale).astype(np.float32)
    expected = np.clip(np.rint(quotient) + 7, -128, 127).astype(np.int8)
    np.testing.assert_array_equal(run(graph, {"x": x})["y"], expected)


@pytest.mark.parametrize("low", [0.5, -3.0, -9.0])
def test_dynamic_quantize(low: float, tmp_path: Path) -> None:
    x = np.random.default_rng(3).uniform(low, low + 5, (3, 4)).astype(np.float32)
    names = ["y", "scale", "zero"]
    types = {"zero": TensorProto.UINT8, "y": TensorProto.UINT8}
    proto = model([node("DynamicQuantizeLinear", ["x"], names)], {"x": x.shape}, outputs=names, types=types)
    agrees(proto, tmp_path, x=x)


FORMS = [((3, 5), (5, 4)), ((2, 3, 5), (2, 5, 4)), ((2, 3, 5), (5, 4)), ((5,), (5, 4)), ((3, 5), (5,))]


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("zeros", ["", "tensor", "column"])
@pytest.mark.parametrize("shapes", FORMS)
@pytest.mark.parametrize("types", [(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
def test_matmul_integer(types: Any, shapes: Any, zeros: str, constant: bool, tmp_path: Path) -> None:
    arrays = {"a": integers(types[0], *shapes[0]), "b": integers(types[1], *shapes[1])}
    if zeros:
        columns = shapes[1][-1:] if zeros == "column" and len(shapes[1]) == 2 else ()
        arrays |= {"a_zero": np.array(77, types[0]), "b_zero": np.asarray(integers(types[1], *columns))}
    proto = one("MatMulInteger", arrays, np.int32, constant)
    agrees(proto, tmp_path, **used(arrays, constant))


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("column", [True, False])
@pytest.mark.parametrize("types", [(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
def test_qlinear_matmul(types: Any, column: bool, constant: bool, tmp_path: Path) -> None:
    columns = (9,) if column else ()
    arrays: dict[str, Array] = {
        "a": integers(types[0], 8, 6),
        "a_scale": np.array(0.02, np.float32),
        "a_zero": np.array(11, types[0]),
        "b": integers(types[1], 6, 9),
        "b_scale": np.random.default_rng(4).uniform(0.01, 0.05, columns).astype(np.float32)[()],
        "b_zero": np.asarray(integers(types[1], *columns)),
        "y_scale": np.array(0.3, np.float32),
        "y_zero": np.array(5, types[0]),
    }
    arrays = {n: np.asarray(a) for n, a in arrays.items()}
    agrees(one("QLinearMatMul", arrays, types[0], constant), tmp_path, **used(arrays, constant))


CONVOLUTIONS: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((1, 3, 7, 6), (4, 3, 3, 3), {}),
    ((2, 3, 7, 6), (5, 3, 3, 2), {"pads": [1, 0, 2, 1], "strides": [2, 1], "dilations": [1, 2]}),
    ((1, 4, 7, 6), (8, 1, 3, 3), {"group": 4, "auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ((1, 4, 9, 9), (6, 2, 2, 2), {"group": 2, "auto_pad": "SAME_LOWER", "strides": [2, 2]}),
    ((1, 3, 11), (4, 3, 3), {"pads": [1, 1]}),
]


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("zeros", [True, False])
@pytest.mark.parametrize("types", [(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
@pytest.mark.parametrize("form", CONVOLUTIONS)
def test_conv_integer(form: Any, types: Any, zeros: bool, constant: bool, tmp_path: Path) -> None:
    x, w, attributes = form
    arrays = {"x": integers(types[0], *x), "w": integers(types[1], *w)}
    if zeros:
        arrays |= {"x_zero": np.array(77, types[0]), "w_zero": np.array(9, types[1])}
    agrees(one("ConvInteger", arrays, np.int32, constant, **attributes), tmp_path, **used(arrays, constant))


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("by_channel", [True, False])
@pytest.mark.parametrize("types", [(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
@pytest.mark.parametrize("form", CONVOLUTIONS)
def test_qlinear_conv(form: Any, types: Any, by_channel: bool, constant: bool, tmp_path: Path) -> None:
    x, w, attributes = form
    channels = w[:1] if by_channel else ()
    arrays: dict[str, Any] = {
        "x": integers(types[0], *x),
        "x_scale": np.float32(0.02),
        "x_zero": np.array(11, types[0]),
        "w": integers(types[1], *w),
        "w_scale": np.random.default_rng(4).uniform(0.01, 0.05, channels).astype(np.float32),
        "w_zero": np.full(channels, 3 if types[1] is np.uint8 else 0, types[1]),
        "y_scale": np.float32(0.7),
        "y_zero": np.array(5, types[0]),
        "bias": np.random.default_rng(6).integers(-9999, 9999, w[0], np.int32),
    }
    arrays = {n: np.asarray(a) for n, a in arrays.items()}
    agrees(one("QLinearConv", arrays, types[0], constant, **attributes), tmp_path, **used(arrays, constant))


def test_weights_stay_integers(tmp_path: Path) -> None:
    """What quantizes a model needs them: the conversion is an operator, not its result."""
    arrays = {"w": integers(np.int8, 4, 3), "scale": np.array(0.1, np.float32)}
    nodes = [node("DequantizeLinear", ["w", "scale"], ["f"]), node("MatMul", ["x", "f"], ["y"])]
    graph = imported(model(nodes, {"x": (2, 4)}, arrays), tmp_path)
    (op,) = (op for op in graph if isinstance(op, Dequantize))
    assert op.x.data is not None


@pytest.mark.parametrize(
    ("arrays", "attributes", "message"),
    [
        ({"scale": np.ones(5, np.float32)}, {}, r"the scale is \[5\], must be \[6\]"),
        ({"scale": np.ones(6, np.float32)}, {"axis": 7}, "axis 7 does not fit rank 3"),
        (
            {"scale": np.ones((2, 5, 4), np.float32)},
            {"block_size": 2},
            r"the scale is \[2, 5, 4\], must be \[2, 3, 4\]",
        ),
        ({"scale": np.ones(6, np.float32), "zero": np.ones(3, np.int8)}, {}, r"the zero point is \[3\]"),
        ({"scale": np.float32(np.nan) * np.ones(6, np.float32)}, {}, "holds NaN"),
    ],
)
def test_scales_that_do_not_fit_are_refused(arrays: Any, attributes: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(EdgecError, match=message):
        imported(one("QuantizeLinear", {"x": X, **arrays}, np.uint8, constant=True, **attributes), tmp_path)


def test_integers_of_32_bits_have_no_zero_point(tmp_path: Path) -> None:
    arrays = {"x": integers(np.int32, 6), "scale": np.array(0.1, np.float32), "zero": np.array(3, np.int32)}
    with pytest.raises(EdgecError, match="zero points 3 of i32"):
        imported(one("DequantizeLinear", arrays, np.float32, constant=True), tmp_path)


@pytest.mark.parametrize("kind", ["ConvInteger", "QLinearConv"])
def test_convolutions_of_volumes_are_refused(kind: str, tmp_path: Path) -> None:
    known = {"z": np.uint8(0), "w": integers(np.uint8, 2, 2, 1, 1, 1)}
    names = ["x", "s", "z", "w", "s", "z", "s", "z"] if kind == "QLinearConv" else ["x", "w"]
    proto = model([node(kind, names, ["y"])], {"x": (1, 2, 3, 3, 3), "s": ()}, known, types={"x": TensorProto.UINT8})
    with pytest.raises(EdgecError, match="works on"):
        imported(proto, tmp_path)
