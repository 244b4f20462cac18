"""Each rule of the verifier, broken once."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from edgec.ir import NM, DType, Graph, IRError, Quant, TensorType, Value, f32, verify
from edgec.ir.ops import Add, Relu, Reshape, Slice, Tanh


def chain() -> Graph:
    """x -> a = relu -> b = tanh -> output."""
    graph = Graph("g")
    x = graph.input("x", f32(2, 4))
    a = graph.insert(Relu(x), names=["a"]).result
    b = graph.insert(Tanh(a), names=["b"]).result
    graph.returns({"b": b})
    return graph


def rejected(graph: Graph, message: str) -> None:
    with pytest.raises(IRError, match=re.escape(message)):
        verify(graph)


def test_a_sound_graph_passes() -> None:
    verify(chain())


def test_two_values_of_one_name() -> None:
    graph = chain()
    graph.ops[1].result.name = "a"
    rejected(graph, "%a is defined twice")


def test_an_input_with_a_producer() -> None:
    graph = chain()
    graph.inputs[0].producer = graph.ops[0]
    rejected(graph, "input %x has a producer")


def test_no_return_at_the_end() -> None:
    graph = chain()
    graph.ops.pop()
    rejected(graph, "does not end in a return")


def test_output_names_and_values_of_different_number() -> None:
    graph = chain()
    graph.output_names.append("c")
    rejected(graph, "output names and returned values differ in number")


def test_a_use_before_the_definition() -> None:
    graph = chain()
    graph.ops[0], graph.ops[1] = graph.ops[1], graph.ops[0]
    rejected(graph, "tanh %b reads %a before it is defined")


def test_a_missing_result() -> None:
    graph = chain()
    graph.ops[1].results = []
    rejected(graph, "tanh must have 1 results")


def test_a_result_that_does_not_know_its_producer() -> None:
    graph = chain()
    graph.ops[1].result.producer = None
    rejected(graph, "%b does not know its producer")


def test_a_type_that_the_operands_do_not_give() -> None:
    graph = chain()
    graph.ops[1].result.type = f32(4, 2)
    rejected(graph, "tanh %b has type")


def test_a_use_that_is_not_counted() -> None:
    graph = chain()
    graph.inputs[0].uses.clear()
    rejected(graph, "%x counts 0 uses, has 1")


@pytest.mark.parametrize(
    ("type", "message"),
    [
        (f32(0, 4), "has an empty or negative extent"),
        (TensorType(DType.I8, (4,), Quant((1.0, 2.0))), "has 2 scales for 1 channels"),
        (TensorType(DType.I8, (2, 4), Quant((1.0, 2.0), (0, 0, 0), axis=0)), "has 2 scales for 2 channels"),
        (TensorType(DType.I8, (4,), Quant((0.0,))), "has a scale that is not positive and finite"),
        (TensorType(DType.I8, (4,), Quant((float("inf"),))), "has a scale that is not positive and finite"),
        (TensorType(DType.F32, (4,), Quant((1.0,))), "is quantized, but f32"),
        (TensorType(DType.BOOL, (4,), Quant((1.0,))), "is quantized, but bool"),
        (TensorType(DType.I8, (4,), Quant((1.0,), axis=1)), "is quantized along axis 1 of 1"),
        (TensorType(DType.I8, (4,), Quant((1.0,), axis=-1)), "is quantized along axis -1 of 1"),
        (TensorType(DType.U8, (4,), Quant((1.0,), (-1,))), "has a zero point that is no u8"),
        (TensorType(DType.I8, (4,), Quant((1.0,), (128,))), "has a zero point that is no i8"),
        (TensorType(DType.F32, (4,), sparsity=NM(4, 4)), "has sparsity 4:4"),
    ],
)
def test_a_type_that_breaks_a_rule(type: TensorType, message: str) -> None:
    graph = Graph("g")
    x = graph.input("x", type)
    graph.returns({"y": x})
    rejected(graph, message)


def in_place(build: Callable[[Graph, Value], object]) -> Graph:
    """A graph around an operator in place; ``build`` gets an intermediate value to overwrite."""
    graph = Graph("g")
    a = graph.insert(Tanh(graph.input("x", f32(2, 4))), names=["a"]).result
    build(graph, a)
    graph.returns({"y": graph.ops[-1].result})
    return graph


def test_in_place_over_the_only_use_is_sound() -> None:
    verify(in_place(lambda g, a: g.insert(Relu(a, inplace=True))))


def test_in_place_over_a_value_with_another_reader() -> None:
    def build(graph: Graph, a: Value) -> None:
        b = graph.insert(Relu(a, inplace=True), names=["b"]).result
        graph.insert(Add(a, b))

    rejected(in_place(build), "relu %b may not overwrite %a: it is a constant or has another reader")


def test_in_place_over_a_reshape_of_a_value_with_another_reader() -> None:
    def build(graph: Graph, a: Value) -> None:
        flat = graph.insert(Reshape(a, (8,)), names=["flat"]).result
        b = graph.insert(Relu(flat, inplace=True), names=["b"]).result
        graph.insert(Add(a, graph.insert(Reshape(b, (2, 4))).result))

    rejected(in_place(build), "relu %b may not overwrite %flat")


def test_in_place_over_a_constant() -> None:
    def build(graph: Graph, a: Value) -> None:
        k = graph.const(np.ones((2, 4), np.float32), "k")
        graph.insert(Add(a, k, inplace=1), names=["s"])

    rejected(in_place(build), "add %s may not overwrite %k")


def test_in_place_over_an_operand_of_another_size() -> None:
    def build(graph: Graph, a: Value) -> None:
        row = graph.insert(Slice(graph.inputs[0], (0, 0), (1, 4), (1, 1))).result
        graph.insert(Add(a, row, inplace=1), names=["s"])

    rejected(in_place(build), "the types differ")
