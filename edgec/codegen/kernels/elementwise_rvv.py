"""Sums of bytes, of two and over all pixels, and transposition with RVV."""

from edgec.codegen.axes import transposed_matrix
from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import LEAST_SHIFT
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.pixel_sums import pixel_sums
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.ops import Add, AveragePool, ReduceMean, ReduceSum, Sub, Transpose
from edgec.ir.requantization import sum_factors, zero_of


@lowers(Add, Sub, quantized=True, family="rvv")
def lower_sum_rvv(op: Add | Sub) -> Kernel | None:
    """Of bytes of one shape."""
    if {v.type.dtype for v in (op.a, op.b, op.result)} != {DType.I8} or op.a.shape != op.b.shape:
        return None
    left, right, shift = sum_factors(op)
    fields: Fields = {
        "begin": Int((1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right),
        "a_multiplier": Int(left),
        "b_multiplier": Int(right),
        "shift": Int(shift),
        "zero_point": Int(zero_of(op.result)),
        **clamp_codes(op.result, op.clamp),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(v) for v in (op.a, op.b, op.result))
        shape = emitter.struct("edgec_add_rvv", fields)
        return [Evaluate(Call("edgec_add_rvv_i8", (shape, *places, Int(op.result.type.elements))))]

    return Kernel("edgec_add_rvv_i8", "elementwise_rvv.h", emit)


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


@lowers(ReduceSum, ReduceMean, AveragePool, quantized=True, family="rvv")
def lower_pixel_sums_rvv(op: ReduceSum | ReduceMean | AveragePool) -> Kernel | None:
    """Over all pixels."""
    sums = pixel_sums(op)
    if sums is None or {sums.x.type.dtype, sums.result.type.dtype} != {DType.I8} or sums.shift < LEAST_SHIFT:
        return None
    fields: Fields = {
        **sums.fields(),
        "multiplier": Int(sums.multiplier),
        "shift": Int(sums.shift - 32),
        "zero_point": Int(zero_of(sums.result)),
        **clamp_codes(sums.result, sums.clamp),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_reduce_sum_rvv", fields)
        places = emitter.pointer(sums.x), emitter.pointer(sums.result)
        return [Evaluate(Call("edgec_reduce_sum_rvv_i8", (shape, *places)))]

    return Kernel("edgec_reduce_sum_rvv_i8", "reduce_sum_rvv.h", emit)
