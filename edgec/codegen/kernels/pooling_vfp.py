"""Means of float32 over all pixels of images, and maxima over windows, on the FPU of Armv7E-M and Armv8-M."""

from dataclasses import replace
from math import prod

from edgec.codegen.axes import Axis, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_literals
from edgec.codegen.kernels.pooling import maxima
from edgec.codegen.kernels.products_vfp import FORMS
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER, operator_work
from edgec.ir import DType, Value
from edgec.ir.ops import AveragePool, MaxPool, ReduceMean

CHANNELS = 8
"""That are computed at a time."""

PIECE = 64
"""EDGEC_SUM_PIECE: pixels that means sum at a time."""


def lower_average_pool_vfp(op: AveragePool) -> Kernel | None:
    """One window that is the image."""
    if tuple(op.kernel) != tuple(op.x.shape[1:-1]) or any(op.pad) or {*op.dilation} != {1}:
        return None
    return _means("edgec_average_vfp_f32", op.x, op.result, clamp_literals(op.clamp, DType.F32))


def lower_reduce_mean_vfp(op: ReduceMean) -> Kernel | None:
    """Over axes that lie together, right before the last one."""
    *extents, _ = op.x.shape
    first = min(op.axes, default=0)
    if (
        not op.axes
        or len(extents) in op.axes
        or any(e > 1 and first + i not in op.axes for i, e in enumerate(extents[first:]))
    ):
        return None
    return _means("edgec_mean_vfp_f32", op.x, op.result, (), first)


def lower_max_pool_vfp(op: MaxPool) -> Kernel | None:
    """Of any window."""
    if op.x.type.dtype is not DType.F32 or op.x.shape[-1] < CHANNELS:
        return None
    kernel = maxima(op, "edgec_max_pool_vfp_f32", "max_pool_vfp.h", clamp_literals(op.clamp, DType.F32))
    usual, eights = operator_work(op), -(-op.x.shape[-1] // CHANNELS)
    loops = {
        "eights": usual["rows"] * eights,
        "window_rows": usual["rows"] * eights * prod(op.kernel[:-1]),
        "inner_eights": usual["inner"] / op.x.shape[-1] * eights,
    }
    return replace(kernel, work={**{loop: usual[loop] for loop in (LAYER, "lines", "rows")}, **loops})


def _means(name: str, x: Value, y: Value, limits: tuple[Expr, ...], first: int = 1) -> Kernel | None:
    """``name(pixels, channels, limits, x, y)`` for each image, whose pixels are counted from axis ``first`` on."""
    *extents, channels = x.shape
    images, pixels = prod(extents[:first]), prod(extents[first:])
    if x.type.dtype is not DType.F32 or channels < CHANNELS:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        def call(offsets: list[Expr]) -> list[Stmt]:
            places = (add(emitter.pointer(v), o) for v, o in zip((x, y), offsets, strict=True))
            return [Evaluate(Call(name, (Int(pixels), Int(channels), *limits, *places)))]

        return nest([Axis(images, (pixels * channels, channels))] if images > 1 else [], 2, call)

    eights = images * -(-channels // CHANNELS)
    work = {
        LAYER: 1,
        "images": images,
        "eights": eights,
        "pieces": eights * -(-pixels // PIECE),
        "pixels": eights * pixels,
    }
    return Kernel(name, "sums_vfp.h", emit, work=work)


for _form in FORMS:
    lowers(AveragePool, family=_form)(lower_average_pool_vfp)
    lowers(MaxPool, family=_form)(lower_max_pool_vfp)
    lowers(ReduceMean, family=_form)(lower_reduce_mean_vfp)
