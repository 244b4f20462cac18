"""What works along one axis: softmax and its kin, running sums, positions of the largest."""

from math import prod

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import AlongAxis, ArgMax, ArgMin, CumProd, CumSum, Hardmax, LogSoftmax, Softmax, TopK

_SOFTMAX: dict[str, type[AlongAxis]] = {"Softmax": Softmax, "LogSoftmax": LogSoftmax, "Hardmax": Hardmax}


@onnx_op(*_SOFTMAX)
def _softmax(node: Node) -> Value:
    x, function = node.value(0), _SOFTMAX[node.proto.op_type]
    rank = x.type.rank
    axis = node.axis(node.integer("axis", -1 if node.opset >= 13 else 1), rank)
    if node.opset >= 13 or axis == rank - 1:
        return node.emit(function(x, axis))
    # Before opset 13 the axes from ``axis`` on were one.
    flat = node.reshaped(x, (prod(x.shape[:axis]), prod(x.shape[axis:])))
    return node.reshaped(node.emit(function(flat, 1)), x.shape)


@onnx_op("ArgMax", "ArgMin")
def _arg(node: Node) -> Value:
    x, operator = node.value(0), {"ArgMax": ArgMax, "ArgMin": ArgMin}[node.proto.op_type]
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    found = node.emit(operator(x, axis, node.flag("select_last_index", False)))
    shape = found.shape
    return found if node.flag("keepdims", True) else node.reshaped(found, shape[:axis] + shape[axis + 1 :])


@onnx_op("CumSum", "CumProd")
def _cumulative(node: Node) -> Value:
    x, operator = node.value(0), {"CumSum": CumSum, "CumProd": CumProd}[node.proto.op_type]
    axis = node.axis(node.number(1, "axis"), x.type.rank)
    return node.emit(operator(x, axis, node.flag("exclusive", False), node.flag("reverse", False)))


@onnx_op("TopK")
def _top_k(node: Node) -> list[Value]:
    x = node.value(0)
    axis = node.axis(node.integer("axis", -1), x.type.rank)
    k = node.integer("k", 0) if node.opset < 10 else node.number(1, "k")
    # Whoever wants them unsorted takes them in any order.
    return node.emit_all(TopK(x, axis, k, node.flag("largest", True)))
