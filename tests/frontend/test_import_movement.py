"""Operators that move elements, in every form, against onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_models import agrees, imported, ints, model, node, weights

from edgec.ir.interp import run
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


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("sizes", [(1, 3, 2), (2, 2, 2), None])
@pytest.mark.parametrize("opset", [12, 17, 18])
def test_split(tmp_path: Path, axis: int, sizes: tuple[int, ...] | None, opset: int) -> None:
    attributes: dict[str, Any] = {"axis": axis} if sizes or opset < 18 else {"axis": axis, "num_outputs": 3}
    if sizes and opset < 13:
        attributes["split"] = sizes
    constants = {"s": ints(*sizes)} if sizes and opset >= 13 else {}
    names = ("a", "b", "c")
    proto = model([node("Split", ["x", *constants], names, **attributes)], {"x": [6, 6]}, constants, names, opset)
    agrees(proto, tmp_path)


def test_split_leaves_the_last_part_smaller(tmp_path: Path) -> None:
    proto = model([node("Split", ["x"], ["a", "b", "c"], num_outputs=3)], {"x": [7]}, None, ("a", "b", "c"), 18)
    agrees(proto, tmp_path)


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 1, 1), (5, 2, 3, 1), (4,)])
def test_expand(tmp_path: Path, shape: tuple[int, ...]) -> None:
    agrees(model([node("Expand", ["x", "s"], ["y"])], {"x": [1, 3, 1]}, {"s": ints(*shape)}), tmp_path)


@pytest.mark.parametrize("repeats", [(1, 1, 1), (2, 1, 3), (1, 4, 1)])
def test_tile(tmp_path: Path, repeats: tuple[int, ...]) -> None:
    agrees(model([node("Tile", ["x", "r"], ["y"])], {"x": [2, 3, 4]}, {"r": ints(*repeats)}), tmp_path)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_depth_to_space(tmp_path: Path, mode: str) -> None:
    agrees(model([node("DepthToSpace", ["x"], ["y"], blocksize=2, mode=mode)], {"x": [2, 12, 3, 2]}), tmp_path)


def test_space_to_depth(tmp_path: Path) -> None:
    agrees(model([node("SpaceToDepth", ["x"], ["y"], blocksize=3)], {"x": [2, 2, 6, 9]}), tmp_path)


@pytest.mark.parametrize("k", [None, 0, 2, -1, 100, -(2**62)])
@pytest.mark.parametrize("upper", [0, 1])
def test_trilu(tmp_path: Path, k: int | None, upper: int) -> None:
    constants = {} if k is None else {"k": np.int64(k)}
    nodes = [node("Trilu", ["x", *constants], ["y"], upper=upper)]
    shape = {"x": [2, 3, 4]}
    if k is None or abs(k) < 1 << 32:
        agrees(model(nodes, shape, constants), tmp_path)
    x = weights(2, 3, 4)
    proto = model([node("Trilu", ["x", "k"], ["y"], upper=upper)], {**shape, "k": []}, types={"k": TensorProto.INT64})
    got = run(imported(proto, tmp_path), {"x": x, "k": np.array(k or 0)})["y"]
    np.testing.assert_array_equal(got, (np.triu if upper else np.tril)(x, max(min(k or 0, 9), -9)))


@pytest.mark.parametrize("code", [None, TensorProto.INT64, TensorProto.DOUBLE])
def test_eye_like(tmp_path: Path, code: int | None) -> None:
    attributes = {} if code is None else {"dtype": code}
    proto = model([node("EyeLike", ["x"], ["y"], k=1, **attributes)], {"x": [3, 4]}, types={"y": code or 1})
    agrees(proto, tmp_path)


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


@pytest.mark.parametrize("code", [TensorProto.FLOAT, TensorProto.INT64])
def test_pad_with_a_number_that_comes_at_run_time(tmp_path: Path, code: int) -> None:
    constants = {"p": ints(1, 0, 0, 2)}
    types = dict.fromkeys("xvy", code)
    agrees(model([node("Pad", ["x", "p", "v"], ["y"])], {"x": [2, 3], "v": [1]}, constants, types=types), tmp_path)


def test_pad_with_an_integer_that_no_float_holds(tmp_path: Path) -> None:
    constants = {"p": ints(1, 1), "v": np.int64(2**60 + 1)}
    types = dict.fromkeys("xy", TensorProto.INT64)
    agrees(model([node("Pad", ["x", "p", "v"], ["y"])], {"x": [2]}, constants, types=types), tmp_path)


@pytest.mark.parametrize(("wanted", "axes"), [((5, 4), None), ((2, 10), None), ((4, 3), (-1, 0))])
def test_center_crop_pad(tmp_path: Path, wanted: tuple[int, int], axes: tuple[int, int] | None) -> None:
    attributes = {} if axes is None else {"axes": axes}
    proto = model(
        [node("CenterCropPad", ["x", "s"], ["y"], **attributes)], {"x": [3, 7]}, {"s": ints(*wanted)}, opset=18
    )
    agrees(proto, tmp_path)


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


@pytest.mark.parametrize(
    ("source", "target"),
    [(np.float32, TensorProto.INT32), (np.int64, TensorProto.DOUBLE), (np.float16, TensorProto.INT16)],
)
def test_bit_cast(tmp_path: Path, source: Any, target: int) -> None:
    types = {"x": helper.np_dtype_to_tensor_dtype(np.dtype(source)), "y": target}
    graph = imported(model([node("BitCast", ["x"], ["y"], to=target)], {"x": [2, 3]}, opset=26, types=types), tmp_path)
    x = weights(2, 3).astype(source) if source is not np.int64 else np.array([[0, 1, -1], [2**62, 5, 1 << 52]])
    np.testing.assert_array_equal(run(graph, {"x": x})["y"].view(source), x)
