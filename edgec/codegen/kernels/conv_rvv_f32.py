"""Convolutions, dense layers and products of matrices of float32 with RVV."""

from dataclasses import replace
from math import prod

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_vfp import adds_nothing
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_rvv_f32 import lower_depthwise_rvv_f32
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.padded_rvv import NO_PADDING, is_padded, of_windows
from edgec.codegen.kernels.products import matmul
from edgec.codegen.kernels.registry import Lowered, lowers
from edgec.codegen.kernels.windows_rvv import FORMS, Windows, fullest
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array, DType
from edgec.ir.ops import Clamp, Conv2d, Convolution, Dense, MatMul

HEADER, STRUCT = "conv2d_rvv_f32.h", "edgec_conv2d_rvv_f32"

SUMS = 2
"""That are computed together."""


@lowers(Dense, family="rvv")
def lower_dense_rvv_f32(op: Dense) -> Lowered:
    """Its pixels are a row."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    return _dense(op, op.w.data, op.bias.data)


@lowers(Convolution, family="rvv")
def lower_convolution_rvv_f32(op: Convolution) -> Lowered:
    """In 2-D; a window of one tap that visits every pixel is dense."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    if is_pointwise(op):
        return _dense(op, op.w.data, op.bias.data)
    if not isinstance(op, Conv2d) or (is_padded(op) and not adds_nothing(op.w.data, op.bias.data)):
        return None
    depthwise = lower_depthwise_rvv_f32(op)
    return [*([] if depthwise is None else [depthwise]), *_conv2d(op, op.w.data, op.bias.data)]


def _dense(op: Dense | Convolution, weights: Array, bias: Array) -> list[Kernel]:
    windows = Windows.dense(prod(op.x.shape[:-1]), op.x.shape[-1], len(weights))
    works = {form: {LAYER: 1, **windows.work(form, [1], SUMS)} for form in FORMS}

    def kernel(form: str) -> Kernel:
        name = f"edgec_windows_{form}_rvv_f32"

        def emit(emitter: Emitter) -> list[Stmt]:
            shape = emitter.struct(STRUCT, _fields(emitter, windows, form, weights, bias, op.clamp, NO_PADDING))
            return [Evaluate(Call(name, (shape, emitter.pointer(op.x), Int(1), emitter.pointer(op.result))))]

        return Kernel(name, HEADER, emit, work=works[form])

    return [kernel(form) for form in fullest(works)]


def _conv2d(op: Conv2d, weights: Array, bias: Array) -> list[Kernel]:
    windows = Windows.of(op)

    def kernel(form: str) -> Kernel:
        def fields(emitter: Emitter, padded: tuple[Expr, ...]) -> Fields:
            return _fields(emitter, windows, form, weights, bias, op.clamp, padded)

        names = f"edgec_windows_{form}_rvv_f32", f"edgec_conv2d_{form}_rvv_f32"
        return of_windows(op, names, STRUCT, fields, lambda counts: windows.work(form, counts, SUMS), HEADER)

    forms = FORMS if op.groups == 1 else FORMS[1:]
    return [kernel(form) for form in fullest({form: windows.work(form, [op.result.shape[1]], SUMS) for form in forms})]


def _fields(
    emitter: Emitter,
    windows: Windows,
    form: str,
    weights: Array,
    bias: Array,
    clamp: Clamp | None,
    padded: tuple[Expr, ...],
) -> Fields:
    order = "[taps][out]" if form == "channels" else "[out][taps]"
    return {
        "padded": padded,
        "weights": emitter.array("weights", windows.packed(weights, form), order),
        "bias": emitter.array("bias", bias),
        **clamp_fields(clamp),
        "windows": windows.fields(),
    }


@lowers(MatMul, family="rvv")
def lower_matmul_rvv_f32(op: MatMul) -> Kernel | None:
    """Columns of the result in lanes."""
    if op.a.type.dtype is not DType.F32:
        return None
    *batch, rows, columns = op.result.shape
    work = Windows.dense(rows, op.a.shape[-1], columns).work("channels", [1] * prod(batch), SUMS)
    kernel = matmul(op, "edgec_matmul_rvv_f32", HEADER, "edgec_matmul", lambda emitter: {})
    return replace(kernel, work={LAYER: 1, **work})
