"""Convolution and pooling in every attribute form, against onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import agrees, imported, model, node, random_inputs, weights

from edgec.errors import EdgecError
from edgec.ir.interp import run
from edgec.ir.ops import AveragePool2d, Conv2d, Convolution, Reshape

DOUBLE = TensorProto.DOUBLE


@pytest.mark.parametrize(
    ("shape", "weight", "attributes"),
    [
        ((1, 3, 9, 7), (4, 3, 3, 3), {}),
        ((2, 3, 9, 7), (4, 3, 3, 2), {"strides": [2, 1], "pads": [1, 0, 2, 1]}),
        ((1, 4, 9, 8), (6, 2, 3, 3), {"group": 2, "dilations": [2, 1], "pads": [2, 1, 2, 1]}),
        ((1, 4, 8, 8), (8, 1, 3, 3), {"group": 4, "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
        ((1, 2, 8, 7), (3, 2, 4, 2), {"strides": [3, 2], "auto_pad": "SAME_LOWER"}),
        ((1, 2, 8, 7), (3, 2, 3, 3), {"strides": [2, 2], "auto_pad": "VALID"}),
        ((1, 2, 4, 4), (3, 2, 1, 1), {"strides": [3, 3], "auto_pad": "SAME_UPPER"}),
        ((1, 3, 5, 5), (2, 3, 1, 1), {"kernel_shape": [1, 1]}),
        ((1, 3, 20), (4, 3, 5), {"strides": [2], "pads": [2, 1]}),
        ((2, 4, 15), (4, 1, 3), {"group": 4, "dilations": [3]}),
        ((1, 2, 15), (4, 2, 4), {"strides": [2], "auto_pad": "SAME_LOWER"}),
        ((1, 2, 5, 6, 7), (3, 2, 2, 3, 2), {}),
        ((2, 4, 5, 6, 7), (6, 2, 3, 2, 3), {"group": 2, "strides": [2, 1, 2], "pads": [1, 0, 2, 0, 1, 1]}),
        ((1, 3, 6, 6, 7), (3, 1, 2, 2, 3), {"group": 3, "dilations": [2, 3, 1]}),
        ((1, 2, 5, 6, 7), (3, 2, 3, 3, 3), {"strides": [2, 2, 2], "auto_pad": "SAME_UPPER"}),
    ],
)
@pytest.mark.parametrize("bias", [True, False])
def test_conv(
    tmp_path: Path, shape: tuple[int, ...], weight: tuple[int, ...], attributes: dict[str, Any], bias: bool
) -> None:
    constants = {"w": weights(*weight)} | ({"b": weights(weight[0], seed=4)} if bias else {})
    proto = model([node("Conv", ["x", *constants], ["y"], **attributes)], {"x": shape}, constants)
    graph = agrees(proto, tmp_path)
    assert sum(isinstance(op, Convolution) for op in graph) == 1


@pytest.mark.parametrize(
    ("shape", "weight", "attributes"),
    [
        ((1, 3, 9, 7), (4, 3, 3, 2), {"strides": [2, 1], "pads": [1, 0, 2, 1]}),
        ((1, 4, 15), (4, 1, 3), {"group": 4}),
        ((1, 2, 5, 6, 7), (3, 2, 2, 3, 2), {}),
    ],
)
def test_conv_by_computed_weights(
    tmp_path: Path, shape: tuple[int, ...], weight: tuple[int, ...], attributes: dict[str, Any]
) -> None:
    inputs = {"x": shape, "w": weight, "b": weight[:1]}
    agrees(model([node("Conv", ["x", "w", "b"], ["y"], **attributes)], inputs), tmp_path)


def test_conv_of_float64(tmp_path: Path) -> None:
    # onnxruntime does not have it: it is compared with float32.
    found = []
    for dtype, code in ((np.float64, DOUBLE), (np.float32, TensorProto.FLOAT)):
        conv = node("Conv", ["x", "w"], ["y"], strides=[2, 1], pads=[1, 0, 1, 0])
        types = dict.fromkeys("xy", code)
        constants = {"w": weights(3, 2, 3, 3).astype(dtype)}
        graph = imported(model([conv], {"x": [1, 2, 6, 6]}, constants, types=types), tmp_path)
        x = weights(1, 2, 6, 6, seed=5).astype(dtype)
        found.append(run(graph, {"x": x})["y"])
    assert found[0].dtype == np.float64
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-5)


TRANSPOSED: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((1, 3, 5, 4), (3, 4, 3, 3), {}),
    ((2, 3, 5, 4), (3, 4, 3, 2), {"strides": [2, 3], "pads": [1, 0, 2, 1]}),
    ((1, 4, 5, 4), (4, 3, 3, 3), {"group": 2, "strides": [2, 2], "output_padding": [1, 1]}),
    ((1, 4, 5, 4), (4, 1, 4, 4), {"group": 4, "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ((1, 4, 5, 4), (4, 2, 2, 2), {"group": 4, "strides": [3, 3], "output_padding": [2, 1]}),
    ((1, 2, 5, 4), (2, 3, 3, 3), {"dilations": [2, 3]}),
    ((1, 2, 5, 4), (2, 3, 3, 3), {"dilations": [2, 3], "strides": [3, 2], "pads": [1, 2, 3, 1]}),
    ((1, 2, 5, 4), (2, 3, 4, 3), {"dilations": [2, 4], "strides": [4, 2], "output_padding": [1, 0]}),
    ((1, 2, 5, 4), (2, 3, 3, 3), {"strides": [2, 2], "output_shape": [10, 9]}),
    ((1, 2, 5, 4), (2, 3, 3, 4), {"strides": [3, 3], "output_shape": [16, 13], "output_padding": [2, 1]}),
    ((1, 2, 5, 4), (2, 3, 3, 4), {"strides": [2, 3], "output_shape": [10, 12], "auto_pad": "SAME_UPPER"}),
    ((1, 2, 5, 4), (2, 3, 4, 4), {"strides": [3, 3], "auto_pad": "SAME_UPPER"}),
    ((1, 2, 5, 4), (2, 3, 4, 4), {"strides": [3, 3], "auto_pad": "SAME_LOWER"}),
    ((1, 2, 5, 4), (2, 3, 3, 3), {"strides": [2, 2], "auto_pad": "VALID"}),
    ((1, 2, 5, 4), (2, 3, 3, 3), {"kernel_shape": [3, 3]}),
    ((2, 3, 9), (3, 2, 4), {"strides": [2], "pads": [1, 1]}),
    ((1, 3, 9), (3, 2, 3), {"strides": [2], "dilations": [2], "output_padding": [1]}),
    ((1, 2, 3, 4, 5), (2, 3, 2, 3, 3), {"strides": [2, 1, 3], "pads": [0, 1, 0, 1, 0, 2]}),
    ((1, 4, 3, 4, 5), (4, 1, 3, 2, 2), {"group": 2, "strides": [2, 2, 2], "output_padding": [1, 0, 1]}),
]


@pytest.mark.parametrize(("shape", "weight", "attributes"), TRANSPOSED)
@pytest.mark.parametrize("bias", [True, False])
def test_conv_transpose(
    tmp_path: Path, shape: tuple[int, ...], weight: tuple[int, ...], attributes: dict[str, Any], bias: bool
) -> None:
    out = weight[1] * attributes.get("group", 1)
    constants = {"w": weights(*weight)} | ({"b": weights(out, seed=4)} if bias else {})
    proto = model([node("ConvTranspose", ["x", *constants], ["y"], **attributes)], {"x": shape}, constants)
    agrees(proto, tmp_path)


def test_conv_transpose_by_computed_weights(tmp_path: Path) -> None:
    conv = node("ConvTranspose", ["x", "w"], ["y"], group=2, strides=[2, 2], pads=[1, 0, 0, 1])
    agrees(model([conv], {"x": [1, 4, 5, 4], "w": [4, 3, 3, 2]}), tmp_path)


@pytest.mark.parametrize(
    ("groups", "offset_groups", "attributes"),
    [
        (1, 1, {}),
        (2, 2, {"strides": [2, 1], "pads": [1, 0, 2, 1]}),
        (1, 4, {"dilations": [2, 1], "pads": [1, 1, 1, 1]}),
    ],
)
@pytest.mark.parametrize("masked", [True, False])
def test_deform_conv(tmp_path: Path, groups: int, offset_groups: int, attributes: dict[str, Any], masked: bool) -> None:
    x, constants = (2, 4, 7, 6), {"w": weights(6, 4 // groups, 3, 2), "b": weights(6)}
    conv = model([node("Conv", ["x", "w"], ["y"], group=groups, **attributes)], {"x": x}, {"w": constants["w"]})
    height, width = imported(conv, tmp_path).outputs[0].shape[2:]
    inputs = {"x": x, "o": (2, offset_groups * 12, height, width)}
    if masked:
        inputs["m"] = (2, offset_groups * 6, height, width)
    operands = ["x", "w", "o", "b", *(["m"] if masked else [])]
    deform = node("DeformConv", operands, ["y"], group=groups, offset_group=offset_groups, **attributes)
    agrees(model([deform], inputs, constants, opset=19), tmp_path)


def test_deform_conv_of_three_dimensions_is_refused(tmp_path: Path) -> None:
    inputs = {"x": [1, 1, 3, 3, 3], "o": [1, 3, 3, 3, 3]}
    proto = model([node("DeformConv", ["x", "w", "o"], ["y"])], inputs, {"w": weights(1, 1, 1, 1, 1)}, opset=19)
    with pytest.raises(EdgecError, match="only 2-D"):
        imported(proto, tmp_path)


@pytest.mark.parametrize(
    ("kind", "length", "past"), [("none", 7, True), ("silu", 7, False), ("swish", 2, False), ("silu", 2, True)]
)
def test_causal_conv_is_a_convolution_of_what_was_and_is(tmp_path: Path, kind: str, length: int, past: bool) -> None:
    # onnxruntime does not have it: its definition by Concat, Conv and Slice is what it is compared with.
    x, w, b, state = (2, 3, length), weights(3, 1, 4), weights(3), (2, 3, 3)
    causal = node("CausalConvWithState", ["x", "w", "b", *(["s"] if past else [])], ["y", "t"], activation=kind)
    inputs: dict[str, Any] = {"x": x} | ({"s": state} if past else {})
    graph = imported(model([causal], inputs, {"w": w, "b": b}, ["y", "t"], opset=27), tmp_path)
    arrays = random_inputs(graph)
    found = run(graph, arrays)
    joined = np.concatenate([arrays.get("s", np.zeros(state, np.float32)), arrays["x"]], axis=2)
    y = np.stack([(joined[:, :, i : i + 4] * w[:, 0]).sum(axis=2) + b for i in range(length)], axis=2)
    expected = y if kind == "none" else y / (1 + np.exp(-y))
    np.testing.assert_allclose(found["y"], expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(found["t"], joined[:, :, -3:])


def test_same_padding_of_a_dilated_window(tmp_path: Path) -> None:
    # onnxruntime refuses this form; the explicit padding says the same.
    for auto, pads in (("SAME_UPPER", (1, 2, 1, 2)), ("SAME_LOWER", (2, 1, 2, 1))):
        conv = node("Conv", ["x", "w"], ["y"], dilations=[3, 3], auto_pad=auto)
        graph = imported(model([conv], {"x": [1, 2, 8, 7]}, {"w": weights(3, 2, 2, 2)}), tmp_path)
        (op,) = (op for op in graph if isinstance(op, Conv2d))
        assert op.pad == pads
        assert graph.outputs[0].shape == (1, 3, 8, 7)


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ((1, 3, 8, 7), {"kernel_shape": [2, 2]}),
        ((1, 2, 8, 9), {"kernel_shape": [3, 3], "strides": [2, 3], "auto_pad": "SAME_UPPER", "ceil_mode": 1}),
        ((1, 2, 8, 9), {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "VALID", "ceil_mode": 1}),
        ((2, 3, 8, 7), {"kernel_shape": [3, 2], "strides": [2, 3], "pads": [1, 0, 2, 1]}),
        ((1, 2, 8, 9), {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
        ((1, 2, 8, 9), {"kernel_shape": [2, 4], "strides": [1, 3], "auto_pad": "SAME_LOWER"}),
        ((1, 2, 8, 9), {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "VALID"}),
        ((1, 2, 8, 9), {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
        ((1, 2, 8, 10), {"kernel_shape": [3, 2], "strides": [3, 4], "ceil_mode": 1, "pads": [1, 1, 1, 1]}),
        ((1, 2, 6, 6), {"kernel_shape": [2, 2], "strides": [5, 3], "ceil_mode": 1, "pads": [1, 0, 1, 1]}),
        ((1, 2, 7, 7), {"kernel_shape": [1, 1], "strides": [3, 4], "ceil_mode": 1}),
        ((1, 2, 10, 10), {"kernel_shape": [3, 2], "dilations": [2, 3], "pads": [1, 1, 0, 1]}),
        ((1, 2, 11, 10), {"kernel_shape": [3, 2], "strides": [3, 2], "dilations": [2, 3], "ceil_mode": 1}),
        ((1, 3, 17), {"kernel_shape": [4], "strides": [3], "pads": [1, 2], "ceil_mode": 1}),
        ((2, 3, 16), {"kernel_shape": [2], "strides": [2]}),
        ((1, 2, 6, 7, 8), {"kernel_shape": [2, 3, 2], "strides": [2, 1, 2]}),
        ((2, 2, 6, 7, 8), {"kernel_shape": [3, 2, 3], "strides": [2, 2, 3], "pads": [1, 0, 1, 2, 1, 0]}),
        (
            (1, 2, 6, 7, 8),
            {"kernel_shape": [3, 2, 2], "strides": [2, 3, 3], "ceil_mode": 1, "pads": [1, 0, 1, 1, 1, 0]},
        ),
        ((1, 2, 8, 7, 8), {"kernel_shape": [3, 2, 2], "dilations": [2, 3, 1], "pads": [1, 1, 0, 1, 1, 1]}),
        ((1, 2, 6, 7, 8), {"kernel_shape": [3, 3, 3], "strides": [2, 2, 2], "auto_pad": "SAME_LOWER"}),
    ],
)
@pytest.mark.parametrize("kind", ["MaxPool", "AveragePool", "AveragePool counting padding"])
def test_pool(tmp_path: Path, kind: str, shape: tuple[int, ...], attributes: dict[str, Any]) -> None:
    extra = {"count_include_pad": 1} if "counting" in kind else {}
    proto = model([node(kind.split()[0], ["x"], ["y"], **attributes, **extra)], {"x": shape}, opset=19)
    agrees(proto, tmp_path)


def test_overhang_of_ceil_mode_is_not_counted(tmp_path: Path) -> None:
    attributes = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    pool = node("AveragePool", ["x"], ["y"], **attributes, ceil_mode=1, count_include_pad=1)
    graph = agrees(model([pool], {"x": [1, 1, 6, 6]}, opset=19), tmp_path)
    (op,) = (op for op in graph if isinstance(op, AveragePool2d))
    assert op.pad == (1, 2, 1, 2)
    assert op.counted == (1, 1, 1, 1)


POOLS: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 3, 8, 7), {"kernel_shape": [3, 2], "strides": [2, 3], "pads": [1, 0, 2, 1]}),
    ((1, 1, 8, 9), {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    ((1, 2, 11, 10), {"kernel_shape": [3, 2], "strides": [3, 2], "dilations": [2, 3], "ceil_mode": 1}),
    ((2, 3, 16), {"kernel_shape": [3], "strides": [2], "pads": [1, 1]}),
    ((2, 2, 6, 7, 8), {"kernel_shape": [3, 2, 3], "strides": [2, 2, 3], "pads": [1, 0, 1, 2, 1, 0]}),
]


@pytest.mark.parametrize(("shape", "attributes"), POOLS)
@pytest.mark.parametrize("order", [0, 1])
def test_indices_of_max_pool(tmp_path: Path, shape: tuple[int, ...], attributes: dict[str, Any], order: int) -> None:
    pool = node("MaxPool", ["x"], ["y", "i"], storage_order=order, **attributes)
    agrees(model([pool], {"x": shape}, outputs=["y", "i"], types={"i": TensorProto.INT64}), tmp_path)


@pytest.mark.parametrize("code", [TensorProto.INT8, TensorProto.UINT8, DOUBLE])
def test_max_pool_of_other_types(tmp_path: Path, code: int) -> None:
    pool = node("MaxPool", ["x"], ["y"], kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])
    agrees(model([pool], {"x": [1, 2, 7, 6]}, types={"x": code, "y": code}), tmp_path)


@pytest.mark.parametrize(("shape", "attributes"), POOLS)
@pytest.mark.parametrize("p", [1, 2, 3])
def test_lp_pool(tmp_path: Path, shape: tuple[int, ...], attributes: dict[str, Any], p: int) -> None:
    agrees(model([node("LpPool", ["x"], ["y"], p=p, **attributes)], {"x": shape}, opset=18), tmp_path)


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1, 3, 5, 4), (2, 3, 7), (1, 2, 3, 4, 5)])
def test_global_lp_pool(tmp_path: Path, shape: tuple[int, ...], p: int) -> None:
    agrees(model([node("GlobalLpPool", ["x"], ["y"], p=p)], {"x": shape}), tmp_path)


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ((2, 3, 6, 8), {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ((1, 2, 7, 9), {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 1, 0, 1]}),
        ((2, 3, 8), {"kernel_shape": [2], "strides": [2]}),
        ((1, 2, 4, 4, 6), {"kernel_shape": [2, 2, 2], "strides": [2, 2, 2]}),
    ],
)
def test_max_unpool(tmp_path: Path, shape: tuple[int, ...], attributes: dict[str, Any]) -> None:
    nodes = [
        node("MaxPool", ["x"], ["a", "i"], **attributes),
        node("MaxUnpool", ["a", "i"], ["y"], **attributes),
    ]
    agrees(model(nodes, {"x": shape}), tmp_path)


def test_unread_indices_of_max_pool_do_not_matter(tmp_path: Path) -> None:
    pool = node("MaxPool", ["x"], ["y", "unused"], kernel_shape=[2, 2], storage_order=1)
    agrees(model([pool], {"x": [1, 2, 6, 6]}), tmp_path)


@pytest.mark.parametrize("kind", ["GlobalAveragePool", "GlobalMaxPool"])
@pytest.mark.parametrize("shape", [(1, 3, 5, 4), (2, 3, 7), (1, 2, 3, 4, 5)])
def test_global_pool(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    graph = agrees(model([node(kind, ["x"], ["y"])], {"x": shape}), tmp_path)
    assert len(graph.ops) == 2, "one reduction on NCHW, and the return"


def test_one_dimension_runs_as_two_of_height_one(tmp_path: Path) -> None:
    proto = model([node("Conv", ["x", "w"], ["y"])], {"x": [1, 3, 20]}, {"w": weights(4, 3, 5)})
    graph = agrees(proto, tmp_path)
    shapes = [op.result.shape for op in graph if isinstance(op, Reshape | Conv2d)]
    assert shapes == [(1, 3, 1, 20), (1, 1, 16, 4), (1, 4, 16)]
