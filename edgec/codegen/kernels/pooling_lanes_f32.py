"""Pools of float32, and means over all pixels, on hosts."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import prod

from edgec.codegen.axes import Axis, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Float, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_literals
from edgec.codegen.kernels.pooling import averages, maxima
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes
from edgec.codegen.kernels.work import LAYER, operator_work
from edgec.ir import DType, Value
from edgec.ir.ops import AveragePool, Clamp, MaxPool, Pool, ReduceMean, ReduceSum

HEADER = "pool_lanes_f32.h"


def lower_average_pool_lanes(lanes: Lanes, op: AveragePool) -> Kernel | None:
    """One window that is the image, or any others."""
    if not _fills(lanes, op.x):
        return None
    if tuple(op.kernel) == tuple(op.x.shape[1:-1]) and not any(op.pad) and {*op.dilation} == {1}:
        return _means(lanes, op.x, op.result, op.clamp, 1)
    return replace(averages(op, lanes.kernel("average_pool"), HEADER), work=_work(lanes, op))


def lower_max_pool_lanes(lanes: Lanes, op: MaxPool) -> Kernel | None:
    """Of any window."""
    if not _fills(lanes, op.x):
        return None
    kernel = maxima(op, lanes.kernel("max_pool"), HEADER, clamp_literals(op.clamp, DType.F32))
    return replace(kernel, work=_work(lanes, op))


def lower_reduce_mean_lanes(lanes: Lanes, op: ReduceMean) -> Kernel | None:
    """Over axes that lie together, right before the last one, or the last ones."""
    if op.axes and max(op.axes) == op.x.type.rank - 1:
        return lower_line_sums_lanes(lanes, op)
    *extents, _ = op.x.shape
    first = min(op.axes, default=0)
    together = all(e == 1 or first + i in op.axes for i, e in enumerate(extents[first:]))
    if not op.axes or len(extents) in op.axes or not together or not _fills(lanes, op.x):
        return None
    return _means(lanes, op.x, op.result, None, first)


def lower_line_sums_lanes(lanes: Lanes, op: ReduceMean | ReduceSum) -> Kernel | None:
    """Sums or means over the last axes."""
    rank = op.x.type.rank
    first = rank - len(op.axes)
    axis = prod(op.x.shape[first:])
    if op.x.type.dtype is not DType.F32 or tuple(op.axes) != tuple(range(first, rank)) or axis < lanes.lanes:
        return None
    lines, name = op.x.type.elements // axis, lanes.kernel("line_sums")
    factor = Float(1 / axis if isinstance(op, ReduceMean) else 1.0)

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (Int(lines), Int(axis), factor, *places)))]

    work = {LAYER: 1, "lines": lines, "vectors": lines * -(-axis // lanes.lanes)}
    return Kernel(name, "reduce_lanes_f32.h", emit, work=work)


def _fills(lanes: Lanes, x: Value) -> bool:
    """Whether channels fill half a vector."""
    return x.type.dtype is DType.F32 and 2 * x.shape[-1] >= lanes.lanes


def _means(lanes: Lanes, x: Value, y: Value, clamp: Clamp | None, first: int) -> Kernel:
    """``mean(pixels, channels, limits, x, y)`` for each image, whose pixels are counted from axis ``first`` on."""
    *extents, channels = x.shape
    images, pixels, name = prod(extents[:first]), prod(extents[first:]), lanes.kernel("mean")

    def emit(emitter: Emitter) -> list[Stmt]:
        def call(offsets: Sequence[Expr]) -> list[Stmt]:
            places = (add(emitter.pointer(v), o) for v, o in zip((x, y), offsets, strict=True))
            return [Evaluate(Call(name, (Int(pixels), Int(channels), *clamp_literals(clamp, DType.F32), *places)))]

        return nest([Axis(images, (pixels * channels, channels))] if images > 1 else [], 2, call)

    vectors = images * -(-channels // lanes.lanes)
    return Kernel(name, HEADER, emit, work={LAYER: 1, "vectors": vectors, "pixels": vectors * pixels})


def _work(lanes: Lanes, op: Pool) -> dict[str, float]:
    usual, vectors = operator_work(op), -(-op.x.shape[-1] // lanes.lanes)
    return {
        LAYER: 1,
        "lines": usual["lines"],
        "rows": usual["rows"],
        "vectors": usual["rows"] * vectors,
        "inner_vectors": usual["inner"] / op.x.shape[-1] * vectors,
    }


for _lanes in FAMILIES:
    lowers(AveragePool, family=_lanes.family)(partial(lower_average_pool_lanes, _lanes))
    lowers(MaxPool, family=_lanes.family)(partial(lower_max_pool_lanes, _lanes))
    lowers(ReduceMean, family=_lanes.family)(partial(lower_reduce_mean_lanes, _lanes))
    lowers(ReduceSum, family=_lanes.family)(partial(lower_line_sums_lanes, _lanes))
