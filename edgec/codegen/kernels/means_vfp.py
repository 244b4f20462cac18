"""Means of float32 over all pixels of images, on the FPU of Armv7E-M and Armv8-M."""

from math import prod

from edgec.codegen.axes import Axis, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_literals
from edgec.codegen.kernels.products_vfp import FORMS
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType, Value
from edgec.ir.ops import AveragePool, ReduceMean

CHANNELS = 8
"""That are summed at a time."""


def lower_average_pool_vfp(op: AveragePool) -> Kernel | None:
    """One window that is the image."""
    if tuple(op.kernel) != tuple(op.x.shape[1:-1]) or any(op.pad) or {*op.dilation} != {1}:
        return None
    return _means("edgec_average_vfp_f32", op.x, op.result, clamp_literals(op.clamp, DType.F32))


def lower_reduce_mean_vfp(op: ReduceMean) -> Kernel | None:
    """Over all axes but the last one, and the first one, which counts images."""
    rank = op.x.type.rank
    if rank < 3 or not {*range(1, rank - 1)} <= {*op.axes} <= {*range(rank - 1)}:
        return None
    if 0 in op.axes and op.x.shape[0] > 1:
        return None
    return _means("edgec_mean_vfp_f32", op.x, op.result, ())


def _means(name: str, x: Value, y: Value, limits: tuple[Expr, ...]) -> Kernel | None:
    """``name(pixels, channels, limits, x, y)`` for each image."""
    batch, *extents, channels = x.shape
    if x.type.dtype is not DType.F32 or channels < CHANNELS:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        pixels = prod(extents)

        def call(offsets: list[Expr]) -> list[Stmt]:
            places = (add(emitter.pointer(v), o) for v, o in zip((x, y), offsets, strict=True))
            return [Evaluate(Call(name, (Int(pixels), Int(channels), *limits, *places)))]

        return nest([Axis(batch, (pixels * channels, channels))] if batch > 1 else [], 2, call)

    return Kernel(name, "sums_vfp.h", emit)


for _form in FORMS:
    lowers(AveragePool, family=_form)(lower_average_pool_vfp)
    lowers(ReduceMean, family=_form)(lower_reduce_mean_vfp)
