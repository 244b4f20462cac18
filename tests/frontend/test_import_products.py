"""Matrix products, batch normalization and reductions in every form, against onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx_models import agrees, ints, model, node, weights

from edgec.ir.ops import Dense, MatMul


@pytest.mark.parametrize("attributes", [{}, {"transA": 1}, {"transB": 1}, {"alpha": 0.5, "beta": 2.0, "transB": 1}])
@pytest.mark.parametrize("bias", [None, (), (1,), (5,), (1, 5), (3, 1), (3, 5)])
@pytest.mark.parametrize("constant", [True, False])
def test_gemm(tmp_path: Path, attributes: dict[str, Any], bias: tuple[int, ...] | None, constant: bool) -> None:
    a = (4, 3) if "transA" in attributes else (3, 4)
    b = (5, 4) if "transB" in attributes else (4, 5)
    others = {"b": b} | ({} if bias is None else {"c": bias})
    constants = {n: np.asarray(weights(*s)) for n, s in others.items()} if constant else {}
    inputs = {"a": a} if constant else {"a": a, **others}
    graph = agrees(model([node("Gemm", ["a", *others], ["y"], **attributes)], inputs, constants), tmp_path)
    assert any(isinstance(op, Dense if constant else MatMul) for op in graph)


def test_gemm_of_constant_weights_and_variable_bias(tmp_path: Path) -> None:
    proto = model([node("Gemm", ["a", "b", "c"], ["y"], beta=0.5)], {"a": [3, 4], "c": [5]}, {"b": weights(4, 5)})
    agrees(proto, tmp_path)


SHAPES = [
    ((3, 4), (4, 5)),
    ((2, 3, 4), (4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 1, 3, 4), (3, 4, 5)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((4,), (4,)),
    ((4,), (2, 4, 5)),
    ((2, 3, 4), (4,)),
]


@pytest.mark.parametrize(("a", "b"), SHAPES)
@pytest.mark.parametrize("constant", ["neither", "a", "b"])
def test_matmul(tmp_path: Path, a: tuple[int, ...], b: tuple[int, ...], constant: str) -> None:
    shapes = {"a": a, "b": b}
    inputs = {n: s for n, s in shapes.items() if n != constant}
    constants = {n: weights(*s) for n, s in shapes.items() if n == constant}
    graph = agrees(model([node("MatMul", ["a", "b"], ["y"])], inputs, constants), tmp_path)
    if constant == "b" and len(b) == 2:
        assert any(isinstance(op, Dense) for op in graph)


@pytest.mark.parametrize("shape", [(1, 3, 4, 5), (2, 3), (1, 3, 6)])
@pytest.mark.parametrize("opset", [7, 9, 14, 15])
def test_batch_normalization(tmp_path: Path, shape: tuple[int, ...], opset: int) -> None:
    constants = {n: weights(3, seed=i) for i, n in enumerate(("scale", "bias", "mean"))}
    constants["variance"] = np.abs(weights(3)) + 0.1
    batch_norm = node("BatchNormalization", ["x", *constants], ["y"], epsilon=1e-3)
    agrees(model([batch_norm], {"x": shape}, constants, opset=opset), tmp_path)


@pytest.mark.parametrize("kind", ["ReduceMean", "ReduceMax"])
@pytest.mark.parametrize("axes", [None, (1,), (-1, 0), (2, 1)])
@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("opset", [11, 18])
def test_reduce(tmp_path: Path, kind: str, axes: tuple[int, ...] | None, keepdims: int, opset: int) -> None:
    if opset < 18 or axes is None:
        attributes = {} if axes is None else {"axes": axes}
        proto = model([node(kind, ["x"], ["y"], keepdims=keepdims, **attributes)], {"x": [2, 3, 4]}, opset=opset)
    else:
        reduce = node(kind, ["x", "a"], ["y"], keepdims=keepdims)
        proto = model([reduce], {"x": [2, 3, 4]}, {"a": ints(*axes)}, opset=opset)
    agrees(proto, tmp_path)


@pytest.mark.parametrize("noop", [0, 1])
@pytest.mark.parametrize("given", [True, False])
def test_reduce_with_empty_axes(tmp_path: Path, noop: int, given: bool) -> None:
    reduce = node("ReduceMean", ["x", "a"] if given else ["x"], ["y"], noop_with_empty_axes=noop)
    agrees(model([reduce], {"x": [2, 3]}, {"a": ints()} if given else {}, opset=18), tmp_path)
