"""Convolution and pooling in every attribute form, against onnxruntime."""

from pathlib import Path
from typing import Any

import pytest
from onnx_models import agrees, imported, model, node, weights

from edgec.ir.ops import AveragePool2d, Conv2d, Reshape


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
    ],
)
@pytest.mark.parametrize("bias", [True, False])
def test_conv(
    tmp_path: Path, shape: tuple[int, ...], weight: tuple[int, ...], attributes: dict[str, Any], bias: bool
) -> None:
    constants = {"w": weights(*weight)} | ({"b": weights(weight[0], seed=4)} if bias else {})
    proto = model([node("Conv", ["x", *constants], ["y"], **attributes)], {"x": shape}, constants)
    graph = agrees(proto, tmp_path)
    assert sum(isinstance(op, Conv2d) for op in graph) == 1


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
