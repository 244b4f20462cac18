"""The table of quantized forms says of every operator what the interpreter can do, and nothing that it cannot."""

import numpy as np
import pytest

from edgec.ir import DType, Graph, Op, TensorType, Value, f32
from edgec.ir.interp.registry import QUANTIZED_MEANINGS
from edgec.ir.ops import (
    Add,
    Clip,
    Conv2d,
    Dense,
    Gather,
    IsNan,
    MatMul,
    Normalize,
    Pad,
    Relu,
    Resample,
    ScatterNd,
    Sigmoid,
    Softmax,
    Where,
)
from edgec.passes._quantized_forms import Form, activations, form

GRAPH = Graph("g")
X = GRAPH.input("x", f32(1, 4, 4, 2))


def const(*shape: int) -> Value:
    return GRAPH.const(np.ones(shape, np.float32))


def put(op: Op) -> Op:
    return GRAPH.insert(op)


INDICES = GRAPH.const(np.zeros((3, 1), np.int32))
MASK = GRAPH.const(np.ones((1, 4, 4, 2), np.bool_))


@pytest.mark.parametrize(
    ("op", "of_bytes", "wide"),
    [
        (Conv2d(X, const(3, 1, 1, 2), const(3)), Form.REQUANTIZES, Form.REQUANTIZES),
        (Conv2d(X, GRAPH.input("w", f32(3, 1, 1, 2)), const(3)), None, None),
        (Add(X, X), Form.REQUANTIZES, Form.REQUANTIZES),
        (Softmax(X, 3), Form.REQUANTIZES, None),
        (Sigmoid(X), Form.LOOKS_UP, None),
        (Relu(X), Form.LOOKS_UP, Form.MOVES),
        (Clip(X, 0.0, 6.0), Form.LOOKS_UP, Form.MOVES),
        (Pad(X, (0, 1, 1, 0), (0, 1, 1, 0)), Form.MOVES, Form.MOVES),
        (IsNan(X), None, None),
        (Normalize(X, const(2), None, (3,), 1e-3), None, None),
        (ScatterNd(X, INDICES, const(3, 4, 4, 2), "add"), None, None),
        (ScatterNd(X, INDICES, const(3, 4, 4, 2), "max"), Form.MOVES, Form.MOVES),
    ],
    ids=lambda p: p.opname if isinstance(p, Op) else None,
)
def test_form(op: Op, of_bytes: Form | None, wide: Form | None) -> None:
    put(op)
    assert (form(op, DType.I8), form(op, DType.U8), form(op, DType.I16)) == (of_bytes, of_bytes, wide)
    assert (form(op, DType.I8) is Form.REQUANTIZES) <= (type(op) in QUANTIZED_MEANINGS)


def test_integers_have_no_form() -> None:
    x = GRAPH.input("n", TensorType(DType.I32, (2,)))
    assert form(put(Add(x, x)), DType.I8) is None


@pytest.mark.parametrize(("inner", "of_bytes", "wide"), [(8, True, True), (600, True, False), (40_000, False, False)])
def test_a_product_of_two_activations_stays_float_where_its_sum_fits_no_accumulator(
    inner: int, of_bytes: bool, wide: bool
) -> None:
    op = put(MatMul(GRAPH.input("a", f32(1, inner)), GRAPH.input("b", f32(inner, 1))))
    assert [form(op, d) is Form.REQUANTIZES for d in (DType.I8, DType.I16)] == [of_bytes, wide]


def test_weights_indices_and_conditions_are_no_activations() -> None:
    rows = GRAPH.const(np.zeros((4, 1), np.int32))
    for op in (
        Dense(X, const(3, 2), const(3)),
        Resample(X, rows, const(4, 1), 1),
        Gather(X, INDICES, 0),
        Where(MASK, X, X),
    ):
        assert set(activations(put(op))) == {X}
