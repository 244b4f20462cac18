"""What has no weights, on bytes with the DSP extension: conversions, sums, products, tables, softmax."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Float, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.binary_runs import Runs, binary_runs
from edgec.codegen.kernels.blocks_dsp import Codes, both_halves
from edgec.codegen.kernels.byte_sums import byte_sum
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.requantization import byte_table
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType, Op
from edgec.ir.ops import (
    Add,
    Dequantize,
    Lookup,
    Mul,
    Quantize,
    Requantize,
    Softmax,
    Sub,
)
from edgec.ir.ops.quantization import Scaled
from edgec.ir.requantization import product_factors, softmax_table, zero_of


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
    """Of bytes, where the result's zero point, shifted, still fits the sum."""
    total = byte_sum(op)
    runs = binary_runs(op.a, op.b, op.result) if total is not None else None
    if total is None or runs is None:
        return None
    numbers = total.fields(runs.swapped)
    fields: Fields = {**{n: Int(number) for n, number in numbers.items()}, **clamp_codes(op.result, op.clamp)}
    return _over_runs(op, runs, "add", fields)


@lowers(Mul, quantized=True, family="dsp")
def lower_mul_dsp(op: Mul) -> Kernel | None:
    """Of bytes, where the product becomes a code in the family's way."""
    runs = binary_runs(op.a, op.b, op.result) if _bytes(op) else None
    multiplier, shift = (np.atleast_1d(factor) for factor in product_factors(op))
    codes = Codes.of(np.array([255 * 255]), multiplier, shift, zero_of(op.result))
    if runs is None or codes is None:
        return None
    a, b = (op.b, op.a) if runs.swapped else (op.a, op.b)
    fields: Fields = {
        "a_less": Int(both_halves(-zero_of(a))),
        "b_less": Int(both_halves(-zero_of(b))),
        "multiplier": Int(codes.multiplier.item()),
        "begin": Int(codes.begin.item()),
        "shift": Int(codes.shift.item()),
        **clamp_codes(op.result, op.clamp),
    }
    return _over_runs(op, runs, "mul", fields)


def _over_runs(op: Add | Sub | Mul, runs: Runs, function: str, fields: Fields) -> Kernel:
    """``edgec_<function>_dsp_i8``, or that by a single element, for each run."""
    name = f"edgec_{function}_{'single_' if runs.single else ''}dsp_i8"
    operands = (op.b, op.a) if runs.swapped else (op.a, op.b)

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct(f"edgec_{function}_dsp", fields)
        pointers = [emitter.pointer(v) for v in (*operands, op.result)]
        return runs.over(pointers, lambda places, count: Call(name, (shape, *places, count)))

    outputs = op.result.type.elements
    work = {
        LAYER: 1,
        "runs": runs.calls,
        "fours": runs.calls * (runs.count // 4),
        "rest": runs.calls * (runs.count % 4),
        "clamped": outputs if clamps(op.result, op.clamp) else 0,
    }
    return Kernel(name, f"{function}_dsp.h", emit, work=work)


@lowers(Lookup, family="dsp")
@lowers(Lookup, Requantize, quantized=True, family="dsp")
def lower_lookup_dsp(op: Lookup | Requantize) -> Kernel | None:
    """Of bytes to bytes, also with another scale: by a table in the order of unsigned bytes."""
    table = byte_table(op)
    if table is None:
        return None
    unsigned = np.roll(table, 128) if op.x.type.dtype is DType.I8 else table
    elements = op.x.type.elements

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.array("table", unsigned), emitter.pointer(op.result)
        return [Evaluate(Call("edgec_lookup_dsp_8", (*places, Int(elements))))]

    work = {LAYER: 1, "eights": elements // 8, "rest": elements % 8}
    return Kernel("edgec_lookup_dsp_8", "lookup_dsp.h", emit, work=work)


@lowers(Softmax, quantized=True, family="dsp")
def lower_softmax_dsp(op: Softmax) -> Kernel | None:
    """Along the last axis, of four elements or more."""
    count, elements = op.x.shape[-1], op.x.type.elements
    if op.axis != op.x.type.rank - 1 or not _bytes(op) or count < 4:
        return None
    table = softmax_table(op)
    # The largest product of an exponential and a quotient is that of the smallest sum.
    codes = Codes.of(np.array([1 << 30]), np.array([table.scaled >> 30]), np.array([table.shift]), zero_of(op.result))
    if codes is None or codes.shift.item() != table.shift - 32:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "exponential": emitter.array(
                "exponential", table.exponentials[::-1], "that of the largest difference first"
            ),
            "begin": Int(codes.begin.item()),
            "shift": Int(codes.shift.item()),
            "scaled": Int(table.scaled),
        }
        shape = emitter.struct("edgec_softmax_dsp", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call("edgec_softmax_dsp_i8", (shape, Int(elements // count), Int(count), *places)))]

    lines = elements // count
    work = {LAYER: 1, "lines": lines, "fours": lines * (count // 4), "rest": lines * (count % 4)}
    return Kernel("edgec_softmax_dsp_i8", "softmax_dsp.h", emit, work=work)


def _bytes(op: Op) -> bool:
    return all(v.type.dtype is DType.I8 for v in (*op.operands, *op.results))
