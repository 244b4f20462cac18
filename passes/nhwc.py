"""Move transposes (and reshapes that only add or drop unit axes) towards the outputs until they meet and cancel.

The importer brackets each spatial operator with transposes between the model's NCHW and the IR's NHWC. Nearly every
other operator does not care about the order of axes, so a transpose above it can as well stand below it. First only
moves are made that keep the bytes moved by transposes or lower them. Where a value has several readers no single move
pays, only all of them together do: then all moves below a transpose are tried on a copy, and kept if bytes are saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgec.passes._axes import AxisMap, axis_map, emit, shared_transpose, traced, unit_reshape
from edgec.passes._sink import others, sunk
from edgec.passes._weights import quantized_weights, rearranged
from edgec.rewriting import Array, Binary, Cast, Dense, Graph, Op, Pad, Pass, Reshape, Transpose, Unary, Value, replace

if TYPE_CHECKING:
    from edgec.target import Target

Cost = tuple[int, int]
"""Bytes that transposes write, and number of transposes and reshapes."""


@dataclass(frozen=True)
class Nhwc(Pass):
    """Cancel the transposes between NCHW and NHWC, the importer's and the model's own."""

    name = "nhwc"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Returns whether the graph changed; the bytes that transposes move never grow."""
        start = graph.version
        _settle(graph)
        while any(_push(graph, first) for first in _candidates(graph)):
            pass
        return graph.version != start


def _candidates(graph: Graph) -> list[int | None]:
    """What to push: all transposes together (None), then each alone, by position."""
    found: list[int | None] = [i for i, op in enumerate(graph.ops) if isinstance(op, Transpose)]
    return [None, *found] if found else []


def _push(graph: Graph, first: int | None) -> bool:
    """Sink everything below one transpose, or below all, as far as it goes; only if that saves bytes."""
    trial = graph.copy()
    _sink_all(trial, first)
    _settle(trial)
    if _cost(trial)[0] >= _cost(graph)[0]:
        return False
    _sink_all(graph, first)
    _settle(graph)
    return True


def _sink_all(graph: Graph, first: int | None) -> None:
    hot = None if first is None else {graph.ops[first].result}
    for op in list(graph.ops):
        if op not in graph:
            continue
        if axis_map(op) is not None:
            if hot is not None and op.operands[0] in hot:
                hot.add(op.result)
            continue
        for lead in _leads(op):
            if traced(lead)[1].keeps_order or (hot is not None and lead not in hot):
                continue
            moved = _sink(op, graph, lead, lambda gain, price, new: True)
            if moved is not None:
                if hot is not None:
                    hot.add(moved)
                break


def _settle(graph: Graph) -> None:
    """Merge, cancel and sink what pays by itself, until nothing changes."""
    before = -1
    while graph.version != before:
        before = graph.version
        for op in list(graph.ops):
            if op in graph:
                _merge(op, graph)
            if op in graph:
                _step(op, graph)


def _merge(op: Op, graph: Graph) -> None:
    """Make a chain of transposes and reshapes one, and let the weights of a dense layer absorb a transpose."""
    match op:
        case Transpose() | Reshape() if axis_map(op) is not None:
            value, change = traced(op.result)
            name = op.result.name
            merged = emit(graph, value, change, op, name, op.source)
            if merged is op.result:
                _hoist(op, graph)
            else:
                graph.replace(op, merged)
                if merged.name.rpartition(".")[0] == name:
                    graph.rename(merged, name)
        case Reshape(x=Value(producer=Reshape() as inner)):
            graph.replace(op, replace(op, x=inner.x))
        case Reshape(x=x) if x.producer is not None and (found := traced(x))[1].keeps_order and found[0] is not x:
            graph.replace(op, replace(op, x=found[0]))
        case Unary(x=Value(producer=Reshape() as inner, uses=[_])) if axis_map(inner) is None:
            # An elementwise operator above a flatten can join the operator that feeds it.
            new = graph.insert(replace(op, x=inner.x), op).result
            flat = graph.insert(replace(inner, x=new), op, names=[inner.result.name]).result
            graph.replace(op, flat)
            graph.rename(new, op.result.name)
        case Dense(x=Value(producer=Reshape() as flat)) if axis_map(flat) is None:
            _absorb(op, flat, graph)


def _hoist(op: Transpose | Reshape, graph: Graph) -> None:
    """``transpose(pad(x)) -> pad(transpose(x))``: fewer bytes to transpose, and the pad can join what reads it."""
    change = axis_map(op)
    match op.x:
        case Value(producer=Pad() as pad, uses=[_]) if change is not None:
            small = emit(graph, pad.x, AxisMap(pad.x.shape, change.axes), pad, op.result.name, op.source)
            before = tuple(0 if a is None else pad.before[a] for a in change.axes)
            after = tuple(0 if a is None else pad.after[a] for a in change.axes)
            graph.replace(op, replace(pad, x=small, before=before, after=after))


def _absorb(dense: Dense, flat: Reshape, graph: Graph) -> None:
    """``dense(flatten(transpose(x)), w) -> dense(flatten(x), w with its inputs in x's order)``."""
    root, change = traced(flat.x)
    known = dense.w.data is not None or quantized_weights(dense.w) is not None
    if change.keeps_order or not known or len(dense.w.uses) > 1:
        return
    rows = [d for d in flat.shape[:-1] if d > 1]
    sizes = [root.shape[a] for a in change.order]
    kept, flattened = change.order[: len(rows)], change.order[len(rows) :]
    if sizes[: len(rows)] != rows or list(kept) != sorted(kept) or (kept and max(kept) > min(flattened)):
        return
    ascending = sorted(range(len(flattened)), key=lambda i: flattened[i])
    order = (0, *(i + 1 for i in ascending))

    def reordered(weights: Array) -> Array:
        return weights.reshape(-1, *sizes[len(rows) :]).transpose(order).reshape(weights.shape)

    x = graph.insert(replace(flat, x=root), dense, names=[flat.result.name]).result
    w = rearranged(graph, dense.w, reordered, dense)
    graph.replace(dense, replace(dense, x=x, w=w))
    graph.rename(w, dense.w.name)


def _leads(op: Op) -> list[Value]:
    """Operands that come from transposes or unit reshapes; real transposes first, then the largest."""
    found = [v for v in dict.fromkeys(op.operands) if axis_map(v.producer) is not None]
    return sorted(found, key=lambda v: (traced(v)[1].keeps_order, -v.type.bytes))


def _step(op: Op, graph: Graph) -> None:
    """Sink below one operator if that alone does not cost."""
    if axis_map(op) is not None:
        return
    for lead in _leads(op):
        free = traced(lead)[1].keeps_order
        if free and not isinstance(op, Unary | Binary | Cast):
            continue

        def pays(gain: Cost, price: Cost, new: bool, free: bool = free) -> bool:
            # What adds nothing elsewhere moves down only, so it ends. What does must gain.
            if new:
                return price < gain
            return price <= gain if free else price[0] <= gain[0]

        if _sink(op, graph, lead, pays) is not None:
            return


def _sink(op: Op, graph: Graph, lead: Value, pays: Callable[[Cost, Cost, bool], bool]) -> Value | None:
    """Let ``op`` read what ``lead`` is made of, and put the axis map below it; None if it cannot or does not pay."""
    root, change = traced(lead)
    beside = others(op, lead)
    maps: dict[Value, tuple[Value, AxisMap]] = {}
    for value in beside:
        shape = (1,) * (lead.type.rank - value.type.rank) + value.shape
        if not change.covers(shape):
            return None
        origin, way = traced(value)
        aligned = unit_reshape(value.shape, shape)
        assert aligned is not None, "leading unit axes only"
        maps[value] = origin, way.then(aligned).then(change.inverse(shape))

    plan = sunk(op, lead, change)
    if plan is None:
        return None
    gain = _gain(op)
    below = plan.below
    price = (0 if below.keeps_order else op.result.type.bytes, 0 if below.is_identity else 1)
    new = False
    for value, (origin, way) in maps.items():
        if origin.data is not None or way.is_identity:
            continue
        new = True
        moves = not way.keeps_order and shared_transpose(origin, way) is None
        price = (price[0] + value.type.bytes * moves, price[1] + 1)
    if not pays(gain, price, new):
        return None
    operands = {value: emit(graph, origin, way, op, value.name) for value, (origin, way) in maps.items()}
    operands[lead] = root
    moved = graph.insert(plan.build(operands), op, names=[op.result.name]).result
    name = op.result.name
    result = emit(graph, moved, below, op, name, op.source)
    graph.replace(op, result)
    graph.rename(moved, name)
    for value in maps:
        if value not in operands.values() and operands[value].data is not None:
            graph.rename(operands[value], value.name)
    return result


def _gain(op: Op) -> Cost:
    """What goes away with the operand chains that only ``op`` reads."""
    gained, count = 0, 0
    for value in dict.fromkeys(op.operands):
        reader: Op = op
        while axis_map(value.producer) is not None and all(user is reader for user in value.uses):
            assert isinstance(value.producer, Transpose | Reshape)
            reader, count = value.producer, count + 1
            gained += value.type.bytes if isinstance(reader, Transpose) else 0
            value = reader.x
    return gained, count


def _cost(graph: Graph) -> Cost:
    moves = [op for op in graph.ops if isinstance(op, Transpose)]
    return sum(op.result.type.bytes for op in moves), len(moves)
