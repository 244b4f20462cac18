"""A matrix product by a constant is a dense layer."""

import numpy as np

from edgec.passes._weights import quantized_weights, rearranged
from edgec.rewriting import Add, Dense, DType, Graph, MatMul, Op, Value, replace, rewrite


@rewrite("matmul-to-dense")
def matmul_to_dense(op: Op, graph: Graph) -> None:
    """Make matrix products by constants dense layers: their weights are packed, and what follows can join them."""
    match op:
        case MatMul(a=a, b=Value() as b) if b.type.rank == 2 and b.type.dtype is DType.F32:
            if b.data is None and quantized_weights(b) is None:
                return
            w = rearranged(graph, b, lambda data: data.T, op, swap=True)
            bias = graph.const(np.zeros(b.shape[1], np.float32), "bias", op)
            graph.replace(op, Dense(a, w, bias, source=op.source))
        case Add(a=a, b=b, clamp=None):
            for product, other in ((a, b), (b, a)):
                dense = product.producer
                if not isinstance(dense, Dense) or len(product.uses) > 1 or product.shape != op.result.shape:
                    continue
                if (joined := _bias(dense, other, graph, op)) is not None:
                    graph.replace(op, replace(dense, bias=joined))
                    return


def _bias(dense: Dense, value: Value, graph: Graph, before: Op) -> Value | None:
    """A value as the bias of a layer that has none yet, if it is one number for each output channel.

    It is quantized, or the weights are; what is all of floats is left to fold-batch-norm.
    """
    if dense.clamp is not None or dense.bias.data is None or dense.bias.data.any():
        return None
    if quantized_weights(value) is not None:
        return value if value.shape == dense.bias.shape else None
    (channels,) = dense.bias.shape
    if value.data is None or quantized_weights(dense.w) is None:
        return None
    if value.type.elements != channels or value.shape[-1:] != (channels,):
        return None
    return graph.const(value.data.reshape(channels), value.name, before)
