"""Normalization: with constants of the training, or by the mean and variance of the elements themselves."""

from functools import partial
from math import prod

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.windows import from_nhwc, to_nhwc
from edgec.ir import DType, Value
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    Div,
    Equal,
    Mul,
    Normalize,
    Pow,
    ReduceL1,
    ReduceMean,
    ReduceSumSquare,
    Sqrt,
    Sub,
    Where,
)


@onnx_op("BatchNormalization")
def _batch_normalization(node: Node) -> Value | list[Value]:
    x = node.value(0)
    if not node.flag("spatial", True):
        raise node.error(
            "normalizes each position by itself (spatial=0)",
            "export the model for inference (model.eval(), training=TrainingMode.EVAL)",
        )
    names = ("scale", "bias", "mean", "variance")
    if x.type.rank < 2 or any(node.value(i + 1).shape != (x.shape[1],) for i in range(4)):
        raise node.error(f"its parameters do not fit the channels of {list(x.shape)}", "export the model again")
    if node.flag("training_mode", False):
        return _train(node, x)
    if node.opset < 14 and any(node.proto.output[1:]):
        raise node.error(
            "is in training mode", "export the model for inference (model.eval(), training=TrainingMode.EVAL)"
        )
    if any(isinstance(node.operand(i + 1), Value) for i in range(4)):
        scale, bias, mean, variance = (_per_channel(node, i + 1, x) for i in range(4))
        deviation = node.emit(Sqrt(node.emit(Add(variance, _epsilon(node, x)))))
        factor = node.emit(Div(scale, deviation))
        offset = node.emit(Sub(bias, node.emit(Mul(mean, factor))))
        return node.emit(Add(node.emit(Mul(x, factor)), offset))
    gamma, beta, mean_, variance_ = (node.finite(i + 1, name).astype(np.float64) for i, name in enumerate(names))
    if (variance_ + node.real("epsilon", 1e-5) <= 0).any():
        raise node.error("a variance is not positive", "check the training: variances cannot be negative")
    # In float64, and rounded once, so that folding into a convolution later starts from the best factors.
    factors = gamma / np.sqrt(variance_ + node.real("epsilon", 1e-5))
    broadcast = (-1, *(1,) * (x.type.rank - 2))
    dtype = x.type.dtype.numpy
    scale = node.const(factors.astype(dtype).reshape(broadcast), "scale")
    shift = node.const((beta - mean_ * factors).astype(dtype).reshape(broadcast), "offset")
    return node.emit(Add(node.emit(Mul(x, scale)), shift))


def _train(node: Node, x: Value) -> list[Value]:
    """Normalized by the batch's own mean and variance; the running ones are mixed with them."""
    axes = tuple(a for a in range(x.type.rank) if a != 1)
    scale, bias = (_per_channel(node, i, x) for i in (1, 2))
    y = node.emit(Normalize(x, scale, bias, axes, node.real("epsilon", 1e-5)))
    mean, variance = _moments(node, x, axes)
    momentum = node.real("momentum", 0.9)
    running = []
    for old, new in ((3, mean), (4, variance)):
        kept = node.emit(Mul(node.value(old), _number(node, momentum, x)))
        mixed = node.emit(Mul(node.reshaped(new, (x.shape[1],)), _number(node, 1 - momentum, x)))
        running.append(node.emit(Add(kept, mixed)))
    return [y, *running]


def _moments(node: Node, x: Value, axes: tuple[int, ...]) -> tuple[Value, Value]:
    """Mean, and mean square of the differences to it."""
    mean = node.emit(ReduceMean(x, axes))
    centered = node.emit(Sub(x, mean))
    return mean, node.emit(ReduceMean(node.emit(Mul(centered, centered)), axes))


def _number(node: Node, number: float, like: Value) -> Value:
    return node.const(np.array(number, like.type.dtype.numpy), "number")


def _epsilon(node: Node, like: Value) -> Value:
    return node.const(np.array(node.real("epsilon", 1e-5), like.type.dtype.numpy), "epsilon")


def _per_channel(node: Node, index: int, x: Value) -> Value:
    """A vector operand along axis 1 of x."""
    vector = node.value(index)
    if vector.shape != (x.shape[1],):
        raise node.error(f"{list(vector.shape)} does not fit the channels of {list(x.shape)}", "export the model again")
    return node.reshaped(node.cast(vector, x.type.dtype), (x.shape[1], *(1,) * (x.type.rank - 2)))


@onnx_op("InstanceNormalization")
def _instance_normalization(node: Node) -> Value:
    x = node.value(0)
    if x.type.rank < 3:
        raise node.error(f"works on {list(x.shape)}", "it needs [N,C] and spatial axes")
    scale, bias = (_per_channel(node, i, x) for i in (1, 2))
    return node.emit(Normalize(x, scale, bias, tuple(range(2, x.type.rank)), node.real("epsilon", 1e-5)))


@onnx_op("GroupNormalization")
def _group_normalization(node: Node) -> Value:
    x, groups = node.value(0), node.integer("num_groups", 1)
    if x.type.rank < 2 or groups < 1 or x.shape[1] % groups:
        raise node.error(f"{list(x.shape)} has no channels that split into {groups} groups", "check num_groups")
    scale, bias = (_per_channel(node, i, x) for i in (1, 2))
    axes = tuple(range(1, x.type.rank))
    return node.emit(Normalize(x, scale, bias, axes, node.real("epsilon", 1e-5), axis=1, groups=groups))


@onnx_op("LayerNormalization")
def _layer_normalization(node: Node) -> list[Value]:
    x = node.value(0)
    axes = tuple(range(node.axis(node.integer("axis", -1), x.type.rank), x.type.rank))
    bias = None if node.operand(2) is None else node.value(2)
    y = node.emit(Normalize(x, node.value(1), bias, axes, node.real("epsilon", 1e-5)))
    if not any(node.proto.output[1:]):
        return [y]
    mean, variance = _moments(node, x, axes)
    deviation = node.emit(Sqrt(node.emit(Add(variance, _epsilon(node, x)))))
    inverse = node.emit(Div(_number(node, 1.0, x), deviation))
    stash = DType.F64 if node.integer("stash_type", 1) == 11 else DType.F32
    return [y, node.cast(mean, stash), node.cast(inverse, stash)]


@onnx_op("RMSNormalization")
def _rms_normalization(node: Node) -> Value:
    x = node.value(0)
    axes = tuple(range(node.axis(node.integer("axis", -1), x.type.rank), x.type.rank))
    return node.emit(Normalize(x, node.value(1), None, axes, node.real("epsilon", 1e-5), centered=False))


@onnx_op("MeanVarianceNormalization")
def _mean_variance_normalization(node: Node) -> Value:
    x = node.value(0)
    axes = tuple(sorted({node.axis(a, x.type.rank) for a in node.integers("axes") or (0, 2, 3)}))
    mean, variance = _moments(node, x, axes)
    deviation = node.emit(Add(node.emit(Sqrt(variance)), _number(node, 1e-9, x)))
    return node.emit(Div(node.emit(Sub(x, mean)), deviation))


@onnx_op("LpNormalization")
def _lp_normalization(node: Node) -> Value:
    x, p = node.value(0), node.integer("p", 2)
    axes = (node.axis(node.integer("axis", -1), x.type.rank),)
    if p == 1:
        norm = node.emit(ReduceL1(x, axes))
    elif p == 2:
        norm = node.emit(Sqrt(node.emit(ReduceSumSquare(x, axes))))
    else:
        raise node.error(f"p is {p}", "only norms of order 1 and 2 are defined")
    # Where all elements are 0, so is the result.
    zero = node.emit(Equal(norm, _number(node, 0.0, x)))
    return node.emit(Div(x, node.emit(Where(zero, _number(node, 1.0, x), norm))))


@onnx_op("LRN")
def _lrn(node: Node) -> Value:
    x, size = node.value(0), node.integer("size", 1)
    if x.type.rank < 3 or size < 1:
        raise node.error(f"works on {list(x.shape)} with size {size}", "it needs [N,C] and spatial axes, and size > 0")
    node.check_table(size, "size")
    channels = x.shape[1]
    last = to_nhwc(node, x)
    square = node.reshaped(node.emit(Mul(last, last)), (1, prod(last.shape[:-1]), channels, 1))
    # A mean over neighbouring channels that counts the padding: the sum over size.
    pad = (0, 0, (size - 1) // 2, size // 2)
    mean = node.reshaped(node.emit(AveragePool2d(square, (1, size), pad=pad, counted=pad)), last.shape)
    number = partial(_number, node, like=x)
    base = node.emit(Add(node.emit(Mul(mean, number(node.real("alpha", 1e-4)))), number(node.real("bias", 1.0))))
    result = node.emit(Div(last, node.emit(Pow(base, number(node.real("beta", 0.75))))))
    return from_nhwc(node, result, x.type.rank)
