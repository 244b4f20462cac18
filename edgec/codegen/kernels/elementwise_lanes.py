"""Elementwise functions of bytes in vectors of hosts, sums over pixels, and conversions of numbers."""

from collections.abc import Callable
from functools import partial

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Float, Int, Name, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.element_runs import element_runs, over_runs
from edgec.codegen.kernels.lanes_i8 import ALIGN, FAMILIES, LEAST_SHIFT, Lanes
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.pixel_sums import pixel_sums
from edgec.codegen.kernels.quantization_mve import reciprocal_of
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.requantization import byte_table
from edgec.ir import DType, Op, Value
from edgec.ir.ops import (
    Add,
    AveragePool,
    Clamp,
    Dequantize,
    Lookup,
    Mul,
    Quantize,
    ReduceMean,
    ReduceSum,
    Requantize,
    Softmax,
    Sub,
)
from edgec.ir.requantization import product_factors, quant_of, softmax_table, sum_factors, zero_of


def lower_sum_lanes(op: Add | Sub, lanes: Lanes) -> Kernel | None:
    """Of two tensors, or of one and a constant, whose share goes into where sums begin."""
    left, right, shift = sum_factors(op)
    begin = (1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right
    places = [op.a, op.b]
    if _is_single(op.b):
        begin, right, places = begin + known(op, op.b).item() * right, 0, [op.a, op.a]
    elif _is_single(op.a):
        begin, left, right, places = begin + known(op, op.a).item() * left, right, 0, [op.b, op.b]
    axes = element_runs(places, op.result)
    if axes is None or not _bytes(op):
        return None
    fields: Fields = {
        "begin": Int(begin),
        "a_multiplier": Int(left),
        "b_multiplier": Int(right),
        "shift": Int(shift),
        "zero_point": Int(zero_of(op.result)),
        **clamp_codes(op.result, op.clamp),
    }
    name = f"edgec_add_{lanes.family}_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        pointers = [emitter.pointer(v) for v in (*places, op.result)]
        shape = emitter.struct("edgec_add_i8", fields)
        return over_runs(axes, pointers, lambda count, at: Call(name, (shape, count, *at)))

    return Kernel(name, "elementwise_i8.h", emit)


def lower_mul_lanes(op: Mul, lanes: Lanes) -> Kernel | None:
    """Of two tensors, or of one and a constant."""
    a, b = (op.b, op.a) if _is_single(op.a) else (op.a, op.b)
    single = _is_single(b)
    multiplier, shift = (factor.item() for factor in product_factors(op))
    codes = _codes(multiplier, shift, op.result, op.clamp)
    axes = element_runs([a] if single else [a, b], op.result)
    if not _bytes(op) or codes is None or axes is None:
        return None
    fields: Fields = {
        "a_zero": Int(zero_of(a)),
        "b_zero": Int(zero_of(b)),
        "factor": Int(known(op, b).item() - zero_of(b) if single else 0),
        "codes": codes,
    }
    name = f"edgec_mul_{lanes.family}_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        pointers = [emitter.pointer(v) for v in ((a, op.result) if single else (a, b, op.result))]
        shape = emitter.struct("edgec_mul_i8", fields)
        none = [Name("NULL")] if single else []
        return over_runs(axes, pointers, lambda count, at: Call(name, (shape, count, *at[:-1], *none, at[-1])))

    return Kernel(name, "elementwise_i8.h", emit)


def lower_pixel_sums_lanes(op: ReduceSum | ReduceMean | AveragePool, lanes: Lanes) -> Kernel | None:
    """Over all pixels."""
    sums = pixel_sums(op)
    if sums is None or {sums.x.type.dtype, sums.result.type.dtype} != {DType.I8}:
        return None
    codes = _codes(sums.multiplier, sums.shift, sums.result, sums.clamp)
    if codes is None:
        return None
    fields: Fields = {**sums.fields(), "codes": codes}
    name = f"edgec_reduce_sum_{lanes.family}_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(sums.x), emitter.pointer(sums.result)
        return [Evaluate(Call(name, (emitter.struct("edgec_reduce_sum_i8", fields), *places)))]

    return Kernel(name, "elementwise_i8.h", emit)


def lower_softmax_lanes(op: Softmax, lanes: Lanes) -> Kernel | None:
    """Along the last axis."""
    count, table = op.x.shape[-1], softmax_table(op)
    last = op.axis == op.x.type.rank - 1
    if not last or {op.x.type.dtype, op.result.type.dtype} != {DType.I8} or table.shift < LEAST_SHIFT:
        return None
    shift = table.shift - 32
    codes = (Int(0), Int(1 << shift - 1), Int(shift), Int(zero_of(op.result)), *clamp_codes(op.result, None).values())
    name = f"edgec_softmax_{lanes.family}_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "exponential": emitter.array("exponential", table.exponentials),
            "scaled": Int(table.scaled),
            "codes": codes,
        }
        shape, lines = emitter.struct("edgec_softmax_i8", fields), Int(op.x.type.elements // count)
        places = (emitter.pointer(v) for v in (op.x, op.result))
        return [Evaluate(Call(name, (shape, lines, Int(count), *places, emitter.scratch)))]

    return Kernel(name, "softmax_i8.h", emit, 4 * (count + 64))


def lower_conversion_lanes(op: Quantize | Dequantize, lanes: Lanes) -> Kernel | None:
    """Of numbers to bytes, or back, by one scale."""
    quant, to_codes = op.quant(), isinstance(op, Quantize)
    dtype = op.dtype if isinstance(op, Quantize) else op.x.type.dtype
    if quant is None or op.axis is not None or dtype is not DType.I8:
        return None
    if isinstance(op, Quantize) and op.precision is not DType.F32:
        return None
    upper, lower = (reciprocal_of(quant, dtype) or (0.0, 0.0)) if to_codes else (0.0, 0.0)
    fields: Fields = {
        "scale": Float(quant.scale[0]),
        "upper": Float(upper),
        "lower": Float(lower),
        "zero_point": Int(quant.zero),
    }
    name = f"edgec_{'' if to_codes else 'de'}quantize_{lanes.family}_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements))
        return [Evaluate(Call(name, (emitter.struct("edgec_quantize_lanes", fields), *places)))]

    return Kernel(name, "quantize_lanes.h", emit)


@lowers(Lookup, family="vbmi")
@lowers(Lookup, Requantize, quantized=True, family="vbmi")
def lower_lookup_vbmi(op: Lookup | Requantize) -> Kernel | None:
    """Of bytes to bytes, also with another scale."""
    table = byte_table(op)
    if table is None:
        return None
    # By the bits of a byte: those of signed ones are negative from 128 on.
    ordered = np.roll(table, 128) if op.x.type.dtype is DType.I8 else table

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.array("table", ordered, "", ALIGN), emitter.pointer(op.result)
        return [Evaluate(Call("edgec_lookup_vbmi_8", (*places, Int(op.x.type.elements))))]

    return Kernel("edgec_lookup_vbmi_8", "lookup_vbmi.h", emit)


def _codes(multiplier: int, shift: int, result: Value, clamp: Clamp | None) -> tuple[Int, ...] | None:
    """An ``edgec_codes_i8``; None where the upper half of the product is not enough."""
    # The larger the shift, the less of a product counts.
    by = min(31 - multiplier.bit_length(), 62 - shift)
    multiplier, shift = multiplier << by, shift + by - 32
    if shift < LEAST_SHIFT - 32:
        return None
    limits = (limit for limit in clamp_codes(result, clamp).values() if isinstance(limit, Int))
    return (Int(multiplier), Int(1 << shift - 1), Int(shift), Int(zero_of(result)), *limits)


def _bytes(op: Add | Sub | Mul) -> bool:
    return {v.type.dtype for v in (op.a, op.b, op.result)} == {DType.I8}


def _is_single(value: Value) -> bool:
    return value.data is not None and value.type.elements == 1 and quant_of(value).axis is None


def _register(lanes: Lanes) -> None:
    quantized: dict[Callable[..., Lowered], tuple[type[Op], ...]] = {
        lower_sum_lanes: (Add, Sub),
        lower_mul_lanes: (Mul,),
        lower_pixel_sums_lanes: (ReduceSum, ReduceMean),
        lower_softmax_lanes: (Softmax,),
    }
    for lowering, classes in quantized.items():
        lowers(*classes, quantized=True, family=lanes.family)(partial(lowering, lanes=lanes))
    lowers(Quantize, Dequantize, family=lanes.family)(partial(lower_conversion_lanes, lanes=lanes))


for _lanes in FAMILIES:
    _register(_lanes)
