"""Reductions over axes."""

from collections.abc import Callable

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import DType, Value
from edgec.ir.ops import (
    Log,
    Reduce,
    ReduceL1,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceSumSquare,
    Sqrt,
    Unary,
)

_REDUCTIONS: dict[str, type[Reduce]] = {
    "ReduceL1": ReduceL1,
    "ReduceMax": ReduceMax,
    "ReduceMean": ReduceMean,
    "ReduceMin": ReduceMin,
    "ReduceProd": ReduceProd,
    "ReduceSum": ReduceSum,
    "ReduceSumSquare": ReduceSumSquare,
}
_FLOATING: dict[str, tuple[type[Reduce], Callable[[Value], Unary] | None]] = {
    "ReduceL2": (ReduceSumSquare, Sqrt),
    "ReduceLogSum": (ReduceSum, Log),
    "ReduceLogSumExp": (ReduceLogSumExp, None),
}
"""Those with a function behind the reduction, or with fractions: integers go through float64."""


@onnx_op(*_REDUCTIONS)
def _reduce(node: Node) -> Value:
    x, axes = node.value(0), _axes(node)
    return node.emit(_REDUCTIONS[node.proto.op_type](x, axes, node.flag("keepdims", True)))


@onnx_op(*_FLOATING)
def _reduce_floating(node: Node) -> Value:
    x, axes = node.value(0), _axes(node)
    dtype = x.type.dtype
    reduction, function = _FLOATING[node.proto.op_type]
    wide = x if dtype.is_float else node.cast(x, DType.F64)
    total = node.emit(reduction(wide, axes, node.flag("keepdims", True)))
    return node.cast(total if function is None else node.emit(function(total)), dtype)


def _axes(node: Node) -> tuple[int, ...]:
    """The axes in ascending order; none given means all, or none if noop_with_empty_axes says so."""
    rank = node.value(0).type.rank
    axes = {node.axis(a, rank) for a in node.axes(1) or ()}
    if not axes and not node.flag("noop_with_empty_axes", False):
        axes = set(range(rank))
    return tuple(sorted(axes))
