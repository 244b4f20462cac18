"""Each rule about quantized types, broken once: integers are never taken for other numbers than their type says."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from edgec.ir import DType, Graph, IRError, Op, Quant, TensorType, Value, f32, verify
from edgec.ir.ops import (
    Add,
    ArgMax,
    Clip,
    Concat,
    Dense,
    Dequantize,
    Exp,
    Gather,
    Less,
    Lookup,
    MaxPool2d,
    Neg,
    Pad,
    Quantize,
    ReduceMean,
    ReduceProd,
    Relu,
    Requantize,
    Resample,
    Reshape,
    ScatterNd,
    Softmax,
    TopK,
    Transpose,
    Where,
)

QUANT = Quant((0.5,), (3,))
OTHER = Quant((0.25,), (3,))


def i8(*shape: int, quant: Quant | None = QUANT) -> TensorType:
    return TensorType(DType.I8, shape, quant)


Build = Callable[[Graph, Value], Op]


def graph_of(build: Build, *types: TensorType, x: TensorType | None = None) -> Graph:
    """A graph of one operator on a quantized ``x[2,4]``; ``types``: of its results, which are inferred otherwise."""
    graph = Graph("g")
    op = graph.insert(build(graph, graph.input("x", x or i8(2, 4))), names=["y"], types=types or None)
    graph.returns({v.name: v for v in op.results})
    return graph


def rejected(graph: Graph, message: str) -> None:
    with pytest.raises(IRError, match=re.escape(message)):
        verify(graph)


def const(graph: Graph, array: object, quant: Quant | None = None, dtype: DType = DType.I8) -> Value:
    value = graph.const(np.array(array, dtype.numpy), "k")
    value.type = TensorType(value.type.dtype, value.shape, quant)
    return value


def condition(graph: Graph) -> Value:
    return const(graph, [True, False, True, False], dtype=DType.BOOL)


def index(graph: Graph, *shape: int) -> Value:
    return const(graph, np.zeros(shape), dtype=DType.I32)


def scatter(graph: Graph, x: Value, updates: Quant | None = QUANT, reduction: str = "none") -> Op:
    return ScatterNd(x, index(graph, 1, 1), const(graph, np.zeros((1, 4)), updates), reduction)


MOVERS: list[Build] = [
    lambda g, x: Reshape(x, (8,)),
    lambda g, x: Transpose(x, (1, 0)),
    lambda g, x: Concat((x, const(g, [[1, 2, 3, 4]], QUANT)), 0),
    lambda g, x: Gather(x, index(g, 3), 1),
    lambda g, x: Where(condition(g), x, const(g, [1], QUANT)),
    lambda g, x: scatter(g, x, reduction="max"),
    lambda g, x: Pad(x, (0, 1), (1, 0), 3.0),
    lambda g, x: Clip(x, -3.0, 100.0),
    lambda g, x: TopK(x, 1, 2),
]


@pytest.mark.parametrize("build", MOVERS, ids=lambda b: graph_of(b).ops[-2].opname)
def test_a_mover_keeps_scale_and_zero_point(build: Build) -> None:
    verify(graph_of(build))
    for quant in (OTHER, Quant((0.5,), (4,))):
        graph = graph_of(build)
        result = graph.ops[-2].results[0]
        result.type = TensorType(result.type.dtype, result.shape, quant)
        rejected(graph, "moves quantized integers to another scale or zero point")


@pytest.mark.parametrize("quant", [OTHER, None])
@pytest.mark.parametrize(
    "build",
    [
        lambda g, x, q: Concat((x, const(g, [[1, 2, 3, 4]], q)), 0),
        lambda g, x, q: Where(condition(g), x, const(g, [1], q)),
        lambda g, x, q: scatter(g, x, q),
    ],
)
def test_what_moves_together_is_quantized_alike(
    build: Callable[[Graph, Value, Quant | None], Op], quant: Quant | None
) -> None:
    rejected(graph_of(lambda g, x: build(g, x, quant)), "moves quantized integers to another scale or zero point")


def test_an_axis_of_scales_moves_along() -> None:
    x = i8(2, 4, quant=Quant((0.5, 0.25), (0,), axis=0))
    verify(graph_of(lambda g, x: Transpose(x, (1, 0)), x=x))
    message = "moves quantized integers to another scale"
    rejected(graph_of(lambda g, x: Transpose(x, (1, 0)), i8(4, 2, quant=Quant((0.5,) * 4, (0,), axis=0)), x=x), message)


@pytest.mark.parametrize(
    "build",
    [
        lambda g, x: Neg(x),
        lambda g, x: Relu(x),
        lambda g, x: ReduceProd(x, (0,)),
        lambda g, x: scatter(g, x, reduction="add"),
    ],
    ids=["neg", "relu", "reduce_prod", "scatter_add"],
)
def test_a_plain_operator_is_not_on_quantized_integers(build: Build) -> None:
    rejected(graph_of(build), "computes with quantized integers as if they were numbers")


@pytest.mark.parametrize(
    ("build", "types"),
    [
        (lambda g, x: Less(x, x), []),
        (lambda g, x: Requantize(x), [i8(2, 4, quant=None)]),
        (lambda g, x: Reshape(x, (8,)), [i8(8, quant=None)]),
    ],
)
def test_quantized_integers_are_not_read_as_plain(build: Build, types: list[TensorType]) -> None:
    rejected(graph_of(build, *types), "reads the quantized %x as plain integers")


@pytest.mark.parametrize("build", [lambda g, x: ArgMax(x, 1), lambda g, x: Dequantize(x, *scaled(g))])
def test_positions_and_numbers_are_not_quantized(build: Build) -> None:
    verify(graph_of(build))


def scaled(graph: Graph, scale: float = 0.5, zero_point: int = 3) -> tuple[Value, Value]:
    return const(graph, scale, dtype=DType.F32), const(graph, zero_point)


@pytest.mark.parametrize("given", [(0.25, 3), (0.5, 4)])
def test_integers_are_dequantized_by_what_they_are_quantized_by(given: tuple[float, int]) -> None:
    graph = graph_of(lambda g, x: Dequantize(x, *scaled(g, *given)))
    rejected(graph, "dequantize %y reads %x with another scale or zero point than its type's")


@pytest.mark.parametrize("given", [(0.25, 3), (0.5, 4)])
def test_a_quantize_gives_what_its_operands_say(given: tuple[float, int]) -> None:
    def graph(scale: float, zero_point: int) -> Graph:
        build: Build = lambda g, x: Quantize(x, *scaled(g, scale, zero_point), dtype=DType.I8)  # noqa: E731
        return graph_of(build, i8(2, 4), x=f32(2, 4))

    verify(graph(0.5, 3))
    rejected(graph(*given), "is not quantized by its operands' scale and zero point")


def test_a_computed_scale_is_in_no_type() -> None:
    def build(graph: Graph, x: Value) -> Op:
        return Quantize(x, graph.insert(Exp(const(graph, 0.0, dtype=DType.F32))).result, dtype=DType.I8)

    rejected(graph_of(build, i8(2, 4, quant=Quant((1.0,))), x=f32(2, 4)), "is not quantized by its operands' scale")


def test_a_requantizing_operator_chooses_its_type() -> None:
    for kind in (i8(2, 1, quant=OTHER), TensorType(DType.I16, (2, 1), OTHER)):
        verify(graph_of(lambda g, x: ReduceMean(x, (1,)), kind))
    wide = TensorType(DType.I32, (2, 1), OTHER)
    rejected(graph_of(lambda g, x: ReduceMean(x, (1,)), wide), "which is not a quantized activation")
    along = i8(2, 1, quant=Quant((0.5, 0.5), axis=0))
    rejected(graph_of(lambda g, x: ReduceMean(x, (1,)), along), "which is not a quantized activation")


def test_a_requantizing_operator_reads_quantized_integers() -> None:
    rejected(graph_of(lambda g, x: Add(x, x), i8(2, 4), x=i8(2, 4, quant=None)), "reads the plain %x as quantized")


def test_a_table_has_the_type_of_its_results() -> None:
    def table(graph: Graph, x: Value) -> Op:
        return Lookup(x, const(graph, np.zeros(256)))

    verify(graph_of(table, i8(2, 4, quant=OTHER)))
    rejected(graph_of(table, TensorType(DType.I16, (2, 4), OTHER)), "lookup %y has type")


@pytest.mark.parametrize("value", [128.0, -129.0, 0.5])
def test_padding_is_a_code(value: float) -> None:
    rejected(graph_of(lambda g, x: Pad(x, (0, 1), (0, 0), value)), "which is no i8")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda g, x: Exp(x), "exp of i8"),
        (lambda g, x: Softmax(wide(g), 1), "softmax of integers is of bytes"),
        (lambda g, x: Add(x, const(g, [1])), "add of i8 that is not a quantized activation"),
        (lambda g, x: Add(x, const(g, [1, 2, 3, 4], Quant((1.0,) * 4, axis=0))), "that is not a quantized activation"),
        (
            lambda g, x: MaxPool2d(g.input("z", TensorType(DType.I32, (1, 2, 2, 1), QUANT)), (1, 1)),
            "of i32 that is not",
        ),
        (lambda g, x: Dense(x, const(g, np.ones((1, 4))), index(g, 1)), "weights of dense must be constant i8"),
        (lambda g, x: Requantize(g.input("z", i8(3, quant=None))), "requantize of i8[3]"),
        (lambda g, x: Resample(x, index(g, 5, 1), g.input("w", f32(5, 1)), 1), "weights of quantized values must be"),
    ],
)
def test_operands_that_have_no_meaning(build: Build, message: str) -> None:
    with pytest.raises(IRError, match=re.escape(message)):
        graph_of(build)


def wide(graph: Graph) -> Value:
    return graph.input("z", TensorType(DType.I16, (2, 4), QUANT))


def test_a_table_is_constant_and_complete() -> None:
    for build in (
        lambda g, x: Lookup(x, const(g, np.zeros(255))),
        lambda g, x: Lookup(x, g.input("t", i8(256, quant=None))),
    ):
        with pytest.raises(IRError, match="a table is 256 constants"):
            graph_of(build)
