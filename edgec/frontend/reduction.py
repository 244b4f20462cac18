"""Reductions over axes, and what normalizes along one."""

from math import prod

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import Reduce, ReduceMax, ReduceMean, Reshape, Softmax

_REDUCTIONS: dict[str, type[Reduce]] = {"ReduceMax": ReduceMax, "ReduceMean": ReduceMean}


@onnx_op(*_REDUCTIONS)
def _reduce(node: Node) -> Value:
    x = node.float32(0)
    axes = {node.axis(a, x.type.rank) for a in node.axes(1) or ()}
    if not axes and not node.integer("noop_with_empty_axes", 0):
        axes = set(range(x.type.rank))
    if not axes:
        return x
    return node.emit(_REDUCTIONS[node.proto.op_type](x, tuple(sorted(axes)), bool(node.integer("keepdims", 1))))


@onnx_op("Softmax")
def _softmax(node: Node) -> Value:
    x = node.float32(0)
    rank = x.type.rank
    if node.opset >= 13:
        return node.emit(Softmax(x, node.axis(node.integer("axis", -1), rank)))
    axis = node.axis(node.integer("axis", 1), rank)
    if axis == rank - 1:
        return node.emit(Softmax(x, axis))
    # Before opset 13 the axes from ``axis`` on were one.
    flat = node.emit(Reshape(x, (prod(x.shape[:axis]), prod(x.shape[axis:]))))
    return node.emit(Reshape(node.emit(Softmax(flat, 1)), x.shape))
