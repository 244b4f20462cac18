"""What gives elements another shape or order, and what passes them on."""

from math import prod

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import Concat, Transpose


@onnx_op("Identity", any_type=True)
def _identity(node: Node) -> Value:
    return node.value(0)


@onnx_op("Dropout", any_type=True)
def _dropout(node: Node) -> Value:
    training = node.constant(2, "training_mode")
    if training is not None and training.any():
        raise node.error("is in training mode", "export the model for inference (model.eval())")
    return node.value(0)


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
