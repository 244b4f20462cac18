"""Arithmetic, limits, tables, and transposition with RVV."""

from dataclasses import replace
from math import inf

from edgec.codegen.axes import transposed_matrix
from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.binary import binary, merged_axes, quantized_product, quantized_sum
from edgec.codegen.kernels.blocks_rvv import RAISED
from edgec.codegen.kernels.literals import clamp_literals, clamps
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.requantization import byte_table
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import (
    Add,
    Arithmetic,
    Clamp,
    Clip,
    Div,
    Lookup,
    Mul,
    Relu,
    Requantize,
    Sub,
    Transpose,
)
from edgec.ir.requantization import product_factors

HEADER = "binary_rvv.h"

LANES = (32, 64)
"""Elements of 32 bits in eight vectors."""


@lowers(Add, Sub, Mul, Div, family="rvv")
def lower_arithmetic_rvv(op: Arithmetic) -> Kernel | None:
    """Of float32."""
    if op.a.type.dtype is not DType.F32:
        return None
    return replace(binary(op, f"edgec_{op.opname}_rvv_f32", HEADER), work=_work(op))


@lowers(Add, Sub, quantized=True, family="rvv")
def lower_sum_rvv(op: Add | Sub) -> Kernel | None:
    """Of bytes."""
    return replace(quantized_sum(op, "edgec_add_rvv_i8", HEADER), work=_work(op)) if _bytes(op) else None


@lowers(Mul, quantized=True, family="rvv")
def lower_mul_rvv(op: Mul) -> Kernel | None:
    """Of bytes."""
    _, shift = product_factors(op)
    if not _bytes(op) or shift.item() not in RAISED:
        return None
    return replace(quantized_product(op, "edgec_mul_rvv_i8", HEADER), work=_work(op))


def _bytes(op: Arithmetic) -> bool:
    return {v.type.dtype for v in (op.a, op.b, op.result)} == {DType.I8}


def _work(op: Arithmetic) -> dict[str, float]:
    """Runs along the innermost axis, and vectors in these."""
    axes = merged_axes([op.a, op.b], op.result)
    inner = axes[-1].extent if axes else 1
    runs = op.result.type.elements // max(inner, 1)
    clamped = op.clamp is not None and (op.result.type.dtype is DType.F32 or clamps(op.result, op.clamp))
    work: dict[str, float] = {LAYER: 1, "runs": runs}
    for lanes in LANES:
        vectors = runs * -(-inner // lanes)
        work |= {f"vectors{lanes}": vectors, f"clamped{lanes}": clamped * vectors}
    return work


@lowers(Relu, Clip, family="rvv")
def lower_clip_rvv(op: Relu | Clip) -> Kernel | None:
    """Of float32."""
    if op.x.type.dtype is not DType.F32:
        return None
    limits = (0.0, inf) if isinstance(op, Relu) else (op.low, op.high)
    count = op.x.type.elements

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result), Int(count)
        return [Evaluate(Call("edgec_clip_rvv_f32", (*clamp_literals(Clamp(*limits), DType.F32), *places)))]

    work: dict[str, float] = {LAYER: 1}
    for lanes in LANES:
        work[f"vectors{lanes}"] = -(-count // lanes)
        work[f"limits{lanes}"] = sum(abs(limit) < inf for limit in limits) * -(-count // lanes)
    return Kernel("edgec_clip_rvv_f32", "elementwise_rvv.h", emit, work=work)


@lowers(Lookup, family="rvv")
@lowers(Lookup, Requantize, quantized=True, family="rvv")
def lower_lookup_rvv(op: Lookup | Requantize) -> Kernel | None:
    """Of bytes to bytes, also with another scale."""
    table, count = byte_table(op), op.x.type.elements
    if table is None:
        return None
    flip = 128 if op.x.type.dtype is DType.I8 else 0

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.array("table", table), emitter.pointer(op.result)
        return [Evaluate(Call("edgec_lookup_rvv_8", (*places, Int(count), Int(flip))))]

    work: dict[str, float] = {LAYER: 1, **{f"vectors{n}": -(-count // n) for n in (128, 256)}}
    return Kernel("edgec_lookup_rvv_8", "elementwise_rvv.h", emit, work=work)


@lowers(Transpose, family="rvv")
def lower_transpose_rvv(op: Transpose) -> Kernel | None:
    """Of a matrix of bytes, as those of planes and pixels are."""
    extents = transposed_matrix(op.x.shape, op.perm)
    if extents is None or op.x.type.dtype.bytes > 1:
        return None
    columns, rows = extents

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(v) for v in (op.x, op.result))
        return [Evaluate(Call("edgec_transpose_rvv_8", (*places, Int(rows), Int(columns))))]

    return Kernel("edgec_transpose_rvv_8", "elementwise_rvv.h", emit)
