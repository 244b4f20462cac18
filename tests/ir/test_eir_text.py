"""Printer and parser are inverses; errors of the parser name the line."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec.ir import (
    NM,
    Array,
    DType,
    Graph,
    ParseError,
    Quant,
    TensorType,
    Value,
    f32,
    parse_graph,
    print_graph,
    verify,
)
from edgec.ir.graph import attribute_fields, operand_fields
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    Cast,
    Clamp,
    Clip,
    Concat,
    Conv2d,
    Dense,
    Gather,
    LeakyRelu,
    MatMul,
    MaxPool2d,
    Mul,
    Pad,
    ReduceMax,
    ReduceMean,
    Relu,
    Reshape,
    Slice,
    Softmax,
    Transpose,
)
from edgec.ir.parser import operator_classes
from edgec.ir.types import INTEGERS, SMALL_INTEGERS

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.]{0,5}", fullmatch=True)
FLOATS = st.floats(width=32)
LIMITS = st.one_of(st.none(), st.builds(Clamp, FLOATS, FLOATS))
DTYPES = st.sampled_from(list(DType))


@st.composite
def types(draw: st.DrawFn, shape: tuple[int, ...] | None = None) -> TensorType:
    """Any type: every dtype, integers with quantization per tensor or per axis, with sparsity."""
    dtype = draw(DTYPES)
    shape = draw(st.lists(st.integers(1, 10), max_size=3).map(tuple)) if shape is None else shape
    scales = st.floats(1e-30, 1e30)
    quant = None
    if dtype in INTEGERS | SMALL_INTEGERS and draw(st.booleans()):
        axis = draw(st.sampled_from([None, *range(len(shape))]))
        channels = 1 if axis is None else shape[axis]
        scale = draw(st.lists(scales, min_size=channels, max_size=channels).map(tuple))
        limits = max(dtype.limits[0], -(2**15)), min(dtype.limits[1], 2**16 - 1)
        zero_point = draw(st.lists(st.integers(*limits), min_size=channels, max_size=channels).map(tuple))
        quant = Quant(scale, zero_point, axis)
    sparsity = draw(st.sampled_from([None, NM(2, 4), NM(1, 8)]))
    return TensorType(dtype, shape, quant, sparsity)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A graph with one operator of most kinds, drawn attributes, constants of any dtype, names of any form."""
    graph = Graph(draw(NAMES))
    graph.input(draw(NAMES), draw(types()))
    x = graph.input(draw(NAMES), f32(2, 6, 7, 4))

    def put(op: Any) -> Value:
        op.source = "somewhere"
        return graph.insert(op, names=[draw(NAMES)]).result

    def const(*shape: int) -> Value:
        data = draw(st.integers(0, 2**32 - 1).map(lambda s: np.random.default_rng(s).standard_normal(shape)))
        return graph.const(data.astype(np.float32), draw(NAMES))

    type = draw(types())
    values = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 2**16, type.shape)
    with np.errstate(over="ignore"):  # beyond float16's range is an infinity: that must print, too
        elements = values.astype(type.dtype.numpy)
    odd = graph.const(elements, draw(NAMES))
    odd.type = type
    pad = draw(st.tuples(*[st.integers(0, 1)] * 4))
    stride = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    c = put(Conv2d(x, const(4, 3, 2, 2), const(4), stride=stride, pad=pad, groups=2, clamp=draw(LIMITS)))
    m = put(MaxPool2d(c, (1, 2), clamp=draw(LIMITS)))
    a = put(AveragePool2d(m, (2, 1), pad=pad, counted=pad))
    f = put(draw(st.sampled_from([ReduceMax, ReduceMean]))(a, (1, 2), keepdims=False))
    d = put(Dense(f, const(3, 4), const(3)))
    e = put(LeakyRelu(put(Clip(d, draw(FLOATS), draw(FLOATS))), alpha=draw(FLOATS)))
    g = put(Gather(e, graph.const(np.array([2, 0]), draw(NAMES)), 1))
    t = put(Transpose(put(Pad(g, (0, 1), (1, 0), draw(FLOATS))), (1, 0)))
    s = put(Softmax(put(Slice(t, (2, 0), (3, 2), (-1, 1))), 1))
    j = put(Concat((s, put(Relu(s, inplace=False)), s), 0))
    k = put(MatMul(put(Reshape(j, (1, 3, 6))), const(6, 2)))
    b = put(Mul(put(Add(k, k, clamp=draw(LIMITS))), const(), inplace=0))
    graph.returns({"y": put(Cast(b, draw(DTYPES))), "odd": odd})
    return graph


def equal(a: Array, b: Array) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(graphs())
def test_a_printed_graph_reads_back_to_the_same_bytes(graph: Graph) -> None:
    verify(graph)
    text, arrays = print_graph(graph)
    read = parse_graph(text, arrays)
    verify(read)
    again, again_arrays = print_graph(read)
    assert again == text
    assert list(again_arrays) == list(arrays) and all(equal(again_arrays[n], a) for n, a in arrays.items())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(graphs())
def test_a_read_graph_has_the_same_operators_and_types(graph: Graph) -> None:
    read = parse_graph(*print_graph(graph))
    assert [v.type for v in read.values()] == [v.type for v in graph.values()]
    for old, new in zip(graph, read, strict=True):
        assert type(old) is type(new)
        assert [v.name for v in old.operands] == [v.name for v in new.operands]
        for name in attribute_fields(type(old)):
            a, b = getattr(old, name), getattr(new, name)
            assert equal(a, b) if name == "data" else repr(a) == repr(b)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(graphs())
def test_a_copy_prints_alike_and_shares_no_value(graph: Graph) -> None:
    twin = graph.copy()
    assert print_graph(twin)[0] == print_graph(graph)[0]
    assert [op.source for op in twin] == [op.source for op in graph]
    assert not set(twin.values()) & set(graph.values())


def test_every_operator_class_is_made_of_operands_and_attributes() -> None:
    for cls in operator_classes().values():
        parts = [*(name for name, _ in operand_fields(cls)), *attribute_fields(cls), "results", "source"]
        assert sorted(parts) == sorted(f.name for f in fields(cls))


HEAD = "graph @g(%x: f32[1,2]) {\n"
TAIL = "  return y=%x\n}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "line 1: expected graph, found 'nonsense'"),
        ("graph g() {", "line 1: expected array, found 'g'"),
        ("graph @g(%x: f33[1]) {", "line 1: 'f33' is not a valid DType"),
        (HEAD + "  %y: f32[1,2] = relu %z\n" + TAIL, "line 2: %z is not defined"),
        (HEAD + "\n// a comment\n  %y: f32[1,2] = rely %x\n" + TAIL, "line 4: unknown operator 'rely'"),
        (HEAD + "  %x: f32[1,2] = relu %x\n" + TAIL, "line 2: %x is defined twice"),
        (HEAD + "  %y: f32[1,2] = relu %x %x\n" + TAIL, "line 2: unexpected '%x'"),
        (HEAD + "  %y: f32[1,2] = relu %x {inplaces=True}\n" + TAIL, "line 2: relu has no attribute 'inplaces'"),
        (HEAD + "  %y: f32[1,2] = relu %x {source='a'}\n" + TAIL, "line 2: relu has no attribute 'source'"),
        (HEAD + "  %y: f32[1,2] = softmax %x {axis=one}\n" + TAIL, "line 2: expected number, found 'one'"),
        (HEAD + "  %y: f32[1,2] = softmax %x\n" + TAIL, "line 2: "),
        (HEAD + "  %y: f32[1,2] = add %x\n" + TAIL, "line 2: the line ends where , should stand"),
        (HEAD + "  %y: f32[1,2] = relu ;x\n" + TAIL, "line 2: cannot read ';x'"),
        (HEAD + "  %k: f32[3] = const [1.0,2.0]\n" + TAIL, "line 2: cannot reshape"),
        (HEAD + "  %k: f32[3] = const @k\n" + TAIL, "array @k is not in the sidecar"),
        (HEAD, "line 2: the text ends inside a graph"),
        (HEAD + "  return y=%y\n}\n", "line 2: %y is not defined"),
    ],
)
def test_bad_text_is_an_error_that_names_the_line(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_graph(text)
    assert message in str(caught.value)


def test_an_array_that_does_not_fit_its_type_is_an_error() -> None:
    text = HEAD + "  %k: f32[3] = const @k\n" + TAIL
    with pytest.raises(ParseError, match=r"line 2: array is float32\[2\], the text says f32\[3\]"):
        parse_graph(text, {"k": np.zeros(2, np.float32)})


def test_names_of_any_characters_and_states_read_back() -> None:
    graph = Graph("g")
    h = graph.input("h/in:0", f32(1, 4))
    y = graph.insert(Relu(h), names=["y"]).result
    graph.returns({"it's // \\ y:0": y, "plain": y})
    graph.states[h] = "plain"
    text, _ = print_graph(graph)
    read = parse_graph(text)
    assert print_graph(read)[0] == text
    assert read.input_names == ["h/in:0"]
    assert read.output_names == ["it's // \\ y:0", "plain"]
    assert read.states == {read.inputs[0]: "plain"}
