"""Quantization: to integers (and small floats) that stand for numbers, and back."""

import numpy as np

from edgec.frontend.node import Constant, Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.tensors import element_type
from edgec.ir import DType, Value
from edgec.ir.ops import Dequantize, DynamicScale, Quantize
from edgec.ir.ops.quantization import QUANTIZED, SMALL_FLOATS


@onnx_op("QuantizeLinear", any_type=True)
def _quantize(node: Node) -> Value:
    x, scale = node.value(0), node.value(1)
    if not x.type.dtype.is_float and x.type.dtype is not DType.I32:
        raise node.error(f"reads {x.type.dtype.value}", "that is quantized already: put a DequantizeLinear between")
    dtype = DType.U8
    if code := node.integer("output_dtype", 0):
        dtype = element_type(code, node.where)
    if node.operand(2) is not None:
        dtype = node.element_type(2)
    code = node.integer("precision", 0)
    precision = element_type(code, node.where) if code else scale.type.dtype
    if precision is DType.I32:
        precision = DType.F32
    scale, zero, axis = _scales(node, x, dtype)
    x = node.cast(x, DType.F32)
    saturate = node.flag("saturate", True)
    return node.emit(Quantize(x, scale, zero, axis, _block(node), dtype, precision, saturate))


@onnx_op("DequantizeLinear", any_type=True)
def _dequantize(node: Node) -> Value:
    x, dtype = node.value(0), node.value(1).type.dtype
    if x.type.dtype not in QUANTIZED | SMALL_FLOATS | {DType.I32}:
        raise node.error(f"reads {x.type.dtype.value}", "that is not quantized: put a QuantizeLinear before it")
    if code := node.integer("output_dtype", 0):
        dtype = element_type(code, node.where)
    scale, zero, axis = _scales(node, x, x.type.dtype)
    return node.cast(node.emit(Dequantize(x, scale, zero, axis, _block(node))), dtype)


def _block(node: Node) -> int:
    size = node.integer("block_size", 0)
    if size < 0:
        raise node.error(f"block_size is {size}", "it must be positive")
    return size


def _scales(node: Node, x: Value, stored: DType) -> tuple[Value, Value | None, int | None]:
    """Scale, zero point and axis as the IR has them: a scalar and no axis where one scale serves all."""
    blocked = _block(node) > 0
    scale, zero = node.value(1) if blocked else parameter(node, 1), zero_point(node, 2, blocked)
    if node.operand(2) is not None and node.element_type(2) is not stored:
        what = f"has a zero point of {node.element_type(2).value} for integers of {stored.value}"
        raise node.error(what, "give it the integers' own type")
    if zero is not None and stored not in QUANTIZED:
        known = node.required(2, f"zero points of {stored.value}")
        raise node.error(f"has zero points {known} of {stored.value}", "only integers of 16 bits and less have any")
    _check_scale(node)
    scale = node.cast(scale, DType.F32)
    if not blocked and scale.type.elements == 1:
        return scale, zero, None
    return scale, zero, 0 if x.type.rank == 1 else node.axis(node.integer("axis", 1), x.type.rank)


def _check_scale(node: Node) -> None:
    """Refuse scales that are known and not positive and finite; of weights that are all 0, tools write 0."""
    scale = node.operand(1)
    if isinstance(scale, Constant):
        numbers = scale.data.astype(np.float32)
        fits = np.isfinite(numbers) & (numbers >= 0 if isinstance(node.operand(0), Constant) else numbers > 0)
        if not fits.all():
            raise node.error(f"has a scale of {numbers[~fits][0]:g}", "scales are positive: quantize the model again")


def parameter(node: Node, index: int) -> Value:
    """The operand that is a scale or zero point: a scalar if it is one for all."""
    operand = node.operand(index)
    if isinstance(operand, Constant) and operand.data.size == 1:
        return node.const(operand.data.reshape(()), operand.name)
    value = node.value(index)
    return node.reshaped(value, ()) if value.type.elements == 1 else value


def zero_point(node: Node, index: int, blocked: bool = False) -> Value | None:
    """The operand that is a zero point, None if it is left out or known to be 0."""
    operand = node.operand(index)
    if operand is None or (isinstance(operand, Constant) and not np.any(operand.data.astype(np.float32))):
        return None
    return node.value(index) if blocked else parameter(node, index)


@onnx_op("DynamicQuantizeLinear")
def dynamically_quantized(node: Node) -> list[Value]:
    """The bytes that stand for a tensor, by its own range, their scale and their zero point."""
    x = node.float32(0)
    scale, zero = node.emit_all(DynamicScale(x))
    return [node.emit(Quantize(x, scale, zero)), scale, zero]
