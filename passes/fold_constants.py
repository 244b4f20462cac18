"""Evaluate at compile time what depends on constants alone."""

from math import prod

import numpy as np

from edgec.ir.interp import results
from edgec.passes._weights import constant, quantized_weights
from edgec.rewriting import Const, Dequantize, Graph, Op, Reshape, Return, Transpose, replace, rewrite

GROWTH = 4
SMALL_BYTES = 64 << 10


@rewrite("fold-constants")
def fold_constants(op: Op, graph: Graph) -> None:
    """Evaluate operators whose operands are all constants.

    Left alone is what makes much out of little: a result over 64 KiB and over four times its operands would cost
    more flash than the operator costs time. So are dequantized constants, which ``integers`` wants as they are; a
    transpose or reshape of one becomes one of the integers. What is computed of them is a constant like others.
    """
    match op:
        case Dequantize():
            return
        case Transpose(x=x) | Reshape(x=x) if (stored := quantized_weights(x)) is not None:
            if (axis := _axis_after(op, stored)) is not None or stored.axis is None:
                moved = graph.insert(replace(op, x=stored.x), op, names=[stored.x.name]).result
                graph.replace(op, replace(stored, x=moved, axis=axis))
            return
    if isinstance(op, Const | Return) or len(op.results) != 1:
        return
    operands = [a for v in op.operands if (a := constant(v)) is not None]
    if len(operands) < len(op.operands):
        return
    size = op.result.type.bytes
    if size > SMALL_BYTES and size > GROWTH * sum(v.type.bytes for v in op.operands):
        return
    (array,) = results(op, [array[None] for array in operands])
    graph.replace(op, Const(np.asarray(array[0], order="C")))


def _axis_after(op: Transpose | Reshape, stored: Dequantize) -> int | None:
    """Where the axis of the scales is after a transpose or reshape; None where it is split or merged."""
    if stored.axis is None:
        return None
    if isinstance(op, Transpose):
        return op.perm.index(stored.axis)
    before, extent = prod(op.x.shape[: stored.axis]), op.x.shape[stored.axis]
    places = (a for a, d in enumerate(op.shape) if d == extent and prod(op.shape[:a]) == before)
    return next(places, None)
