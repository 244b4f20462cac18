"""What has no weights, on bytes with the DSP extension: conversion from and to floats, sums, means, maxima."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Float, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import Codes
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.pixel_sums import pixel_sums
from edgec.codegen.kernels.pooling import maxima
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType, Op
from edgec.ir.ops import Add, AveragePool, Dequantize, MaxPool, Quantize, ReduceMean, ReduceSum, Sub
from edgec.ir.ops.quantization import Scaled
from edgec.ir.requantization import sum_factors, zero_of


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


@lowers(MaxPool, family="dsp")
def lower_max_pool_dsp(op: MaxPool) -> Kernel | None:
    """Of bytes without limits."""
    if op.x.type.dtype is not DType.I8 or op.clamp is not None or op.x.shape[-1] < 4:
        return None
    return maxima(op, "edgec_max_pool_dsp_i8", "max_pool_dsp.h")


@lowers(ReduceSum, ReduceMean, AveragePool, quantized=True, family="dsp")
def lower_pixel_sums_dsp(op: ReduceSum | ReduceMean | AveragePool) -> Kernel | None:
    """Over all pixels."""
    sums = pixel_sums(op)
    if sums is None or not _bytes(op) or sums.channels < 4:
        return None
    factors = np.array([sums.multiplier]), np.array([sums.shift])
    codes = Codes.of(np.array([255 * sums.pixels]), *factors, zero_of(sums.result))
    if codes is None:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            **sums.fields(),
            "multiplier": Int(codes.multiplier.item()),
            "begin": Int(codes.begin.item()),
            "shift": Int(codes.shift.item()),
            **clamp_codes(sums.result, sums.clamp),
        }
        shape = emitter.struct("edgec_reduce_sum_dsp", fields)
        places = emitter.pointer(sums.x), emitter.pointer(sums.result)
        return [Evaluate(Call("edgec_reduce_sum_dsp_i8", (shape, *places)))]

    return Kernel("edgec_reduce_sum_dsp_i8", "reduce_sum_dsp.h", emit)


def _bytes(op: Op) -> bool:
    return all(v.type.dtype is DType.I8 for v in (*op.operands, *op.results))
