"""Elementwise functions of one and of two tensors, softmax, casts."""

from math import prod

from edgec.codegen.axes import Axis, column, contiguous, extents, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Float, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import float32, lowers, unsupported
from edgec.codegen.kernels.rows import clamp_fields
from edgec.ir import DType
from edgec.ir.ops import (
    Add,
    Binary,
    Cast,
    Clamp,
    Clip,
    Div,
    HardSwish,
    LeakyRelu,
    Mul,
    Relu,
    Sigmoid,
    Softmax,
    Sub,
    Tanh,
    Unary,
)

AXES = 4
"""EDGEC_BINARY_AXES of the kernels of two tensors."""


@lowers(Relu, Clip, LeakyRelu, Sigmoid, Tanh, HardSwish)
def lower_unary(op: Unary) -> Kernel:
    """One run over all elements."""
    float32(op)
    match op:
        case Clip(low=low, high=high):
            parameters: tuple[Expr, ...] = (Float(low), Float(high))
        case LeakyRelu(alpha=alpha):
            parameters = (Float(alpha),)
        case _:
            parameters = ()
    name = f"edgec_{op.opname}_f32"

    def emit(emitter: Emitter) -> list[Stmt]:
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (*parameters, x, y, Int(op.x.type.elements))))]

    return Kernel(name, f"{op.opname}_f32.h", emit)


@lowers(Add, Sub, Mul, Div)
def lower_binary(op: Binary) -> Kernel:
    """Broadcast axes have stride 0; axes beyond those of the kernel are loops around it."""
    dtype = op.a.type.dtype
    if dtype not in (DType.F32, DType.I32, DType.I64):
        raise unsupported(op, f"arithmetic is on f32, i32 and i64 only, not {dtype.value}")
    name = f"edgec_{op.opname}_{dtype.value}"
    shape = op.result.shape

    def emit(emitter: Emitter) -> list[Stmt]:
        strides = [_broadcast_strides(v.shape, shape) for v in (op.a, op.b)]
        axes = merge([Axis(e, tuple(s)) for e, *s in zip(shape, *strides, contiguous(shape), strict=True)])
        outer, inner = axes[:-AXES], axes[-AXES:]
        fields = {
            "extent": extents(inner, AXES),
            "a_stride": column(inner, 0, AXES),
            "b_stride": column(inner, 1, AXES),
            **(clamp_fields(op.clamp) if dtype is DType.F32 else integer_clamp_fields(op.clamp, dtype)),
        }
        struct = emitter.struct(f"edgec_binary_{dtype.value}", fields)
        pointers = [emitter.pointer(v) for v in (op.a, op.b, op.result)]

        def call(offsets: list[Expr]) -> list[Stmt]:
            return [Evaluate(Call(name, (struct, *(add(p, o) for p, o in zip(pointers, offsets, strict=True)))))]

        return nest(outer, 3, call)

    return Kernel(name, f"{op.opname}_{dtype.value}.h", emit)


def integer_clamp_fields(clamp: Clamp | None, dtype: DType) -> dict[str, Expr]:
    """The ``low`` and ``high`` fields of a signed integer kernel's struct; limits beyond the type do not limit."""
    bits = 8 * dtype.bytes
    smallest, largest = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    limits = clamp or Clamp()
    low, high = int(max(limits.low, smallest)), int(min(limits.high, largest))
    # The smallest number has no literal in C.
    lowest = Name(f"INT{bits}_MIN")
    return {"low": lowest if low == smallest else Int(low), "high": lowest if high == smallest else Int(high)}


def _broadcast_strides(shape: tuple[int, ...], target: tuple[int, ...]) -> list[int]:
    padded = (1,) * (len(target) - len(shape)) + shape
    return [s if e > 1 else 0 for s, e in zip(contiguous(padded), padded, strict=True)]


@lowers(Softmax)
def lower_softmax(op: Softmax) -> Kernel:
    """Everything before the axis is one extent, everything behind it another."""
    float32(op)

    def emit(emitter: Emitter) -> list[Stmt]:
        outer, inner = prod(op.x.shape[: op.axis]), prod(op.x.shape[op.axis + 1 :])
        fields: dict[str, Expr] = {"outer": Int(outer), "axis": Int(op.x.shape[op.axis]), "inner": Int(inner)}
        shape = emitter.struct("edgec_softmax", fields)
        return [Evaluate(Call("edgec_softmax_f32", (shape, emitter.pointer(op.x), emitter.pointer(op.result))))]

    return Kernel("edgec_softmax_f32", "softmax_f32.h", emit)


@lowers(Cast)
def lower_cast(op: Cast) -> Kernel:
    """One run over all elements."""
    source, target = op.x.type.dtype, op.dtype
    if DType.F16 in (source, target):
        raise unsupported(op, "there is no conversion of f16")
    name = f"edgec_cast_{source.value}_{target.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (x, y, Int(op.x.type.elements))))]

    return Kernel(name, "cast.h", emit)
