"""From a graph in execution order to the packing problem of its memory: buffers with lifespans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from edgec.ir import Const, Graph, Op, Return, Value
from edgec.ir.ops import Binary, Lookup, Requantize, Reshape, Scatter, Unary

ALIGN = 16
"""Alignment of every buffer and of the arena in bytes: enough for the vector loads of every target."""


@dataclass(frozen=True)
class Step:
    """Operators that run as one, each behind those that it reads; mostly there is only one.

    What the last one gives are the step's results. What the others give is read in the step alone, and has no memory.
    ``inplace`` is the operand whose place in memory the first result takes.
    """

    ops: tuple[Op, ...]
    inplace: Value | None = None

    @property
    def results(self) -> list[Value]:
        """What the step gives."""
        return self.ops[-1].results

    @property
    def operands(self) -> list[Value]:
        """What the step reads of what it doesn't make itself, each once."""
        made = {value for op in self.ops for value in op.results}
        read = dict.fromkeys(operand for op in self.ops for operand in op.operands)
        return [operand for operand in read if content(operand) not in made]

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return sum(op.macs() for op in self.ops)

    @property
    def opname(self) -> str:
        """``conv2d + add``."""
        return " + ".join(op.opname for op in self.ops)

    @classmethod
    def of(cls, op: Op) -> "Step":
        """That of one operator, in place if it says so."""
        match op:
            case Unary(inplace=True) | Scatter(inplace=True) | Requantize(inplace=True) | Lookup(inplace=True):
                return cls((op,), op.operands[0])
            case Binary(inplace=int(position)):
                return cls((op,), op.operands[position])
            case _:
                return cls((op,))


@dataclass(frozen=True)
class Schedule:
    """The steps, in the order in which they run; an operator that stands in two is recomputed."""

    steps: tuple[Step, ...]

    def storage(self, value: Value) -> Value:
        """The value whose place in memory this one shares: through views and steps in place, back to the first."""
        while True:
            if isinstance(value.producer, Reshape):
                value = value.producer.x
            elif value in self._inplace:
                value = self._inplace[value]
            else:
                return value

    @cached_property
    def _inplace(self) -> dict[Value, Value]:
        return {step.results[0]: step.inplace for step in self.steps if step.inplace is not None}


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
    """Buffers to place, and which of them holds each value and each step's scratch.

    ``distances[(a, b)]``: buffer b may start that many bytes above the start of buffer a although the step that reads
    the one and writes the other needs both; a whole buffer a below b for all other pairs.
    """

    buffers: tuple[Buffer, ...]
    of_value: Mapping[Value, int]
    of_scratch: Mapping[int, int]
    distances: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def live_bytes(self, step: int) -> int:
        """Sum of the sizes of the buffers that are live in a step, each rounded up to the alignment."""
        live = sum(aligned(b.bytes) for b in self.buffers if b.first <= step < b.last)
        return live - self._shared.get(step, 0)

    @cached_property
    def _shared(self) -> dict[int, int]:
        """Step -> the most bytes that operands and its result share."""
        shared: dict[int, int] = {}
        for (low, high), distance in self.distances.items():
            above, below = aligned(self.buffers[high].bytes), aligned(self.buffers[low].bytes)
            step = max(self.buffers[low].first, self.buffers[high].first)
            shared[step] = shared.get(step, 0) + max(min(above, below - aligned(distance)), 0)
        return shared

    @property
    def peak(self) -> tuple[int, int]:
        """Bytes and index of the fullest step: no plan needs fewer bytes."""
        fullest = min({b.first for b in self.buffers}, key=lambda s: (-self.live_bytes(s), s), default=0)
        return self.live_bytes(fullest), fullest

    def only(self, buffers: Sequence[int]) -> "Problem":
        """The problem of some of its buffers, in this order."""
        new = {old: number for number, old in enumerate(buffers)}
        return Problem(
            tuple(self.buffers[b] for b in buffers),
            {value: new[b] for value, b in self.of_value.items() if b in new},
            {step: new[b] for step, b in self.of_scratch.items() if b in new},
            {(new[a], new[b]): d for (a, b), d in self.distances.items() if a in new and b in new},
        )


def aligned(size: int) -> int:
    """Round a size or offset up to the alignment."""
    return -(-size // ALIGN) * ALIGN


def program_order(graph: Graph) -> Schedule:
    """The graph's own order, an operator a step, without what needs no code: constants and views."""
    return Schedule(tuple(Step.of(op) for op in graph.ops if not isinstance(op, Const | Reshape | Return)))


def content(value: Value) -> Value:
    """What the bytes of a value are: views are what they view."""
    while isinstance(value.producer, Reshape):
        value = value.producer.x
    return value


def build_problem(
    graph: Graph,
    schedule: Schedule,
    scratch: Mapping[int, int],
    io_in_arena: bool,
    distances: Sequence[Mapping[Value, int]] = (),
    below: Sequence[Mapping[Value, int]] = (),
) -> Problem:
    """Buffers and lifespans of a schedule.

    A state's bytes are never anybody else's. ``scratch`` maps step -> bytes that its kernel needs while it runs;
    ``distances`` are those of each step's kernel: how far above its first result operands may begin; ``below``: how far
    above them that may begin. Without ``io_in_arena`` the storage of graph inputs and outputs is the caller's and not
    part of the problem.
    """
    end = len(schedule.steps)
    roots: dict[Value, list[int]] = {}

    def touch(value: Value, first: int, last: int) -> None:
        if value.data is not None:
            return
        span = roots.setdefault(schedule.storage(value), [first, last])
        span[0], span[1] = min(span[0], first), max(span[1], last)

    for value in graph.inputs:
        touch(value, 0, end + 1 if value in graph.states else 1)
    for index, step in enumerate(schedule.steps):
        for value in (*step.operands, *step.results):
            touch(value, index, index + 1)
    for value in graph.outputs:
        touch(value, max(end - 1, 0), end + 1)

    inputs = {schedule.storage(v) for v in graph.given.values()}
    outputs = {schedule.storage(v) for v in graph.returned.values()}
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
    for index, size in scratch.items():
        if size:
            of_scratch[index] = len(buffers)
            buffers.append(Buffer(f"scratch{index}", size, index, index + 1, "scratch"))
    of_value = {v: of_root[root] for v in graph.values() if (root := schedule.storage(v)) in of_root}
    over = _pairs(schedule, buffers, of_value, distances)
    under = {(operand, result): d for (result, operand), d in _pairs(schedule, buffers, of_value, below).items()}
    return Problem(tuple(buffers), of_value, of_scratch, over | under)


def _pairs(
    schedule: Schedule,
    buffers: Sequence[Buffer],
    of_value: Mapping[Value, int],
    distances: Sequence[Mapping[Value, int]],
) -> dict[tuple[int, int], int]:
    """By buffers of result and operand: where that is nobody's behind the step, and the result's nobody's before."""
    found: dict[tuple[int, int], int] = {}
    for index, (step, safe) in enumerate(zip(schedule.steps, distances, strict=False)):
        result = of_value.get(step.results[0])
        if result is None or step.inplace is not None:
            continue
        read: dict[int, list[Value]] = {}
        for value in step.operands:
            if value in of_value:
                read.setdefault(of_value[value], []).append(value)
        for operand, values in read.items():
            if buffers[operand].last == index + 1 and all(value in safe for value in values):
                found[result, operand] = max(safe[value] for value in values)
    return found
