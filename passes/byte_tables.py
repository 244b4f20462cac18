"""Functions of one byte that integers compute are tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgec.ir.interp.registry import meaning_of
from edgec.ir.ops import Lookup, Requantize
from edgec.ir.ops.quantized import is_quantized
from edgec.rewriting import Add, Array, Graph, Mul, Op, Pass, Sub, Value

if TYPE_CHECKING:
    from edgec.target import Target

LEAST = 64
"""Elements for which a table of 256 bytes is worth while."""


@dataclass(frozen=True)
class ByteTables(Pass):
    """Make sums and products that depend on one byte tables, and tables of what a table gives one.

    With a constant, or with another function of the same byte, as in x * sigmoid(x) where each step is quantized. To
    the bit: a table holds what the operators give for each byte.
    """

    name = "byte-tables"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Returns whether the graph changed."""
        start = graph.version
        for op in list(graph.ops):
            if op in graph and isinstance(op, Add | Sub | Mul | Lookup | Requantize) and is_quantized(op):
                _tabulate(op, graph)
        return graph.version != start


def _tabulate(op: Add | Sub | Mul | Lookup | Requantize, graph: Graph) -> None:
    """A Lookup in its place, if it is a function of one byte that has none yet."""
    operands = op.operands[:1] if isinstance(op, Lookup) else op.operands
    found = [_function(v) for v in operands]
    sources = dict.fromkeys(x for x, _ in found if x is not None)
    if len(sources) != 1 or op.result.type.dtype.bytes != 1 or op.result.type.elements < LEAST:
        return
    (x,) = sources
    tables = isinstance(op, Lookup | Requantize) and x is op.operands[0]
    if tables or x.type.dtype.bytes != 1 or x.shape != op.result.shape or x.type.quant is None:
        return
    if any(codes is None for _, codes in found):
        return
    constants = [op.table.data[None]] if isinstance(op, Lookup) and op.table.data is not None else []
    results = np.asarray(meaning_of(op)(op, *(codes for _, codes in found), *constants))
    kind = op.result.type
    # Of no quantization of its own: its codes are the result's.
    table = graph.const(results.reshape(-1).astype(kind.dtype.numpy), f"{op.result.name}.table", op)
    graph.replace(op, Lookup(x, table, source=op.source), kind)


def _function(value: Value) -> tuple[Value | None, Array | None]:
    """What a value is for each code of a byte, ``[1, 256]``, and that byte; of a single constant ``[1, 1]``, None."""
    if value.data is not None:
        return None, value.data.reshape(1, 1) if value.type.elements == 1 else None
    op: Op | None = value.producer
    if isinstance(op, Lookup) and op.table.data is not None:
        return op.x, op.table.data[None]
    if value.type.dtype.bytes != 1:
        return value, None
    low, high = value.type.dtype.limits
    return value, np.arange(low, high + 1).astype(value.type.dtype.numpy)[None]
