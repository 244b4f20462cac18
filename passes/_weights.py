"""Weights: constants, or the integers that stand for them with a Dequantize above them."""

from collections.abc import Callable

from edgec.ir.interp import fold
from edgec.rewriting import Array, Dequantize, Graph, Op, Value, replace


def quantized_weights(value: Value) -> Dequantize | None:
    """The Dequantize that makes a value of a constant, if one does and has no blocks."""
    match value.producer:
        case Dequantize(x=x, block=0) as op if x.data is not None:
            return op
        case _:
            return None


def constant(value: Value) -> Array | None:
    """The elements of a constant, as numbers where it is quantized; None for what is computed."""
    if value.data is not None:
        return value.data
    op = quantized_weights(value)
    return fold(op)[0] if op is not None and all(v.data is not None for v in op.operands) else None


def rearranged(graph: Graph, value: Value, change: Callable[[Array], Array], before: Op, swap: bool = False) -> Value:
    """Weights with their elements in another order; the scales' axis stays, or becomes the other one of two.

    ValueError where the value is neither constant nor made of constants.
    """
    if value.data is not None:
        return graph.const(change(value.data), value.name, before)
    op = quantized_weights(value)
    if op is None or op.x.data is None:
        raise ValueError(f"%{value.name} is not constant")
    stored = graph.const(change(op.x.data), op.x.name, before)
    axis = 1 - op.axis if swap and op.axis is not None else op.axis
    return graph.insert(replace(op, x=stored, axis=axis), before, names=[value.name]).result
