"""Quantization, and products of quantized integers."""

from math import prod

from edgec.codegen.axes import Axis, broadcast_strides, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.conversion import stored_as
from edgec.codegen.kernels.reach import above, row_turns
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.rows import Row, kernel_rows, over_rows, row_fields, runs
from edgec.ir import Value
from edgec.ir.ops import Dequantize, DynamicScale, IntegerConv2d, IntegerMatMul, Quantize
from edgec.ir.ops.quantization import QUANTIZED, Scaled


@lowers(Quantize)
def lower_quantize(op: Quantize) -> Kernel:
    """``edgec_quantize_<stored type>(shape, precision, limits or saturate, x, scale, zero point, y)``."""
    name = f"edgec_quantize_{stored_as(op.dtype).value}"
    precision = Name(f"EDGEC_PRECISION_{op.precision.value.upper()}")
    integer = op.dtype in QUANTIZED
    limits = [Int(limit) for limit in op.dtype.limits] if integer else [Int(int(op.saturate))]

    def emit(emitter: Emitter) -> list[Stmt]:
        x, scale, y = (emitter.pointer(v) for v in (op.x, op.scale, op.result))
        zero = [emitter.optional(op.zero_point)] if integer else []
        return [Evaluate(Call(name, (_shape(emitter, op), precision, *limits, x, scale, *zero, y)))]

    return Kernel(name, "quantize.h", emit)


@lowers(Dequantize)
def lower_dequantize(op: Dequantize) -> Kernel:
    """``edgec_dequantize_<stored type>(shape, x, scale, zero point, y)``."""
    stored = op.x.type.dtype
    name = f"edgec_dequantize_{stored_as(stored).value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        x, scale, y = (emitter.pointer(v) for v in (op.x, op.scale, op.result))
        zero = [emitter.optional(op.zero_point)] if stored in QUANTIZED else []
        return [Evaluate(Call(name, (_shape(emitter, op), x, scale, *zero, y)))]

    return Kernel(name, "dequantize.h", emit)


def _shape(emitter: Emitter, op: Scaled) -> Expr:
    """The ``edgec_scaled`` of an operator."""
    shape = op.x.shape
    if op.axis is None:
        outer, channels, inner, strides = 1, 1, op.x.type.elements, (0, 0, 0)
    else:
        outer, channels, inner = prod(shape[: op.axis]), shape[op.axis], prod(shape[op.axis + 1 :])
        strides = (0, 1, 0)
        if op.block:
            strides = (op.scale.shape[op.axis] * inner, inner, 1)
    fields: dict[str, Expr] = {
        "outer": Int(outer),
        "channels": Int(channels),
        "inner": Int(inner),
        "block": Int(op.block or 1),
        "outer_stride": Int(strides[0]),
        "channel_stride": Int(strides[1]),
        "inner_stride": Int(strides[2]),
    }
    return emitter.struct("edgec_scaled", fields)


@lowers(DynamicScale)
def lower_dynamic_scale(op: DynamicScale) -> Kernel:
    """One run over all elements."""

    def emit(emitter: Emitter) -> list[Stmt]:
        scale, zero_point = (emitter.pointer(v) for v in op.results)
        elements = Int(op.x.type.elements)
        return [Evaluate(Call("edgec_dynamic_scale", (emitter.pointer(op.x), elements, scale, zero_point)))]

    return Kernel("edgec_dynamic_scale", "dynamic_scale.h", emit)


@lowers(IntegerMatMul)
def lower_integer_mat_mul(op: IntegerMatMul) -> Kernel:
    """One kernel call per matrix of the result; batch axes are loops around it."""
    name = f"edgec_integer_mat_mul_{op.a.type.dtype.value}_{op.b.type.dtype.value}_{op.dtype.value}"
    *batch, rows, columns = op.result.shape

    def emit(emitter: Emitter) -> list[Stmt]:
        operands = [op.a, op.b, op.a_zero, op.b_zero, op.scale, op.zero_point, op.result]
        strides = [_strides(v, len(batch) + 2) for v in operands]
        fields: dict[str, Expr] = {
            "rows": Int(rows),
            "inner": Int(op.a.shape[-1]),
            "columns": Int(columns),
            "a_zero_row": Int(strides[2][-2]),
            "b_zero_column": Int(strides[3][-1]),
            "scale_row": Int(strides[4][-2]),
            "scale_column": Int(strides[4][-1]),
            "zero_point_row": Int(strides[5][-2]),
            "zero_point_column": Int(strides[5][-1]),
        }
        shape = emitter.struct("edgec_integer_mat_mul", fields)
        pointers = [emitter.optional(v) for v in operands]
        axes = merge([Axis(e, tuple(s[i] for s in strides)) for i, e in enumerate(batch)])

        def call(offsets: list[Expr]) -> list[Stmt]:
            places = (p if v is None else add(p, o) for v, p, o in zip(operands, pointers, offsets, strict=True))
            return [Evaluate(Call(name, (shape, *places)))]

        return nest(axes, len(operands), call)

    return Kernel(name, "integer_mat_mul.h", emit)


@lowers(IntegerConv2d)
def lower_integer_conv2d(op: IntegerConv2d) -> Kernel:
    """One kernel call per row of output."""
    name = f"edgec_integer_conv2d_{op.x.type.dtype.value}_{op.w.type.dtype.value}_{op.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        (run,) = runs(op)
        fields: dict[str, Expr] = {
            "in_width": Int(op.x.shape[2]),
            "in_channels": Int(op.x.shape[3]),
            "out_channels": Int(op.result.shape[3]),
            **row_fields(kernel_rows(op), run),
            "groups": Int(op.groups),
            "w_zero_step": Int(_strides(op.w_zero, 1)[0]),
            "scale_step": Int(_strides(op.scale, 1)[0]),
        }
        shape = emitter.struct("edgec_integer_conv2d", fields)
        constants = [emitter.optional(v) for v in (op.w, op.bias, op.x_zero, op.w_zero, op.scale, op.zero_point)]

        def call(row: Row) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, row.rows, *constants, row.of(emitter, op.result))))]

        return over_rows(emitter, op, call)

    return Kernel(name, "integer_conv2d.h", emit, distances=above(op.x, op.result, row_turns(op)))


def _strides(value: Value | None, rank: int) -> list[int]:
    """Strides of a value broadcast to ``rank`` axes: 0 where one element serves all."""
    return [0] * rank if value is None else broadcast_strides(value.shape, (1,) * rank)
