"""Which operators compute on integers in models that onnxruntime quantized, and which stay float: each by itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import NodeProto, shape_inference
from onnx_models import Array, ints, model, node, weights
from onnxruntime.quantization import QuantFormat
from quantized_by_onnxruntime import LEVELS, Compared, compiled, quantized

CHANNELS = 6
BRANCH = node("Conv", ["x", "v"], ["b"], pads=[1, 1, 1, 1])
ONE, HALF = np.float32(1), np.float32(0.5)
CONSTANTS: dict[str, Any] = {
    "w": 0.3 * weights(CHANNELS, 3, 3, 3),
    "bias": 0.3 * weights(CHANNELS),
    "v": 0.3 * weights(CHANNELS, 3, 3, 3, seed=4),
    "p": weights(CHANNELS, CHANNELS, 1, 1),
    "t": weights(CHANNELS, 4, 2, 2),
    "twice": np.array([1, 1, 2, 2], np.float32),
    "by channel": np.abs(weights(CHANNELS, 1, 1)),
    "map": weights(1, CHANNELS, 12, 10),
    "scale": np.abs(weights(CHANNELS)) + HALF,
    "shift": weights(CHANNELS),
    "row": np.abs(weights(10)) + HALF,
    "mix": weights(CHANNELS, 4),
    "pads": ints(0, 0, 1, 1, 0, 0, 1, 1),
    "zero": np.float32(0),
    "one": ONE,
    "-one": -ONE,
    "six": np.float32(6),
    "two": np.float32(2),
    "spatial": ints(2, 3),
    "last": ints(3),
    "channel": ints(1),
    "some": ints(0, 2),
    "rows": ints(1, -1, 5),
    "start": ints(1),
    "end": ints(9),
    "axis 2": ints(2),
    "copies": ints(1, 2, 1, 1),
}


def unary(kind: str, *constants: str, **attributes: Any) -> list[NodeProto]:
    return [node(kind, ["a", *constants], ["y"], **attributes)]


INTEGERS: dict[str, list[NodeProto]] = {
    "mean": unary("ReduceMean", "spatial", keepdims=0),
    "mean of rows": unary("ReduceMean", "last"),
    "sum": unary("ReduceSum", "channel"),
    "max": unary("ReduceMax", "spatial"),
    "global mean": unary("GlobalAveragePool"),
    "global max": unary("GlobalMaxPool"),
    "nearest": unary("Resize", "", "twice", mode="nearest"),
    "linear": unary("Resize", "", "twice", mode="linear"),
    "cubic": unary("Resize", "", "twice", mode="cubic"),
    "concatenation": [BRANCH, node("Concat", ["a", "b"], ["y"], axis=1)],
    "max pool": unary("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    "mean pool": unary("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1),
    "transpose": unary("Transpose", perm=[0, 2, 1, 3]),
    "reshape": unary("Reshape", "rows"),
    "flatten": unary("Flatten"),
    "pad": unary("Pad", "pads"),
    "pad with one": unary("Pad", "pads", "one"),
    "reflect": unary("Pad", "pads", mode="reflect"),
    "slice": unary("Slice", "start", "end", "axis 2"),
    "split": [node("Split", ["a"], ["y", "rest"], axis=1, num_outputs=2)],
    "gather": unary("Gather", "some", axis=1),
    "tile": unary("Tile", "copies"),
    "depth to space": [node("Conv", ["a", "mixed"], ["b"]), node("DepthToSpace", ["b"], ["y"], blocksize=2)],
    "relu": unary("Relu"),
    "relu6": unary("Clip", "zero", "six"),
    "clip": unary("Clip", "-one", "one"),
    "leaky relu": unary("LeakyRelu", alpha=0.1),
    "hard swish": unary("HardSwish"),
    "hard sigmoid": unary("HardSigmoid"),
    "sigmoid": unary("Sigmoid"),
    "tanh": unary("Tanh"),
    "gelu": unary("Gelu"),
    "elu": unary("Elu"),
    "softplus": unary("Softplus"),
    "exp": unary("Exp"),
    "square": unary("Pow", "two"),
    "mish": unary("Mish"),
    "swish": [node("Sigmoid", ["a"], ["s"]), node("Mul", ["a", "s"], ["y"])],
    "sum with a constant": unary("Add", "by channel"),
    "sum with a map": unary("Add", "map"),
    "product by a constant": unary("Mul", "by channel"),
    "product by a number": unary("Mul", "two"),
    "quotient by a number": unary("Div", "two"),
    "difference": [BRANCH, node("Sub", ["a", "b"], ["y"])],
    "maximum": [BRANCH, node("Max", ["a", "b"], ["y"])],
    "minimum with a number": unary("Min", "one"),
    "softmax": unary("Softmax", axis=1),
    "product of activations": [
        node("Transpose", ["a"], ["b"], perm=[0, 1, 3, 2]),
        node("MatMul", ["a", "b"], ["y"]),
    ],
    "product by einsum": unary("Einsum", "mix", equation="nchw,cd->ndhw"),
    "transposed convolution": unary("ConvTranspose", "t", strides=[2, 2]),
    "batch normalization": [
        node("Relu", ["a"], ["b"]),
        node("BatchNormalization", ["b", "scale", "shift", "shift", "scale"], ["c"]),
        node("Conv", ["c", "p"], ["y"]),
    ],
    "squeeze and excite": [
        node("GlobalAveragePool", ["a"], ["b"]),
        node("Conv", ["b", "p"], ["c"]),
        node("Sigmoid", ["c"], ["d"]),
        node("Mul", ["a", "d"], ["y"]),
    ],
}

FLOAT: dict[str, tuple[list[NodeProto], set[str]]] = {
    "prelu of slopes by channel": (unary("PRelu", "by channel"), {"prelu"}),
    "quotient": ([BRANCH, node("Sigmoid", ["b"], ["c"]), node("Div", ["a", "c"], ["y"])], {"div"}),
    "log softmax": (unary("LogSoftmax", axis=1), {"log_softmax"}),
    "instance normalization": (unary("InstanceNormalization", "scale", "shift"), {"normalize"}),
    "layer normalization": (unary("LayerNormalization", "row"), {"normalize"}),
    "running sum": (unary("CumSum", "last"), {"cum_sum"}),
    "norm pool": (unary("LpPool", kernel_shape=[2, 2]), {"lp_pool2d"}),
}


def one(nodes: Sequence[NodeProto], layout: QuantFormat, types: str, folder: Path) -> Compared:
    """A convolution and the nodes behind it, quantized."""
    constants: dict[str, Array] = {**CONSTANTS, "mixed": weights(8, CHANNELS, 1, 1)}
    read = {name for n in [*nodes, *FIRST] for name in n.input}
    proto = model([*FIRST, *nodes], {"x": (1, 3, 12, 10)}, {n: a for n, a in constants.items() if n in read}, opset=20)
    onnx.save(shape_inference.infer_shapes(proto), folder / "float.onnx")
    kinds = {"op_types_to_quantize": sorted({n.op_type for n in proto.graph.node})} if layout is QuantFormat.QDQ else {}
    return compiled(*quantized(folder / "float.onnx", layout, types, per_channel=True, **kinds))


FIRST = [node("Conv", ["x", "w", "bias"], ["a"], pads=[1, 1, 1, 1])]


@pytest.mark.parametrize("types", ["s8s8", "u8u8"])
@pytest.mark.parametrize("name", INTEGERS)
def test_operators_of_integers(name: str, types: str, tmp_path: Path) -> None:
    found = one(INTEGERS[name], QuantFormat.QDQ, types, tmp_path)
    assert found.floats == {"dequantize": 1}
    assert found.steps(LEVELS.ORT_DISABLE_ALL).max() <= 1


@pytest.mark.parametrize("name", FLOAT)
def test_operators_that_stay_float(name: str, tmp_path: Path) -> None:
    nodes, stays = FLOAT[name]
    found = one(nodes, QuantFormat.QDQ, "s8s8", tmp_path)
    assert set(found.floats) - {"dequantize"} == stays
    assert found.steps(LEVELS.ORT_DISABLE_ALL).max() <= 1


STORED = (
    "nearest", "linear", "concatenation", "max pool", "mean pool", "transpose", "reshape", "pad", "pad with one",
    "reflect", "split", "relu6", "sum with a map", "swish", "softmax", "product of activations", "squeeze and excite",
)  # fmt: skip
"""What the QOperator format has operators for, among them ONNX's own on stored integers."""


@pytest.mark.parametrize("name", STORED)
def test_operators_of_stored_integers(name: str, tmp_path: Path) -> None:
    found = one(INTEGERS[name], QuantFormat.QOperator, "u8u8", tmp_path)
    assert found.floats == {"dequantize": 1}
    assert found.steps(LEVELS.ORT_DISABLE_ALL).max() <= 1


def test_the_largest_of_stored_integers(tmp_path: Path) -> None:
    nodes = [node("ArgMax", ["a"], ["i"], axis=1), node("Cast", ["i"], ["y"], to=1)]
    found = one(nodes, QuantFormat.QOperator, "u8u8", tmp_path)
    assert set(found.floats) <= {"cast", "reshape"}
    np.testing.assert_array_equal(found.results, found.wanted(LEVELS.ORT_DISABLE_ALL))
