"""What has no weights, on bytes with the DSP extension: conversion from and to floats, sums, means, maxima."""

from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Float, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import Codes
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.pooling import maxima
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType, Op, Value
from edgec.ir.ops import Add, AveragePool, Clamp, Dequantize, MaxPool, Quantize, ReduceMean, ReduceSum, Sub
from edgec.ir.ops.quantization import Scaled
from edgec.ir.requantization import mean_factors, reduce_factor, sum_factors, zero_of


@lowers(Quantize, family="dsp")
def lower_quantize_dsp(op: Quantize) -> Kernel | None:
    """To bytes with one scale."""
    return _converted(op, "quantize") if op.dtype is DType.I8 and op.precision is DType.F32 else None


@lowers(Dequantize, family="dsp")
def lower_dequantize_dsp(op: Dequantize) -> Kernel | None:
    """From bytes with one scale."""
    return _converted(op, "dequantize") if op.x.type.dtype is DType.I8 else None


def _converted(op: Scaled, name: str) -> Kernel | None:
    scale = op.scale.data
    zero = np.zeros(1, np.int8) if op.zero_point is None else op.zero_point.data
    if op.axis is not None or scale is None or zero is None:
        return None
    fields: Fields = {"scale": Float(scale.item()), "zero_point": Int(zero.item())}

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_scale_dsp", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.results[0])
        return [Evaluate(Call(f"edgec_{name}_dsp_i8", (shape, *places, Int(op.x.type.elements))))]

    return Kernel(f"edgec_{name}_dsp_i8", "quantize_dsp.h", emit)


@lowers(Add, Sub, quantized=True, family="dsp")
def lower_sum_dsp(op: Add | Sub) -> Kernel | None:
    """Of bytes of one shape, where the result's zero point, shifted, still fits the sum."""
    if not _bytes(op) or op.a.shape != op.b.shape:
        return None
    left, right, shift = sum_factors(op)
    begin = (1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right + (zero_of(op.result) << shift)
    ends = [begin + a * left + b * right for a in (-128, 127) for b in (-128, 127)]
    if max(map(abs, ends)) >= 1 << 31:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "a_multiplier": Int(left),
            "b_multiplier": Int(right),
            # Where it starts may wrap around as what it adds does.
            "begin": Int((begin + (1 << 31)) % (1 << 32) - (1 << 31)),
            "shift": Int(shift),
            **clamp_codes(op.result, op.clamp),
        }
        places = (emitter.pointer(v) for v in (op.a, op.b, op.result))
        shape = emitter.struct("edgec_add_dsp", fields)
        return [Evaluate(Call("edgec_add_dsp_i8", (shape, *places, Int(op.result.type.elements))))]

    return Kernel("edgec_add_dsp_i8", "add_dsp.h", emit)


@lowers(ReduceSum, ReduceMean, quantized=True, family="dsp")
def lower_reduce_sum_dsp(op: ReduceSum | ReduceMean) -> Kernel | None:
    """Over all axes but the last one."""
    kept = [extent for axis, extent in enumerate(op.x.shape) if axis not in op.axes]
    if op.x.type.rank - 1 in op.axes or prod(kept) != op.x.shape[-1]:
        return None
    return _over_pixels(op, op.x, None, *reduce_factor(op))


@lowers(MaxPool, family="dsp")
def lower_max_pool_dsp(op: MaxPool) -> Kernel | None:
    """Of bytes without limits."""
    if op.x.type.dtype is not DType.I8 or op.clamp is not None or op.x.shape[-1] < 4:
        return None
    return maxima(op, "edgec_max_pool_dsp_i8", "max_pool_dsp.h")


@lowers(AveragePool, quantized=True, family="dsp")
def lower_average_pool_dsp(op: AveragePool) -> Kernel | None:
    """Over the whole of an image."""
    extents = op.x.shape[1:-1]
    if op.x.shape[0] > 1 or op.kernel != extents or any(op.pad) or {*op.dilation} != {1}:
        return None
    multiplier, shift = (factor[prod(extents)].item() for factor in mean_factors(op))
    return _over_pixels(op, op.x, op.clamp, multiplier, shift)


def _over_pixels(op: Op, x: Value, clamp: Clamp | None, multiplier: int, shift: int) -> Kernel | None:
    """The sum of all elements of each channel, rescaled."""
    (result,), channels = op.results, x.shape[-1]
    pixels = x.type.elements // channels
    codes = Codes.of(np.array([255 * pixels]), np.array([multiplier]), np.array([shift]), zero_of(result))
    if not _bytes(op) or channels < 4 or codes is None:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: dict[str, Expr] = {
            "pixels": Int(pixels),
            "channels": Int(channels),
            "first": Int(-pixels * zero_of(x)),
            "multiplier": Int(codes.multiplier.item()),
            "begin": Int(codes.begin.item()),
            "shift": Int(codes.shift.item()),
            **clamp_codes(result, clamp),
        }
        shape = emitter.struct("edgec_reduce_sum_dsp", fields)
        return [Evaluate(Call("edgec_reduce_sum_dsp_i8", (shape, emitter.pointer(x), emitter.pointer(result))))]

    return Kernel("edgec_reduce_sum_dsp_i8", "reduce_sum_dsp.h", emit)


def _bytes(op: Op) -> bool:
    return all(v.type.dtype is DType.I8 for v in (*op.operands, *op.results))
