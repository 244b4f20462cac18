"""Normalization with constants of the training."""

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import Add, Mul


@onnx_op("BatchNormalization")
def _batch_normalization(node: Node) -> Value:
    x = node.float32(0)
    training = node.integer("training_mode", 0) or (node.opset < 14 and any(node.proto.output[1:]))
    if training or not node.integer("spatial", 1):
        raise node.error(
            "is in training mode" if training else "normalizes each position by itself (spatial=0)",
            "export the model for inference (model.eval(), training=TrainingMode.EVAL)",
        )
    names = ("scale", "bias", "mean", "variance")
    arrays = [node.weights(i + 1, name).astype(np.float64) for i, name in enumerate(names)]
    if x.type.rank < 2 or any(a.shape != (x.shape[1],) for a in arrays):
        raise node.error(f"its parameters do not fit the channels of {list(x.shape)}", "export the model again")
    gamma, beta, mean, variance = arrays
    if (variance + node.real("epsilon", 1e-5) <= 0).any():
        raise node.error("a variance is not positive", "check the training: variances cannot be negative")
    # In float64, and rounded once, so that folding into a convolution later starts from the best factors.
    factor = gamma / np.sqrt(variance + node.real("epsilon", 1e-5))
    per_channel = (-1, *(1,) * (x.type.rank - 2))
    scale = node.const(factor.astype(np.float32).reshape(per_channel), "scale")
    offset = node.const((beta - mean * factor).astype(np.float32).reshape(per_channel), "offset")
    return node.emit(Add(node.emit(Mul(x, scale)), offset))
