"""If, Loop and Scan become straight lines; what data alone can bound is refused. Sequences vanish."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnx_models import agrees, imported, ints, model, node, weights

from edgec.errors import EdgecError
from edgec.frontend import importer, load
from edgec.ir import Const
from edgec.ir.interp import run
from edgec.ir.ops import Where

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def body(
    nodes: list[NodeProto],
    outputs: dict[str, int],
    inputs: dict[str, int] | None = None,
    constants: dict[str, Any] | None = None,
) -> GraphProto:
    """A subgraph of float32 tensors of any shape, and of scalars of other types."""
    before, after = (
        [helper.make_tensor_value_info(n, t, None if t == FLOAT else []) for n, t in ports.items()]
        for ports in (inputs or {}, outputs)
    )
    initializers = [numpy_helper.from_array(np.asarray(a), n) for n, a in (constants or {}).items()]
    return helper.make_graph(nodes, "body", before, after, initializers)


def choice(condition: str = "c", **outputs: int) -> NodeProto:
    """If: then x + w, else -x."""
    then = body([node("Add", ["x", "w"], ["t"])], {"t": FLOAT}, constants={"w": np.float32(2)})
    other = body([node("Neg", ["x"], ["e"])], {"e": FLOAT})
    return node("If", [condition], ["y"], name="choice", then_branch=then, else_branch=other)


@pytest.mark.parametrize("condition", [True, False])
def test_if_of_a_constant_is_one_branch(tmp_path: Path, condition: bool) -> None:
    graph = agrees(model([choice()], {"x": [3]}, {"c": np.array(condition)}), tmp_path)
    assert len([op for op in graph if not isinstance(op, Const)]) == 2


@pytest.mark.parametrize("shape", [[], [1]])
def test_if_of_data_selects(tmp_path: Path, shape: list[int]) -> None:
    proto = model([choice()], {"x": [3], "c": shape}, types={"c": BOOL})
    graph = imported(proto, tmp_path)
    assert any(isinstance(op, Where) for op in graph)
    x = np.array([1, -2, 3], np.float32)
    for condition, expected in ((True, x + 2), (False, -x)):
        result = run(graph, {"x": x, "c": np.full(shape, condition)})
        np.testing.assert_array_equal(result["y"], expected)


def test_if_of_data_whose_branches_differ_in_shape(tmp_path: Path) -> None:
    then = body([node("Concat", ["x", "x"], ["t"], axis=0)], {"t": FLOAT})
    other = body([node("Identity", ["x"], ["e"])], {"e": FLOAT})
    nodes = [node("If", ["c"], ["y"], name="choice", then_branch=then, else_branch=other)]
    with pytest.raises(EdgecError, match=r"If 'choice': the shape of a result depends on data: f32\[6\] or f32\[3\]"):
        imported(model(nodes, {"x": [3], "c": []}, types={"c": BOOL}), tmp_path)
    agrees(model(nodes, {"x": [3]}, {"c": np.array(True)}), tmp_path)


def test_nested_if_sees_the_names_around(tmp_path: Path) -> None:
    inner = choice("d")
    inner.output[0] = "i"
    then = body([node("Mul", ["x", "x"], ["w2"]), inner, node("Add", ["i", "w2"], ["t"])], {"t": FLOAT})
    other = body([node("Neg", ["x"], ["e"])], {"e": FLOAT})
    outer = node("If", ["c"], ["y"], then_branch=then, else_branch=other)
    proto = model([outer], {"x": [3], "c": [], "d": []}, types={"c": BOOL, "d": BOOL})
    graph = imported(proto, tmp_path)
    x = np.array([1, -2, 3], np.float32)
    for c, d, expected in ((True, True, x + 2 + x * x), (True, False, -x + x * x), (False, True, -x)):
        result = run(graph, {"x": x, "c": np.array(c), "d": np.array(d)})
        np.testing.assert_array_equal(result["y"], expected)


def test_a_branch_with_inputs(tmp_path: Path) -> None:
    branch = body([node("Neg", ["x"], ["t"])], {"t": FLOAT}, {"i": INT64})
    nodes = [node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)]
    proto = model(nodes, {"x": [3], "c": []}, types={"c": BOOL})
    with pytest.raises(EdgecError, match="its graph has 1 inputs, not 0"):
        imported(proto, tmp_path)


def test_problems_in_both_branches_are_told(tmp_path: Path) -> None:
    then = body([node("NonZero", ["x"], ["t"], name="first")], {"t": INT64})
    other = body([node("NoSuchOperator", ["x"], ["e"], name="second")], {"e": FLOAT})
    proto = model(
        [node("If", ["c"], ["y"], then_branch=then, else_branch=other)], {"x": [3], "c": []}, types={"c": BOOL}
    )
    with pytest.raises(EdgecError, match=r"(?s)NonZero 'first'.*NoSuchOperator 'second'"):
        imported(proto, tmp_path)


# --- Loop ----------------------------------------------------------------------------------------------------------


def loop(goes_on: list[NodeProto] | None = None, trips: str = "n", condition: str = "") -> NodeProto:
    """v <- (v + i) * w with w computed in the body; the sums v + i are collected."""
    nodes = [
        *(goes_on or [node("Identity", ["go"], ["next"])]),
        node("Cast", ["i"], ["fi"], to=FLOAT),
        node("Add", ["v", "fi"], ["s"]),
        node("Transpose", ["w"], ["wt"]),
        node("Mul", ["s", "wt"], ["v2"]),
    ]
    graph = body(
        nodes,
        {"next": BOOL, "v2": FLOAT, "s": FLOAT},
        {"i": INT64, "go": BOOL, "v": FLOAT},
        constants={"w": weights(3, 2)},
    )
    return node("Loop", [trips, condition, "x"], ["y", "all"], name="loop", body=graph)


def looped(x: Any, count: int) -> tuple[Any, Any]:
    sums = []
    for i in range(count):
        sums.append(x + np.float32(i))
        x = sums[-1] * weights(3, 2).T
    return x, np.array(sums)


@pytest.mark.parametrize("trips", [1, 4])
def test_loop_of_a_constant_count(tmp_path: Path, trips: int) -> None:
    proto = model([loop()], {"x": [2, 3]}, {"n": np.array(trips)}, outputs=["y", "all"])
    graph = agrees(proto, tmp_path)
    # What no iteration changes is there once.
    assert sum(isinstance(op, Const) and op.data.shape == (2, 3) for op in graph) == 1


def test_loop_of_no_iterations(tmp_path: Path) -> None:
    proto = model([loop()], {"x": [2, 3]}, {"n": np.array(0)})
    x = weights(2, 3)
    np.testing.assert_array_equal(run(imported(proto, tmp_path), {"x": x})["y"], x)


def test_loop_until_a_condition_that_folds(tmp_path: Path) -> None:
    goes_on = [node("Constant", [], ["last"], value_int=2), node("Less", ["i", "last"], ["next"])]
    proto = model([loop(goes_on, trips="", condition="c")], {"x": [2, 3]}, {"c": np.array(True)}, outputs=["y", "all"])
    graph = imported(proto, tmp_path)
    x = weights(2, 3)
    result = run(graph, {"x": x})
    for name, expected in zip(("y", "all"), looped(x, 3), strict=True):
        np.testing.assert_allclose(result[name], expected, rtol=1e-6)


def test_loop_that_data_may_end_earlier(tmp_path: Path) -> None:
    """It goes on while the sum of v is below a limit, but not longer than five times."""
    goes_on = [
        node("Constant", [], ["limit"], value_float=40.0),
        node("ReduceMax", ["v"], ["m"], keepdims=0),
        node("Less", ["m", "limit"], ["next"]),
    ]
    x = np.full((2, 3), 2, np.float32)
    nodes = loop(goes_on)
    nodes.attribute[0].g.initializer[0].CopyFrom(numpy_helper.from_array(np.full((3, 2), 3, np.float32), "w"))
    graph = imported(model([nodes], {"x": [2, 3]}, {"n": np.array(5)}), tmp_path)
    for start in (2, 10, 100, -1):
        v, count, go = x * start, 0, True
        while count < 5 and go:
            go = bool(v.max() < 40)
            v = (v + count) * 3
            count += 1
        np.testing.assert_array_equal(run(graph, {"x": x * start})["y"], v)


def test_loop_whose_first_condition_is_data(tmp_path: Path) -> None:
    proto = model([loop(condition="c")], {"x": [2, 3], "c": []}, {"n": np.array(2)}, types={"c": BOOL})
    graph = imported(proto, tmp_path)
    x = weights(2, 3)
    np.testing.assert_allclose(run(graph, {"x": x, "c": np.array(True)})["y"], looped(x, 2)[0], rtol=1e-6)
    np.testing.assert_array_equal(run(graph, {"x": x, "c": np.array(False)})["y"], x)


def by_data() -> list[NodeProto]:
    return [node("ReduceMax", ["v"], ["m"], keepdims=0), node("Cast", ["m"], ["next"], to=BOOL)]


LOOPS: dict[str, tuple[NodeProto, dict[str, Any], str]] = {
    "trip count of data": (loop(), {}, "its trip count is not constant"),
    "no trip count": (loop(trips=""), {}, "goes on after 1000 iterations"),
    "too many": (loop(), {"n": np.array(1001)}, "goes on after 1000 iterations"),
    "condition of data alone": (loop(by_data(), trips=""), {}, "depends on data"),
    "huge bound of a condition of data": (loop(by_data()), {"n": np.array(2**63 - 1)}, "depends on data"),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_without_a_bound(tmp_path: Path, name: str) -> None:
    nodes, constants, what = LOOPS[name]
    inputs: dict[str, list[int | str | None]] = {"x": [2, 3]}
    if not constants:
        inputs["n"] = []
    with pytest.raises(EdgecError, match=f"Loop 'loop': is not bounded.*{what}"):
        imported(model([nodes], inputs, constants, types={"n": INT64}), tmp_path)


def test_collecting_until_data_says_stop(tmp_path: Path) -> None:
    proto = model([loop(by_data())], {"x": [2, 3]}, {"n": np.array(3)}, outputs=["y", "all"])
    with pytest.raises(EdgecError, match="collects an output whose length depends on data"):
        imported(proto, tmp_path)
    del proto.graph.output[1]
    imported(proto, tmp_path)


def test_a_loop_that_changes_the_shape(tmp_path: Path) -> None:
    def growing(goes_on: list[NodeProto]) -> NodeProto:
        nodes = [*goes_on, node("Concat", ["v", "v"], ["v2"], axis=0)]
        graph = body(nodes, {"next": BOOL, "v2": FLOAT}, {"i": INT64, "go": BOOL, "v": FLOAT})
        return node("Loop", ["n", "", "x"], ["y"], body=graph)

    graph = imported(model([growing([node("Identity", ["go"], ["next"])])], {"x": [3]}, {"n": np.array(3)}), tmp_path)
    assert graph.outputs[0].shape == (24,)
    with pytest.raises(EdgecError, match="shape of a result depends on data"):
        imported(model([growing(by_data())], {"x": [3]}, {"n": np.array(3)}), tmp_path)


def test_loops_that_multiply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """900 iterations of 900 iterations."""
    monkeypatch.setattr(importer, "MAX_NODES", 500)
    inner_body = body(
        [node("Identity", ["go"], ["next"]), node("Neg", ["v"], ["v2"])],
        {"next": BOOL, "v2": FLOAT},
        {"i": INT64, "go": BOOL, "v": FLOAT},
    )
    inner = node("Loop", ["n", "", "u"], ["u2"], body=inner_body)
    outer_body = body(
        [node("Identity", ["go_"], ["next_"]), inner],
        {"next_": BOOL, "u2": FLOAT},
        {"i_": INT64, "go_": BOOL, "u": FLOAT},
    )
    nodes = [node("Loop", ["n", "", "x"], ["y"], name="outer", body=outer_body)]
    with pytest.raises(EdgecError, match="Loop 'outer': unrolls to more than 500 nodes"):
        imported(model(nodes, {"x": [3]}, {"n": np.array(900)}), tmp_path)


# --- Scan ----------------------------------------------------------------------------------------------------------


def scan(opset: int = 17, **attributes: Any) -> ModelProto:
    """state += (a - b) of each step; the states and the differences are collected."""
    nodes = [node("Sub", ["a", "b"], ["d"]), node("Add", ["s", "d"], ["s2"]), node("Identity", ["s2"], ["copy"])]
    graph = body(nodes, {"s2": FLOAT, "copy": FLOAT, "d": FLOAT}, {"s": FLOAT, "a": FLOAT, "b": FLOAT})
    call = node("Scan", ["x", "p", "q"], ["y", "ys", "ds"], num_scan_inputs=2, body=graph, **attributes)
    return model([call], {"x": [2], "p": [4, 2], "q": [4, 2]}, outputs=["y", "ys", "ds"], opset=opset)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"scan_input_directions": [1, 0], "scan_output_directions": [0, 1]},
        {"scan_input_axes": [0, -2], "scan_output_axes": [1, -1]},
    ],
)
def test_scan(tmp_path: Path, attributes: dict[str, Any]) -> None:
    agrees(scan(**attributes), tmp_path)


def test_scan_with_a_batch(tmp_path: Path) -> None:
    proto = scan(8, directions=[0, 1])
    proto.graph.node[0].input.insert(0, "")
    for info, shape in zip(proto.graph.input, ([3, 2], [3, 4, 2], [3, 4, 2]), strict=True):
        info.CopyFrom(helper.make_tensor_value_info(info.name, FLOAT, shape))
    x, p, q = weights(3, 2), weights(3, 4, 2, seed=1), weights(3, 4, 2, seed=2)
    result = run(imported(proto, tmp_path), {"x": x, "p": p, "q": q})
    difference = p - q[:, ::-1]
    np.testing.assert_allclose(result["ds"], difference, rtol=1e-6)
    np.testing.assert_allclose(result["ys"], x[:, None] + np.cumsum(difference, 1), rtol=1e-5)
    np.testing.assert_allclose(result["y"], x + difference.sum(1), rtol=1e-5)


def test_scans_that_do_not_fit(tmp_path: Path) -> None:
    proto = scan(scan_input_axes=[0, 1])
    with pytest.raises(EdgecError, match="differ in length"):
        imported(proto, tmp_path)
    with pytest.raises(EdgecError, match="has 1 scan_input_directions, not 2"):
        imported(scan(scan_input_directions=[1]), tmp_path)


# --- sequences -----------------------------------------------------------------------------------------------------


def test_sequences_leave_nothing_behind(tmp_path: Path) -> None:
    nodes = [
        node("SequenceEmpty", [], ["s0"], dtype=FLOAT),
        node("SequenceInsert", ["s0", "x"], ["s1"]),
        node("Neg", ["x"], ["n"]),
        node("SequenceInsert", ["s1", "n", "zero"], ["s2"]),
        node("SequenceConstruct", ["x", "n", "x"], ["three"]),
        node("SequenceErase", ["three", "zero"], ["two"]),
        node("SequenceAt", ["two", "last"], ["a"]),
        node("SequenceAt", ["s2", "zero"], ["b"]),
        node("Identity", ["s2"], ["s3"]),
        node("ConcatFromSequence", ["s3"], ["rows"], axis=0, new_axis=1),
        node("SequenceLength", ["three"], ["count"]),
        node("Cast", ["count"], ["count_f"], to=FLOAT),
        node("Sub", ["a", "b"], ["d"]),
        node("Add", ["d", "rows"], ["e"]),
        node("Add", ["e", "count_f"], ["y"]),
    ]
    agrees(model(nodes, {"x": [3]}, {"zero": np.array(0), "last": np.array(-1)}), tmp_path)


@pytest.mark.parametrize(("split", "keep"), [(None, 1), (None, 0), (np.array(2), 1), (ints(1, 0, 3), 1)])
def test_split_to_sequence(tmp_path: Path, split: Any, keep: int) -> None:
    given = ["x"] if split is None else ["x", "split"]
    nodes = [
        node("SplitToSequence", given, ["s"], axis=1, keepdims=keep),
        node("SequenceAt", ["s", "last"], ["y"]),
        node("SequenceAt", ["s", "zero"], ["z"]),
    ]
    constants = {"zero": np.array(0), "last": np.array(-1)} | ({} if split is None else {"split": split})
    agrees(model(nodes, {"x": [2, 4]}, constants, outputs=["y", "z"]), tmp_path)


def test_sequence_map(tmp_path: Path) -> None:
    graph = body([node("Mul", ["a", "b"], ["m"])], {"m": FLOAT}, {"a": FLOAT, "b": FLOAT})
    nodes = [
        node("SplitToSequence", ["x"], ["s"]),
        node("SequenceMap", ["s", "w"], ["t"], body=graph),
        node("ConcatFromSequence", ["t"], ["y"], axis=0),
    ]
    agrees(model(nodes, {"x": [2, 4]}, {"w": weights(4)}), tmp_path)


def test_a_loop_that_collects_in_a_sequence(tmp_path: Path) -> None:
    element = helper.make_tensor_type_proto(FLOAT, None)
    tensors = helper.make_sequence_type_proto(element)
    graph = helper.make_graph(
        [
            node("Identity", ["go"], ["next"]),
            node("Cast", ["i"], ["fi"], to=FLOAT),
            node("Add", ["x", "fi"], ["e"]),
            node("SequenceInsert", ["s", "e"], ["s2"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("go", BOOL, []),
            helper.make_value_info("s", tensors),
        ],
        [helper.make_tensor_value_info("next", BOOL, []), helper.make_value_info("s2", tensors)],
    )
    nodes = [
        node("SequenceEmpty", [], ["s0"], dtype=FLOAT),
        node("Loop", ["n", "", "s0"], ["t"], body=graph),
        node("ConcatFromSequence", ["t"], ["y"], axis=0),
    ]
    agrees(model(nodes, {"x": [2]}, {"n": np.array(3)}), tmp_path)


def test_optionals(tmp_path: Path) -> None:
    nodes = [
        node("Optional", ["x"], ["o"]),
        node("OptionalHasElement", ["o"], ["there"]),
        node("OptionalGetElement", ["o"], ["e"]),
        node("Cast", ["there"], ["f"], to=FLOAT),
        node("Add", ["e", "f"], ["y"]),
    ]
    graph = imported(model(nodes, {"x": [2]}), tmp_path)
    np.testing.assert_array_equal(run(graph, {"x": np.zeros(2, np.float32)})["y"], [1, 1])


SEQUENCES: dict[str, tuple[list[NodeProto], str]] = {
    "position out of range": ([node("SequenceAt", ["s", "nine"], ["y"])], "leaves a sequence of 1"),
    "position by data": ([node("SequenceAt", ["s", "i"], ["y"])], "not constant"),
    "a sequence as output": ([node("Identity", ["s"], ["y"])], "is a sequence"),
    "no tensor": ([node("Relu", ["s"], ["y"])], "reads a sequence"),
    "a tensor instead": ([node("SequenceAt", ["x", "nine"], ["y"])], "is no sequence"),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_that_are_refused(tmp_path: Path, name: str) -> None:
    nodes, what = SEQUENCES[name]
    construct = node("SequenceConstruct", ["x"], ["s"])
    proto = model([construct, *nodes], {"x": [2], "i": []}, {"nine": np.array(9)}, types={"i": INT64})
    with pytest.raises(EdgecError, match=what):
        imported(proto, tmp_path)


def test_damaged_bytes_never_end_in_a_traceback(tmp_path: Path) -> None:
    split = [node("SplitToSequence", ["x"], ["s"]), node("SequenceAt", ["s", "z"], ["y"])]
    protos = [
        model([loop()], {"x": [2, 3]}, {"n": np.array(3)}, outputs=["y", "all"]),
        model([choice()], {"x": [3], "c": []}, types={"c": BOOL}),
        model(split, {"x": [3, 2]}, {"z": np.array(0)}),
        scan(),
    ]
    rng = np.random.default_rng(1)
    refused = 0
    path = tmp_path / "model.onnx"
    for proto in protos:
        content = proto.SerializeToString()
        for _ in range(150):
            damaged = bytearray(content)
            for _ in range(rng.integers(1, 4)):
                damaged[rng.integers(len(damaged))] = rng.integers(256)
            path.write_bytes(damaged)
            try:
                load(path)
            except EdgecError:
                refused += 1
    assert refused > 100
