"""Checks a schedule and a memory plan without trusting how they were made: it replays who owns which bytes.

It knows neither lifespans nor buffers: each step must find the bytes of each operand still holding that operand.
"""

from collections.abc import Mapping

from edgec.ir import Const, Graph, IRError, Value
from edgec.ir.ops import Reshape
from edgec.schedule.problem import ALIGN, Schedule


def check_schedule(graph: Graph, schedule: Schedule) -> None:
    """Every step reads only what an earlier step, the caller or a constant provides; all outputs are computed."""
    known = set(graph.inputs) | {op.result for op in graph.ops if isinstance(op, Const)}
    for step, op in enumerate(schedule.steps):
        for operand in op.operands:
            if _content(operand) not in known:
                raise IRError(f"step {step} ({op.opname}) reads %{operand.name} before it is computed")
        known.update(op.results)
    for value in graph.outputs:
        if _content(value) not in known:
            raise IRError(f"output %{value.name} is never computed")


def check_plan(
    graph: Graph,
    schedule: Schedule,
    arena_bytes: int,
    offsets: Mapping[Value, int],
    scratch: Mapping[int, tuple[int, int]],
) -> None:
    """Replay a plan. ``offsets`` places values (those of the caller's own memory are left out), ``scratch`` maps
    step -> (offset, bytes). Raises IRError at the first byte that is not what its reader expects.
    """
    memory = _Memory(arena_bytes)
    for value in graph.inputs:
        if value in offsets:
            memory.write(offsets[value], value.type.bytes, value)
    for step, op in enumerate(schedule.steps):
        where = f"step {step} ({op.opname} %{op.results[0].name})"
        for operand in op.operands:
            if operand in offsets:
                memory.expect(offsets[operand], operand.type.bytes, _content(operand), where)
        if step in scratch:
            memory.write(*scratch[step], f"scratch of {where}")
            for operand in op.operands:
                if operand in offsets:
                    memory.expect(offsets[operand], operand.type.bytes, _content(operand), where + ", its scratch")
        for result in op.results:
            if result in offsets:
                if step in scratch:
                    start, size = scratch[step]
                    if start < offsets[result] + result.type.bytes and offsets[result] < start + size:
                        raise IRError(f"{where}: its scratch overlaps its result")
                _check_overlap(op.operands, result, offsets, where)
                memory.write(offsets[result], result.type.bytes, result)
    for value in graph.outputs:
        if value in offsets:
            memory.expect(offsets[value], value.type.bytes, _content(value), "the end")


def _content(value: Value) -> Value:
    """What the bytes of a value are: views are what they view."""
    while isinstance(value.producer, Reshape):
        value = value.producer.x
    return value


def _check_overlap(operands: list[Value], result: Value, offsets: Mapping[Value, int], where: str) -> None:
    """A step may write where it reads only if it says so, and then only at exactly the same place."""
    permitted = getattr(result.producer, "inplace", None)
    allowed = {
        operand
        for position, operand in enumerate(operands)
        if permitted is True or (permitted is not None and permitted is not False and position == permitted)
        # Element by element, each in its place: the same number of elements of the same size.
        if (operand.type.dtype, operand.type.elements) == (result.type.dtype, result.type.elements)
    }
    start, stop = offsets[result], offsets[result] + result.type.bytes
    for operand in operands:
        if operand not in offsets:
            continue
        first, last = offsets[operand], offsets[operand] + operand.type.bytes
        if first < stop and start < last and not (operand in allowed and first == start):
            raise IRError(f"{where} writes over its operand %{operand.name} while it reads it")


class _Memory:
    """Disjoint intervals of the arena and what each holds."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held: list[tuple[int, int, object]] = []

    def write(self, start: int, size: int, content: object) -> None:
        stop = start + size
        if start % ALIGN or start < 0 or stop > self.size:
            raise IRError(f"{content!r} at {start}..{stop} does not lie aligned in the arena of {self.size}")
        kept = []
        for first, last, other in self.held:
            if first < start:
                kept.append((first, min(last, start), other))
            if last > stop:
                kept.append((max(first, stop), last, other))
        self.held = [*(k for k in kept if k[0] < k[1]), (start, stop, content)]

    def expect(self, start: int, size: int, content: object, where: str) -> None:
        for first, last, other in self.held:
            if first <= start and start + size <= last:
                if other is content:
                    return
                raise IRError(f"{where} expects {content!r} at {start}, finds {other!r}")
        raise IRError(f"{where} expects {content!r} at {start}..{start + size}, which something overwrote in part")
