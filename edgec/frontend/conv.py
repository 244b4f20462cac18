"""Convolution."""

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.windows import from_nhwc, to_nhwc, window
from edgec.ir import Value
from edgec.ir.ops import Conv2d


@onnx_op("Conv")
def _conv(node: Node) -> Value:
    x, weights = node.float32(0), node.weights(1)
    if weights.ndim != x.type.rank or node.integers("kernel_shape") not in (None, weights.shape[2:]):
        raise node.error(
            f"weights {list(weights.shape)} do not fit {list(x.shape)} or kernel_shape", "export the model again"
        )
    place = window(node, x, weights.shape[2:])
    if weights.ndim == 3:
        weights = weights[:, :, None]
    bias = np.zeros(weights.shape[0], np.float32) if node.operand(2) is None else node.weights(2, "bias")
    conv = Conv2d(
        to_nhwc(node, x),
        node.const(weights.transpose(0, 2, 3, 1), node.name(1)),
        node.const(bias, node.name(2) if node.operand(2) is not None else "bias"),
        stride=place.stride,
        pad=place.pad,
        dilation=place.dilation,
        groups=node.integer("group", 1),
    )
    return from_nhwc(node, node.emit(conv), x.type.rank)
