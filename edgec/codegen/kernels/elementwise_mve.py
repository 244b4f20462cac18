"""Elementwise functions of bytes and halfwords with the vectors of Armv8.1-M."""

from collections.abc import Sequence

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import LEAST_SHIFT
from edgec.codegen.kernels.element_runs import element_runs, over_runs
from edgec.codegen.kernels.halfwords_mve import (
    are_plain_halfwords,
    lower_requantize16_mve,
    lower_sum16_mve,
    raised,
)
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.requantization import byte_table
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.ir import DType, Value
from edgec.ir.ops import Add, Convolution, Lookup, Mul, Requantize, Softmax, Sub
from edgec.ir.requantization import product_factors, softmax_table, sum_factors, zero_of


@lowers(Add, Sub, quantized=True, family="mve")
def lower_sum_mve(op: Add | Sub) -> Kernel | None:
    """Of two tensors, or of one and a constant, whose share goes into where sums begin."""
    if not _bytes(op):
        return lower_sum16_mve(op)
    left, right, shift = sum_factors(op)
    begin = (1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right
    places = [op.a, op.b]
    if _is_single(op.b):
        begin, right, places = begin + known(op, op.b).item() * right, 0, [op.a, op.a]
    elif _is_single(op.a):
        begin, left, places = begin + known(op, op.a).item() * left, 0, [op.b, op.b]
    axes = element_runs(places, op.result)
    if axes is None:
        return None
    fields: Fields = {
        "begin": Int(begin),
        "a_multiplier": Int(left),
        "b_multiplier": Int(right),
        "shift": Int(-shift),
        "zero_point": Int(zero_of(op.result)),
        **clamp_codes(op.result, op.clamp),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        pointers = [emitter.pointer(v) for v in (*places, op.result)]
        shape = emitter.struct("edgec_add_mve", fields)
        return over_runs(axes, pointers, lambda count, at: Call("edgec_add_mve_i8", (shape, count, *at)))

    return Kernel("edgec_add_mve_i8", "add_mve.h", emit)


@lowers(Mul, quantized=True, family="mve")
def lower_mul_mve(op: Mul) -> Kernel | None:
    """Of two tensors, or of one and a constant, of bytes or of halfwords without zero points."""
    a, b = (op.b, op.a) if _is_single(op.a) else (op.a, op.b)
    multiplier, shift = raised(*(factor.item() for factor in product_factors(op)))
    single = _is_single(b)
    axes = element_runs([a] if single else [a, b], op.result)
    dtype = op.result.type.dtype
    if not (_bytes(op) or are_plain_halfwords(a, b, op.result)) or shift < LEAST_SHIFT or axes is None:
        return None
    fields: Fields = {
        "a_zero": Int(zero_of(a)),
        "b_zero": Int(zero_of(b)),
        "multiplier": Int(multiplier),
        "right": Int(LEAST_SHIFT - 1 - shift),
        "zero_point": Int(zero_of(op.result)),
        "step": Int(0 if single else 8 * dtype.bytes),
        **clamp_codes(op.result, op.clamp),
    }

    name = f"edgec_mul_mve_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        factor = [emitter.array("factor", np.full(8, known(op, b).item(), dtype.numpy))] if single else []
        pointers = [emitter.pointer(v) for v in ((a, op.result) if single else (a, b, op.result))]
        shape = emitter.struct("edgec_mul_mve", fields)

        def call(count: Expr, places: Sequence[Expr]) -> Call:
            x, *others = places
            return Call(name, (shape, count, x, *factor, *others))

        return over_runs(axes, pointers, call)

    return Kernel(name, "mul_mve.h", emit)


def _bytes(op: Add | Sub | Mul) -> bool:
    return {v.type.dtype for v in (op.a, op.b, op.result)} == {DType.I8}


def _is_single(value: Value) -> bool:
    return value.data is not None and value.type.elements == 1


@lowers(Lookup, family="mve")
@lowers(Lookup, Requantize, quantized=True, family="mve")
def lower_lookup_mve(op: Lookup | Requantize) -> Kernel | None:
    """Of bytes to bytes, also with another scale."""
    table = byte_table(op)
    if table is None:
        return lower_requantize16_mve(op) if isinstance(op, Requantize) else None
    flip = 128 if op.x.type.dtype is DType.I8 else 0

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.array("table", table), emitter.pointer(op.result)
        return [Evaluate(Call("edgec_lookup_mve_8", (*places, Int(op.x.type.elements), Int(flip))))]

    return Kernel("edgec_lookup_mve_8", "lookup_mve.h", emit)


@lowers(Softmax, quantized=True, family="mve")
def lower_softmax_mve(op: Softmax) -> Kernel | None:
    """Along the last axis."""
    count = op.x.shape[-1]
    table = softmax_table(op)
    last = op.axis == op.x.type.rank - 1
    if not last or {op.x.type.dtype, op.result.type.dtype} != {DType.I8} or table.shift < LEAST_SHIFT:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "exponential": emitter.array("exponential", table.exponentials),
            "right": Int(LEAST_SHIFT - 1 - table.shift),
            "zero_point": Int(zero_of(op.result)),
            "scaled": Int(table.scaled),
        }
        shape, lines = emitter.struct("edgec_softmax_mve", fields), Int(op.x.type.elements // count)
        places = (emitter.pointer(v) for v in (op.x, op.result))
        return [Evaluate(Call("edgec_softmax_mve_i8", (shape, lines, Int(count), *places)))]

    return Kernel("edgec_softmax_mve_i8", "softmax_mve.h", emit)


def lower_scale_mve(op: Convolution) -> Kernel | None:
    """Depthwise by a window of one tap that visits every pixel."""
    sums = weighted_sums(op, [known(op, op.w)])
    (weights,), (bias,), channels = sums.weights, sums.biases, op.x.shape[-1]
    factors = [np.broadcast_to(a, channels).astype(np.int32) for a in (sums.factors.multipliers, sums.factors.shifts)]
    if sums.types != TYPES or factors[1].min() < LEAST_SHIFT:
        return None
    rows = np.stack([weights.reshape(-1), bias, factors[0], LEAST_SHIFT - 1 - factors[1]]).astype(np.int32)
    stream = np.pad(rows, ((0, 0), (0, -channels % 4))).reshape(4, -1, 4).swapaxes(0, 1)

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "stream": emitter.array("channels", stream.reshape(-1), "weights, biases, multipliers, shifts by fours"),
            "channels": Int(channels),
            "zero_point": Int(zero_of(op.result)),
            **clamp_codes(op.result, op.clamp),
        }
        shape = emitter.struct("edgec_scale_mve", fields)
        places = (emitter.pointer(v) for v in (op.x, op.result))
        return [Evaluate(Call("edgec_scale_mve_i8", (shape, Int(op.x.type.elements // channels), *places)))]

    return Kernel("edgec_scale_mve_i8", "scale_mve.h", emit)
