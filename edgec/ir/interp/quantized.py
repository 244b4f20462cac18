"""Meaning of operators on quantized values: exact integers, rounded once (``edgec.ir.requantization``)."""

import numpy as np

from edgec.ir.fixed_point import rescale
from edgec.ir.graph import Array, IRError, Op
from edgec.ir.interp.binary import align
from edgec.ir.interp.conv import convolved
from edgec.ir.interp.pooling import divisors, flat_windows
from edgec.ir.interp.registry import meaning
from edgec.ir.interp.resampling import resampled
from edgec.ir.interp.windows import split
from edgec.ir.ops import (
    Add,
    AveragePool,
    AveragePool2d,
    AveragePool3d,
    Clamp,
    Conv2d,
    Conv3d,
    Convolution,
    ConvTranspose2d,
    ConvTranspose3d,
    Dense,
    Lookup,
    MatMul,
    Mul,
    ReduceMean,
    ReduceSum,
    Requantize,
    Resample,
    Softmax,
    Sub,
)
from edgec.ir.requantization import (
    code_limits,
    mean_factors,
    product_factors,
    quant_of,
    reduce_factor,
    requantize_factor,
    resample_factors,
    softmax_table,
    sum_factors,
    zero_of,
)
from edgec.ir.types import Quant


def _centred(codes: Array, quant: Quant) -> Array:
    """``code - zero_point`` in f64, in which sums of products of them are exact below 2^53."""
    zero = np.array(quant.zero_point, np.float64)
    if quant.axis is not None and zero.size > 1:
        zero = zero.reshape(-1, *(1,) * (codes.ndim - 2 - quant.axis))
    return codes.astype(np.float64) - zero


def _sums(op: Op, sums: Array) -> Array:
    """Sums that stay exact as integers; IRError where those of bytes leave 32 bits, as no kernel could hold them."""
    limit = 2.0**31 if all(v.type.dtype.bytes == 1 for v in op.operands[:2]) else 2.0**39
    if np.abs(sums).max(initial=0) >= limit:
        raise IRError(f"{op.opname} %{op.results[0].name}: a sum leaves the accumulator")
    return sums.astype(np.int64)


def _finished(op: Op, sums: Array, multiplier: Array | int, shift: Array | int, clamp: Clamp | None = None) -> Array:
    kind = op.results[0].type
    low, high = code_limits(kind, clamp)
    codes = rescale(sums, multiplier, shift) + zero_of(op.results[0])
    return np.clip(codes, low, high).astype(kind.dtype.numpy)


@meaning(Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d, quantized=True)
def _conv(op: Convolution, x: Array, w: Array, bias: Array) -> Array:
    sums = convolved(op, _centred(x, quant_of(op.x)), _centred(w, quant_of(op.w)), bias.astype(np.float64))
    return _finished(op, _sums(op, sums), *product_factors(op), op.clamp)


@meaning(Dense, quantized=True)
def _dense(op: Dense, x: Array, w: Array, bias: Array) -> Array:
    sums = _centred(x, quant_of(op.x)) @ _centred(w, quant_of(op.w))[0].T + bias[0]
    return _finished(op, _sums(op, sums), *product_factors(op), op.clamp)


@meaning(MatMul, quantized=True)
def _matmul(op: MatMul, a: Array, b: Array) -> Array:
    a, b = align(_centred(a, quant_of(op.a)), _centred(b, quant_of(op.b)))
    return _finished(op, _sums(op, a @ b), *product_factors(op))


@meaning(Mul, quantized=True)
def _mul(op: Mul, a: Array, b: Array) -> Array:
    a, b = align(_centred(a, quant_of(op.a)), _centred(b, quant_of(op.b)))
    return _finished(op, (a * b).astype(np.int64), *product_factors(op), op.clamp)


@meaning(Add, Sub, quantized=True)
def _sum(op: Add | Sub, a: Array, b: Array) -> Array:
    a, b = align(a.astype(np.int64) - zero_of(op.a), b.astype(np.int64) - zero_of(op.b))
    left, right, shift = sum_factors(op)
    return _finished(op, a * left + b * right, 1, shift, op.clamp)


@meaning(AveragePool2d, AveragePool3d, quantized=True)
def _average_pool(op: AveragePool, x: Array) -> Array:
    sums = flat_windows(op, _centred(x, quant_of(op.x)), 0.0).sum(axis=-1)
    counts = divisors(op).astype(np.int64)
    multiplier, shift = mean_factors(op)
    return split(_finished(op, sums.astype(np.int64), multiplier[counts], shift[counts], op.clamp), len(x))


@meaning(ReduceMean, ReduceSum, quantized=True)
def _reduce(op: ReduceMean | ReduceSum, x: Array) -> Array:
    sums = _centred(x, quant_of(op.x)).sum(axis=tuple(a + 1 for a in op.axes))
    return _finished(op, sums.astype(np.int64).reshape(len(x), *op.result.shape), *reduce_factor(op))


@meaning(Requantize, quantized=True)
def _requantize(op: Requantize, x: Array) -> Array:
    return _finished(op, x.astype(np.int64) - zero_of(op.x), *requantize_factor(op))


@meaning(Lookup)
@meaning(Lookup, quantized=True)
def _lookup(op: Lookup, x: Array, table: Array) -> Array:
    return table[0][x.astype(np.int64) - op.x.type.dtype.limits[0]]


@meaning(Softmax, quantized=True)
def _softmax(op: Softmax, x: Array) -> Array:
    table, axis = softmax_table(op), op.axis + 1
    distance = x.max(axis=axis, keepdims=True).astype(np.int64) - x
    terms = table.exponentials[distance].astype(np.int64)
    quotient = table.scaled // terms.sum(axis=axis, keepdims=True)
    return _finished(op, terms, quotient, table.shift)


@meaning(Resample, quantized=True)
def _resample(op: Resample, x: Array, indices: Array, weights: Array) -> Array:
    factors, shift = resample_factors(op)
    sums = resampled(op, x.astype(np.int64) - zero_of(op.x), indices, factors[None].astype(np.int64))
    return _finished(op, sums, 1, shift)
