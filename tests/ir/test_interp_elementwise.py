"""Elementwise operators, reductions and casts at their edges."""

import numpy as np
import pytest

from edgec.ir import Array, DType, Graph, IRError, TensorType, Value, f32
from edgec.ir.interp import run, trace
from edgec.ir.ops import (
    Add,
    Cast,
    Clamp,
    Clip,
    Div,
    Gather,
    HardSwish,
    LeakyRelu,
    MatMul,
    ReduceMean,
    Relu,
    Sigmoid,
    Softmax,
    Sub,
    Tanh,
)


def apply(make: object, *arrays: Array) -> Array:
    """Run one operator, made by ``make(*values)``."""
    graph = Graph("g")
    inputs = {f"x{i}": a for i, a in enumerate(arrays)}
    values = [graph.input(n, TensorType(DType.of(a.dtype), a.shape)) for n, a in inputs.items()]
    graph.returns({"y": graph.insert(make(*values)).result})  # type: ignore[operator]
    return run(graph, inputs)["y"]


X = np.array([-200.0, -3.0, -1.5, -0.0, 0.0, 0.25, 2.0, 200.0], np.float32)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (Relu, [max(x, 0.0) for x in X]),
        (lambda v: Clip(v, -1.0, 2.0), [min(max(x, -1.0), 2.0) for x in X]),
        (lambda v: LeakyRelu(v, alpha=0.5), [x if x > 0 else 0.5 * x for x in X]),
        (Sigmoid, 1 / (1 + np.exp(-X.astype(np.float64)))),
        (Tanh, np.tanh(X.astype(np.float64))),
        (HardSwish, [x * min(max(x + 3, 0), 6) / 6 for x in X]),
        (lambda v: Softmax(v, 0), np.exp(X.astype(np.float64) - 200) / np.exp(X.astype(np.float64) - 200).sum()),
    ],
)
def test_functions_of_one_tensor(make: object, expected: list[float]) -> None:
    np.testing.assert_allclose(apply(make, X), np.array(expected), rtol=1e-6, atol=1e-30)


def test_nan_passes_through_clamps() -> None:
    assert np.isnan(apply(lambda v: Clip(v, -1.0, 2.0), np.array([np.nan], np.float32))).all()


def test_limits_are_not_minus_zero() -> None:
    """Clang 19 makes another sign of zeros at such a limit than gcc."""
    x = Graph("limits").input("x", TensorType(DType.F32, (1,)))
    for limits in (Clamp(-0.0, -0.0), Clip(x, -0.0, -0.0)):
        assert [np.copysign(1, limit) for limit in (limits.low, limits.high)] == [1, 1]


def test_broadcasting_and_clamp() -> None:
    a, b = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([[1.0], [10.0]], np.float32)
    np.testing.assert_array_equal(apply(Sub, a, b), a - b)
    np.testing.assert_array_equal(apply(Add, a, np.array(1, np.float32)), a + 1)


def test_integer_division_truncates_towards_zero() -> None:
    a, b = np.array([7, -7, 7, -7], np.int32), np.array([2, 2, -2, -2], np.int32)
    np.testing.assert_array_equal(apply(Div, a, b), [3, -3, -3, 3])


def test_cast_to_integers_truncates_and_saturates() -> None:
    x = np.array([1.9, -1.9, 300.0, -300.0, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(apply(lambda v: Cast(v, DType.I8), x), [1, -1, 127, -128, 127, 0])
    limits = [np.iinfo(np.int64).max, np.iinfo(np.int64).min]
    np.testing.assert_array_equal(apply(lambda v: Cast(v, DType.I64), np.array([1e30, -1e30], np.float32)), limits)


def test_mean_over_axes_with_and_without_keeping_them() -> None:
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    np.testing.assert_allclose(apply(lambda v: ReduceMean(v, (0, 2)), x), x.mean((0, 2), keepdims=True))
    np.testing.assert_allclose(apply(lambda v: ReduceMean(v, (1,), keepdims=False), x), x.mean(1))


def test_matmul_broadcasts_its_batch_axes() -> None:
    a, b = np.ones((2, 1, 3, 4), np.float32), np.arange(40, dtype=np.float32).reshape(5, 4, 2)
    np.testing.assert_array_equal(apply(MatMul, a, b), a @ b)


def test_gather_with_indices_per_sample_and_of_any_rank() -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    for indices in (np.array(2), np.array([3, 0]), np.array([[1, 1], [0, 2]])):
        np.testing.assert_array_equal(apply(lambda v, i: Gather(v, i, 1), x, indices), np.take(x, indices, 1))


def test_wrong_inputs_are_refused() -> None:
    graph = Graph("g")
    x: Value = graph.input("x", f32(2))
    graph.returns({"y": x})
    with pytest.raises(IRError, match="are not the graph's"):
        run(graph, {"z": np.zeros(2, np.float32)})
    with pytest.raises(IRError, match="input x is float64"):
        run(graph, {"x": np.zeros(2)})


def test_trace_holds_every_value() -> None:
    graph = Graph("g")
    x = graph.input("x", f32(2))
    y = graph.insert(Relu(x)).result
    graph.returns({"y": graph.insert(Tanh(y)).result})
    found = trace(graph, {"x": np.array([[-1.0, 1.0]], np.float32)})
    np.testing.assert_array_equal(found[y], [[0.0, 1.0]])
    assert len(found) == 3
