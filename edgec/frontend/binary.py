"""Elementwise functions of two or more tensors, and choice between two."""

from functools import reduce

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import DType, Value
from edgec.ir.ops import (
    Add,
    Binary,
    BitCast,
    BitwiseAnd,
    BitwiseNot,
    BitwiseOr,
    BitwiseXor,
    Div,
    Equal,
    Fmod,
    Less,
    LessOrEqual,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    Prelu,
    ShiftLeft,
    ShiftRight,
    Sub,
    Where,
)
from edgec.ir.types import SIGNED

_BINARY: dict[str, type[Binary]] = {
    "Add": Add,
    "Sub": Sub,
    "Mul": Mul,
    "Div": Div,
    "And": BitwiseAnd,
    "Or": BitwiseOr,
    "Xor": BitwiseXor,
    "BitwiseAnd": BitwiseAnd,
    "BitwiseOr": BitwiseOr,
    "BitwiseXor": BitwiseXor,
    "Equal": Equal,
    "Less": Less,
    "LessOrEqual": LessOrEqual,
}
_SWAPPED: dict[str, type[Binary]] = {"Greater": Less, "GreaterOrEqual": LessOrEqual}
_VARIADIC: dict[str, type[Binary]] = {"Sum": Add, "Mean": Add, "Max": Max, "Min": Min}


@onnx_op(*_BINARY)
def _binary(node: Node) -> Value:
    return node.emit(_BINARY[node.proto.op_type](node.value(0), node.value(1)))


@onnx_op(*_SWAPPED)
def _swapped(node: Node) -> Value:
    return node.emit(_SWAPPED[node.proto.op_type](node.value(1), node.value(0)))


@onnx_op(*_VARIADIC)
def _variadic(node: Node) -> Value:
    operator = _VARIADIC[node.proto.op_type]
    values = [node.value(i) for i in range(len(node.inputs))]
    total = reduce(lambda a, b: node.emit(operator(a, b)), values)
    if node.proto.op_type != "Mean":
        return total
    return node.emit(Div(total, node.const(np.array(len(values), total.type.dtype.numpy), "count")))


@onnx_op("Mod")
def _mod(node: Node) -> Value:
    operator = Fmod if node.integer("fmod", 0) else Mod
    return node.emit(operator(node.value(0), node.value(1)))


@onnx_op("BitShift")
def _bit_shift(node: Node) -> Value:
    direction = node.string("direction", "")
    if direction not in ("LEFT", "RIGHT"):
        raise node.error(f"direction is {direction!r}", "use LEFT or RIGHT")
    operator = ShiftLeft if direction == "LEFT" else ShiftRight
    x, places = node.value(0), node.value(1)
    dtype = x.type.dtype
    if dtype not in SIGNED:
        return node.emit(operator(x, places))
    # The bits of signed numbers; places below 0 become more than there are bits, and leave none.
    unsigned = DType(f"u{dtype.value[1:]}")
    bits, places = node.emit(BitCast(x, unsigned)), node.emit(BitCast(places, unsigned))
    if operator is ShiftLeft:
        return node.emit(BitCast(node.emit(ShiftLeft(bits, places)), dtype))
    # Of a negative number it is the complement that zeros are shifted into.
    negative = node.emit(Less(x, node.const(np.zeros((), dtype.numpy), "zero")))
    shifted = node.emit(ShiftRight(_complemented(node, bits, negative), places))
    return node.emit(BitCast(_complemented(node, shifted, negative), dtype))


def _complemented(node: Node, x: Value, condition: Value) -> Value:
    return node.emit(Where(condition, node.emit(BitwiseNot(x)), x))


@onnx_op("Pow")
def _pow(node: Node) -> Value:
    base, exponent = node.value(0), node.value(1)
    dtype, other = base.type.dtype, exponent.type.dtype
    if dtype is other:
        return node.emit(Pow(base, exponent))
    if dtype.is_float or not other.is_float:
        # The result has the type of the base.
        return node.emit(Pow(base, node.cast(exponent, dtype)))
    power = Pow(node.cast(base, DType.F64), node.cast(exponent, DType.F64))
    return node.cast(node.emit(power), dtype)


@onnx_op("PRelu")
def _prelu(node: Node) -> Value:
    # The slope broadcasts to x, never the other way round.
    x, slope = node.value(0), node.value(1)
    result = node.emit(Prelu(x, slope))
    if result.shape != x.shape:
        raise node.error(f"slope {list(slope.shape)} does not broadcast to {list(x.shape)}", "export the model again")
    return result


@onnx_op("Where", any_type=True)
def _where(node: Node) -> Value:
    return node.emit(Where(node.value(0), node.value(1), node.value(2)))
