"""Operators that read or write by indices, in every form, against onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_models import agrees, imported, ints, model, node, weights

from edgec.errors import EdgecError
from edgec.ir import IRError
from edgec.ir.interp import run
from edgec.ir.ops import Transpose

FLOAT, INT32, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL


def places(extent: int, *shape: int) -> Any:
    """Seeded indices from both ends."""
    return np.random.default_rng(5).integers(-extent, extent, shape)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("shape", [(), (2,), (2, 3)])
def test_gather_by_runtime_indices(tmp_path: Path, axis: int, shape: tuple[int, ...]) -> None:
    proto = model([node("Gather", ["x", "i"], ["y"], axis=axis)], {"x": [9, 10, 11], "i": shape}, types={"i": INT64})
    agrees(proto, tmp_path)


@pytest.mark.parametrize("code", [INT32, INT64])
def test_gather_elements_by_runtime_indices_of_a_part(tmp_path: Path, code: int) -> None:
    nodes = [node("GatherElements", ["x", "i"], ["y"], axis=-2)]
    agrees(model(nodes, {"x": [2, 9, 5], "i": [1, 4, 3]}, types={"i": code}), tmp_path)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_gather_elements(tmp_path: Path, axis: int) -> None:
    constants = {"i": places((3, 4, 5)[axis], 3, 4, 5)}
    agrees(model([node("GatherElements", ["x", "i"], ["y"], axis=axis)], {"x": [3, 4, 5]}, constants), tmp_path)


@pytest.mark.parametrize(
    ("shape", "batch"), [((2, 1), 0), ((3,), 0), ((2, 2, 3), 0), ((3, 2, 1), 1), ((3, 4, 1), 2), ((3, 2), 1)]
)
def test_gather_nd(tmp_path: Path, shape: tuple[int, ...], batch: int) -> None:
    nodes = [node("GatherND", ["x", "i"], ["y"], batch_dims=batch)]
    agrees(model(nodes, {"x": [3, 4, 5]}, {"i": places(3, *shape)}), tmp_path)


@pytest.mark.parametrize("reduction", ["none", "add", "mul", "max", "min"])
@pytest.mark.parametrize("code", [FLOAT, INT32])
def test_scatter_elements(tmp_path: Path, reduction: str, code: int) -> None:
    # Without a reduction onnxruntime gives no order to updates of one element: here there are none.
    index = places(4, 3, 6) if reduction != "none" else np.array([[0, -1, 2], [3, 1, 0], [-4, 2, 1]])
    shapes = {"x": [3, 4], "u": index.shape}
    nodes = [node("ScatterElements", ["x", "i", "u"], ["y"], axis=-1, reduction=reduction)]
    agrees(model(nodes, shapes, {"i": index}, opset=18, types=dict.fromkeys("xuy", code)), tmp_path)


def test_scatter_is_scatter_elements(tmp_path: Path) -> None:
    nodes = [node("Scatter", ["x", "i", "u"], ["y"], axis=1)]
    agrees(model(nodes, {"x": [1, 5], "u": [1, 2]}, {"i": np.array([[1, 3]])}, opset=9), tmp_path)


@pytest.mark.parametrize("reduction", ["none", "add", "mul", "max", "min"])
@pytest.mark.parametrize("index", [[[0], [-1]], [[2, 1], [0, -2], [1, 1]]])
def test_scatter_nd(tmp_path: Path, reduction: str, index: list[list[int]]) -> None:
    updates = [len(index), *[3, 4, 5][len(index[0]) :]]
    nodes = [node("ScatterND", ["x", "i", "u"], ["y"], reduction=reduction)]
    agrees(model(nodes, {"x": [3, 4, 5], "u": updates}, {"i": np.array(index)}, opset=18), tmp_path)


def test_scatter_nd_by_runtime_indices(tmp_path: Path) -> None:
    nodes = [node("ScatterND", ["x", "i", "u"], ["y"])]
    agrees(model(nodes, {"x": [9, 9], "i": [1, 2], "u": [1]}, types={"i": INT64}), tmp_path)


@pytest.mark.parametrize("mode", ["linear", "circular"])
def test_tensor_scatter(tmp_path: Path, mode: str) -> None:
    # As the standard says it: element s of the update of batch b goes to place first[b] + s.
    nodes = [node("TensorScatter", ["x", "u", "first"], ["y"], mode=mode)]
    types = {"first": INT64}
    graph = imported(
        model(nodes, {"x": [2, 3, 5, 2], "u": [2, 3, 2, 2], "first": [2]}, opset=24, types=types), tmp_path
    )
    x, u = weights(2, 3, 5, 2), weights(2, 3, 2, 2, seed=4)
    first = np.array([3, 4 if mode == "circular" else 0])
    expected = x.copy()
    for b, s in np.ndindex(2, 2):
        expected[b, :, (first[b] + s) % 5] = u[b, :, s]
    np.testing.assert_array_equal(run(graph, {"x": x, "u": u, "first": first})["y"], expected)


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("indices", [np.int64, np.int32, np.float32])
def test_one_hot(tmp_path: Path, axis: int, indices: Any) -> None:
    values = weights(2)
    nodes = [node("OneHot", ["x", "depth", "v"], ["y"], axis=axis)]
    code = helper.np_dtype_to_tensor_dtype(np.dtype(indices))
    proto = model(nodes, {"x": [3, 3]}, {"depth": np.int64(4), "v": values}, types={"x": code})
    # onnxruntime has kernels for few combinations of types, and none of them matches what lies outside.
    graph = agrees(proto, tmp_path) if indices is np.int64 else imported(proto, tmp_path)
    x = np.array([[0, 3, -1], [-4, 4, -5], [1, 2, 100]]).astype(indices)
    y = np.moveaxis(run(graph, {"x": x})["y"], axis, -1)
    hot: list[list[int | None]] = [[0, 3, 3], [0, None, None], [1, 2, None]]
    expected = [[[values[int(k == place)] for k in range(4)] for place in row] for row in hot]
    np.testing.assert_array_equal(y, np.array(expected, np.float32))


@pytest.mark.parametrize(("time", "batch"), [(0, 1), (1, 0)])
def test_reverse_sequence(tmp_path: Path, time: int, batch: int) -> None:
    nodes = [node("ReverseSequence", ["x", "n"], ["y"], time_axis=time, batch_axis=batch)]
    shape = {time: 9, batch: 3}
    proto = model(nodes, {"x": [shape[0], shape[1], 2], "n": [3]}, types={"n": INT64})
    graph = agrees(proto, tmp_path)
    assert not any(isinstance(op, Transpose) for op in graph)
    agrees(model(nodes, {"x": [shape[0], shape[1], 2]}, {"n": ints(0, 9, 1)}), tmp_path)


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_compress(tmp_path: Path, axis: int | None) -> None:
    attributes = {} if axis is None else {"axis": axis}
    condition = {"c": np.array([False, True, True, False][: 3 if axis == 0 else 4])}
    agrees(model([node("Compress", ["x", "c"], ["y"], **attributes)], {"x": [3, 4]}, condition), tmp_path)


@pytest.mark.parametrize(
    ("image", "block", "attributes"),
    [
        ((5, 5), (1, 5), {}),
        ((5, 6), (2, 3), {"strides": [2, 1], "pads": [1, 0, 0, 2]}),
        ((6, 6), (2, 2), {"dilations": [3, 2]}),
        ((4, 3, 5), (2, 1, 3), {"pads": [0, 1, 1, 1, 0, 0], "strides": [1, 2, 1]}),
        ((7,), (3,), {"strides": [2]}),
    ],
)
def test_col2im(tmp_path: Path, image: tuple[int, ...], block: tuple[int, ...], attributes: Any) -> None:
    rank = len(image)
    pads, strides = attributes.get("pads", [0] * 2 * rank), attributes.get("strides", [1] * rank)
    dilations = attributes.get("dilations", [1] * rank)
    padded = [d + pads[a] + pads[a + rank] for a, d in enumerate(image)]
    spans = [(k - 1) * d + 1 for k, d in zip(block, dilations, strict=True)]
    steps = [(d - k) // s + 1 for d, k, s in zip(padded, spans, strides, strict=True)]
    constants = {"image": ints(*image), "block": ints(*block)}
    shape = [2, 3 * int(np.prod(block)), int(np.prod(steps))]
    nodes = [node("Col2Im", ["x", "image", "block"], ["y"], **attributes)]
    agrees(model(nodes, {"x": shape}, constants, opset=18), tmp_path)


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, int], str]] = [
    ("Gather", {"x": [3]}, {"i": ints(3)}, {}, "an index leaves -3..2"),
    ("GatherND", {"x": [3, 2]}, {"i": ints(0, 2)}, {}, "an index leaves"),
    ("GatherND", {"x": [3, 2]}, {"i": ints(0, 0, 0)}, {}, "do not fit"),
    ("ScatterElements", {"x": [3]}, {"i": ints(-4), "u": weights(1)}, {}, "an index leaves -3..2"),
    ("ScatterND", {"x": [3]}, {"i": np.array([[3]]), "u": weights(1)}, {}, "an index leaves"),
    ("Compress", {"x": [3], "c": [3]}, {}, {"c": BOOL}, "its condition are not constant"),
    ("OneHot", {"x": [3], "d": [1]}, {"v": weights(2)}, {"x": INT64, "d": INT64}, "its depth are not constant"),
]


@pytest.mark.parametrize(("kind", "inputs", "constants", "types", "message"), REFUSED)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, kind: str, inputs: Any, constants: Any, types: dict[str, int], message: str
) -> None:
    proto = model([node(kind, [*inputs, *constants], ["y"])], inputs, constants, types=types)
    with pytest.raises(EdgecError, match=message):
        imported(proto, tmp_path)


def test_the_interpreter_refuses_an_index_that_leaves_its_axis(tmp_path: Path) -> None:
    graph = imported(model([node("Gather", ["x", "i"], ["y"])], {"x": [3], "i": [1]}, types={"i": INT64}), tmp_path)
    with pytest.raises(IRError, match=r"an index leaves -3\.\.2"):
        run(graph, {"x": weights(3), "i": ints(-4)})
