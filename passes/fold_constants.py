"""Evaluate at compile time what depends on constants alone."""

from edgec.ir.interp import fold
from edgec.rewriting import Const, Graph, Op, Return, rewrite

GROWTH = 4
SMALL_BYTES = 64 << 10


@rewrite("fold-constants")
def fold_constants(op: Op, graph: Graph) -> None:
    """Evaluate operators whose operands are all constants.

    Left alone is what makes much out of little: a result over 64 KiB and over four times its operands would cost
    more flash than the operator costs time.
    """
    if isinstance(op, Const | Return) or len(op.results) != 1 or any(v.data is None for v in op.operands):
        return
    size = op.result.type.bytes
    if size > SMALL_BYTES and size > GROWTH * sum(v.type.bytes for v in op.operands):
        return
    (array,) = fold(op)
    graph.replace(op, Const(array))
