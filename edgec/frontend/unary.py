"""Elementwise functions of one tensor."""

from collections.abc import Callable
from math import inf, isnan

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import DType, Value
from edgec.ir.ops import (
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    BitwiseNot,
    Ceil,
    Celu,
    Clip,
    Cos,
    Cosh,
    Elu,
    Erf,
    Exp,
    Floor,
    Gelu,
    HardSigmoid,
    HardSwish,
    IsInf,
    IsNan,
    LeakyRelu,
    Log,
    Max,
    Min,
    Mish,
    Neg,
    Not,
    Reciprocal,
    Relu,
    Round,
    Selu,
    Shrink,
    Sigmoid,
    Sign,
    Sin,
    Sinh,
    Softplus,
    Softsign,
    Sqrt,
    Swish,
    Tan,
    Tanh,
    ThresholdedRelu,
    Unary,
)
from edgec.ir.types import UNSIGNED

_PLAIN: dict[str, type[Unary]] = {
    "Abs": Abs,
    "Acos": Acos,
    "Acosh": Acosh,
    "Asin": Asin,
    "Asinh": Asinh,
    "Atan": Atan,
    "Atanh": Atanh,
    "BitwiseNot": BitwiseNot,
    "Ceil": Ceil,
    "Cos": Cos,
    "Cosh": Cosh,
    "Erf": Erf,
    "Exp": Exp,
    "Floor": Floor,
    "HardSwish": HardSwish,
    "IsNaN": IsNan,
    "Log": Log,
    "Mish": Mish,
    "Neg": Neg,
    "Not": Not,
    "Reciprocal": Reciprocal,
    "Relu": Relu,
    "Round": Round,
    "Sigmoid": Sigmoid,
    "Sign": Sign,
    "Sin": Sin,
    "Sinh": Sinh,
    "Softplus": Softplus,
    "Softsign": Softsign,
    "Sqrt": Sqrt,
    "Tan": Tan,
    "Tanh": Tanh,
}
"""Functions without attributes."""

_WITH_ATTRIBUTES: dict[str, Callable[[Node, Value], Unary]] = {
    "Celu": lambda node, x: Celu(x, node.real("alpha", 1.0)),
    "Elu": lambda node, x: Elu(x, node.real("alpha", 1.0)),
    "Gelu": lambda node, x: Gelu(x, node.string("approximate", "none") == "tanh"),
    "HardSigmoid": lambda node, x: HardSigmoid(x, node.real("alpha", 0.2), node.real("beta", 0.5)),
    "LeakyRelu": lambda node, x: LeakyRelu(x, node.real("alpha", 0.01)),
    "Selu": lambda node, x: Selu(x, node.real("alpha", Selu.alpha), node.real("gamma", Selu.gamma)),
    "Swish": lambda node, x: Swish(x, node.real("alpha", 1.0)),
    "ThresholdedRelu": lambda node, x: ThresholdedRelu(x, node.real("alpha", 1.0)),
    "IsInf": lambda node, x: IsInf(
        x, bool(node.integer("detect_negative", 1)), bool(node.integer("detect_positive", 1))
    ),
}


@onnx_op(*_PLAIN)
def _plain(node: Node) -> Value:
    x, function = node.value(0), _PLAIN[node.proto.op_type]
    return x if function in (Abs, Relu) and x.type.dtype in UNSIGNED else node.emit(function(x))


@onnx_op(*_WITH_ATTRIBUTES)
def _with_attributes(node: Node) -> Value:
    return node.emit(_WITH_ATTRIBUTES[node.proto.op_type](node, node.value(0)))


@onnx_op("Shrink")
def _shrink(node: Node) -> Value:
    x, lambd, bias = node.value(0), node.real("lambd", 0.5), node.real("bias", 0.0)
    dtype = x.type.dtype
    if dtype.is_float:
        return node.emit(Shrink(x, lambd, bias))
    # Limit and bias may have fractions where x has none.
    return node.cast(node.emit(Shrink(node.cast(x, DType.F64), lambd, bias)), dtype)


@onnx_op("Clip")
def _clip(node: Node) -> Value:
    x = node.value(0)
    if x.type.dtype.is_float and all(not isinstance(node.operand(i), Value) for i in (1, 2)):
        return node.emit(Clip(x, _limit(node, 1, "min", -inf), _limit(node, 2, "max", inf)))
    # Limits that are computed, or integers, which may be larger than a float tells exactly.
    for index, function in ((1, Max), (2, Min)):
        if node.operand(index) is not None:
            if node.value(index).type.elements != 1:
                raise node.error(f"a limit has {node.value(index).type.elements} elements", "give one number")
            x = node.emit(function(x, node.reshaped(node.value(index), ())))
    return x


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
