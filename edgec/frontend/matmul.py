"""Matrix products, and the determinant."""

import numpy as np

from edgec.frontend.matrices import multiplied
from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Array, Value
from edgec.ir.ops import Add, Dense, Det, MatMul, Mul, Transpose


@onnx_op("Gemm")
def _gemm(node: Node) -> Value:
    a, alpha, beta = node.value(0), _factor(node, "alpha"), _factor(node, "beta")
    if a.type.rank != 2:
        raise node.error(f"works on {list(a.shape)}", "it needs a matrix: put a Flatten before it")
    if node.integer("transA", 0):
        a = node.emit(Transpose(a, (1, 0)))
    transposed = bool(node.integer("transB", 0))
    if isinstance(node.operand(1), Value):
        b = node.value(1)
        if b.type.rank != 2:
            raise node.error(f"works on {list(b.shape)}", "it needs a matrix")
        b = node.emit(Transpose(b, (1, 0))) if transposed else b
        product = _scaled(node, node.emit(MatMul(a, b)), alpha)
        return product if node.operand(2) is None else _add(node, product, beta)
    weights = node.finite(1)
    if weights.ndim != 2:
        raise node.error(f"weights are {list(weights.shape)}", "they must be a matrix")
    weights = alpha * (weights if transposed else weights.T)
    bias = _bias(node, weights.shape[0], beta)
    product = _dense(node, a, weights, bias)
    return product if bias is not None or node.operand(2) is None else _add(node, product, beta)


def _factor(node: Node, name: str) -> Array:
    """Attribute alpha or beta in the type of the operands."""
    factor, dtype = node.real(name, 1.0), node.value(0).type.dtype
    if not dtype.is_float and factor != int(factor):
        raise node.error(f"{name} is {factor}, its operands {dtype.value}", "integers take whole factors")
    return np.array(factor, dtype.numpy)


def _bias(node: Node, outputs: int, beta: Array) -> Array | None:
    """Gemm's constant third operand as a bias ``[outputs]``; None if there is none of such a shape."""
    if node.operand(2) is None or isinstance(node.operand(2), Value):
        return None
    data = node.finite(2, "bias")
    if data.ndim > 2 or (data.ndim == 2 and data.shape[0] != 1) or data.shape[-1:] not in ((), (1,), (outputs,)):
        return None
    return np.asarray(beta * np.broadcast_to(data.reshape(-1), (outputs,)))


def _add(node: Node, product: Value, beta: Array) -> Value:
    """Add beta times Gemm's third operand, which broadcasts to the product."""
    total = node.emit(Add(product, _scaled(node, node.value(2), beta)))
    if total.shape != product.shape:
        raise node.error(
            f"C {list(node.value(2).shape)} does not broadcast to {list(product.shape)}", "export the model again"
        )
    return total


def _scaled(node: Node, x: Value, factor: Array) -> Value:
    return x if factor == 1 else node.emit(Mul(x, node.const(factor, "scale")))


def _dense(node: Node, x: Value, weights: Array, bias: Array | None) -> Value:
    """``x[..., I] -> [..., O]`` with ``weights[O,I]``."""
    given = bias is not None
    named = node.const(
        np.zeros(weights.shape[0], weights.dtype) if bias is None else bias, node.name(2) if given else "bias"
    )
    return node.emit(Dense(x, node.const(weights, node.name(1)), named))


@onnx_op("MatMul")
def _matmul(node: Node) -> Value:
    a = node.value(0)
    if a.type.rank and not isinstance(node.operand(1), Value):
        weights = node.finite(1)
        if weights.ndim == 2:
            return _dense(node, a, weights.T, None)
    return multiplied(node, a, node.value(1), MatMul)


@onnx_op("Det")
def _det(node: Node) -> Value:
    return node.emit(Det(node.value(0)))
