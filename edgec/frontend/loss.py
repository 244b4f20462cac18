"""Losses: what was said about the right class."""

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import BitwiseAnd, Div, Equal, LogSoftmax, Mul, Neg, Not, ReduceMean, ReduceSum, Where


@onnx_op("NegativeLogLikelihoodLoss")
def _negative_log_likelihood(node: Node) -> Value:
    return _loss(node, node.value(0))


@onnx_op("SoftmaxCrossEntropyLoss")
def _softmax_cross_entropy(node: Node) -> list[Value]:
    logarithm = node.emit(LogSoftmax(node.value(0), node.axis(1, node.value(0).type.rank)))
    return [_loss(node, logarithm), logarithm]


def _loss(node: Node, x: Value) -> Value:
    """Minus the element of ``x[N,C,...]`` at the label ``[N,...]``, weighted.

    Picked by comparing the label with each class, so that a label out of range, like an ignored one, picks nothing.
    """
    labels, reduction = node.value(1), node.string("reduction", "mean")
    if x.type.rank < 2 or labels.shape != (x.shape[0], *x.shape[2:]):
        raise node.error(f"labels {list(labels.shape)} do not fit {list(x.shape)}", "export the model again")
    if reduction not in ("none", "mean", "sum"):
        raise node.error(f"reduction is {reduction!r}", "it can be none, mean or sum")
    dtype, integer = x.type.dtype.numpy, labels.type.dtype.numpy
    per_class = (x.shape[1], *(1,) * (x.type.rank - 2))
    label = node.reshaped(labels, (x.shape[0], 1, *x.shape[2:]))
    picked = node.emit(Equal(label, node.const(np.arange(x.shape[1]).astype(integer).reshape(per_class), "classes")))
    ignored = node.attributes.get("ignore_index")
    if ignored is not None:
        kept = node.emit(Not(node.emit(Equal(label, node.const(np.array(ignored, integer), "ignored")))))
        picked = node.emit(BitwiseAnd(picked, kept))
    zero = node.const(np.array(0, dtype), "zero")

    def pick(values: Value) -> Value:
        return node.emit(ReduceSum(node.emit(Where(picked, values, zero)), (1,), keepdims=False))

    loss = node.emit(Neg(pick(x)))
    axes = tuple(range(loss.type.rank))
    if node.operand(2) is None and (ignored is None or reduction != "mean"):
        if reduction == "none":
            return loss
        return node.emit((ReduceMean if reduction == "mean" else ReduceSum)(loss, axes, keepdims=False))
    if node.operand(2) is None:
        weights = node.const(np.ones(per_class, dtype), "weights")
    else:
        weights = node.reshaped(node.value(2), per_class)
    weight = pick(weights)
    weighted = loss if node.operand(2) is None else node.emit(Mul(loss, weight))
    if reduction == "none":
        return weighted
    total = node.emit(ReduceSum(weighted, axes, keepdims=False))
    return total if reduction == "sum" else node.emit(Div(total, node.emit(ReduceSum(weight, axes, keepdims=False))))
