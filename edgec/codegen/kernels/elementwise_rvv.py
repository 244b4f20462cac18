"""Sums of bytes and transposition with RVV."""

from edgec.codegen.axes import Axis, contiguous, merge
from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.ops import Add, Sub, Transpose
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
    source = contiguous(op.x.shape)
    walk = zip(op.result.shape, (source[p] for p in op.perm), contiguous(op.result.shape), strict=True)
    match merge([Axis(e, (s, t)) for e, s, t in walk]):
        case [Axis(extent=columns, strides=(1, _)), Axis(extent=rows, strides=(_, 1))]:
            if op.x.type.dtype.bytes > 1:
                return None
        case _:
            return None

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(v) for v in (op.x, op.result))
        return [Evaluate(Call("edgec_transpose_rvv_8", (*places, Int(rows), Int(columns))))]

    return Kernel("edgec_transpose_rvv_8", "elementwise_rvv.h", emit)
