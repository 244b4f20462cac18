"""What reads or writes elements at places that indices name."""

from math import prod

import numpy as np

from edgec.frontend.node import Constant, Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.slicing import pick
from edgec.ir import DType, Value
from edgec.ir.ops import (
    Add,
    Equal,
    Expand,
    Gather,
    GatherElements,
    GatherNd,
    Less,
    Mod,
    ScatterElements,
    ScatterNd,
    Slice,
    Sub,
    Where,
)
from edgec.ir.ops.indexing import INDICES


def _indices(node: Node, index: int, *extents: int) -> Value:
    """An operand of indices into axes of those extents (along the last axis, of several); constants fit them."""
    operand = node.operand(index)
    if not isinstance(operand, Constant):
        return node.value(index)
    data = operand.data.astype(np.int64)
    limits = np.array(extents, np.int64) if len(extents) > 1 else np.int64(extents[0])
    if np.any((data < -limits) | (data >= limits)):
        raise node.error(f"an index leaves {' x '.join(f'-{e}..{e - 1}' for e in extents)}", "check the indices")
    return node.const(np.where(data < 0, data + limits, data).astype(np.int32), "indices")


@onnx_op("Gather", any_type=True)
def _gather(node: Node) -> Value:
    x = node.value(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    return node.emit(Gather(x, _indices(node, 1, x.shape[axis]), axis))


@onnx_op("GatherElements", any_type=True)
def _gather_elements(node: Node) -> Value:
    x = node.value(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    indices = _indices(node, 1, x.shape[axis])
    # On the other axes the indices may cover a part of x.
    fits = indices.type.rank == x.type.rank and all(
        i <= d or a == axis for a, (i, d) in enumerate(zip(indices.shape, x.shape, strict=True))
    )
    if not fits:
        raise node.error(f"indices {list(indices.shape)} do not fit {list(x.shape)}", "export the model again")
    covered = [range(d if a == axis else indices.shape[a]) for a, d in enumerate(x.shape)]
    return node.emit(GatherElements(pick(node, x, covered), indices, axis))


@onnx_op("GatherND", any_type=True)
def _gather_nd(node: Node) -> Value:
    x, batch = node.value(0), node.integer("batch_dims", 0)
    places = node.value(1).shape
    if not places or not 0 <= batch < len(places) or not 0 < places[-1] <= x.type.rank - batch:
        raise node.error(f"indices {list(places)} do not fit {list(x.shape)}", "export the model again")
    return node.emit(GatherNd(x, _indices(node, 1, *x.shape[batch : batch + places[-1]]), batch))


@onnx_op("Scatter", "ScatterElements", any_type=True)
def _scatter_elements(node: Node) -> Value:
    x = node.value(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    indices, updates, reduction = _indices(node, 1, x.shape[axis]), node.value(2), node.string("reduction", "none")
    if indices.shape != updates.shape:
        raise node.error(f"indices {list(indices.shape)} for updates {list(updates.shape)}", "export the model again")
    dtype = _computed(x, reduction)
    scatter = ScatterElements(node.cast(x, dtype), indices, node.cast(updates, dtype), axis, reduction)
    return node.cast(node.emit(scatter), x.type.dtype)


@onnx_op("ScatterND", any_type=True)
def _scatter_nd(node: Node) -> Value:
    x, updates, reduction = node.value(0), node.value(2), node.string("reduction", "none")
    places = node.value(1).shape
    if not places or not 0 < places[-1] <= x.type.rank:
        raise node.error(f"indices {list(places)} do not fit {list(x.shape)}", "export the model again")
    dtype, indices = _computed(x, reduction), _indices(node, 1, *x.shape[: places[-1]])
    scatter = ScatterNd(node.cast(x, dtype), indices, node.cast(updates, dtype), reduction)
    return node.cast(node.emit(scatter), x.type.dtype)


def _computed(x: Value, reduction: str) -> DType:
    """The element type that a scatter computes in."""
    return DType.F32 if x.type.dtype.is_half and reduction != "none" else x.type.dtype


@onnx_op("TensorScatter", any_type=True)
def _tensor_scatter(node: Node) -> Value:
    x, updates = node.value(0), node.value(1)
    rank = x.type.rank
    axis = node.axis(node.integer("axis", -2), rank)
    # Sequence element s of batch b goes to place first[b] + s.
    places = node.const(_range_along(updates.shape[axis], axis, rank), "places")
    if node.operand(2) is not None:
        first = node.value(2)
        places = node.emit(Add(node.reshaped(first, (first.type.elements, *(1,) * (rank - 1))), places))
    mode = node.string("mode", "linear")
    if mode == "circular":
        places = node.emit(Mod(places, node.const(np.array(x.shape[axis], np.int64), "length")))
    elif mode != "linear":
        raise node.error(f"mode is {mode!r}", "use linear or circular")
    return node.emit(ScatterElements(x, places, updates, axis))


def _range_along(count: int, axis: int, rank: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64).reshape(*(count if a == axis else 1 for a in range(rank)))


@onnx_op("OneHot", any_type=True)
def _one_hot(node: Node) -> Value:
    indices, depth = node.value(0), int(node.required(1, "depth").reshape(-1)[0])
    rank = indices.type.rank + 1
    axis = node.axis(node.integer("axis", -1), rank)
    if depth < 1 or node.value(2).shape != (2,):
        raise node.error(
            f"depth {depth} or values {list(node.value(2).shape)} do not fit", "give a depth and two values"
        )
    node.check_table(depth, "depth")
    off, on = (node.reshaped(node.emit(Slice(node.value(2), (i,), (1,), (1,))), ()) for i in (0, 1))
    signed = not indices.type.dtype.value.startswith("u")
    if indices.type.dtype not in INDICES:
        indices = node.cast(indices, DType.I64)
    dtype = indices.type.dtype.numpy
    if signed:
        # Negative indices count from the end; those beyond it stay negative and match nothing.
        raised = node.emit(Add(indices, node.const(np.array(depth, dtype), "depth")))
        below = node.emit(Less(indices, node.const(np.array(0, dtype), "zero")))
        indices = node.emit(Where(below, raised, indices))
    shape = indices.shape
    places = node.const(_range_along(depth, axis, rank).astype(dtype), "places")
    hot = node.emit(Equal(node.reshaped(indices, (*shape[:axis], 1, *shape[axis:])), places))
    return node.emit(Where(hot, on, off))


@onnx_op("ReverseSequence", any_type=True)
def _reverse_sequence(node: Node) -> Value:
    x, lengths = node.value(0), node.value(1)
    rank = x.type.rank
    time, batch = (
        node.axis(node.integer(name, default), rank) for name, default in (("time_axis", 0), ("batch_axis", 1))
    )
    if time == batch or lengths.shape != (x.shape[batch],):
        raise node.error(f"lengths {list(lengths.shape)} do not fit axis {batch}", "give one length for each sequence")
    lengths = node.reshaped(lengths, tuple(d if a == batch else 1 for a, d in enumerate(x.shape)))
    step = node.const(_range_along(x.shape[time], time, rank), "step")
    # Step t of a sequence of length n comes from step n - 1 - t, those behind the sequence stay.
    last = node.emit(Sub(lengths, node.const(np.array(1, np.int64), "one")))
    places = node.emit(Where(node.emit(Less(step, lengths)), node.emit(Sub(last, step)), step))
    return node.emit(GatherElements(x, places, time))


@onnx_op("Compress", any_type=True)
def _compress(node: Node) -> Value:
    x, condition = node.value(0), node.required(1, "condition")
    if "axis" not in node.attributes:
        x = node.reshaped(x, (x.type.elements,))
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    picked = np.flatnonzero(condition).astype(np.int32)
    if picked.size and picked[-1] >= x.shape[axis]:
        raise node.error(f"its condition picks element {picked[-1]} of {x.shape[axis]}", "shorten the condition")
    return node.emit(Gather(x, node.const(picked, "indices"), axis))


@onnx_op("Col2Im")
def _col2im(node: Node) -> Value:
    """Blocks add up where they overlap: a scatter into the padded image, which is cropped then."""
    x = node.value(0)
    image, block = node.constant_ints(1, "image_shape") or (), node.constant_ints(2, "block_shape") or ()
    rank = len(image)
    dilations, strides = (node.integers(name) or (1,) * rank for name in ("dilations", "strides"))
    pads = node.integers("pads") or (0,) * (2 * rank)
    if x.type.rank != 3 or not rank or not len(block) == len(dilations) == len(strides) == len(pads) / 2 == rank:
        raise node.error(f"image {image} and block {block} do not fit {list(x.shape)}", "export the model again")
    padded = [d + b + a for d, b, a in zip(image, pads[:rank], pads[rank:], strict=True)]
    node.check_table(max(prod(block), *padded), "image or block")
    place = np.zeros((), np.int64)
    blocks = 1
    for axis in range(rank):
        steps = (padded[axis] - (dilations[axis] * (block[axis] - 1) + 1)) // strides[axis] + 1
        along = np.arange(block[axis])[:, None] * dilations[axis] + np.arange(max(steps, 0)) * strides[axis]
        # Axes: taps of the block so far, places of it so far, then this axis's of both.
        place = place[..., None, None] * padded[axis] + along
        place = np.moveaxis(place, -2, 0 if axis == 0 else axis)
        blocks *= max(steps, 0)
    taps = int(np.prod(block))
    if x.shape[1] % taps or x.shape[2] != blocks or min(*pads, 0) < 0:
        raise node.error(f"{taps} taps in {blocks} places do not fit {list(x.shape)}", "export the model again")
    batch, channels, elements = x.shape[0], x.shape[1] // taps, int(np.prod(padded))
    zero = node.emit(Expand(node.const(np.array(0, x.type.dtype.numpy), "zero"), (batch, channels, elements)))
    updates = node.reshaped(x, (batch, channels, taps * blocks))
    places = node.const(place.reshape(1, 1, -1).astype(np.int32), "places")
    summed = node.reshaped(node.emit(ScatterElements(zero, places, updates, 2, "add")), (batch, channels, *padded))
    inside = [range(b, b + d) for b, d in zip(pads, image, strict=False)]
    return pick(node, summed, [range(batch), range(channels), *inside])
