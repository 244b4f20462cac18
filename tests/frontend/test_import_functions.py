"""Functions of the model and of the standard are imported by what they are made of."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import AttributeProto, FunctionProto, ModelProto, NodeProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator
from onnx_models import agrees, imported, ints, model, node, random_inputs

from edgec.errors import EdgecError
from edgec.frontend import importer
from edgec.ir import Const, Return
from edgec.ir.interp import run

OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]


def function(name: str, inputs: list[str], outputs: list[str], nodes: list[NodeProto], **options: Any) -> FunctionProto:
    return helper.make_function("own", name, inputs, outputs, nodes, OPSETS, **options)


def with_functions(proto: ModelProto, *functions: FunctionProto) -> ModelProto:
    proto.opset_import.append(OPSETS[1])
    proto.functions.extend(functions)
    return proto


def reference(name: str, of: str, kind: Any) -> AttributeProto:
    return AttributeProto(name=name, ref_attr_name=of, type=kind)


def test_nested_functions_with_attributes_and_defaults(tmp_path: Path) -> None:
    leaky = node("LeakyRelu", ["a"], ["b"])
    leaky.attribute.append(reference("alpha", "slope", AttributeProto.FLOAT))
    inner = function("Inner", ["a"], ["b"], [leaky], attribute_protos=[helper.make_attribute("slope", 0.25)])
    given = node("Inner", ["t"], ["u"], domain="own")
    given.attribute.append(reference("slope", "steepness", AttributeProto.FLOAT))
    nodes = [given, node("Inner", ["u"], ["v"], domain="own"), node("Neg", ["v"], ["w"])]
    outer = function("Outer", ["t"], ["w"], nodes, attributes=["steepness"])
    call = node("Outer", ["x"], ["y"], domain="own", steepness=0.5, name="call")
    graph = agrees(with_functions(model([call], {"x": [2, 3]}), outer, inner), tmp_path)
    ops = [op for op in graph if not isinstance(op, Const | Return)]
    assert [op.opname for op in ops] == ["leaky_relu", "leaky_relu", "neg"]
    assert {op.source for op in ops} == {"call"}


def test_what_a_function_computes_of_shapes_folds(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["a"], ["s"]),
        node("Constant", [], ["two"], value_ints=[2]),
        node("Mul", ["s", "two"], ["bigger"]),
        node("Concat", ["a", "a"], ["rows"], axis=0),
        node("Concat", ["rows", "rows"], ["all"], axis=1),
        node("Reshape", ["all", "bigger"], ["b"]),
    ]
    proto = model([node("Grow", ["x"], ["y"], domain="own")], {"x": [2, 3]})
    assert imported(with_functions(proto, function("Grow", ["a"], ["b"], nodes)), tmp_path).outputs[0].shape == (4, 6)


def test_an_operand_that_a_call_leaves_out(tmp_path: Path) -> None:
    nodes = [node("Clip", ["a", "low", "high"], ["b"])]
    limits = {"l": np.float32(-0.5)}
    proto = model([node("Limit", ["x", "", "l"], ["y"], domain="own")], {"x": [5]}, limits)
    agrees(with_functions(proto, function("Limit", ["a", "low", "high"], ["b"], nodes)), tmp_path)
    proto = model([node("Limit", ["x"], ["y"], domain="own")], {"x": [5]}, limits)
    agrees(with_functions(proto, function("Limit", ["a", "low", "high"], ["b"], nodes)), tmp_path)


def test_an_attribute_in_a_subgraph_of_a_function(tmp_path: Path) -> None:
    elu = node("Elu", ["a"], ["r"])
    elu.attribute.append(reference("alpha", "alpha", AttributeProto.FLOAT))
    result = [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)]
    branches = {
        "then_branch": helper.make_graph([elu], "then", [], result),
        "else_branch": helper.make_graph([node("Neg", ["a"], ["r"])], "else", [], result),
    }
    choice = function("Choice", ["a", "c"], ["b"], [node("If", ["c"], ["b"], **branches)], attributes=["alpha"])
    for condition in (True, False):
        call = node("Choice", ["x", "c"], ["y"], domain="own", alpha=0.3)
        agrees(with_functions(model([call], {"x": [4]}, {"c": np.array(condition)}), choice), tmp_path)


def test_an_error_in_a_function_names_the_call(tmp_path: Path) -> None:
    proto = model([node("Outer", ["x"], ["y"], domain="own", name="call")], {"x": [3]})
    outer = function("Outer", ["a"], ["b"], [node("Inner", ["a"], ["b"], domain="own")])
    inner = function("Inner", ["a"], ["b"], [node("NonZero", ["a"], ["b"], name="deep")])
    with pytest.raises(EdgecError, match=r"own\.Outer 'call': its NonZero 'deep' is not supported"):
        imported(with_functions(proto, outer, inner), tmp_path)


def test_functions_that_call_themselves(tmp_path: Path) -> None:
    loop = function("Loop", ["a"], ["b"], [node("Loop", ["a"], ["b"], domain="own")])
    proto = model([node("Loop", ["x"], ["y"], domain="own", name="call")], {"x": [3]})
    with pytest.raises(EdgecError, match=r"Loop 'call': nests functions deeper than 24"):
        imported(with_functions(proto, loop), tmp_path)


def test_functions_that_double_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty functions, each of which calls the next one twice, are a million nodes."""
    monkeypatch.setattr(importer, "MAX_NODES", 500)
    functions = [
        function(
            f"F{i}",
            ["a"],
            ["c"],
            [node(f"F{i + 1}", ["a"], ["b"], domain="own"), node(f"F{i + 1}", ["b"], ["c"], domain="own")],
        )
        for i in range(20)
    ]
    functions.append(function("F20", ["a"], ["c"], [node("Neg", ["a"], ["c"])]))
    proto = model([node("F0", ["x"], ["y"], domain="own")], {"x": [3]})
    with pytest.raises(EdgecError, match="unrolls to more than 500 nodes"):
        imported(with_functions(proto, *functions), tmp_path)


# The standard's own functions, each against ONNX's evaluator: with attributes given and left to their defaults.
STANDARD: dict[str, tuple[NodeProto, dict[str, list[int]], int]] = {
    "mean and variance, default axes": (node("MeanVarianceNormalization", ["x"], ["y"]), {"x": [2, 3, 4, 5]}, 13),
    "mean and variance, axes": (node("MeanVarianceNormalization", ["x"], ["y"], axes=[1]), {"x": [2, 3, 4]}, 13),
    "of another opset than the model's": (node("Celu", ["x"], ["y"], alpha=2.0), {"x": [5]}, 12),
    "by the types of its operands": (node("CenterCropPad", ["x", "s"], ["y"]), {"x": [3, 5]}, 18),
}


@pytest.mark.parametrize("name", STANDARD)
def test_standard_functions(tmp_path: Path, name: str) -> None:
    call, inputs, opset = STANDARD[name]
    proto = model([call], inputs, {"s": ints(5, 4)} if "s" in call.input else {}, opset=opset)
    graph = imported(proto, tmp_path)
    arrays = random_inputs(graph)
    results: Any = ReferenceEvaluator(proto).run(None, arrays)
    expected = results[0]
    np.testing.assert_allclose(run(graph, arrays)["y"], expected, rtol=1e-5, atol=1e-6)
