"""Elementwise operators, softmax and casts in every form, against onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import agrees, imported, model, node, weights

from edgec.ir.ops import Clip


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("Relu", {}),
        ("LeakyRelu", {}),
        ("LeakyRelu", {"alpha": 0.3}),
        ("Sigmoid", {}),
        ("Tanh", {}),
        ("HardSwish", {}),
        ("HardSigmoid", {}),
        ("HardSigmoid", {"alpha": 0.5, "beta": 0.1}),
    ],
)
@pytest.mark.parametrize("shape", [(2, 3, 4), (5,), ()])
def test_unary(tmp_path: Path, kind: str, attributes: dict[str, Any], shape: tuple[int, ...]) -> None:
    agrees(model([node(kind, ["x"], ["y"], **attributes)], {"x": shape}), tmp_path)


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 1, 4), (3, 1)), ((4,), (2, 3, 4)), ((), (2, 2)), ((1,), ())])
@pytest.mark.parametrize("constant", [True, False])
def test_binary(tmp_path: Path, kind: str, shapes: tuple[tuple[int, ...], ...], constant: bool) -> None:
    a, b = shapes
    second = np.asarray(weights(*b)) + 3
    inputs = {"a": a} if constant else {"a": a, "b": b}
    agrees(model([node(kind, ["a", "b"], ["y"])], inputs, {"b": second} if constant else {}), tmp_path)


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("code", [TensorProto.INT32, TensorProto.INT64])
def test_binary_of_integers(tmp_path: Path, kind: str, code: int) -> None:
    types = {"a": code, "b": code, "y": code}
    agrees(model([node(kind, ["a", "b"], ["y"])], {"a": [3, 4], "b": [4]}, types=types), tmp_path)


@pytest.mark.parametrize(("low", "high"), [(-0.5, 1.0), (None, 0.5), (0.0, None), (None, None), (1.0, -1.0)])
def test_clip_by_operands(tmp_path: Path, low: float | None, high: float | None) -> None:
    limits = {n: np.array(v, np.float32) for n, v in (("low", low), ("high", high)) if v is not None}
    names = ["x", "low" if low is not None else "", "high" if high is not None else ""]
    agrees(model([node("Clip", names, ["y"])], {"x": [3, 4]}, limits), tmp_path)


@pytest.mark.parametrize("attributes", [{}, {"min": 0.0}, {"max": 1.0}, {"min": 0.0, "max": 6.0}])
def test_clip_by_attributes(tmp_path: Path, attributes: dict[str, float]) -> None:
    agrees(model([node("Clip", ["x"], ["y"], **attributes)], {"x": [3, 4]}, opset=10), tmp_path)


def test_the_widest_finite_limits_are_no_limits(tmp_path: Path) -> None:
    largest = float(np.finfo(np.float32).max)
    graph = imported(model([node("Clip", ["x"], ["y"], min=0.0, max=largest)], {"x": [3]}, opset=8), tmp_path)
    (clip,) = (op for op in graph if isinstance(op, Clip))
    assert (clip.low, clip.high) == (0.0, float("inf"))


@pytest.mark.parametrize("opset", [8, 11, 13, 17])
@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1, -2])
def test_softmax(tmp_path: Path, opset: int, axis: int | None) -> None:
    if opset < 11 and axis is not None and axis < 0:
        axis += 3
    attributes = {} if axis is None else {"axis": axis}
    agrees(model([node("Softmax", ["x"], ["y"], **attributes)], {"x": [2, 3, 4]}, opset=opset), tmp_path)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (TensorProto.FLOAT, TensorProto.INT32),
        (TensorProto.FLOAT, TensorProto.INT8),
        (TensorProto.INT64, TensorProto.FLOAT),
        (TensorProto.FLOAT, TensorProto.BOOL),
        (TensorProto.UINT8, TensorProto.FLOAT),
        (TensorProto.FLOAT, TensorProto.FLOAT),
        (TensorProto.FLOAT, TensorProto.DOUBLE),
    ],
)
def test_cast(tmp_path: Path, source: int, target: int) -> None:
    agrees(model([node("Cast", ["x"], ["y"], to=target)], {"x": [3, 4]}, types={"x": source, "y": target}), tmp_path)


def test_cast_like(tmp_path: Path) -> None:
    proto = model(
        [node("CastLike", ["x", "t"], ["y"])],
        {"x": [3]},
        {"t": np.array([1], np.int32)},
        types={"y": TensorProto.INT32},
    )
    agrees(proto, tmp_path)
