"""Compute in integers between the first quantize and the last dequantize."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgec.ir.ops.quantized import is_activation
from edgec.ir.requantization import real_limits
from edgec.passes._integer_forms import Forms
from edgec.passes._movers import clipped, exact, moved, of_codes, of_numbers
from edgec.rewriting import (
    Add,
    ArgExtreme,
    AveragePool,
    Clip,
    Convolution,
    Dense,
    Dequantize,
    Graph,
    Mul,
    Op,
    Pass,
    Quantize,
    Relu,
    Return,
    Sub,
    TensorType,
    Value,
    replace,
)

if TYPE_CHECKING:
    from edgec.target import Target


CLAMPING = Convolution | Dense | Add | Sub | Mul | AveragePool
"""What clamps its own result."""


@dataclass(frozen=True)
class Integers(Pass):
    """Compute in integers what stands between dequantize and quantize; what has no such form stays float.

    Integers first get their scale and zero point into their types. Then what only moves elements moves integers, and
    an operator between a Dequantize of each operand and a Quantize of its result becomes one on quantized values,
    which rounds once. Elementwise functions of one byte become tables.
    """

    name = "integers"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Returns whether the graph changed. EdgecError where scales are beyond fixed-point arithmetic."""
        start = graph.version
        for op in reversed(list(graph.ops)):
            if op in graph:
                _lift(op, graph)
        for op in list(graph.ops):
            if op in graph:
                _settle(op, graph)
        _type_codes(graph)
        for op in list(graph.ops):
            if op in graph:
                _sink(op, graph)
        waiting = [op for op in graph.ops if isinstance(op, Quantize)]
        while waiting:
            waiting += _hoist(waiting.pop(), graph)
        forms = Forms(graph)
        for op in list(graph.ops):
            if op in graph and isinstance(op, Quantize) and op.result.type.quant is not None:
                forms.lower(op)
        for op in list(graph.ops):
            if op in graph:
                _clip_where_made(op, graph)
        return graph.version != start


def _lift(op: Op, graph: Graph) -> None:
    """``dequantize(move(x)) -> move(dequantize(x))``, so that each Dequantize reads what a Quantize made."""
    if not isinstance(op, Dequantize) or not (data := moved(inner := op.x.producer)) or inner is None:
        return
    quant, readers = op.quant(), op.x.uses
    if quant is None or quant.axis is not None:
        return
    if not all(isinstance(reader, Dequantize) and reader.quant() == quant for reader in readers):
        return
    _bring(graph, op, inner)
    made = {value: graph.insert(replace(op, x=value), inner, names=[value.name]) for value in dict.fromkeys(data)}
    kind = replace(op.x.type, quant=quant)
    results = {value: new.result for value, new in made.items()}
    result = graph.insert(of_numbers(inner, results, kind), inner, names=[op.x.name]).result
    for reader in dict.fromkeys(readers):
        graph.redirect(reader.results[0], result)
        graph.erase(reader)
    for new in made.values():
        _lift(new, graph)


def _settle(op: Op, graph: Graph) -> None:
    """``move(quantize(x)) -> quantize(move(x))``, so that integers are dequantized or returned."""
    below = [v.producer for v in moved(op) or []]
    first = below[0] if below else None
    if not isinstance(first, Quantize) or (quant := first.quant()) is None or quant.axis is not None:
        return
    alike = [b for b in below if isinstance(b, Quantize) and (b.dtype, b.quant()) == (first.dtype, quant)]
    if len(alike) < len(below):
        return
    numbers = {b.result: b.x for b in alike}
    kind = replace(first.result.type, quant=quant)
    result = graph.insert(of_numbers(op, numbers, kind), op, names=[op.results[0].name]).result
    graph.replace(op, replace(first, x=result, source=op.source))


def _type_codes(graph: Graph) -> None:
    """Put scale and zero point into the types of integers that are read for nothing but what they stand for."""
    for value in graph.values():
        readers = [op for op in value.uses if not isinstance(op, Return | ArgExtreme)]
        quants = {op.quant() if isinstance(op, Dequantize) and op.x is value else None for op in readers}
        if isinstance(value.producer, Quantize):
            quants.add(value.producer.quant())
        if len(quants) != 1 or (isinstance(value.producer, Op) and not isinstance(value.producer, Quantize)):
            continue
        (quant,) = quants
        kind = replace(value.type, quant=quant)
        if quant is not None and quant.axis is None and is_activation(kind):
            value.type = kind


def _codes(value: Value) -> Value | None:
    """The quantized integers that a value is dequantized from."""
    match value.producer:
        case Dequantize(x=x) if x.type.quant is not None:
            return x
        case _:
            return None


def _sink(op: Op, graph: Graph) -> None:
    """``move(dequantize(x)) -> dequantize(move(x))``, with all operands quantized alike."""
    data = [op.x] if isinstance(op, Relu | Clip | ArgExtreme) else moved(op)
    if not data:
        return
    codes = {value: x for value in data if (x := _codes(value)) is not None}
    kinds = {(x.type.dtype, x.type.quant) for x in codes.values()}
    if len(codes) < len(set(data)) or len(kinds) != 1:
        return
    first = codes[data[0]]
    kind = TensorType(first.type.dtype, op.result.shape, first.type.quant)
    if isinstance(op, ArgExtreme):
        graph.replace(op, replace(op, x=first))
        return
    new = clipped(op, first) if isinstance(op, Relu | Clip) else of_codes(op, codes, kind) if exact(op, kind) else None
    if new is None:
        return
    result = graph.insert(new, op, names=[op.result.name], types=[kind]).result
    below = data[0].producer
    assert isinstance(below, Dequantize)
    graph.replace(op, replace(below, x=result, source=op.source))


def _hoist(op: Quantize, graph: Graph) -> list[Quantize]:
    """``quantize(move(x)) -> move(quantize(x))``; returns the new Quantize operators."""
    inner, kind = op.x.producer, op.result.type
    data = moved(inner)
    if kind.quant is None or inner is None or not data or len(op.x.uses) > 1:
        return []
    _bring(graph, op, inner)
    codes, made = {}, []
    for value in dict.fromkeys(data):
        new = replace(op, x=value, source="")
        types = [TensorType(kind.dtype, value.shape, kind.quant)]
        codes[value] = graph.insert(new, inner, names=[value.name], types=types).result
        made.append(new)
    graph.replace(op, of_codes(inner, codes, kind), kind)
    return made


def _bring(graph: Graph, op: Quantize | Dequantize, before: Op) -> None:
    """Move the constants that an operator scales by to where it is going to stand."""
    place = graph.ops.index(before)
    for value in (op.scale, op.zero_point):
        if value is not None and value.producer is not None and graph.ops.index(value.producer) > place:
            graph.move(value.producer, before)


def _clip_where_made(op: Op, graph: Graph) -> None:
    """Let the operator that makes codes clamp them, if nobody reads them as they were."""
    match op:
        case Clip(x=Value(producer=Op() as producer, uses=[_]) as x, low=low, high=high) if x.type.quant is not None:
            if isinstance(producer, CLAMPING) and producer.clamp is None:
                graph.replace(op, replace(producer, clamp=real_limits(low, high, x.type)), x.type)
