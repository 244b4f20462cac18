"""What gives elements another shape or order, repeats them, or passes them on."""

from math import prod

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.tensors import LIMIT_BYTES, element_type
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Add, BitCast, Concat, Expand, LessOrEqual, Max, Min, Transpose, Where, broadcast


@onnx_op("Dropout", any_type=True)
def _dropout(node: Node) -> list[Value | Array]:
    training = node.constant(2, "training_mode")
    if training is not None and training.any():
        raise node.error("is in training mode", "export the model for inference (model.eval())")
    x = node.value(0)
    if not any(node.proto.output[1:]):
        return [x]
    # The mask, up to opset 9 of the type of the data, keeps every element.
    return [x, np.ones(x.shape, np.bool_ if node.opset >= 10 else x.type.dtype.numpy)]


@onnx_op("Reshape", any_type=True)
def _reshape(node: Node) -> Value:
    x, wanted = node.value(0), [int(d) for d in node.required(1, "shape").reshape(-1)]
    if not node.integer("allowzero", 0):
        if any(d == 0 for d in wanted[x.type.rank :]):
            raise node.error(f"shape {wanted} copies an extent that {list(x.shape)} lacks", "give the extent itself")
        wanted = [x.shape[i] if d == 0 else d for i, d in enumerate(wanted)]
    if wanted.count(-1) > 1 or any(d < -1 for d in wanted):
        raise node.error(f"shape {wanted} is not a shape", "give extents, and at most one -1")
    if -1 in wanted:
        known = prod(d for d in wanted if d != -1)
        if known == 0 or x.type.elements % known:
            raise node.error(f"{list(x.shape)} does not reshape to {wanted}", "give extents with the same product")
        wanted[wanted.index(-1)] = x.type.elements // known
    return node.reshaped(x, tuple(wanted))


@onnx_op("Flatten", any_type=True)
def _flatten(node: Node) -> Value:
    x, axis = node.value(0), node.integer("axis", 1)
    # One more than the last axis is allowed here: everything goes into the first extent.
    axis = axis if axis == x.type.rank else node.axis(axis, x.type.rank)
    return node.reshaped(x, (prod(x.shape[:axis]), prod(x.shape[axis:])))


@onnx_op("Squeeze", any_type=True)
def _squeeze(node: Node) -> Value:
    x, axes = node.value(0), node.axes(1)
    if axes is None:
        dropped = {a for a, d in enumerate(x.shape) if d == 1}
    else:
        dropped = {node.axis(a, x.type.rank) for a in axes}
        if any(x.shape[a] != 1 for a in dropped):
            raise node.error(f"axes {axes} of {list(x.shape)} are not all 1", "squeeze only axes of extent 1")
    return node.reshaped(x, tuple(d for a, d in enumerate(x.shape) if a not in dropped))


@onnx_op("Unsqueeze", any_type=True)
def _unsqueeze(node: Node) -> Value:
    x, axes = node.value(0), node.axes(1) or ()
    rank = x.type.rank + len(axes)
    added = {node.axis(a, rank) for a in axes}
    if len(added) != len(axes):
        raise node.error(f"axes {axes} repeat", "name each axis once")
    extents = iter(x.shape)
    return node.reshaped(x, tuple(1 if a in added else next(extents) for a in range(rank)))


@onnx_op("Transpose", any_type=True)
def _transpose(node: Node) -> Value:
    x = node.value(0)
    perm = node.integers("perm")
    perm = tuple(reversed(range(x.type.rank))) if perm is None else perm
    return x if perm == tuple(range(x.type.rank)) else node.emit(Transpose(x, perm))


@onnx_op("Concat", any_type=True)
def _concat(node: Node) -> Value:
    # Exporters concatenate empty constants with the rest; the graph has no empty tensors.
    operands = [o for o in node.inputs if isinstance(o, Value) or (o is not None and o.data.size)]
    values = [node.value(i) for i, o in enumerate(node.inputs) if o in operands]
    axis = node.axis(node.integer("axis", 0), values[0].type.rank)
    return values[0] if len(values) == 1 else node.emit(Concat(tuple(values), axis))


@onnx_op("Expand", any_type=True)
def _expand(node: Node) -> Value:
    x, wanted = node.value(0), node.constant_ints(1, "shape") or ()
    # Both broadcast: an extent of 1 in the shape leaves x's.
    shape = broadcast(x.shape, wanted)
    return x if shape == x.shape else node.emit(Expand(x, shape))


@onnx_op("Tile", any_type=True)
def _tile(node: Node) -> Value:
    x, repeats = node.value(0), node.constant_ints(1, "repeats") or ()
    if len(repeats) != x.type.rank:
        raise node.error(f"{len(repeats)} repeats for {list(x.shape)}", "give one for each axis")
    # Each axis that repeats gets an axis of extent 1 in front, which then expands.
    split = [e for d, r in zip(x.shape, repeats, strict=True) for e in ((1, d) if r != 1 else (d,))]
    repeated = [e for d, r in zip(x.shape, repeats, strict=True) for e in ((r, d) if r != 1 else (d,))]
    if split == repeated:
        return x
    if min(repeats) < 1:
        raise node.error(f"repeats {repeats} leave nothing", "empty tensors are not supported")
    tiled = node.emit(Expand(node.reshaped(x, tuple(split)), tuple(repeated)))
    return node.reshaped(tiled, tuple(d * r for d, r in zip(x.shape, repeats, strict=True)))


@onnx_op("DepthToSpace", any_type=True)
def _depth_to_space(node: Node) -> Value:
    x, size, mode = node.value(0), node.integer("blocksize", 1), node.string("mode", "DCR")
    _expect_blocks(node, x, size, mode, x.type.rank == 4 and x.shape[1] % (size * size or 1) == 0)
    batch, channels, height, width = x.shape
    depth = channels // (size * size)
    # The channels are (block row, block column, depth), or the depth comes first.
    split = (batch, size, size, depth, height, width) if mode == "DCR" else (batch, depth, size, size, height, width)
    perm = (0, 3, 4, 1, 5, 2) if mode == "DCR" else (0, 1, 4, 2, 5, 3)
    blocks = node.emit(Transpose(node.reshaped(x, split), perm))
    return node.reshaped(blocks, (batch, depth, height * size, width * size))


@onnx_op("SpaceToDepth", any_type=True)
def _space_to_depth(node: Node) -> Value:
    x, size, mode = node.value(0), node.integer("blocksize", 1), node.string("mode", "DCR")
    _expect_blocks(node, x, size, mode, x.type.rank == 4 and all(d % (size or 1) == 0 for d in x.shape[2:]))
    batch, channels, height, width = x.shape
    split = (batch, channels, height // size, size, width // size, size)
    perm = (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4)
    blocks = node.emit(Transpose(node.reshaped(x, split), perm))
    return node.reshaped(blocks, (batch, channels * size * size, height // size, width // size))


def _expect_blocks(node: Node, x: Value, size: int, mode: str, fits: bool) -> None:
    if size < 1 or mode not in ("DCR", "CRD") or not fits:
        raise node.error(f"mode {mode}, blocksize {size} do not fit {list(x.shape)}", "export the model again")


@onnx_op("BitCast", any_type=True)
def _bit_cast(node: Node) -> Value:
    x, dtype = node.value(0), element_type(node.integer("to", 0), node.where)
    if x.type.dtype is dtype:
        return x
    if dtype is DType.BOOL or any(d.value[1:2] in "24" for d in (dtype, x.type.dtype)):
        raise node.error(
            f"casts {x.type.dtype.value} to {dtype.value}", "their bits are stored in another way: use Cast"
        )
    return node.emit(BitCast(x, dtype))


@onnx_op("Trilu", any_type=True)
def _trilu(node: Node) -> Value:
    x = node.value(0)
    if x.type.rank < 2:
        raise node.error(f"works on {list(x.shape)}", "it needs matrices")
    rows, columns = x.shape[-2:]
    row = node.const(np.arange(rows, dtype=np.int64).reshape(rows, 1), "row")
    column = node.const(np.arange(columns, dtype=np.int64), "column")
    if node.operand(1) is not None:
        # The diagonal's number; beyond the corners all are the same.
        k = node.reshaped(node.value(1), ())
        for limit, function in ((-rows, Max), (columns, Min)):
            k = node.emit(function(k, node.const(np.array(limit, np.int64), "limit")))
        row = node.emit(Add(row, k))
    kept = LessOrEqual(row, column) if node.flag("upper", True) else LessOrEqual(column, row)
    return node.emit(Where(node.emit(kept), x, node.const(np.zeros((), x.type.dtype.numpy), "zero")))


@onnx_op("EyeLike", any_type=True)
def _eye_like(node: Node) -> Array:
    x = node.value(0)
    dtype = element_type(node.integer("dtype", 0), node.where) if "dtype" in node.attributes else x.type.dtype
    if x.type.rank != 2 or x.type.elements * dtype.bytes > LIMIT_BYTES:
        raise node.error(f"works on {list(x.shape)}", f"it needs a matrix of at most {LIMIT_BYTES >> 20} MB")
    rows, columns = x.shape
    return np.asarray(np.eye(rows, columns, k=node.integer("k", 0)), dtype.numpy)
