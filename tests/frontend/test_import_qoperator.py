"""Operators of the QOperator format: in integers after the pipeline, each within one step of onnxruntime's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx_models import Array, imported, model, node

from edgec.driver import optimize
from edgec.ir import Const, Graph
from edgec.ir.interp import run
from edgec.ir.ops import Dequantize, IntegerConv2d, IntegerMatMul
from edgec.options import Options
from edgec.target import Target

MICROSOFT = "com.microsoft"
LEVELS = [
    onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
]
CODES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int8): TensorProto.INT8,
    np.dtype(np.uint8): TensorProto.UINT8,
    np.dtype(np.int16): TensorProto.INT16,
    np.dtype(np.uint16): TensorProto.UINT16,
    np.dtype(np.bool_): TensorProto.BOOL,
}


def expected(proto: ModelProto, level: Any, inputs: Mapping[str, Array]) -> Array:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["y"], dict(inputs))[0])


def optimized(proto: ModelProto, folder: Path) -> Graph:
    graph = imported(proto, folder)
    optimize(graph, Target.load("host"), Options())
    return graph


def floats(graph: Graph) -> list[str]:
    """What is computed in float."""
    return [op.opname for op in graph if op.results and op.results[0].type.dtype.is_float and not isinstance(op, Const)]


def within_one(
    proto: ModelProto, folder: Path, inputs: Mapping[str, Array], reference: ModelProto | None = None
) -> Graph:
    """Import, optimize and run; the integers are at most 1 from those of onnxruntime, or of it on another model."""
    graph = optimized(proto, folder)
    y = run(graph, inputs)["y"]
    for level in LEVELS:
        wanted = expected(reference or proto, level, inputs)
        assert y.dtype == wanted.dtype
        assert y.shape == wanted.shape
        assert np.ptp(wanted.astype(int)) > 20, "the reference says little"
        assert np.abs(y.astype(int) - wanted.astype(int)).max() <= 1
    return graph


def one(kind: str, operands: Sequence[Any], dtype: Any, free: int = 1, **attributes: Any) -> tuple[ModelProto, Any]:
    """A node, and its inputs: of its operands, the first ``free`` tensors of rank 1 and more are inputs."""
    arrays = {f"a{i}": np.asarray(a) for i, a in enumerate(operands) if a is not None}
    inputs = dict([(n, a) for n, a in arrays.items() if a.ndim][:free])
    names = ["" if a is None else f"a{i}" for i, a in enumerate(operands)]
    proto = model(
        [node(kind, names, ["y"], **attributes)],
        {n: a.shape for n, a in inputs.items()},
        {n: a for n, a in arrays.items() if n not in inputs},
        opset=21,
        types={n: CODES[a.dtype] for n, a in inputs.items()} | {"y": CODES[np.dtype(dtype)]},
    )
    proto.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    return proto, inputs


def integers(dtype: Any, *shape: int, seed: int = 1) -> Array:
    info = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(info.min, info.max, shape, dtype, endpoint=True)


def quantized(dtype: Any, scale: float, zero: int, *shape: int, seed: int = 1) -> list[Any]:
    """Codes, scale and zero point; zero points are given as of i8."""
    return [integers(dtype, *shape, seed=seed), *parameters(dtype, scale, zero)]


def parameters(dtype: Any, scale: float, zero: int) -> list[Any]:
    return [np.float32(scale), np.array(zero - np.iinfo(np.int8).min + np.iinfo(dtype).min, dtype)]


BYTES = [np.int8, np.uint8]

ACTIVATIONS: dict[str, tuple[str, list[Any], tuple[float, int], dict[str, Any]]] = {
    "sum": ("QLinearAdd", [(0.02, 5, 2, 5, 6), (0.03, -7, 2, 5, 6)], (0.04, 3), {}),
    "sum that broadcasts": ("QLinearAdd", [(0.02, 5, 2, 5, 6), (0.03, -7, 5, 1)], (0.04, 3), {}),
    "product": ("QLinearMul", [(0.02, 5, 2, 5, 6), (0.03, -7, 2, 5, 6)], (0.06, 3), {}),
    "sigmoid": ("QLinearSigmoid", [(0.05, 4, 3, 50)], (1 / 256, -128), {}),
    "leaky relu": ("QLinearLeakyRelu", [(0.05, 4, 3, 50)], (0.04, -90), {}),
    "leaky relu of a steep slope": ("QLinearLeakyRelu", [(0.05, 4, 3, 50)], (0.05, 0), {"alpha": 0.7}),
    "softmax": ("QLinearSoftmax", [(0.05, 4, 8, 7)], (1 / 256, -128), {"opset": 13}),
    "softmax of an axis": ("QLinearSoftmax", [(0.05, 4, 2, 6, 5)], (1 / 256, -128), {"opset": 17, "axis": 1}),
    "softmax of all axes from one on": (
        "QLinearSoftmax",
        [(0.03, 4, 9, 3, 2)],
        (1 / 256, -128),
        {"opset": 11, "axis": 1},
    ),
    "pool": ("QLinearAveragePool", [(0.05, 4, 1, 3, 9, 8)], (0.02, 1), {"kernel_shape": [3, 2], "strides": [2, 1]}),
    "pool with pads": (
        "QLinearAveragePool",
        [(0.05, 4, 1, 3, 9, 8)],
        (0.02, 1),
        {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1},
    ),
    "pool with pads that do not count": (
        "QLinearAveragePool",
        [(0.05, 4, 1, 3, 9, 8)],
        (0.03, 1),
        {"kernel_shape": [3, 3], "pads": [1, 0, 1, 0]},
    ),
    "pool beyond the end": (
        "QLinearAveragePool",
        [(0.05, 4, 1, 3, 9, 8)],
        (0.02, 1),
        {"kernel_shape": [2, 3], "strides": [2, 2], "ceil_mode": 1},
    ),
    "pool, channels last": (
        "QLinearAveragePool",
        [(0.05, 4, 1, 9, 8, 3)],
        (0.02, 1),
        {"kernel_shape": [3, 2], "channels_last": 1},
    ),
    "global pool": ("QLinearGlobalAveragePool", [(0.05, 4, 2, 20, 4, 3)], (0.01, 1), {}),
    "global pool, channels last": (
        "QLinearGlobalAveragePool",
        [(0.05, 4, 2, 4, 3, 20)],
        (0.01, 1),
        {"channels_last": 1},
    ),
}


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str, dtype: Any, tmp_path: Path) -> None:
    kind, operands, result, attributes = ACTIVATIONS[name]
    given = [v for i, (s, z, *shape) in enumerate(operands) for v in quantized(dtype, s, z, *shape, seed=i)]
    given += parameters(dtype, *result)
    proto, inputs = one(kind, given, dtype, len(operands), domain=MICROSOFT, **attributes)
    assert floats(within_one(proto, tmp_path, inputs)) == []


def between(kind: str, operands: Sequence[Any], dtype: Any, **attributes: Any) -> ModelProto:
    """ONNX's operator on one dequantized tensor, quantized again: for operators that onnxruntime has no code for."""
    arrays = {f"a{i}": np.asarray(a) for i, a in enumerate(operands)}
    nodes = [
        node("DequantizeLinear", ["a0", "a1", "a2"], ["x"]),
        node(kind, ["x", *list(arrays)[5:]], ["f"], **attributes),
        node("QuantizeLinear", ["f", "a3", "a4"], ["y"]),
    ]
    constants = {n: a for n, a in arrays.items() if n != "a0"}
    types = {"a0": CODES[np.dtype(dtype)], "y": CODES[np.dtype(dtype)]}
    return model(nodes, {"a0": arrays["a0"].shape}, constants, opset=21, types=types)


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("form", [{"axes": [1, 3], "keepdims": 0}, {"axes": [-1], "keepdims": 1}])
def test_mean(form: dict[str, Any], dtype: Any, tmp_path: Path) -> None:
    operands = [*quantized(dtype, 0.05, 4, 2, 3, 10, 5), *parameters(dtype, 0.02, 1)]
    proto, inputs = one("QLinearReduceMean", operands, dtype, domain=MICROSOFT, **form)
    reference = between("ReduceMean", [*operands, np.array(form["axes"])], dtype, keepdims=form["keepdims"])
    assert floats(within_one(proto, tmp_path, inputs, reference)) == []


@pytest.mark.parametrize("dtype", BYTES)
def test_concatenation_and_selection(dtype: Any, tmp_path: Path) -> None:
    parts = [quantized(dtype, 0.01 * i, i, 2, i, 5, seed=i) for i in (3, 4, 5)]
    operands = [*parameters(dtype, 0.05, 3), *(v for part in parts for v in part)]
    proto, inputs = one("QLinearConcat", operands, dtype, 3, domain=MICROSOFT, axis=1)
    assert floats(within_one(proto, tmp_path, inputs)) == []

    condition = np.random.default_rng(2).random((4, 6)) < 0.5
    pair = [v for i in (3, 4) for v in quantized(dtype, 0.01 * i, i, 4, 6, seed=i)]
    proto, inputs = one("QLinearWhere", [condition, *pair, *parameters(dtype, 0.05, 3)], dtype, 3, domain=MICROSOFT)
    assert floats(within_one(proto, tmp_path, inputs)) == []


@pytest.mark.parametrize("dtype", BYTES)
def test_maximum_with_channels_last(dtype: Any, tmp_path: Path) -> None:
    proto, inputs = one(
        "NhwcMaxPool", [integers(dtype, 1, 9, 8, 3)], dtype, domain=MICROSOFT, kernel_shape=[3, 2], pads=[1, 0, 1, 0]
    )
    assert floats(within_one(proto, tmp_path, inputs)) == []


@pytest.mark.parametrize("dtype", BYTES)
def test_without_a_zero_point_results_are_of_the_operands_type(dtype: Any, tmp_path: Path) -> None:
    x, scale, zero = integers(dtype, 4, 30), np.float32(0.02), dtype(0)
    proto, inputs = one("QLinearLeakyRelu", [x, scale, None, scale], dtype, domain=MICROSOFT)
    reference = between("LeakyRelu", [x, scale, zero, scale, zero], dtype)
    assert floats(within_one(proto, tmp_path, inputs, reference)) == []


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize("axis", [None, 1])
def test_conversions_of_16_bits(axis: int | None, dtype: Any, tmp_path: Path) -> None:
    """In onnxruntime's own domain from before ONNX's operators took them."""
    scale = np.float32(0.001) if axis is None else np.array([0.001, 0.002, 0.005], np.float32)
    zero = np.zeros(scale.shape, dtype) + np.array(9, dtype)
    attributes = {} if axis is None else {"axis": axis}
    x = np.random.default_rng(1).standard_normal((2, 3, 40)).astype(np.float32)
    proto, inputs = one("QuantizeLinear", [x, scale, zero], dtype, domain=MICROSOFT, **attributes)
    np.testing.assert_array_equal(run(imported(proto, tmp_path), inputs)["y"], expected(proto, LEVELS[0], inputs))
    codes = integers(dtype, 2, 3, 40)
    proto, inputs = one("DequantizeLinear", [codes, scale, zero], np.float32, domain=MICROSOFT, **attributes)
    np.testing.assert_array_equal(run(imported(proto, tmp_path), inputs)["y"], expected(proto, LEVELS[0], inputs))


# --- products ------------------------------------------------------------------------------------------------------

CONVOLUTIONS: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "plain": ((1, 3, 7, 6), (4, 3, 3, 3), {}),
    "strides, dilations, pads": (
        (2, 3, 7, 6),
        (5, 3, 3, 2),
        {"pads": [1, 0, 2, 1], "strides": [2, 1], "dilations": [1, 2]},
    ),
    "depthwise": ((1, 4, 7, 6), (8, 1, 3, 3), {"group": 4, "auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    "groups": ((1, 4, 9, 9), (6, 2, 2, 2), {"group": 2, "auto_pad": "SAME_LOWER", "strides": [2, 2]}),
    "of a line": ((1, 3, 21), (4, 3, 3), {"pads": [1, 1]}),
}
PAIRS = [(np.int8, np.int8), (np.uint8, np.int8), (np.uint8, np.uint8)]
"""Element types of activations and weights."""


def weights(dtype: Any, channels: int | None, zero: int, *shape: int) -> list[Any]:
    """Codes, scales and zero points, one of all or of each channel.

    Codes of i8 have 7 bits: on cores without instructions for more, onnxruntime saturates sums of two products.
    """
    many = () if channels is None else (channels,)
    codes = integers(dtype, *shape, seed=2)
    codes = codes // 2 if dtype is np.int8 else codes
    scale = np.random.default_rng(4).uniform(0.01, 0.05, many).astype(np.float32)
    return [codes, np.asarray(scale), np.full(many, parameters(dtype, 1, zero)[1])]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("by_channel", [True, False])
@pytest.mark.parametrize("dtypes", PAIRS)
@pytest.mark.parametrize("form", CONVOLUTIONS)
def test_convolution(form: str, dtypes: Any, by_channel: bool, bias: bool, tmp_path: Path) -> None:
    shape, kernel, attributes = CONVOLUTIONS[form]
    operands = [
        *quantized(dtypes[0], 0.02, -9, *shape),
        *weights(dtypes[1], kernel[0] if by_channel else None, 0, *kernel),
        *parameters(dtypes[0], 1.3, 5),
        np.random.default_rng(6).integers(-9999, 9999, kernel[0], np.int32) if bias else None,
    ]
    proto, inputs = one("QLinearConv", operands, dtypes[0], **attributes)
    assert floats(within_one(proto, tmp_path, inputs)) == []


@pytest.mark.parametrize("zero", [0, 7])
def test_convolution_by_weights_with_a_zero_point(zero: int, tmp_path: Path) -> None:
    operands = [
        *quantized(np.uint8, 0.02, -9, 1, 3, 7, 6),
        *weights(np.uint8, None, zero, 4, 3, 3, 3),
        *parameters(np.uint8, 1.3, 5),
    ]
    proto, inputs = one("QLinearConv", operands, np.uint8)
    assert floats(within_one(proto, tmp_path, inputs)) == []


@pytest.mark.parametrize("dtype", BYTES)
def test_convolution_with_channels_last(dtype: Any, tmp_path: Path) -> None:
    operands = [
        *quantized(dtype, 0.02, -9, 1, 7, 6, 3),
        *weights(np.int8, 4, 0, 4, 3, 3, 3),
        *parameters(dtype, 1.3, 5),
    ]
    proto, inputs = one("QLinearConv", operands, dtype, domain=MICROSOFT, channels_last=1, pads=[1, 1, 1, 1])
    graph = within_one(proto, tmp_path, inputs)
    assert floats(graph) == []
    assert not any(op.opname == "transpose" for op in graph)


def test_scales_at_run_time_leave_products_of_integers(tmp_path: Path) -> None:
    operands = [*quantized(np.uint8, 0.02, -9, 1, 7, 6, 3), *weights(np.int8, 4, 0, 4, 3, 3, 3)]
    operands = [np.asarray(a) for a in [*operands, *parameters(np.uint8, 1.3, 5)]]
    operands[1] = operands[1].reshape(1)
    proto, inputs = one("QLinearConv", operands, np.uint8, 2, domain=MICROSOFT, channels_last=1)
    graph = within_one(proto, tmp_path, inputs)
    assert any(isinstance(op, IntegerConv2d) for op in graph)
    assert not any(isinstance(op, Dequantize) for op in graph)


MATRICES: dict[str, tuple[tuple[int, ...], tuple[int, ...], bool, int]] = {
    "weights": ((5, 8), (8, 9), False, 1),
    "weights by column": ((5, 8), (8, 9), True, 1),
    "weights of a batch": ((2, 5, 8), (8, 9), True, 1),
    "activations": ((2, 5, 8), (2, 8, 9), False, 2),
    "a vector": ((8,), (8, 40), True, 1),
}


@pytest.mark.parametrize("dtypes", PAIRS)
@pytest.mark.parametrize("form", MATRICES)
def test_matrix_product(form: str, dtypes: Any, tmp_path: Path) -> None:
    a, b, by_column, free = MATRICES[form]
    operands = [
        *quantized(dtypes[0], 0.02, -9, *a),
        *weights(dtypes[1], b[-1] if by_column else None, 0, *b),
        *parameters(dtypes[0], 0.7, 5),
    ]
    proto, inputs = one("QLinearMatMul", operands, dtypes[0], free)
    assert floats(within_one(proto, tmp_path, inputs)) == []


def test_scales_by_row_leave_a_product_of_integers(tmp_path: Path) -> None:
    operands = [*quantized(np.uint8, 0.02, -9, 5, 8), *weights(np.uint8, None, 0, 8, 9), *parameters(np.uint8, 0.7, 5)]
    operands[1], operands[2] = np.linspace(0.01, 0.03, 5, dtype=np.float32), np.full(5, 119, np.uint8)
    proto, inputs = one("QLinearMatMul", operands, np.uint8)
    graph = imported(proto, tmp_path)
    assert any(isinstance(op, IntegerMatMul) for op in graph)
    sums = (inputs["a0"].astype(int) - 119) @ (operands[3].astype(int) - int(operands[5]))
    y = np.rint(sums * (operands[1][:, None] * operands[4] / operands[6])) + int(operands[7])
    assert np.abs(run(graph, inputs)["y"] - np.clip(y, 0, 255)).max() <= 1


@pytest.mark.parametrize("dtypes", PAIRS)
@pytest.mark.parametrize("by_column", [True, False])
@pytest.mark.parametrize(
    "attributes", [{}, {"transB": 1}, {"transA": 1, "alpha": 0.7}, {"transB": 1, "alpha": 2.0}], ids=str
)
def test_gemm(attributes: dict[str, Any], by_column: bool, dtypes: Any, tmp_path: Path) -> None:
    a = (8, 5) if attributes.get("transA") else (5, 8)
    b = (9, 8) if attributes.get("transB") else (8, 9)
    operands = [
        *quantized(dtypes[0], 0.02, -9, *a),
        *weights(dtypes[1], 9 if by_column else None, 0, *b),
        np.random.default_rng(6).integers(-9999, 9999, 9, np.int32),
    ]
    proto, inputs = one("QGemm", [*operands, *parameters(dtypes[0], 0.9, 5)], dtypes[0], domain=MICROSOFT, **attributes)
    assert floats(within_one(proto, tmp_path, inputs)) == []
    # Without an output scale the result is float.
    proto, inputs = one("QGemm", operands, np.float32, domain=MICROSOFT, **attributes)
    wanted = expected(proto, LEVELS[0], inputs)
    y = run(optimized(proto, tmp_path), inputs)["y"]
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("by_column", [True, False])
@pytest.mark.parametrize("dtypes", PAIRS)
def test_products_of_integers_as_numbers(dtypes: Any, by_column: bool, bias: bool, tmp_path: Path) -> None:
    a, a_scale, a_zero = quantized(dtypes[0], 0.02, -9, 5, 8)
    b, b_scale, b_zero = weights(dtypes[1], 9 if by_column else None, 0, 8, 9)
    c = np.linspace(-2, 2, 9, dtype=np.float32) if bias else None
    proto, inputs = one(
        "MatMulIntegerToFloat", [a, b, a_scale, b_scale, a_zero, b_zero, c], np.float32, domain=MICROSOFT
    )
    wanted = expected(proto, LEVELS[0], inputs)
    np.testing.assert_allclose(run(optimized(proto, tmp_path), inputs)["y"], wanted, rtol=0, atol=1e-5)

    x = np.random.default_rng(1).standard_normal((5, 8)).astype(np.float32)
    proto, inputs = one("DynamicQuantizeMatMul", [x, b, b_scale, b_zero, c], np.float32, domain=MICROSOFT)
    wanted = expected(proto, LEVELS[0], inputs)
    graph = optimized(proto, tmp_path)
    assert any(isinstance(op, IntegerMatMul) for op in graph)
    np.testing.assert_allclose(run(graph, inputs)["y"], wanted, rtol=0, atol=1e-5)
