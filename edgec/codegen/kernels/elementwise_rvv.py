"""Sums of bytes, of two and over all pixels, and transposition with RVV."""

from math import prod

from edgec.codegen.axes import Axis, contiguous, merge
from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import LEAST_SHIFT
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType, Op, Value
from edgec.ir.ops import Add, AveragePool, Clamp, ReduceMean, ReduceSum, Sub, Transpose
from edgec.ir.requantization import mean_factors, reduce_factor, sum_factors, zero_of


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


@lowers(ReduceSum, ReduceMean, quantized=True, family="rvv")
def lower_reduce_sum_rvv(op: ReduceSum | ReduceMean) -> Kernel | None:
    """Over all axes but the last one."""
    kept = [extent for axis, extent in enumerate(op.x.shape) if axis not in op.axes]
    if op.x.type.rank - 1 in op.axes or prod(kept) != op.x.shape[-1]:
        return None
    return _over_pixels(op, op.x, None, *reduce_factor(op))


@lowers(AveragePool, quantized=True, family="rvv")
def lower_average_pool_rvv(op: AveragePool) -> Kernel | None:
    """Over the whole of an image."""
    extents = op.x.shape[1:-1]
    if op.x.shape[0] > 1 or op.kernel != extents or any(op.pad) or {*op.dilation} != {1}:
        return None
    multiplier, shift = (factor[prod(extents)].item() for factor in mean_factors(op))
    return _over_pixels(op, op.x, op.clamp, multiplier, shift)


def _over_pixels(op: Op, x: Value, clamp: Clamp | None, multiplier: int, shift: int) -> Kernel | None:
    """The sum of all elements of each channel, rescaled."""
    (result,), channels = op.results, x.shape[-1]
    if {x.type.dtype, result.type.dtype} != {DType.I8} or shift < LEAST_SHIFT:
        return None
    pixels = x.type.elements // channels
    fields: Fields = {
        "pixels": Int(pixels),
        "channels": Int(channels),
        "first": Int(-pixels * zero_of(x)),
        "multiplier": Int(multiplier),
        "shift": Int(shift - 32),
        "zero_point": Int(zero_of(result)),
        **clamp_codes(result, clamp),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_reduce_sum_rvv", fields)
        return [Evaluate(Call("edgec_reduce_sum_rvv_i8", (shape, emitter.pointer(x), emitter.pointer(result))))]

    return Kernel("edgec_reduce_sum_rvv_i8", "reduce_sum_rvv.h", emit)
