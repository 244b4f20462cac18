"""Pooling over windows and over everything."""

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.windows import Window, from_nhwc, to_nhwc, window
from edgec.ir import Value
from edgec.ir.ops import NO_PAD, AveragePool2d, MaxPool2d, ReduceMax, ReduceMean


@onnx_op("MaxPool")
def _max_pool(node: Node) -> Value:
    x, place = node.float32(0), _pool_window(node)
    pool = MaxPool2d(to_nhwc(node, x), place.kernel, place.stride, place.pad, place.dilation)
    return from_nhwc(node, node.emit(pool), x.type.rank)


@onnx_op("AveragePool")
def _average_pool(node: Node) -> Value:
    x, place = node.float32(0), _pool_window(node)
    counted = place.counted if node.integer("count_include_pad", 0) else NO_PAD
    pool = AveragePool2d(to_nhwc(node, x), place.kernel, place.stride, place.pad, place.dilation, counted)
    return from_nhwc(node, node.emit(pool), x.type.rank)


def _pool_window(node: Node) -> Window:
    place = window(node, node.float32(0), node.integers("kernel_shape") or ())
    spans = [(k - 1) * d + 1 for k, d in zip(place.kernel, place.dilation, strict=True)]
    if any(pad >= span for pad, span in zip(place.counted, (spans[0], spans[0], spans[1], spans[1]), strict=True)):
        raise node.error(
            f"padding {place.counted} is not smaller than the window {tuple(spans)}",
            "a window that sees nothing but padding has no maximum and no mean: reduce the pads",
        )
    return place


@onnx_op("GlobalAveragePool", "GlobalMaxPool")
def _global_pool(node: Node) -> Value:
    x = node.float32(0)
    if x.type.rank < 3:
        raise node.error(f"works on {list(x.shape)}", "it needs [N,C] and spatial axes")
    reduce = ReduceMean if node.proto.op_type == "GlobalAveragePool" else ReduceMax
    return node.emit(reduce(x, tuple(range(2, x.type.rank))))
