"""Unsigned codes become signed ones, for which targets have kernels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from edgec.ir.ops import Lookup, Requantize
from edgec.rewriting import Array, Const, Dequantize, DType, Graph, Op, Pad, Pass, Quantize, TensorType, Value

if TYPE_CHECKING:
    from edgec.target import Target

HALF = 128
"""How far signed codes of the same numbers, and their zero points, are below unsigned ones."""


@dataclass(frozen=True)
class SignedBytes(Pass):
    """Compute with i8 in place of u8 where the target has kernels of its own; inputs and outputs stay what they are.

    Code and zero point are less by 128, so that each stands for the same number, and all results round alike.
    """

    name = "signed-bytes"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Whether there were unsigned codes."""
        if target is None or not target.kernels:
            return False
        start, returned = graph.version, [v.type for v in graph.outputs]
        for op in list(graph.ops):
            if isinstance(op, Dequantize) and _is_unsigned(op.x):
                new = Dequantize(op.x, op.scale, _zero(graph, op), op.axis, op.block)
                graph.replace(op, new, op.result.type)
        for value in [v for v in graph.inputs if _is_unsigned(v)]:
            codes = graph.insert(
                Requantize(value), graph.ops[0], types=[_signed(value.type)], names=[value.name]
            ).result
            graph.redirect(value, codes, [op for op in value.uses if op is not codes.producer])
        for op in list(graph.ops):
            _turn(graph, op)
        changed = False
        values = list(graph.outputs)
        for position, (value, kind) in enumerate(zip(values, returned, strict=True)):
            if value.type != kind:
                codes = graph.insert(Requantize(value), graph.end, types=[kind], names=[f"{value.name}.u8"]).result
                values[position], changed = codes, True
        if changed:
            before = graph.end
            graph.returns(dict(zip(graph.output_names, values, strict=True)))
            graph.erase(before)
        return graph.version != start


def _turn(graph: Graph, op: Op) -> None:
    """Let an operator give signed codes."""
    results = [v for v in op.results if _is_unsigned(v)]
    match op:
        case Quantize() if results:
            new = Quantize(op.x, op.scale, _zero(graph, op), op.axis, op.block, DType.I8, op.precision)
            graph.replace(op, new, _signed(op.result.type))
            return
        case Lookup() if results:
            table = op.table
            assert table.data is not None and table.producer is not None
            graph.redirect(table, graph.const(_less(table.data), table.name, op), [op])
            if not table.uses:
                graph.erase(table.producer)
        case Const() if results:
            op.data = _less(op.data)
        case Pad() if results:
            op.value -= HALF
        case _:
            pass
    for value in results:
        value.type = _signed(value.type)
        graph.version += 1


def _zero(graph: Graph, op: Quantize | Dequantize) -> Value:
    """The zero point of signed codes."""
    data = np.zeros(op.scale.shape, np.uint8) if op.zero_point is None else op.zero_point.data
    assert data is not None
    return graph.const(_less(data), "zero_point", op)


def _is_unsigned(value: Value) -> bool:
    return value.type.dtype is DType.U8 and value.type.quant is not None


def _signed(kind: TensorType) -> TensorType:
    quant = kind.quant
    assert quant is not None
    return replace(kind, dtype=DType.I8, quant=replace(quant, zero_point=tuple(z - HALF for z in quant.zero_point)))


def _less(codes: Array) -> Array:
    return (codes.astype(np.int16) - HALF).astype(np.int8)
