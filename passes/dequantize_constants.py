"""Evaluate what is left of dequantized constants."""

from edgec.ir.interp import fold
from edgec.rewriting import Const, Dequantize, Graph, Op, rewrite


@rewrite("dequantize-constants")
def dequantize_constants(op: Op, graph: Graph) -> None:
    """Make float constants of the quantized ones that no integer kernel took."""
    if isinstance(op, Dequantize) and all(v.data is not None for v in op.operands):
        (array,) = fold(op)
        graph.replace(op, Const(array))
