"""A matrix product by a constant is a dense layer."""

import numpy as np

from edgec.rewriting import Dense, DType, Graph, MatMul, Op, Value, rewrite


@rewrite("matmul-to-dense")
def matmul_to_dense(op: Op, graph: Graph) -> None:
    """Make matrix products by constants dense layers: their weights are packed, and what follows can join them."""
    match op:
        case MatMul(a=a, b=Value() as b) if b.data is not None and b.type.rank == 2 and b.type.dtype is DType.F32:
            w = graph.const(b.data.T, b.name, op)
            bias = graph.const(np.zeros(b.shape[1], b.data.dtype), "bias", op)
            graph.replace(op, Dense(a, w, bias, source=op.source))
