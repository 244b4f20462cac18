"""Reductions over axes."""

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import Reduce, ReduceMax, ReduceMean

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
