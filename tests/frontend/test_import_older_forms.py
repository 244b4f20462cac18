"""Forms of operators from opset 7 on that newer opsets write otherwise, against onnxruntime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import NodeProto, TensorProto
from onnx_models import agrees, ints, model, node, weights

INT64 = TensorProto.INT64
POSITIVE = np.abs(weights(3)) + 0.5


@dataclass(frozen=True)
class Form:
    """One node (or a few) on inputs of these shapes."""

    nodes: Sequence[NodeProto]
    inputs: Mapping[str, Sequence[int]]
    constants: Mapping[str, Any] = field(default_factory=dict)
    outputs: Sequence[str] = ("y",)
    types: Mapping[str, int] = field(default_factory=dict)


def one(kind: str, shape: Sequence[int], constants: Mapping[str, Any] | None = None, **attributes: Any) -> Form:
    """A node of input x, constants in order, and output y."""
    return Form([node(kind, ["x", *(constants or {})], ["y"], **attributes)], {"x": shape}, constants or {})


def reduction(kind: str, attribute: bool, **attributes: Any) -> Form:
    """A reduction of positive numbers over axis 1, as attribute or operand."""
    operands, constants = (["a"], {}) if attribute else (["a", "k"], {"k": ints(1)})
    given = {"axes": [1]} if attribute else {}
    nodes = [node("Abs", ["x"], ["a"]), node(kind, operands, ["y"], **given, **attributes)]
    return Form(nodes, {"x": [2, 3, 4]}, constants)


IMAGE = [1, 2, 4, 4]
SCALES = {"s": np.array([1, 1, 0.5, 2], np.float32)}
NORM = dict.fromkeys(("g", "b", "m", "v"), POSITIVE)
FORMS: dict[tuple[str, int], Form] = {
    ("TopK by attribute", 9): Form(
        [node("TopK", ["x"], ["y", "i"], k=2, axis=1)], {"x": [2, 5]}, {}, ["y", "i"], {"i": INT64}
    ),
    ("TopK by operand", 10): Form(
        [node("TopK", ["x", "k"], ["y", "i"])], {"x": [2, 5]}, {"k": ints(2)}, ["y", "i"], {"i": INT64}
    ),
    ("Upsample by attribute, nearest", 7): one("Upsample", IMAGE, scales=[1.0, 1.0, 2.0, 3.0]),
    ("Upsample by attribute, linear", 7): one("Upsample", IMAGE, scales=[1.0, 1.0, 2.0, 3.0], mode="linear"),
    ("Upsample by operand", 9): one("Upsample", IMAGE, {"s": np.array([1, 1, 2, 2], np.float32)}, mode="linear"),
    ("Resize, nearest", 10): one("Resize", IMAGE, SCALES),
    ("Resize, linear", 10): one("Resize", IMAGE, SCALES, mode="linear"),
    ("Split", 7): Form([node("Split", ["x"], ["y", "z"], axis=1, split=[2, 3])], {"x": [2, 5]}, {}, ["y", "z"]),
    ("Squeeze", 7): one("Squeeze", [2, 1, 5], axes=[1]),
    ("Unsqueeze", 7): one("Unsqueeze", [2, 5], axes=[0, 2]),
    ("Slice by attribute", 7): one("Slice", [2, 5], axes=[1], starts=[-2], ends=[100]),
    ("Slice by operand", 10): one("Slice", [2, 5], {"s": ints(4), "e": ints(-100), "a": ints(1), "t": ints(-2)}),
    ("Pad by attribute", 7): one("Pad", [2, 5], pads=[0, 1, 0, 2], value=1.5),
    ("Pad by attribute, reflect", 7): one("Pad", [2, 5], pads=[0, 1, 0, 2], mode="reflect"),
    ("Clip by attribute", 7): one("Clip", [5], min=-0.5),
    ("Clip by attribute", 10): one("Clip", [5], max=0.5),
    ("BatchNormalization", 7): one("BatchNormalization", [2, 3, 4], NORM),
    ("BatchNormalization", 9): one("BatchNormalization", [2, 3, 4], NORM, momentum=0.8),
    ("Dropout by attribute", 7): one("Dropout", [5], ratio=0.3),
    ("Dropout by attribute", 10): one("Dropout", [5], ratio=0.3),
    ("MeanVarianceNormalization", 9): one("MeanVarianceNormalization", [2, 3, 4, 5]),
    ("Gemm", 7): one("Gemm", [2, 3], {"w": weights(4, 3), "b": weights(4)}, transB=1, alpha=0.5, beta=2.0),
    ("Gemm, a column", 9): one("Gemm", [2, 3], {"w": weights(3, 4), "b": weights(2, 1)}),
    ("Scatter", 9): one("Scatter", [2, 5], {"i": np.array([[0, 3], [1, 2]]), "u": weights(2, 2)}, axis=1),
    ("MaxPool", 7): one("MaxPool", IMAGE, kernel_shape=[2, 2], strides=[1, 2]),
    ("MaxPool with indices", 8): Form(
        [node("MaxPool", ["x"], ["y", "i"], kernel_shape=[2, 2], storage_order=1)],
        {"x": IMAGE},
        {},
        ["y", "i"],
        {"i": INT64},
    ),
    ("AveragePool", 7): one("AveragePool", IMAGE, kernel_shape=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1),
    ("Expand", 8): one("Expand", [3, 1], {"s": ints(2, 3, 4)}),
    ("GridSample", 16): Form(
        [node("GridSample", ["x", "g"], ["y"], mode="bilinear", padding_mode="border")], {"x": IMAGE, "g": [1, 3, 3, 2]}
    ),
    ("GroupNormalization", 21): one(
        "GroupNormalization", [2, 4, 3, 3], {"g": weights(4), "b": weights(4)}, num_groups=2
    ),
    ("Max of one", 7): one("Max", [2, 3]),
    ("Max of equal shapes", 7): Form([node("Max", ["x", "z"], ["y"])], {"x": [2, 3], "z": [2, 3]}),
    ("Sum with broadcasting", 8): Form([node("Sum", ["x", "z"], ["y"])], {"x": [2, 3], "z": [3]}),
    ("RoiAlign, output half a pixel off", 10): one(
        "RoiAlign",
        [1, 2, 8, 8],
        {"b": np.array([[1, 1, 6, 6]], np.float32), "i": ints(0)},
        output_height=2,
        output_width=2,
        sampling_ratio=2,
    ),
}
FORMS |= {
    (f"{kind}, axis {axis}", opset): one(kind, [2, 3, 4], axis=axis)
    for kind in ("Softmax", "LogSoftmax", "Hardmax")
    for axis in (0, 1, 2)
    for opset in (7, 11, 13)
}
FORMS |= {
    (kind, opset): reduction(kind, attribute=opset < (13 if kind == "ReduceSum" else 18), keepdims=0)
    for kind in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceL2", "ReduceLogSumExp")
    for opset in (7, 11, 13, 18)
}


@pytest.mark.parametrize(("name", "opset"), FORMS)
def test_older_form(tmp_path: Path, name: str, opset: int) -> None:
    form = FORMS[name, opset]
    proto = model(form.nodes, form.inputs, form.constants, form.outputs, opset, form.types)
    agrees(proto, tmp_path)
