"""Elementwise functions of two tensors, and choice between two: strided walks over broadcast shapes."""

from collections.abc import Callable, Sequence

from edgec.codegen.axes import Axis, broadcast_strides, column, contiguous, extents, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_literals, result_fields
from edgec.codegen.kernels.registry import lowers
from edgec.ir import Value
from edgec.ir.ops import Add, Arithmetic, Binary, Mul, Sub, Where
from edgec.ir.requantization import product_factors, sum_factors, zero_of

AXES = 4
"""EDGEC_BINARY_AXES and EDGEC_WHERE_AXES of the kernels."""


@lowers(Binary)
def lower_binary(op: Binary) -> Kernel:
    """``edgec_<function>_<type>(walk, limits of the result, a, b, y)``."""
    return binary(op, f"edgec_{op.opname}_{op.a.type.dtype.value}", f"{op.opname}.h")


def binary(op: Binary, name: str, header: str) -> Kernel:
    """The call of a kernel for that function."""
    limits = clamp_literals(op.clamp, op.a.type.dtype) if isinstance(op, Arithmetic) else ()

    def emit(emitter: Emitter) -> list[Stmt]:
        def call(walk: Expr, places: Sequence[Expr]) -> Call:
            return Call(name, (walk, *limits, *places))

        return _walk(emitter, "edgec_binary", {"a": op.a, "b": op.b}, op.result, call)

    return Kernel(name, header, emit)


@lowers(Add, Sub, quantized=True)
def lower_sum(op: Add | Sub) -> Kernel:
    """``edgec_add_<types>(walk, parameters, a, b, y)``, of a difference with a negative multiplier."""
    return quantized_sum(op, f"edgec_add_{_types(op)}", "add_quantized.h")


def quantized_sum(op: Add | Sub, name: str, header: str) -> Kernel:
    """The call of a kernel for sums of codes."""
    left, right, shift = sum_factors(op)
    begin = (1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right
    fields: dict[str, Expr] = {
        "a_multiplier": Int(left),
        "b_multiplier": Int(right),
        "begin": Int(begin),
        "shift": Int(shift),
    }
    return _quantized(op, "edgec_add", fields, name, header)


@lowers(Mul, quantized=True)
def lower_mul(op: Mul) -> Kernel:
    """``edgec_mul_<types>(walk, parameters, a, b, y)``."""
    return quantized_product(op, f"edgec_mul_{_types(op)}", "mul_quantized.h")


def quantized_product(op: Mul, name: str, header: str) -> Kernel:
    """The call of a kernel for products of codes."""
    multiplier, shift = product_factors(op)
    fields: dict[str, Expr] = {
        "a_zero": Int(zero_of(op.a)),
        "b_zero": Int(zero_of(op.b)),
        "multiplier": Int(multiplier.item()),
        "shift": Int(shift.item()),
    }
    return _quantized(op, "edgec_mul", fields, name, header)


def _types(op: Arithmetic) -> str:
    return "_".join(v.type.dtype.value for v in (op.a, op.b, op.result))


def _quantized(op: Arithmetic, struct: str, fields: dict[str, Expr], name: str, header: str) -> Kernel:
    def emit(emitter: Emitter) -> list[Stmt]:
        parameters = emitter.struct(struct, {**fields, **result_fields(op.result, op.clamp)}, "parameters")

        def call(walk: Expr, places: Sequence[Expr]) -> Call:
            return Call(name, (walk, parameters, *places))

        return _walk(emitter, "edgec_binary", {"a": op.a, "b": op.b}, op.result, call)

    return Kernel(name, header, emit)


@lowers(Where)
def lower_where(op: Where) -> Kernel:
    """``edgec_where_<bits>(walk, condition, a, b, y)``."""
    name = f"edgec_where_{8 * op.a.type.dtype.bytes}"

    def emit(emitter: Emitter) -> list[Stmt]:
        def call(walk: Expr, places: Sequence[Expr]) -> Call:
            return Call(name, (walk, *places))

        operands = {"condition": op.condition, "a": op.a, "b": op.b}
        return _walk(emitter, "edgec_where", operands, op.result, call)

    return Kernel(name, "where.h", emit)


def _walk(
    emitter: Emitter,
    struct: str,
    operands: dict[str, Value],
    result: Value,
    call: Callable[[Expr, Sequence[Expr]], Call],
) -> list[Stmt]:
    """The call along the merged axes: broadcast ones have stride 0, those beyond the kernel's are loops around it."""
    axes = merged_axes(list(operands.values()), result)
    outer, inner = axes[:-AXES], axes[-AXES:]
    columns = {f"{name}_stride": column(inner, i, AXES) for i, name in enumerate(operands)}
    walk = emitter.struct(struct, {"extent": extents(inner, AXES), **columns})
    pointers = [emitter.pointer(v) for v in (*operands.values(), result)]

    def body(offsets: list[Expr]) -> list[Stmt]:
        return [Evaluate(call(walk, [add(p, o) for p, o in zip(pointers, offsets, strict=True)]))]

    return nest(outer, len(pointers), body)


def merged_axes(operands: Sequence[Value], result: Value) -> list[Axis]:
    """The axes of operands that are broadcast to the result, and of this, from the outermost in."""
    strides = [broadcast_strides(v.shape, result.shape) for v in operands]
    target = contiguous(result.shape)
    return merge([Axis(e, tuple(s)) for e, *s in zip(result.shape, *strides, target, strict=True)])
