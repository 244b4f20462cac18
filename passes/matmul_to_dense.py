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
        case Add(a=Value(producer=Dense() as dense, uses=[_]), b=bias, clamp=None) if _is_bias(dense, bias):
            graph.replace(op, replace(dense, bias=bias))


def _is_bias(dense: Dense, bias: Value) -> bool:
    """Whether a value is quantized, one number for each output channel, and the layer has no bias yet."""
    fits = quantized_weights(bias) is not None and bias.shape == dense.bias.shape
    return fits and dense.clamp is None and dense.bias.data is not None and not dense.bias.data.any()
