"""Operators on quantized integers, of ONNX (QLinear...) and of onnxruntime, as what they stand for.

Each is an operator on numbers between a DequantizeLinear of each operand and a QuantizeLinear of its result. A model in
QDQ form says the same in so many nodes; the pass ``integers`` computes both in integers. Where scales, zero points or
weights come only at run time, products stay products of integers (``integer_products``).

Source: docs/ContribOperators.md of onnxruntime.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from onnx import TensorProto

from edgec.frontend.node import Constant
from edgec.frontend.quantization import dynamically_quantized
from edgec.frontend.scope import Tensor
from edgec.frontend.structure import Call, Handler, structural
from edgec.ir import DType, Value


def _microsoft(*types: str) -> Callable[[Handler], Handler]:
    """Register operators of onnxruntime's own domain."""
    return structural(*(f"com.microsoft.{t}" for t in types))


# --- numbers and integers ------------------------------------------------------------------------------------------


def _numbers(call: Call, index: int, axis: int | None = None) -> Tensor:
    """What the integers at ``index`` stand for, whose scale and zero point are the two operands behind them.

    With ``axis`` there may be a scale and zero point for each index along that axis, else there is one for all.
    """
    x, scale, zero = call.tensor(index), call.tensor(index + 1), call.operand(index + 2)
    if axis is None:
        _expect_one(call, scale, zero)
        return call.apply("DequantizeLinear", x, scale, zero)
    if isinstance(scale, Constant) and isinstance(zero, Constant) and 1 in (scale.data.size, zero.data.size):
        # Many scales with one zero point, or the other way round: DequantizeLinear takes as many of both.
        scales, zeros = np.broadcast_arrays(scale.data, zero.data)
        scale, zero = Constant(scale.name, scales), Constant(zero.name, zeros)
    return call.apply("DequantizeLinear", x, scale, zero, axis=axis)


def _integers(call: Call, numbers: Tensor, index: int) -> Tensor:
    """The integers that stand for numbers by the scale and zero point at ``index``.

    Without a zero point they are of the first operand's type.
    """
    scale, zero = call.tensor(index), call.operand(index + 1)
    _expect_one(call, scale, zero)
    if zero is None:
        zero = Constant("zero", np.zeros((), call.node.element_type(0).numpy))
    return call.apply("QuantizeLinear", numbers, scale, zero)


def _expect_one(call: Call, scale: Value | Constant, zero: Tensor) -> None:
    for what, tensor in (("scale", scale), ("zero point", zero)):
        if tensor is not None and call.type(tensor).elements != 1:
            shape = list(call.type(tensor).shape)
            raise call.node.error(f"has a {what} of shape {shape}", "give one for the whole tensor")


def _known(call: Call, *indices: int) -> bool:
    """Whether operands are constants or left out."""
    return all(isinstance(call.operand(i), Constant | None) for i in indices)


def _attributes(call: Call, *own: str) -> dict[str, Any]:
    """The attributes of the node but for its ``own``: those of the operator on numbers. Empty lists say nothing."""
    return {name: value for name, value in call.node.attributes.items() if name not in own and value != []}


# --- channels last, which onnxruntime's optimizer writes -----------------------------------------------------------


def _channels_first(call: Call, x: Tensor, asked: bool) -> Tensor:
    """``[N, *spatial, C] -> [N, C, *spatial]`` if asked for."""
    rank = call.type(x).rank
    if not asked:
        return x
    if rank < 3:
        raise call.node.error(f"works on {list(call.type(x).shape)}", "it needs [N, *spatial, C]")
    return call.apply("Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)])


def _channels_last(call: Call, x: Tensor, asked: bool) -> Tensor:
    """The way back."""
    return call.apply("Transpose", x, perm=[0, *range(2, call.type(x).rank), 1]) if asked else x


@_microsoft("NhwcMaxPool")
def _nhwc_max_pool(call: Call) -> Sequence[Tensor]:
    y = call.apply("MaxPool", _channels_first(call, call.tensor(0), asked=True), **_attributes(call))
    return [_channels_last(call, y, asked=True)]


# --- operators of activations --------------------------------------------------------------------------------------


@_microsoft("QLinearSigmoid", "QLinearLeakyRelu", "QLinearAveragePool", "QLinearGlobalAveragePool")
def _of_one(call: Call) -> Sequence[Tensor]:
    operator, asked = call.node.proto.op_type.removeprefix("QLinear"), call.node.flag("channels_last", False)
    x = _channels_first(call, _numbers(call, 0), asked)
    y = call.apply(operator, x, **_attributes(call, "channels_last"))
    return [_channels_last(call, _integers(call, y, 3), asked)]


@_microsoft("QLinearReduceMean")
def _mean(call: Call) -> Sequence[Tensor]:
    axes = call.node.integers("axes")
    given = [] if axes is None else [Constant("axes", np.array(axes, np.int64))]
    y = call.apply("ReduceMean", _numbers(call, 0), *given, **_attributes(call, "axes"))
    return [_integers(call, y, 3)]


@_microsoft("QLinearSoftmax")
def _softmax(call: Call) -> Sequence[Tensor]:
    x, axis = _numbers(call, 0), call.node.integer("axis", -1)
    given = _attributes(call, "axis", "opset")
    if call.node.integer("opset", 13) >= 13:
        y = call.apply("Softmax", x, axis=axis, **given)
    else:
        # Before opset 13 the axes from ``axis`` on were one.
        shape = Constant("shape", np.array(call.type(x).shape, np.int64))
        y = call.apply("Reshape", call.apply("Softmax", call.apply("Flatten", x, axis=axis), axis=1, **given), shape)
    return [_integers(call, y, 3)]


@_microsoft("QLinearAdd", "QLinearMul")
def _of_two(call: Call) -> Sequence[Tensor]:
    operator = call.node.proto.op_type.removeprefix("QLinear")
    return [_integers(call, call.apply(operator, _numbers(call, 0), _numbers(call, 3), **_attributes(call)), 6)]


@_microsoft("QLinearWhere")
def _where(call: Call) -> Sequence[Tensor]:
    y = call.apply("Where", call.tensor(0), _numbers(call, 1), _numbers(call, 4), **_attributes(call))
    return [_integers(call, y, 7)]


@_microsoft("QLinearConcat")
def _concat(call: Call) -> Sequence[Tensor]:
    parts = [_numbers(call, index) for index in range(2, len(call.operands), 3)]
    scale, zero = call.tensor(0), call.tensor(1)
    _expect_one(call, scale, zero)
    return [call.apply("QuantizeLinear", call.apply("Concat", *parts, **_attributes(call)), scale, zero)]


@_microsoft("QuantizeLinear", "DequantizeLinear")
def _same(call: Call) -> Sequence[Tensor]:
    """From before ONNX's own took 16 bits."""
    return [call.apply(call.node.proto.op_type, *call.operands, **_attributes(call))]


# --- products with weights -----------------------------------------------------------------------------------------


@structural("QLinearConv", "com.microsoft.QLinearConv")
def _conv(call: Call) -> Sequence[Tensor]:
    asked = call.node.flag("channels_last", False)
    if not _known(call, *range(1, 9)):
        x = _channels_first(call, call.tensor(0), asked)
        node = replace(call.node, inputs=[x if isinstance(x, Value | Constant) else None, *call.node.inputs[1:]])
        return [_channels_last(call, y, asked) for y in call.walker.convert(node)]
    x = _channels_first(call, _numbers(call, 0), asked)
    bias = [] if call.operand(8) is None else [_bias(call, 8, call.tensor(4))]
    y = call.apply("Conv", x, _numbers(call, 3, axis=0), *bias, **_attributes(call, "channels_last"))
    return [_channels_last(call, _integers(call, y, 6), asked)]


@structural("QLinearMatMul")
def _matmul(call: Call) -> Sequence[Tensor]:
    # A scale for each row has no form in which operands are dequantized; one for each column has one for weights.
    columns = _known(call, 3) and call.type(call.tensor(3)).rank == 2
    single = (1, 2, 6, 7) if columns else (1, 2, 4, 5, 6, 7)
    fits = all(call.type(call.tensor(i)).elements == 1 for i in single)
    if not fits or not _known(call, 1, 2, 4, 5, 6, 7) or call.node.element_type(1) is not DType.F32:
        return call.walker.convert(call.node)
    y = call.apply("MatMul", _numbers(call, 0), _numbers(call, 3, axis=1 if columns else None), **_attributes(call))
    return [_integers(call, y, 6)]


@_microsoft("QGemm")
def _gemm(call: Call) -> Sequence[Tensor]:
    transposed, alpha = call.node.flag("transB", False), call.node.real("alpha", 1.0)
    scale: Tensor = call.tensor(4)
    if alpha != 1:
        # What multiplies the product multiplies the weights: so it stays one product.
        scale = call.apply("Mul", scale, Constant("alpha", np.array(alpha, np.float32)))
        call = replace(call, operands=[*call.operands[:4], scale, *call.operands[5:]])
    bias = [] if call.operand(6) is None else [_bias(call, 6, scale)]
    w = _numbers(call, 3, axis=0 if transposed else 1)
    y = call.apply("Gemm", _numbers(call, 0), w, *bias, **_attributes(call, "alpha"))
    if call.operand(7) is None:
        return [y]
    call.tensor(8)  # says of which type the result is
    return [_integers(call, y, 7)]


def _bias(call: Call, index: int, weights_scale: Tensor) -> Tensor:
    """What a bias of 32 bits stands for: it is in units of the products."""
    scale = call.apply("Mul", call.tensor(1), weights_scale)
    bias = call.tensor(index)
    return call.apply("DequantizeLinear", bias, scale, axis=call.type(bias).rank - 1)


# --- products of integers, as numbers ------------------------------------------------------------------------------


@_microsoft("DynamicQuantizeMatMul")
def _dynamic_matmul(call: Call) -> Sequence[Tensor]:
    a, a_scale, a_zero = dynamically_quantized(call.node)
    return [_rescaled(call, (a, call.tensor(1)), (a_scale, call.tensor(2)), (a_zero, call.operand(3)), call.operand(4))]


@_microsoft("MatMulIntegerToFloat")
def _matmul_to_float(call: Call) -> Sequence[Tensor]:
    a, b, a_scale, b_scale = (call.tensor(i) for i in range(4))
    _expect_one(call, a_scale, call.operand(4))
    return [_rescaled(call, (a, b), (a_scale, b_scale), (call.operand(4), call.operand(5)), call.operand(6))]


def _rescaled(
    call: Call,
    factors: Sequence[Tensor],
    scales: Sequence[Tensor],
    zeros: Sequence[Tensor],
    bias: Tensor,
) -> Tensor:
    """The numbers that sums of products of integers stand for, plus a bias."""
    sums = call.apply("MatMulInteger", *factors, *zeros, **_attributes(call))
    y = call.apply("Mul", call.apply("Cast", sums, to=TensorProto.FLOAT), call.apply("Mul", *scales))
    return y if bias is None else call.apply("Add", y, bias)
