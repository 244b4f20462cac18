"""From a graph in execution order to the packing problem of its memory: buffers with lifespans."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgec.ir import Const, Graph, Op, Return, Value
from edgec.ir.ops import Binary, Lookup, Requantize, Reshape, Scatter, Unary

ALIGN = 16
"""Alignment of every buffer and of the arena in bytes: enough for the vector loads of every target."""


@dataclass(frozen=True)
class Schedule:
    """The operators that run, in order; an operator that stands twice is recomputed."""

    steps: tuple[Op, ...]


@dataclass(frozen=True)
class Buffer:
    """Bytes of arena that must stay untouched from step ``first`` until before step ``last`` (half open)."""

    name: str
    bytes: int
    first: int
    last: int
    kind: str
    """``value``, ``input``, ``output``, ``state`` or ``scratch``."""


@dataclass(frozen=True)
class Problem:
    """Buffers to place, and which of them holds each value and each step's scratch."""

    buffers: tuple[Buffer, ...]
    of_value: Mapping[Value, int]
    of_scratch: Mapping[int, int]

    def live_bytes(self, step: int) -> int:
        """Sum of the sizes of the buffers that are live in a step, each rounded up to the alignment."""
        return sum(aligned(b.bytes) for b in self.buffers if b.first <= step < b.last)

    @property
    def peak(self) -> tuple[int, int]:
        """Bytes and index of the fullest step: no plan needs fewer bytes."""
        fullest = min({b.first for b in self.buffers}, key=lambda s: (-self.live_bytes(s), s), default=0)
        return self.live_bytes(fullest), fullest


def aligned(size: int) -> int:
    """Round a size or offset up to the alignment."""
    return -(-size // ALIGN) * ALIGN


def program_order(graph: Graph) -> Schedule:
    """The graph's own order, without what needs no code: constants and views."""
    return Schedule(tuple(op for op in graph.ops if not isinstance(op, Const | Reshape | Return)))


def storage(value: Value) -> Value:
    """The value whose place in memory this one shares: through views and in-place operators, back to the first."""
    while True:
        match value.producer:
            case Reshape(x=x):
                value = x
            case Unary() | Scatter() | Requantize() | Lookup() as op if op.inplace:
                value = op.x
            case Binary(inplace=int(position)) as op:
                value = op.operands[position]
            case _:
                return value


def build_problem(graph: Graph, schedule: Schedule, scratch: Mapping[int, int], io_in_arena: bool) -> Problem:
    """Buffers and lifespans of a schedule.

    A state's bytes are never anybody else's. ``scratch`` maps step -> bytes that its kernel needs while it runs.
    Without ``io_in_arena`` the storage of graph inputs and outputs is the caller's and not part of the problem.
    """
    end = len(schedule.steps)
    roots: dict[Value, list[int]] = {}

    def touch(value: Value, first: int, last: int) -> None:
        if value.data is not None:
            return
        span = roots.setdefault(storage(value), [first, last])
        span[0], span[1] = min(span[0], first), max(span[1], last)

    for value in graph.inputs:
        touch(value, 0, end + 1 if value in graph.states else 1)
    for step, op in enumerate(schedule.steps):
        for value in op.operands:
            touch(value, step, step + 1)
        for value in op.results:
            touch(value, step, step + 1)
    for value in graph.outputs:
        touch(value, max(end - 1, 0), end + 1)

    inputs = {storage(v) for v in graph.given.values()}
    outputs = {storage(v) for v in graph.returned.values()}
    buffers: list[Buffer] = []
    of_root: dict[Value, int] = {}
    for root, (first, last) in roots.items():
        external = root in inputs or root in outputs
        if external and not io_in_arena:
            continue
        kinds = [("input", inputs), ("output", outputs), ("state", graph.states.keys())]
        kind = next((name for name, roots in kinds if root in roots), "value")
        of_root[root] = len(buffers)
        buffers.append(Buffer(root.name, root.type.bytes, first, last, kind))
    of_scratch = {}
    for step, size in scratch.items():
        if size:
            of_scratch[step] = len(buffers)
            buffers.append(Buffer(f"scratch{step}", size, step, step + 1, "scratch"))
    of_value = {v: of_root[storage(v)] for v in graph.values() if storage(v) in of_root}
    return Problem(tuple(buffers), of_value, of_scratch)
