"""Meaning of quantization."""

import numpy as np

from edgec.ir.graph import Array, operand_fields
from edgec.ir.interp.binary import align
from edgec.ir.interp.conv import weighted
from edgec.ir.interp.conversion import cast, numbers
from edgec.ir.interp.registry import meaning
from edgec.ir.interp.windows import merged, split, windows
from edgec.ir.ops import Dequantize, DynamicScale, IntegerConv2d, IntegerMatMul, Quantize
from edgec.ir.ops.quantization import QUANTIZED, IntegerProduct, Scaled
from edgec.ir.types import DType


def _spread(op: Scaled, array: Array) -> Array:
    """A scale or zero point ``[S, ...]`` so that it broadcasts with ``x[S, ...]``."""
    rank = op.x.type.rank
    if op.axis is None:
        return array.reshape(-1, *(1,) * rank)
    if op.block:
        return np.repeat(array, op.block, op.axis + 1).take(range(op.x.shape[op.axis]), op.axis + 1)
    return array.reshape(-1, *(1,) * op.axis, array.shape[-1], *(1,) * (rank - op.axis - 1))


@meaning(Quantize)
def _quantize(op: Quantize, x: Array, scale: Array, zero_point: Array | None = None) -> Array:
    quotient = x / _spread(op, scale)
    if op.precision is not DType.F32:
        quotient = numbers(cast(quotient, op.precision))
    if op.dtype not in QUANTIZED:
        return cast(quotient, op.dtype, op.saturate)
    return _rounded(quotient, None if zero_point is None else _spread(op, numbers(zero_point)), op.dtype)


def _rounded(x: Array, zero_point: Array | None, dtype: DType) -> Array:
    """``saturate(round(x) + zero_point)``; NaN gives the zero point."""
    low, high = dtype.limits
    zero_point = np.zeros((), np.int32) if zero_point is None else zero_point.astype(np.int32)
    whole = np.clip(np.rint(np.nan_to_num(x, nan=0.0)), low - zero_point, high - zero_point)
    return (whole.astype(np.int32) + zero_point).astype(dtype.numpy)


@meaning(Dequantize)
def _dequantize(op: Dequantize, x: Array, scale: Array, zero_point: Array | None = None) -> Array:
    stored = numbers(x)
    if zero_point is not None:
        stored = stored.astype(np.int32) - _spread(op, numbers(zero_point)).astype(np.int32)
    return stored.astype(np.float32) * _spread(op, scale)


@meaning(DynamicScale)
def _dynamic_scale(op: DynamicScale, x: Array) -> tuple[Array, Array]:
    flat = x.reshape(len(x), -1)
    low, high = np.fmin.reduce(flat, axis=1, initial=0), np.fmax.reduce(flat, axis=1, initial=0)
    scale = np.where(low == high, np.float32(1), high - low) / np.float32(255)
    zero_point = np.rint(np.clip(-low / scale, 0, 255))
    return scale.astype(np.float32), zero_point.astype(np.uint8)


@meaning(IntegerMatMul)
def _integer_matmul(op: IntegerMatMul, a: Array, b: Array, *others: Array) -> Array:
    given = _given(op, others)
    a, b = align(_without_zero(a, given["a_zero"]), _without_zero(b, given["b_zero"]))
    return _rescaled(a @ b, given["scale"], given["zero_point"], op.dtype)


@meaning(IntegerConv2d)
def _integer_conv(op: IntegerConv2d, x: Array, w: Array, *others: Array) -> Array:
    given = _given(op, others)
    x = _without_zero(x, given["x_zero"])
    w_zero = given["w_zero"]
    # Of each output channel, which is the first axis of the weights.
    w = _without_zero(w, None if w_zero is None else w_zero.reshape(len(w_zero), -1, 1, 1, 1))
    samples = max(len(x), len(w))
    sums = []
    for part in range(len(w)):
        inputs = x if len(w) == 1 else np.broadcast_to(x, (samples, *x.shape[1:]))[part : part + 1]
        view = windows(merged(inputs), op.kernel, op.stride, op.pad, op.dilation, 0.0)
        sums.append(split(weighted(view, w[part], op.groups), len(inputs)))
    total = np.concatenate(sums)
    if (bias := given["bias"]) is not None:
        total = np.add(*align(total, bias.astype(np.float64)))
    return _rescaled(total, given["scale"], given["zero_point"], op.dtype)


def _given(op: IntegerProduct, others: tuple[Array, ...]) -> dict[str, Array | None]:
    """The optional operands by name, None where they are left out."""
    left = list(others)
    names = [name for name, _ in operand_fields(type(op))[2:]]
    return {name: None if getattr(op, name) is None else left.pop(0) for name in names}


def _without_zero(x: Array, zero: Array | None) -> Array:
    """``x - zero`` in f64, in which sums of fewer than 2^37 products of such numbers are exact."""
    wide = x.astype(np.float64)
    if zero is None:
        return wide
    wide, zero = align(wide, zero.astype(np.float64))
    return wide - zero


def _rescaled(sums: Array, scale: Array | None, zero_point: Array | None, dtype: DType) -> Array:
    """The result for sums that are exact in f64."""
    wrapped = sums.astype(np.int64).astype(np.int32)
    if scale is None:
        return wrapped
    number, scale = align(wrapped.astype(np.float32), scale)
    zero = None if zero_point is None else align(number, zero_point)[1]
    return _rounded(number * scale, zero, dtype)
