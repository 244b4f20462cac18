"""Gathers and scatters: walks along which indices, known or not, say where the other tensor's elements lie."""

from collections.abc import Callable, Sequence

import numpy as np

from edgec.codegen.axes import Axis, broadcast_strides, column, contiguous, extents, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import fallible, lowers
from edgec.ir import DType, Value
from edgec.ir.ops import Gather, GatherElements, GatherNd, ScatterElements, ScatterNd

AXES = 4
"""EDGEC_PLACES_AXES of the kernels."""


@lowers(Gather)
def lower_gather(op: Gather) -> Kernel:
    """The walk: axes before the indexed one, those of the indices, those behind."""
    axis, source, places = op.axis, contiguous(op.x.shape), contiguous(op.indices.shape)
    walk = [
        *(Axis(e, (s, 0)) for e, s in zip(op.x.shape[:axis], source[:axis], strict=True)),
        *(Axis(e, (0, s)) for e, s in zip(op.indices.shape, places, strict=True)),
        *(Axis(e, (s, 0)) for e, s in zip(op.x.shape[axis + 1 :], source[axis + 1 :], strict=True)),
    ]
    return _gather(op.x, op.indices, op.result, walk, [axis])


@lowers(GatherElements)
def lower_gather_elements(op: GatherElements) -> Kernel:
    """Both operands broadcast to the result; x stands still along the axis."""
    target = op.result.shape
    source = broadcast_strides(op.x.shape, target)
    source[op.axis] = 0
    strides = zip(target, source, broadcast_strides(op.indices.shape, target), strict=True)
    return _gather(op.x, op.indices, op.result, [Axis(e, (s, i)) for e, s, i in strides], [op.axis])


@lowers(GatherNd)
def lower_gather_nd(op: GatherNd) -> Kernel:
    """The walk: batch axes, then those of the indices, then what is left of x."""
    batch, depth = op.batch, op.indices.shape[-1]
    source, places = contiguous(op.x.shape), contiguous(op.indices.shape)
    kept = batch + depth
    walk = [
        *(Axis(e, (s, i)) for e, s, i in zip(op.x.shape[:batch], source[:batch], places[:batch], strict=True)),
        *(Axis(e, (0, i)) for e, i in zip(op.indices.shape[batch:-1], places[batch:-1], strict=True)),
        *(Axis(e, (s, 0)) for e, s in zip(op.x.shape[kept:], source[kept:], strict=True)),
    ]
    return _gather(op.x, op.indices, op.result, walk, range(batch, kept))


def _gather(x: Value, indices: Value, y: Value, walk: Sequence[Axis], indexed: Sequence[int]) -> Kernel:
    name = f"edgec_gather_{8 * x.type.dtype.bytes}_{stored(indices).value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        axes = [Axis(a.extent, (*a.strides, t)) for a, t in zip(walk, contiguous(y.shape), strict=True)]
        places, source, target = stored_indices(emitter, indices), emitter.pointer(x), emitter.pointer(y)

        def call(shape: Expr, offsets: list[Expr]) -> Call:
            return Call(name, (shape, add(source, offsets[0]), add(places, offsets[1]), add(target, offsets[2])))

        return _walk(emitter, x, axes, indexed, call)

    return Kernel(name, "gather.h", emit)


@lowers(ScatterElements)
def lower_scatter_elements(op: ScatterElements) -> Kernel:
    """The walk is over the updates; the result stands still along the axis."""
    shape = op.updates.shape
    target = contiguous(op.x.shape)
    target[op.axis] = 0
    strides = zip(shape, target, broadcast_strides(op.indices.shape, shape), strict=True)
    return _scatter(op, [Axis(e, (s, i)) for e, s, i in strides], [op.axis])


@lowers(ScatterNd)
def lower_scatter_nd(op: ScatterNd) -> Kernel:
    """The walk is over the updates: axes of the indices, then what is left of x."""
    depth = op.indices.shape[-1]
    target, places = contiguous(op.x.shape), contiguous(op.indices.shape)
    walk = [
        *(Axis(e, (0, i)) for e, i in zip(op.indices.shape[:-1], places[:-1], strict=True)),
        *(Axis(e, (s, 0)) for e, s in zip(op.x.shape[depth:], target[depth:], strict=True)),
    ]
    return _scatter(op, walk, range(depth))


def _scatter(op: ScatterElements | ScatterNd, walk: Sequence[Axis], indexed: Sequence[int]) -> Kernel:
    dtype = op.x.type.dtype
    element = str(8 * dtype.bytes) if op.reduction == "none" else dtype.value
    name = f"edgec_scatter_{op.reduction}_{element}_{stored(op.indices).value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        axes = [Axis(a.extent, (*a.strides, t)) for a, t in zip(walk, contiguous(op.updates.shape), strict=True)]
        places, updates, y = (
            stored_indices(emitter, op.indices),
            emitter.pointer(op.updates),
            emitter.pointer(op.result),
        )

        def call(shape: Expr, offsets: list[Expr]) -> Call:
            return Call(name, (shape, add(places, offsets[1]), add(updates, offsets[2]), add(y, offsets[0])))

        scattered = _walk(emitter, op.x, axes, indexed, call)
        if op.inplace:
            return scattered
        return [Evaluate(Call("EDGEC_MEMCPY", (y, emitter.pointer(op.x), Int(op.x.type.bytes)))), *scattered]

    return Kernel(name, f"scatter_{op.reduction}.h", emit)


def _walk(
    emitter: Emitter,
    x: Value,
    axes: Sequence[Axis],
    indexed: Sequence[int],
    call: Callable[[Expr, list[Expr]], Call],
) -> list[Stmt]:
    """The call along the merged axes (strides: the indexed tensor x, the indices, the items)."""
    merged = merge(axes)
    outer, inner = merged[:-AXES], merged[-AXES:]
    strides = contiguous(x.shape)
    shape = emitter.struct(
        "edgec_places",
        {
            "extent": extents(inner, AXES),
            "x_stride": column(inner, 0, AXES),
            "index_stride": column(inner, 1, AXES),
            "depth": Int(len(indexed)),
            "axis_extent": emitter.array("extents", np.array([x.shape[a] for a in indexed], np.int32)),
            "axis_stride": emitter.array("strides", np.array([strides[a] for a in indexed], np.int32)),
        },
    )
    return nest(outer, 3, lambda offsets: [fallible(call(shape, offsets))])


def stored(indices: Value) -> DType:
    """The element type of the indices: those that are known are stored as i32."""
    return DType.I32 if indices.data is not None else indices.type.dtype


def stored_indices(emitter: Emitter, indices: Value) -> Expr:
    """A pointer to the indices."""
    if indices.data is None:
        return emitter.pointer(indices)
    return emitter.array("indices", indices.data.astype(np.int32))
