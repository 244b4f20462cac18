"""What cannot be imported is refused with where, what and what to do; nothing ends in a traceback."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx_models import imported, ints, model, node, weights

from edgec.errors import EdgecError, Problem, UnsupportedModelError
from edgec.frontend import load


def refusal(proto: ModelProto, folder: Path, **bindings: Any) -> EdgecError:
    """The error that a model raises."""
    with pytest.raises(EdgecError) as caught:
        imported(proto, folder, **bindings)
    error = caught.value
    assert error.where and error.what and error.hint
    return error


def unsupported(proto: ModelProto, folder: Path, **bindings: Any) -> tuple[Problem, ...]:
    """All problems of a model."""
    error = refusal(proto, folder, **bindings)
    assert isinstance(error, UnsupportedModelError)
    return error.problems


def relu(shape: Any = (2, 3), **options: Any) -> ModelProto:
    return model([node("Relu", ["x"], ["y"])], {"x": shape}, **options)


# --- the file ------------------------------------------------------------------------------------------------------


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(EdgecError, match="cannot be read"):
        load(tmp_path / "none.onnx")
    with pytest.raises(EdgecError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello, this is not ONNX", b"\x00" * 100, b"\xff" * 100, b"\x08\x08"])
def test_not_onnx(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(EdgecError, match="ONNX"):
        load(path)


def test_truncated_anywhere(tmp_path: Path) -> None:
    content = model([node("Gemm", ["x", "w"], ["y"])], {"x": [2, 3]}, {"w": weights(3, 4)}).SerializeToString()
    path = tmp_path / "model.onnx"
    # The opsets stand at the end: without the last bytes there are none.
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(EdgecError):
            load(path)


def test_damaged_bytes_never_end_in_a_traceback(tmp_path: Path) -> None:
    constants = {"w": weights(4, 2, 3, 3), "s": ints(1, -1), "p": ints(0, 0, 1, 1, 0, 0, 1, 1)}
    nodes = [
        node("Pad", ["x", "p"], ["a"]),
        node("Conv", ["a", "w"], ["b"], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], ceil_mode=1),
        node("Shape", ["c"], ["d"]),
        node("Reshape", ["c", "s"], ["e"]),
        node("Softmax", ["e"], ["y"], axis=-1),
    ]
    content = model(nodes, {"x": [1, 2, 8, 8]}, constants).SerializeToString()
    path = tmp_path / "model.onnx"
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(600):
        damaged = bytearray(content)
        for _ in range(rng.integers(1, 4)):
            damaged[rng.integers(len(damaged))] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            load(path)
        except EdgecError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("opset", [0, 999])
def test_opset_out_of_range(tmp_path: Path, opset: int) -> None:
    assert f"opset {opset}" in refusal(relu(opset=opset), tmp_path).what


def test_no_outputs(tmp_path: Path) -> None:
    assert "no outputs" in refusal(model([], {"x": [1]}, outputs=[]), tmp_path).what


# --- weights -------------------------------------------------------------------------------------------------------


def external(location: str = "weights.bin", **entries: Any) -> ModelProto:
    proto = model([node("Gemm", ["x", "w"], ["y"])], {"x": [2, 3]}, {"w": weights(3, 4)})
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=str(value))
    return proto


def test_missing_external_data(tmp_path: Path) -> None:
    error = refusal(external(), tmp_path)
    assert "'w'" in error.where
    assert "weights.bin" in error.what


@pytest.mark.parametrize("location", ["../weights.bin", "/etc/passwd", "a/../../weights.bin", "link.bin", "", "a\0b"])
def test_external_data_outside_the_folder(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(bytes(48))
    (folder / "link.bin").symlink_to(tmp_path / "weights.bin")
    refusal(external(location), folder)


def test_external_data_in_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "weights.bin")  # opening it would wait for a writer
    assert "no regular file" in refusal(external(), tmp_path).what


@pytest.mark.parametrize("entries", [{}, {"offset": 8}, {"length": 40}, {"offset": -4}, {"offset": 10**15}])
def test_external_data_of_another_length(tmp_path: Path, entries: dict[str, Any]) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(48 if entries else 47))
    assert "bytes" in refusal(external(**entries), tmp_path).what


@pytest.mark.parametrize("dims", [[3, 5], [-3, -4], [2**40, 2**40], [3]])
def test_weights_that_do_not_fill_their_shape(tmp_path: Path, dims: list[int]) -> None:
    proto = model([node("Gemm", ["x", "w"], ["y"])], {"x": [2, 3]}, {"w": weights(3, 4)})
    proto.graph.initializer[0].ClearField("dims")
    proto.graph.initializer[0].dims.extend(dims)
    assert "'w'" in refusal(proto, tmp_path).where


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite(tmp_path: Path, bad: float) -> None:
    array = weights(3, 4)
    array[1, 2] = bad
    proto = model([node("Gemm", ["x", "w"], ["y"])], {"x": [2, 3]}, {"w": array})
    assert "NaN or infinity" in refusal(proto, tmp_path).what


def test_strings(tmp_path: Path) -> None:
    proto = relu()
    proto.graph.initializer.append(TensorProto(name="s", data_type=TensorProto.STRING, dims=[1], string_data=[b"a"]))
    assert "string" in refusal(proto, tmp_path).what
    assert "string" in refusal(relu(types={"x": TensorProto.STRING}), tmp_path).what
    strings = node("Constant", [], ["c"], value_string="a")
    assert "value_string" in refusal(model([strings, node("Identity", ["c"], ["y"])], {"x": [1]}), tmp_path).what


# --- inputs --------------------------------------------------------------------------------------------------------


def test_open_dimension(tmp_path: Path) -> None:
    error = refusal(relu(("N", 3, None)), tmp_path)
    assert "'x'" in error.where
    assert "[N,3,?]" in error.what
    assert "--shape x=1x3x1" in error.hint
    assert "--shape N=1" in error.hint
    assert "dimension 2" in refusal(relu(("N", 3, None)), tmp_path, dims={"N": 1}).what


def test_input_without_a_shape(tmp_path: Path) -> None:
    proto = relu()
    proto.graph.input[0].type.tensor_type.ClearField("shape")
    assert "no shape" in refusal(proto, tmp_path).what


@pytest.mark.parametrize(
    "bindings",
    [
        {"shapes": {"x": (2, 3, 1)}},
        {"shapes": {"x": (5, 3)}},
        {"shapes": {"other": (1, 2)}},
        {"dims": {"M": 1}},
        {"constants": {"x": np.zeros((3, 2), np.float32)}},
        {"constants": {"x": np.zeros((2, 3), "V4")}},
        {"constants": {"x": np.full((2, 3), "1")}},
        {"constants": {"other": np.zeros((2, 3), np.float32)}},
    ],
)
def test_bindings_that_do_not_fit(tmp_path: Path, bindings: dict[str, Any]) -> None:
    refusal(relu(), tmp_path, **bindings)


def test_empty_input(tmp_path: Path) -> None:
    assert "empty" in refusal(relu((0, 3)), tmp_path).what


def test_sequence_input(tmp_path: Path) -> None:
    proto = relu()
    sequence = helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, [1]))
    proto.graph.input.append(helper.make_value_info("list", sequence))
    assert "sequence_type" in refusal(proto, tmp_path).what


# --- nodes ---------------------------------------------------------------------------------------------------------


def test_all_unsupported_operators_are_named_at_once(tmp_path: Path) -> None:
    nodes = [
        node("NonZero", ["x"], ["a"], name="first"),
        node("Conv", ["a", "a"], ["b"], name="would fail too"),
        node("NoSuchOperator", ["b"], ["c"], name="second"),
        node("FusedThing", ["c"], ["d"], domain="com.microsoft", name="third"),
        node("NonZero", ["d"], ["y"], name="fourth"),
    ]
    problems = unsupported(model(nodes, {"x": [2, 3]}), tmp_path)
    assert [(p.operator, p.nodes) for p in problems] == [
        ("NonZero", ("first", "fourth")),
        ("NoSuchOperator", ("second",)),
        ("com.microsoft.FusedThing", ("third",)),
    ]
    assert all("is not supported" in p.reason and p.hint for p in problems)
    assert "depends on data" in problems[0].reason
    assert "com.microsoft" in problems[2].reason


def training(x: str, y: str, name: str) -> onnx.NodeProto:
    """A form that is refused: it depends on chance."""
    return node("Dropout", [x, "", "t"], [y], name=name)


def test_forms_and_types_are_checked_behind_a_node_that_failed(tmp_path: Path) -> None:
    """What a failed node gives has the type that ONNX infers: all nodes behind it are checked."""
    nodes = [
        training("x", "a", "first"),
        node("Relu", ["a"], ["b"], name="fine"),
        node("Reshape", ["b", "i"], ["c"], name="by data"),
        node("Relu", ["c"], ["d"], name="of unknown type"),
        node("NoSuchOperator", ["d"], ["e"], name="unknown"),
        training("b", "f", "second"),
    ]
    proto = model(
        nodes, {"x": [1, 2, 4], "i": [2]}, {"t": np.array(True)}, types={"i": TensorProto.INT64}, outputs=["f"]
    )
    problems = unsupported(proto, tmp_path)
    assert [p.nodes for p in problems] == [("first", "second"), ("by data",), ("unknown",)]
    assert "not constant" in problems[1].reason


def test_inputs_and_initializers_are_among_the_problems(tmp_path: Path) -> None:
    proto = model([node("Add", ["x", "s"], ["a"]), node("NonZero", ["a"], ["y"])], {"x": ["N", 3]})
    proto.graph.initializer.append(TensorProto(name="s", data_type=TensorProto.STRING, dims=[1], string_data=[b"a"]))
    problems = unsupported(proto, tmp_path)
    assert [(p.operator, p.nodes) for p in problems] == [
        ("input", ("x",)),
        ("initializer", ("s",)),
        ("NonZero", ("y",)),
    ]


def test_a_single_problem_names_the_node_in_where(tmp_path: Path) -> None:
    error = refusal(model([node("NonZero", ["x"], ["y"], name="z")], {"x": [2]}), tmp_path)
    assert error.where.endswith("NonZero 'z'")


def test_shape_arithmetic_after_a_failure_is_not_called_unsupported(tmp_path: Path) -> None:
    nodes = [
        training("x", "a", "the node"),
        node("Shape", ["a"], ["s"]),
        node("ConstantOfShape", ["s"], ["z"]),
        node("Add", ["a", "z"], ["y"]),
    ]
    problems = unsupported(model(nodes, {"x": [1, 2, 4]}, {"t": np.array(True)}), tmp_path)
    assert [p.nodes for p in problems] == [("the node",)]


def test_unsorted_and_cyclic_nodes(tmp_path: Path) -> None:
    unsorted = [node("Relu", ["a"], ["y"]), node("Relu", ["x"], ["a"])]
    assert "reads 'a'" in refusal(model(unsorted, {"x": [1]}), tmp_path).what
    cyclic = [node("Add", ["x", "b"], ["a"]), node("Add", ["a", "x"], ["b"]), node("Relu", ["b"], ["y"])]
    assert "reads 'b'" in refusal(model(cyclic, {"x": [1]}), tmp_path).what


def test_output_that_nothing_gives(tmp_path: Path) -> None:
    assert "reads 'z'" in refusal(relu(outputs=["z"]), tmp_path).what


def test_a_name_defined_twice(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], ["y"]), node("Sigmoid", ["x"], ["y"])]
    assert "defined twice" in refusal(model(nodes, {"x": [1]}), tmp_path).what


FOUR = [1, 2, 6, 6]
CASES: dict[str, tuple[list[onnx.NodeProto], dict[str, Any], dict[str, Any], str]] = {
    "unknown attribute": ([node("Relu", ["x"], ["y"], alpha=1.0)], {"x": [1]}, {}, "not valid ONNX"),
    "operands missing": ([node("Conv", ["x"], ["y"])], {"x": FOUR}, {}, "not valid ONNX"),
    "shapes that do not broadcast": ([node("Add", ["x", "c"], ["y"])], {"x": [3]}, {"c": weights(4)}, "broadcast"),
    "float64 weights": ([node("Conv", ["x", "c"], ["y"])], {"x": FOUR}, {"c": np.ones((1, 2, 1, 1))}, "f64"),
    "mixed types": ([node("Add", ["x", "c"], ["y"])], {"x": [1]}, {"c": ints(1)}, "Add"),
    "4-D convolution": (
        [node("Conv", ["x", "c"], ["y"])], {"x": [1, 1, 4, 4, 4, 4]}, {"c": weights(1, 1, 2, 2, 2, 2)}, "works on",
    ),
    "4-D pooling": ([node("MaxPool", ["x"], ["y"], kernel_shape=[2] * 4)], {"x": [1, 1, 4, 4, 4, 4]}, {}, "works on"),
    "window between elements": (
        [node("MaxPool", ["x"], ["y"], kernel_shape=[2, 1], dilations=[3, 1], pads=[1, 0, 2, 0])],
        {"x": [1, 1, 1, 1]}, {}, "sees nothing",
    ),
    "transposed convolution of groups": (
        [node("ConvTranspose", ["x", "c"], ["y"], group=3)], {"x": FOUR}, {"c": weights(2, 1, 2, 2)}, "do not split",
    ),
    "output_shape of another rank": (
        [node("ConvTranspose", ["x", "c"], ["y"], output_shape=[9])],
        {"x": FOUR}, {"c": weights(2, 1, 2, 2)}, "do not fit",
    ),
    "unpooling to less": (
        [node("MaxUnpool", ["x", "i", "s"], ["y"], kernel_shape=[2, 2], strides=[2, 2])],
        {"x": FOUR, "i": FOUR}, {"s": ints(1, 2, 4, 4)}, "less than",
    ),
    "negative pads": (
        [node("Conv", ["x", "c"], ["y"], pads=[-1, 0, 0, 0])], {"x": FOUR}, {"c": weights(1, 2, 3, 3)}, "out of range",
    ),
    "pads beyond the window": (
        [node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], pads=[2, 0, 0, 0])], {"x": FOUR}, {}, "not smaller",
    ),
    "wrong kernel_shape": (
        [node("Conv", ["x", "c"], ["y"], kernel_shape=[2, 2])], {"x": FOUR}, {"c": weights(1, 2, 3, 3)}, "do not fit",
    ),
    "window larger than input": (
        [node("Conv", ["x", "c"], ["y"])], {"x": FOUR}, {"c": weights(1, 2, 7, 7)}, "larger than the padded input",
    ),
    "channels that do not fit": (
        [node("Conv", ["x", "c"], ["y"])], {"x": FOUR}, {"c": weights(1, 3, 3, 3)}, "channels",
    ),
    "unknown auto_pad": (
        [node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], auto_pad="ABOUT")], {"x": FOUR}, {}, "auto_pad",
    ),
    "dropout in training": (
        [node("Dropout", ["x", "", "t"], ["y"])], {"x": [1]}, {"t": np.array(True)}, "training mode",
    ),
    "negative variance": (
        [node("BatchNormalization", ["x", "c", "c", "c", "c"], ["y"])],
        {"x": [1, 2]}, {"c": -np.ones(2, np.float32)}, "variance",
    ),
    "float indices": ([node("Gather", ["x", "f"], ["y"])], {"x": [3], "f": [1]}, {}, "indices are f32"),
    "index out of range": ([node("Gather", ["x", "c"], ["y"])], {"x": [3]}, {"c": ints(3)}, "an index leaves"),
    "variable shape": ([node("Reshape", ["x", "i"], ["y"])], {"x": [3], "i": [1]}, {}, "not constant"),
    "reshape of another size": ([node("Reshape", ["x", "c"], ["y"])], {"x": [3]}, {"c": ints(2, -1)}, "reshape"),
    "squeeze of a long axis": ([node("Squeeze", ["x", "c"], ["y"])], {"x": [3]}, {"c": ints(0)}, "not all 1"),
    "axis out of range": ([node("Softmax", ["x"], ["y"], axis=2)], {"x": [2, 3]}, {}, "axis 2"),
    "empty slice": ([node("Slice", ["x", "a", "b"], ["y"])], {"x": [3]}, {"a": ints(2), "b": ints(1)}, "empty"),
    "gemm of rank 3": ([node("Gemm", ["x", "c"], ["y"])], {"x": [1, 2, 3]}, {"c": weights(3, 2)}, "works on"),
    "slice step of zero": (
        [node("Slice", ["x", "a", "b", "", "z"], ["y"])],
        {"x": [3]}, {"a": ints(0), "b": ints(1), "z": ints(0)}, "do not fit",
    ),
    "huge constant": (
        [node("ConstantOfShape", ["c"], ["a"]), node("Add", ["x", "a"], ["y"])],
        {"x": [1]}, {"c": ints(10**6, 10**6)}, "more than 256 MB",
    ),
    "huge expansion": (
        [node("Expand", ["f", "c"], ["a"]), node("Add", ["x", "a"], ["y"])],
        {"x": [1]}, {"f": weights(1), "c": ints(10**5, 10**5)}, "more than 256 MB",
    ),
    "huge range": (
        [node("Range", ["a", "b", "c"], ["r"]), node("Identity", ["r"], ["y"])],
        {"x": [1]}, {"a": np.array(0), "b": np.array(10**12), "c": np.array(1)}, "more than 256 MB",
    ),
    "huge outer product": (
        [node("Mul", ["a", "b"], ["r"]), node("Identity", ["r"], ["y"])],
        {"x": [1]}, {"a": weights(1, 10000), "b": weights(10000, 1)}, "more than 256 MB",
    ),
    "huge padding": (
        [node("Pad", ["x", "c"], ["y"], mode="edge")], {"x": [3]}, {"c": ints(10**12, 0)}, "too large",
    ),
    "huge depth": (
        [node("OneHot", ["i", "d", "c"], ["y"])], {"i": [1]}, {"d": np.array(5 * 10**8), "c": weights(2)}, "too large",
    ),
    "huge resize": (
        [node("Resize", ["x", "", "c"], ["y"])],
        {"x": [1, 1, 1, 4]}, {"c": np.array([1, 1, 1, 1.2e8], np.float32)}, "too large",
    ),
    "huge transform": ([node("DFT", ["x", "c"], ["y"])], {"x": [1, 4, 1]}, {"c": np.array(1 << 25)}, "too large"),
    "huge neighbourhood": ([node("LRN", ["x"], ["y"], size=1 << 40)], {"x": FOUR}, {}, "too large"),
    "huge number of an n-gram": (
        [node("TfIdfVectorizer", ["i"], ["y"], mode="TF", min_gram_length=1, max_gram_length=1, max_skip_count=0,
              ngram_counts=[0], ngram_indexes=[1 << 40], pool_int64s=[1])],
        {"i": [4]}, {}, "too large",
    ),
    "parts without number": (
        [node("SplitToSequence", ["x"], ["s"], keepdims=0), node("SequenceAt", ["s", "c"], ["y"])],
        {"x": [1 << 20]}, {"c": np.array(0)}, "parts",
    ),
    "arithmetic without a result": (
        [node("Reshape", ["a", "c"], ["y"])], {"x": [1]}, {"a": weights(3), "c": ints(7)}, "cannot be evaluated",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_unsupported_form(tmp_path: Path, name: str) -> None:
    nodes, inputs, constants, what = CASES[name]
    nodes[-1].name = "the node"
    types = {"d": TensorProto.DOUBLE, "h": TensorProto.FLOAT16, "i": TensorProto.INT64}
    error = refusal(model(nodes, inputs, constants, types=types), tmp_path)
    assert what in str(error)
    assert any(f"{n.op_type} " in error.where for n in [*nodes, node("output", [], [])])


def test_chance_is_not_folded(tmp_path: Path) -> None:
    nodes = [node("RandomNormalLike", ["c"], ["a"]), node("Add", ["x", "a"], ["y"])]
    assert "RandomNormalLike" in refusal(model(nodes, {"x": [3]}, {"c": weights(3)}), tmp_path).where
