"""Checks a schedule and a memory plan without trusting how they were made: it replays who owns which bytes.

It knows neither lifespans nor buffers: each step must find the bytes of each operand still holding that operand.
"""

from collections.abc import Mapping, Sequence

from edgec.ir import Const, DType, Graph, IRError, Value
from edgec.ir.ops import Binary, Reshape
from edgec.schedule.problem import ALIGN, Schedule, Step


def check_schedule(graph: Graph, schedule: Schedule) -> None:
    """Every step reads only what an earlier step, the caller or a constant provides; all outputs are computed.

    In a step an operator may read what those before it give, which nobody else may.
    """
    known = set(graph.inputs) | {op.result for op in graph.ops if isinstance(op, Const)}
    for index, step in enumerate(schedule.steps):
        where, inner = f"step {index} ({step.opname})", set[Value]()
        for op in step.ops:
            for operand in op.operands:
                if _content(operand) not in known | inner:
                    raise IRError(f"{where} reads %{operand.name} before it is computed")
            inner.update(op.results)
        _check_inplace(step, where)
        known.update(step.results)
    for value in graph.outputs:
        if _content(value) not in known:
            raise IRError(f"output %{value.name} is never computed")


def check_plan(
    graph: Graph,
    schedule: Schedule,
    arena_bytes: int,
    offsets: Mapping[Value, int],
    scratch: Mapping[int, tuple[int, int]],
    borders: Sequence[int] = (),
    distances: Sequence[Mapping[Value, int]] = (),
    below: Sequence[Mapping[Value, int]] = (),
) -> None:
    """Replay a plan. ``offsets`` places values (those of the caller's own memory are left out), ``scratch`` maps
    step -> (offset, bytes). ``borders``: offsets at which one memory ends and another one begins. ``distances`` and
    ``below`` are those of the steps' kernels. Raises IRError at the first byte that is not what its reader expects.
    """
    memory = _Memory(arena_bytes, borders)
    for value in graph.inputs:
        if value in offsets:
            memory.write(offsets[value], value.type.bytes, value)
    for index, step in enumerate(schedule.steps):
        where = f"step {index} ({step.opname} %{step.results[0].name})"
        for operand in step.operands:
            if operand in offsets:
                memory.expect(offsets[operand], operand.type.bytes, _content(operand), where)
        if index in scratch:
            memory.write(*scratch[index], f"scratch of {where}")
            for operand in step.operands:
                if operand in offsets:
                    memory.expect(offsets[operand], operand.type.bytes, _content(operand), where + ", its scratch")
        for value in _inner(step):
            if value in offsets:
                raise IRError(f"{where}: %{value.name} has a place, but is not written there")
        for result in step.results:
            if result in offsets:
                if index in scratch:
                    start, size = scratch[index]
                    if start < offsets[result] + result.type.bytes and offsets[result] < start + size:
                        raise IRError(f"{where}: its scratch overlaps its result")
                first = result is step.results[0]
                over, under = (safe[index] if safe and first else {} for safe in (distances, below))
                _check_overlap(step, result, offsets, over, under, where)
                memory.write(offsets[result], result.type.bytes, result)
    for value in graph.outputs:
        if value in offsets:
            memory.expect(offsets[value], value.type.bytes, _content(value), "the end")


def _content(value: Value) -> Value:
    """What the bytes of a value are: views are what they view."""
    while isinstance(value.producer, Reshape):
        value = value.producer.x
    return value


def _inner(step: Step) -> list[Value]:
    return [value for op in step.ops[:-1] for value in op.results]


def _check_inplace(step: Step, where: str) -> None:
    """Only what goes element by element may take an operand's place, and what comes before it may not read that."""
    if step.inplace is None:
        return
    *others, last = step.ops
    places = last.operands[: 2 if isinstance(last, Binary) else 1] if hasattr(last, "inplace") else []
    if step.inplace not in places or _content(step.inplace) in [_content(v) for op in others for v in op.operands]:
        raise IRError(f"{where} may not take the place of its operand %{step.inplace.name}")


def _check_overlap(
    step: Step,
    result: Value,
    offsets: Mapping[Value, int],
    over: Mapping[Value, int],
    under: Mapping[Value, int],
    where: str,
) -> None:
    """A step may write where it reads only if it says so: at the same place, or as far away as its kernel needs.

    Of operands that lie over the result, and of those that lie under it.
    """
    start, stop = offsets[result], offsets[result] + result.type.bytes
    for operand in step.operands:
        if operand not in offsets:
            continue
        first, last = offsets[operand], offsets[operand] + operand.type.bytes
        # Element by element, each in its place: the same number of elements of the same size.
        allowed = operand is step.inplace and first == start and _extent(operand) == _extent(result)
        allowed |= operand in over and first - start >= over[operand]
        allowed |= operand in under and start - first >= under[operand]
        if first < stop and start < last and not allowed:
            raise IRError(f"{where} writes over its operand %{operand.name} while it reads it")


def _extent(value: Value) -> tuple[DType, int]:
    return value.type.dtype, value.type.elements


class _Memory:
    """Disjoint intervals of the arena and what each holds."""

    def __init__(self, size: int, borders: Sequence[int]) -> None:
        self.size = size
        self.borders = borders
        self.held: list[tuple[int, int, object]] = []

    def write(self, start: int, size: int, content: object) -> None:
        stop = start + size
        if start % ALIGN or start < 0 or stop > self.size:
            raise IRError(f"{content!r} at {start}..{stop} does not lie aligned in the arena of {self.size}")
        for border in self.borders:
            if start < border < stop:
                raise IRError(f"{content!r} at {start}..{stop} lies in two memories, of which one begins at {border}")
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
