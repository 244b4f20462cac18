"""Elementwise functions of one or two tensors, and softmax."""

from math import inf, isnan, prod

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.tensors import element_type
from edgec.ir import DType, Value
from edgec.ir.ops import (
    Add,
    Binary,
    Cast,
    Clip,
    Div,
    HardSwish,
    LeakyRelu,
    Mul,
    Relu,
    Reshape,
    Sigmoid,
    Softmax,
    Sub,
    Tanh,
    Unary,
)

_UNARY: dict[str, type[Unary]] = {"Relu": Relu, "Sigmoid": Sigmoid, "Tanh": Tanh, "HardSwish": HardSwish}
_BINARY: dict[str, type[Binary]] = {"Add": Add, "Sub": Sub, "Mul": Mul, "Div": Div}


@onnx_op(*_UNARY)
def _unary(node: Node) -> Value:
    return node.emit(_UNARY[node.proto.op_type](node.float32(0)))


@onnx_op(*_BINARY)
def _binary(node: Node) -> Value:
    return node.emit(_BINARY[node.proto.op_type](_number(node, 0), _number(node, 1)))


@onnx_op("LeakyRelu")
def _leaky_relu(node: Node) -> Value:
    return node.emit(LeakyRelu(node.float32(0), node.real("alpha", 0.01)))


@onnx_op("HardSigmoid")
def _hard_sigmoid(node: Node) -> Value:
    slope = node.const(np.array(node.real("alpha", 0.2), np.float32), "alpha")
    offset = node.const(np.array(node.real("beta", 0.5), np.float32), "beta")
    line = node.emit(Add(node.emit(Mul(node.float32(0), slope)), offset))
    return node.emit(Clip(line, 0.0, 1.0))


@onnx_op("Clip")
def _clip(node: Node) -> Value:
    low = _limit(node, 1, "min", -inf)
    high = _limit(node, 2, "max", inf)
    return node.emit(Clip(_number(node, 0), low, high))


def _limit(node: Node, index: int, name: str, default: float) -> float:
    """A limit of Clip: an attribute up to opset 10, an operand from then on."""
    data = node.constant(index, f"limit {name!r}")
    if data is not None and data.size != 1:
        raise node.error(f"{name} has {data.size} elements", "give one number")
    limit = float(node.attributes.get(name, default)) if data is None else float(data.reshape(-1)[0])
    if isnan(limit):
        raise node.error(f"{name} is NaN", "give a number")
    # The widest finite limits are what older opsets say for "none".
    return default if abs(limit) >= np.finfo(np.float32).max and limit * default > 0 else limit


@onnx_op("Softmax")
def _softmax(node: Node) -> Value:
    x = node.float32(0)
    rank = x.type.rank
    if node.opset >= 13:
        return node.emit(Softmax(x, node.axis(node.integer("axis", -1), rank)))
    axis = node.axis(node.integer("axis", 1), rank)
    if axis == rank - 1:
        return node.emit(Softmax(x, axis))
    # Before opset 13 the axes from ``axis`` on were one.
    flat = node.emit(Reshape(x, (prod(x.shape[:axis]), prod(x.shape[axis:]))))
    return node.emit(Reshape(node.emit(Softmax(flat, 1)), x.shape))


@onnx_op("Cast")
def _cast(node: Node) -> Value:
    return _convert(node, element_type(node.integer("to", 0), node.where))


@onnx_op("CastLike")
def _cast_like(node: Node) -> Value:
    like = node.operand(1)
    return _convert(node, like.type.dtype if isinstance(like, Value) else node.dtype(node.required(1, "type")))


def _convert(node: Node, dtype: DType) -> Value:
    x = node.value(0)
    return x if x.type.dtype is dtype else node.emit(Cast(x, dtype))


def _number(node: Node, index: int) -> Value:
    """An operand of float32 or an integer type."""
    value = node.value(index)
    dtype = value.type.dtype
    return node.float32(index) if dtype.is_float or dtype is DType.BOOL else value
