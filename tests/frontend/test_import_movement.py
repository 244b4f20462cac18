"""Operators that move elements, in every form, against onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import agrees, ints, model, node, weights

from edgec.ir.ops import Gather, Pad, Slice


@pytest.mark.parametrize("shape", [(6, 4), (-1,), (0, -1), (2, 0, 4), (1, 2, 3, 4, 1), (0, 0, 0)])
def test_reshape(tmp_path: Path, shape: tuple[int, ...]) -> None:
    agrees(model([node("Reshape", ["x", "s"], ["y"])], {"x": [2, 3, 4]}, {"s": ints(*shape)}), tmp_path)


@pytest.mark.parametrize("axis", [None, 0, 1, 2, 3, -1, -3])
def test_flatten(tmp_path: Path, axis: int | None) -> None:
    agrees(
        model([node("Flatten", ["x"], ["y"], **({} if axis is None else {"axis": axis}))], {"x": [2, 3, 4]}), tmp_path
    )


@pytest.mark.parametrize("axes", [None, (0,), (-2,), (0, 2)])
@pytest.mark.parametrize("opset", [11, 13])
def test_squeeze(tmp_path: Path, axes: tuple[int, ...] | None, opset: int) -> None:
    proto = _with_axes("Squeeze", axes, opset, [1, 3, 1, 4])
    agrees(proto, tmp_path)


@pytest.mark.parametrize("axes", [(0,), (1, 3), (-1,), (4, 0)])
@pytest.mark.parametrize("opset", [11, 13])
def test_unsqueeze(tmp_path: Path, axes: tuple[int, ...], opset: int) -> None:
    agrees(_with_axes("Unsqueeze", axes, opset, [2, 3, 4]), tmp_path)


def _with_axes(kind: str, axes: tuple[int, ...] | None, opset: int, shape: list[int]) -> Any:
    if axes is None:
        return model([node(kind, ["x"], ["y"])], {"x": shape}, opset=opset)
    if opset < 13:
        return model([node(kind, ["x"], ["y"], axes=axes)], {"x": shape}, opset=opset)
    return model([node(kind, ["x", "axes"], ["y"])], {"x": shape}, {"axes": ints(*axes)}, opset=opset)


@pytest.mark.parametrize("perm", [None, (0, 2, 1), (2, 0, 1), (0, 1, 2)])
def test_transpose(tmp_path: Path, perm: tuple[int, ...] | None) -> None:
    attributes = {} if perm is None else {"perm": perm}
    agrees(model([node("Transpose", ["x"], ["y"], **attributes)], {"x": [2, 3, 4]}), tmp_path)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concat(tmp_path: Path, axis: int) -> None:
    shapes = {"a": [2, 3, 4], "b": [2, 3, 4]}
    agrees(model([node("Concat", ["a", "c", "b"], ["y"], axis=axis)], shapes, {"c": weights(2, 3, 4)}), tmp_path)


def test_concat_with_an_empty_constant(tmp_path: Path) -> None:
    agrees(model([node("Concat", ["x", "c"], ["y"], axis=1)], {"x": [2, 3]}, {"c": weights(2, 0)}), tmp_path)


SLICES: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...] | None, tuple[int, ...] | None]] = [
    ((0, 1), (2, 3), None, None),
    ((1,), (2**63 - 1,), (1,), None),
    ((-3,), (-1,), (-1,), None),
    ((0,), (100,), (2,), (2,)),
    ((-1,), (-(2**63),), (1,), (-1,)),
    ((4, 100), (0, -100), (2, 0), (-2, -1)),
    ((-100,), (2,), (1,), (1,)),
    ((0, 0, 0), (2, 4, 5), None, None),
]


@pytest.mark.parametrize(("starts", "ends", "axes", "steps"), SLICES)
def test_slice(
    tmp_path: Path,
    starts: tuple[int, ...],
    ends: tuple[int, ...],
    axes: tuple[int, ...] | None,
    steps: tuple[int, ...] | None,
) -> None:
    given = {"starts": starts, "ends": ends, "axes": axes, "steps": steps}
    names = [n if given[n] is not None else "" for n in given]
    constants = {n: ints(*v) for n, v in given.items() if v is not None}
    agrees(model([node("Slice", ["x", *names], ["y"])], {"x": [2, 4, 5]}, constants), tmp_path)
    if steps is None:
        attributes = {n: v for n, v in given.items() if v is not None}
        agrees(model([node("Slice", ["x"], ["y"], **attributes)], {"x": [2, 4, 5]}, opset=9), tmp_path)


def test_a_slice_of_everything_is_no_operator(tmp_path: Path) -> None:
    constants = {"s": ints(0), "e": ints(9)}
    graph = agrees(model([node("Slice", ["x", "s", "e"], ["y"])], {"x": [3, 4]}, constants), tmp_path)
    assert not any(isinstance(op, Slice) for op in graph)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("indices", [[0, 2, 1], [-1, 0], [[0, 1], [2, -3]], 1, -2])
def test_gather(tmp_path: Path, axis: int, indices: Any) -> None:
    constants = {"i": np.array(indices, np.int64)}
    agrees(model([node("Gather", ["x", "i"], ["y"], axis=axis)], {"x": [3, 4, 5]}, constants), tmp_path)


PADS = [(0, 1, 2, 0, 0, 1), (1, 0, 0, 1, 2, 3), (0, -1, 2, 0, 1, -2), (0, 0, 0, 0, 0, 0)]


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
@pytest.mark.parametrize("pads", PADS)
@pytest.mark.parametrize("opset", [10, 18])
def test_pad(tmp_path: Path, mode: str, pads: tuple[int, ...], opset: int) -> None:
    if opset == 10:
        proto = model([node("Pad", ["x"], ["y"], mode=mode, pads=pads, value=0.5)], {"x": [2, 6, 7]}, opset=opset)
    else:
        constants = {"p": ints(*pads), "v": np.float32(0.5)}
        proto = model([node("Pad", ["x", "p", "v"], ["y"], mode=mode)], {"x": [2, 6, 7]}, constants, opset=opset)
    if mode == "reflect" and pads[0] > 0:
        proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 3
    agrees(proto, tmp_path)


def test_pad_of_named_axes_wraps(tmp_path: Path) -> None:
    constants = {"p": ints(2, 1, 1, 3), "a": ints(-1, 0)}
    proto = model([node("Pad", ["x", "p", "", "a"], ["y"], mode="wrap")], {"x": [4, 2, 5]}, constants, opset=19)
    graph = agrees(proto, tmp_path)
    assert sum(isinstance(op, Gather) for op in graph) == 2


def test_pad_with_minus_infinity(tmp_path: Path) -> None:
    constants = {"p": ints(1, 1, 1, 1), "v": np.float32(-np.inf)}
    nodes = [node("Pad", ["x", "p", "v"], ["q"]), node("Relu", ["q"], ["y"])]
    graph = agrees(model(nodes, {"x": [2, 3]}, constants), tmp_path)
    assert [op.value for op in graph if isinstance(op, Pad)] == [-np.inf]


def test_identity_and_dropout_are_no_operators(tmp_path: Path) -> None:
    nodes = [node("Identity", ["x"], ["a"]), node("Dropout", ["a"], ["b"]), node("Relu", ["b"], ["y"])]
    graph = agrees(model(nodes, {"x": [2, 3]}), tmp_path)
    assert len(graph.ops) == 2
    agrees(model([node("Dropout", ["x"], ["y"], ratio=0.3)], {"x": [2, 3]}, opset=10), tmp_path)


@pytest.mark.parametrize("code", [TensorProto.INT64, TensorProto.INT8, TensorProto.DOUBLE, TensorProto.BOOL])
def test_movement_takes_any_element_type(tmp_path: Path, code: int) -> None:
    nodes = [node("Transpose", ["x"], ["t"]), node("Concat", ["t", "t"], ["y"], axis=0)]
    agrees(model(nodes, {"x": [2, 3]}, types={"x": code, "y": code}), tmp_path)
