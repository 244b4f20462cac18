"""Constants, shape arithmetic, shape bindings, names."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, helper, numpy_helper
from onnx_models import agrees, imported, ints, model, node, weights

from edgec.errors import EdgecError
from edgec.frontend import load, parse_shape_bindings
from edgec.ir import Const
from edgec.ir.interp import run
from edgec.ir.ops import Dense, Pad, Relu, Reshape


def test_pad_as_the_older_torch_exporter_writes_it_folds_to_one_operator(tmp_path: Path) -> None:
    def constant(name: str, array: Any) -> onnx.NodeProto:
        return node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(array, np.int64)))

    nodes = [
        constant("missing", [4]),
        constant("given", [1, 0, 2, 1]),
        node("ConstantOfShape", ["missing"], ["zeros"], value=numpy_helper.from_array(ints(0))),
        node("Concat", ["given", "zeros"], ["all"], axis=0),
        constant("two columns", [-1, 2]),
        node("Reshape", ["all", "two columns"], ["pairs"]),
        constant("first", [0]),
        constant("last", [-1]),
        constant("lowest", [-(2**63)]),
        node("Slice", ["pairs", "last", "lowest", "first", "last"], ["reversed"]),
        node("Transpose", ["reversed"], ["columns"], perm=[1, 0]),
        constant("flat", [-1]),
        node("Reshape", ["columns", "flat"], ["pads"]),
        node("Cast", ["pads"], ["cast"], to=onnx.TensorProto.INT64),
        node("Constant", [], ["zero"], value_float=0.0),
        node("Pad", ["x", "cast", "zero"], ["y"], mode="constant"),
    ]
    graph = agrees(model(nodes, {"x": [1, 2, 5, 6]}), tmp_path)
    pad, _ = graph.ops
    assert isinstance(pad, Pad)
    assert (pad.before, pad.after) == ((0, 0, 2, 1), (0, 0, 1, 0))


def test_reshape_by_shape_arithmetic_folds_to_one_operator(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Constant", [], ["zero"], value_int=0),
        node("Gather", ["shape", "zero"], ["batch"]),
        node("Constant", [], ["axes"], value_ints=[0]),
        node("Unsqueeze", ["batch", "axes"], ["batch1"]),
        node("Constant", [], ["rest"], value_ints=[-1]),
        node("Concat", ["batch1", "rest"], ["wanted"], axis=0),
        node("Reshape", ["x", "wanted"], ["y"]),
    ]
    graph = agrees(model(nodes, {"x": [2, 3, 4]}), tmp_path)
    assert [type(op) for op in graph.ops[:-1]] == [Reshape]


def test_range_where_expand_and_comparison_fold(tmp_path: Path) -> None:
    nodes = [
        node("Size", ["x"], ["size"]),
        node("Constant", [], ["zero"], value_int=0),
        node("Constant", [], ["one"], value_int=1),
        node("Range", ["zero", "size", "one"], ["range"]),
        node("Equal", ["range", "one"], ["same"]),
        node("Where", ["same", "zero", "range"], ["picked"]),
        node("Cast", ["picked"], ["floats"], to=onnx.TensorProto.FLOAT),
        node("Constant", [], ["rows"], value_ints=[2, 6]),
        node("Expand", ["floats", "rows"], ["expanded"]),
        node("Add", ["x", "expanded"], ["y"]),
    ]
    graph = agrees(model(nodes, {"x": [6]}), tmp_path)
    (constant,) = (op for op in graph if isinstance(op, Const))
    np.testing.assert_array_equal(constant.data, np.array([[0, 0, 2, 3, 4, 5]] * 2, np.float32))


@pytest.mark.parametrize(
    "form",
    [
        {"value": numpy_helper.from_array(weights(3))},
        {"value_float": 1.5},
        {"value_floats": [1.5, 2.0, 3.0]},
    ],
)
def test_forms_of_constant(tmp_path: Path, form: dict[str, Any]) -> None:
    agrees(model([node("Constant", [], ["c"], **form), node("Add", ["x", "c"], ["y"])], {"x": [2, 3]}), tmp_path)


@pytest.mark.parametrize(("start", "end"), [(0, None), (1, None), (0, -1), (-2, 3)])
def test_part_of_a_shape(tmp_path: Path, start: int, end: int | None) -> None:
    attributes = {"start": start} | ({} if end is None else {"end": end})
    nodes = [node("Shape", ["x"], ["s"], **attributes), node("Cast", ["s"], ["y"], to=onnx.TensorProto.FLOAT)]
    agrees(model(nodes, {"x": [2, 3, 4]}), tmp_path)


def test_weights_that_no_operator_reads_stay_out_of_the_graph(tmp_path: Path) -> None:
    proto = model([node("Relu", ["x"], ["y"])], {"x": [2]}, {"unused": weights(100)})
    assert not any(isinstance(op, Const) for op in imported(proto, tmp_path))


def test_a_constant_read_twice_is_in_the_graph_once(tmp_path: Path) -> None:
    nodes = [node("Add", ["x", "c"], ["a"]), node("Mul", ["a", "c"], ["y"])]
    graph = agrees(model(nodes, {"x": [3]}, {"c": weights(3)}), tmp_path)
    assert sum(isinstance(op, Const) for op in graph) == 1


def test_outputs_that_are_inputs_or_constants(tmp_path: Path) -> None:
    nodes = [node("Identity", ["x"], ["y"]), node("Identity", ["c"], ["z"])]
    graph = agrees(model(nodes, {"x": [3]}, {"c": weights(2)}, outputs=["y", "z", "x"]), tmp_path)
    assert graph.output_names == ["y", "z", "x"]


def test_an_initializer_among_the_inputs_is_a_constant_unless_bound(tmp_path: Path) -> None:
    proto = model([node("Gemm", ["x", "w"], ["y"])], {"x": [2, 3], "w": [3, 4]}, {"w": weights(3, 4)})
    graph = agrees(proto, tmp_path)
    assert [v.name for v in graph.inputs] == ["x"]
    assert any(isinstance(op, Dense) for op in graph)
    graph = imported(proto, tmp_path, shapes={"w": (3, 4)})
    assert [v.name for v in graph.inputs] == ["x", "w"]


def test_names_and_sources(tmp_path: Path) -> None:
    nodes = [node("Relu", ["in/put:0"], ["a"], name="/layer/Relu"), node("Relu", ["a"], ["y"])]
    path = tmp_path / "7 my-model.onnx"
    path.write_bytes(model(nodes, {"in/put:0": [3]}).SerializeToString())
    graph = load(path)
    assert graph.name == "model_7_my_model"
    assert [v.name for v in graph.inputs] == ["in_put_0"]
    assert [op.source for op in graph if isinstance(op, Relu)] == ["/layer/Relu", "y"]
    assert [v.name for v in graph.outputs] == ["y"]


def test_external_data(tmp_path: Path) -> None:
    proto = model([node("Gemm", ["x", "w", "b"], ["y"])], {"x": [2, 30]}, {"w": weights(30, 40), "b": weights(40)})
    expected = run(imported(proto, tmp_path), {"x": weights(2, 30)})["y"]
    path = tmp_path / "external.onnx"
    onnx.save_model(proto, str(path), save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert path.stat().st_size < 1000
    np.testing.assert_array_equal(run(load(path), {"x": weights(2, 30)})["y"], expected)


@pytest.mark.parametrize("bindings", [{"dims": {"N": 2}}, {"shapes": {"x": (2, 3)}}])
def test_bindings_of_dimensions(tmp_path: Path, bindings: dict[str, Any]) -> None:
    graph = agrees(model([node("Relu", ["x"], ["y"])], {"x": ["N", 3]}), tmp_path, **bindings)
    assert graph.inputs[0].shape == (2, 3)


def test_a_single_extent_binds_an_input_of_rank_one(tmp_path: Path) -> None:
    graph = agrees(model([node("Relu", ["x"], ["y"])], {"x": [None]}), tmp_path, dims={"x": 640})
    assert graph.inputs[0].shape == (640,)


def test_shape_bindings_are_parsed() -> None:
    assert parse_shape_bindings(["x=1x3x96x96", "N=1", "a=b=2x2"]) == (
        {"x": (1, 3, 96, 96), "a=b": (2, 2)},
        {"N": 1},
    )


@pytest.mark.parametrize("text", ["x", "=1x2", "x=", "x=0x2", "x=-1", "x=1x", "x=1,2", "x=99999999999", "x=²"])
def test_malformed_shape_bindings_are_refused(text: str) -> None:
    with pytest.raises(EdgecError, match="--shape"):
        parse_shape_bindings([text])


def test_binding_twice_is_refused() -> None:
    with pytest.raises(EdgecError, match="bound twice"):
        parse_shape_bindings(["x=1x2", "x=3"])


def test_domains_that_no_node_uses_do_not_matter(tmp_path: Path) -> None:
    proto: ModelProto = model([node("Relu", ["x"], ["y"])], {"x": [2]})
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    agrees(proto, tmp_path)


def test_the_default_domain_has_two_spellings(tmp_path: Path) -> None:
    proto = model([node("Shape", ["x"], ["s"], domain="ai.onnx"), node("Reshape", ["x", "s"], ["y"])], {"x": [2, 3]})
    proto.opset_import[0].domain = "ai.onnx"
    nodes = [node("Neg", ["c"], ["d"], domain="ai.onnx"), node("Add", ["x", "d"], ["y"])]
    folded = model(nodes, {"x": [3]}, {"c": weights(3)})
    assert imported(proto, tmp_path).outputs[0].shape == (2, 3)
    np.testing.assert_array_equal(run(imported(folded, tmp_path), {"x": weights(3)})["y"], np.zeros(3, np.float32))


@pytest.mark.parametrize(
    ("start", "limit", "delta"),
    [(0, 5, 2), (10, 4, -3), (5, 5, 1), (5, 2, 1), (0.0, 1.0, 0.25), (2.5, -1.0, -0.5), (0.0, 1.1, 0.5)],
)
@pytest.mark.parametrize("shape", [(), (1,)])
def test_range(tmp_path: Path, start: float, limit: float, delta: float, shape: tuple[int, ...]) -> None:
    """ONNX's own AffineGrid gives Range vectors of one element, though it asks for scalars."""
    dtype = np.float32 if isinstance(start, float) else np.int64
    bounds = {n: np.full(shape, v, dtype) for n, v in zip("abc", (start, limit, delta), strict=True)}
    nodes = [
        node("Range", ["a", "b", "c"], ["r"]),
        node("Cast", ["r"], ["f"], to=onnx.TensorProto.FLOAT),
        node("Concat", ["x", "f"], ["y"], axis=0),
    ]
    graph = imported(model(nodes, {"x": [1]}, bounds), tmp_path)
    expected = np.append(np.float32(7), np.arange(start, limit, delta).astype(np.float32))
    np.testing.assert_allclose(run(graph, {"x": np.array([7], np.float32)})["y"], expected)


def test_range_of_no_steps(tmp_path: Path) -> None:
    bounds = {"a": np.array(0), "b": np.array(3), "c": np.array(0)}
    with pytest.raises(EdgecError, match="goes from 0 to 3 by 0"):
        imported(model([node("Range", ["a", "b", "c"], ["y"])], {"x": [1]}, bounds), tmp_path)


def test_tensors_without_elements_fold(tmp_path: Path) -> None:
    nodes = [
        node("Slice", ["x", "two", "one"], ["nothing"]),
        node("Neg", ["nothing"], ["still nothing"]),
        node("Add", ["still nothing", "x1"], ["sum"]),
        node("ReduceSum", ["sum"], ["zero"], keepdims=0),
        node("Concat", ["sum", "x"], ["all"], axis=0),
        node("Add", ["all", "zero"], ["y"]),
    ]
    proto = model(nodes, {"x": [3], "x1": [1]}, {"two": ints(2), "one": ints(1)})
    graph = imported(proto, tmp_path)
    x = np.array([1, 2, 3], np.float32)
    np.testing.assert_array_equal(run(graph, {"x": x, "x1": np.ones(1, np.float32)})["y"], x)


def test_an_input_without_elements_is_none(tmp_path: Path) -> None:
    nodes = [node("ReduceSum", ["e"], ["zero"], keepdims=0), node("Add", ["x", "zero"], ["y"])]
    graph = imported(model(nodes, {"x": [3], "e": [0, 2]}), tmp_path)
    assert [v.name for v in graph.inputs] == ["x"]
    x = np.array([1, 2, 3], np.float32)
    np.testing.assert_array_equal(run(graph, {"x": x})["y"], x)


def test_a_part_without_elements(tmp_path: Path) -> None:
    nodes = [node("Split", ["x", "sizes"], ["a", "b"], axis=0), node("Concat", ["b", "a", "b"], ["y"], axis=0)]
    agrees(model(nodes, {"x": [3]}, {"sizes": ints(3, 0)}), tmp_path)


@pytest.mark.parametrize("opset", [7, 9, 10, 12, 17])
def test_the_mask_of_dropout_keeps_all(tmp_path: Path, opset: int) -> None:
    nodes = [node("Dropout", ["x"], ["d", "m"]), node("Cast", ["m"], ["y"], to=onnx.TensorProto.FLOAT)]
    graph = imported(model(nodes, {"x": [3]}, opset=opset), tmp_path)
    np.testing.assert_array_equal(run(graph, {"x": np.zeros(3, np.float32)})["y"], np.ones(3, np.float32))


def test_an_extent_of_minus_one_is_open(tmp_path: Path) -> None:
    proto = model([node("Relu", ["x"], ["y"])], {"x": [-1, 4]})
    assert imported(proto, tmp_path, shapes={"x": (3, 4)}).inputs[0].shape == (3, 4)
