"""Which operators run together, as one step: sums with what gives an operand, where that costs no more;
by strips those that make the arena smaller, and no others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.chains import lower_chain
from edgec.codegen.kernels.endings import ended
from edgec.codegen.kernels.registry import NEAR, predicted
from edgec.costs import Costs
from edgec.ir import Graph, Op, Value
from edgec.ir.ops import Add, Binary, Reshape, Sub
from edgec.ir.verify import same_place
from edgec.schedule import Problem, Schedule, Step, build_problem

JOINS = 2
"""How often steps are joined before that has to pay: the middle one of three may need as much with either neighbour."""


@dataclass(frozen=True)
class Steps:
    """Steps and their kernels."""

    graph: Graph
    schedule: Schedule
    kernels: tuple[Kernel, ...]
    io_in_arena: bool

    @cached_property
    def problem(self) -> Problem:
        """Their memory."""
        scratch = {index: kernel.scratch for index, kernel in enumerate(self.kernels)}
        distances, below = [k.distances for k in self.kernels], [k.below for k in self.kernels]
        return build_problem(self.graph, self.schedule, scratch, self.io_in_arena, distances, below)

    @cached_property
    def need(self) -> tuple[int, int]:
        """Bytes of the fullest step, and how many are as full."""
        bytes, _ = self.problem.peak
        return bytes, sum(self.problem.live_bytes(step) == bytes for step in range(len(self.kernels)))


def finish(steps: Steps, select: Callable[[Op], Kernel], costs: Costs | None, by_strips: bool) -> Steps:
    """Join residual sums with the steps that give one of their operands, where a kernel ends that way and pays.

    Of two operands it is the later one: the other is there by then. ``by_strips``: whatever kernel there is, by strips,
    where that is known to cost as much; it takes some code more.
    """
    while True:
        joined = (_finished(steps, *pair, select, costs, by_strips) for pair in reversed([*pairs(steps)]))
        found = next((one for one in joined if one is not None), None)
        if found is None:
            return steps
        steps = found


def _finished(
    steps: Steps, first: int, second: int, select: Callable[[Op], Kernel], costs: Costs | None, by_strips: bool
) -> Steps | None:
    """With a kernel that ends with the second step of a pair, in the place of both.

    None where there is no such kernel, or where it costs more; if it costs as much it has to save memory.
    """
    ops = steps.schedule.steps[first].ops + steps.schedule.steps[second].ops
    apart = steps.kernels[first], steps.kernels[second]
    if len(ops) > 2 or not isinstance(ops[1], Add | Sub):
        return None
    kernel = ended(apart[0], ops[1], ops[0].results[0], select)
    chain = kernel is None and by_strips
    if chain:
        kernel = lower_chain(ops, select)
    if kernel is None:
        return None
    joined = _in_place_of_both(steps, first, second, ops, kernel, kernel.once)
    spent, before = (None if costs is None else predicted(k, costs, costs.unit) for k in ((kernel,), apart))
    if spent is None or before is None:
        return None if chain else joined
    smaller = joined.problem.live_bytes(second - 1) < max(steps.problem.live_bytes(s) for s in (first, second))
    return joined if spent <= before * (NEAR if smaller else 1) else None


def fuse(steps: Steps, select: Callable[[Op], Kernel]) -> Steps:
    """Join steps as long as that makes the fullest one smaller; ``select`` gives the kernel of one operator."""
    while True:
        best = min(_runs(steps, select, JOINS), key=lambda joined: joined.need, default=steps)
        if best.need >= steps.need:
            return steps
        steps = best


def _runs(steps: Steps, select: Callable[[Op], Kernel], more: int, around: int | None = None) -> Iterator[Steps]:
    """All ways to join steps to one, up to ``more`` times: to the one that is ``around``, else around the fullest."""
    _, fullest = steps.problem.peak
    for first, second in pairs(steps):
        near = first <= fullest <= second if around is None else around in (first, second)
        joined = join(steps, first, second, select) if near else None
        if joined is not None:
            yield joined
            if more > 1:
                yield from _runs(joined, select, more - 1, second - 1)


def pairs(steps: Steps) -> Iterator[tuple[int, int]]:
    """Steps of which the second alone reads what the first gives."""
    reader = {op: index for index, step in enumerate(steps.schedule.steps) for op in step.ops}
    for first, step in enumerate(steps.schedule.steps):
        readers = {reader.get(user) for value in step.results for user in value.uses}
        if len(readers) == 1 and (second := readers.pop()) is not None:
            yield first, second


def join(steps: Steps, first: int, second: int, select: Callable[[Op], Kernel]) -> Steps | None:
    """One step in the place of the second of a pair; None where their operators can't run as one."""
    ops = steps.schedule.steps[first].ops + steps.schedule.steps[second].ops
    kernel = lower_chain(ops, select)
    if kernel is None:
        return None
    return _in_place_of_both(steps, first, second, ops, kernel, kernel.once)


def _in_place_of_both(steps: Steps, first: int, second: int, ops: tuple[Op, ...], kernel: Kernel, over: bool) -> Steps:
    """One step instead of two; ``over``: whether its result may take the place of an operand."""
    parts, kernels = list(steps.schedule.steps), list(steps.kernels)
    parts[second], kernels[second] = Step(ops, _overwritten(steps, first, second) if over else None), kernel
    del parts[first], kernels[first]
    return Steps(steps.graph, Schedule(tuple(parts)), tuple(kernels), steps.io_in_arena)


def regroup(steps: Steps, groups: Sequence[tuple[tuple[Op, ...], Kernel]], select: Callable[[Op], Kernel]) -> Steps:
    """Join steps of one operator each, adjacent ones, to these groups; each with the kernel that it once had.

    What can't be joined any more stays apart.
    """
    for ops, once in groups:
        first, *others = ops
        kernel = _kernel_like(once, ops, select) if others else None
        if kernel is None:
            continue
        for count, _ in enumerate(others, start=1):
            at = next(index for index, step in enumerate(steps.schedule.steps) if step.ops[0] is first)
            over = kernel.once and count == len(others)
            steps = _in_place_of_both(steps, at, at + 1, ops[: count + 1], kernel, over)
    return steps


def _kernel_like(once: Kernel, ops: tuple[Op, ...], select: Callable[[Op], Kernel]) -> Kernel | None:
    """The kernel of several operators that is made as this one was, of operators like these."""
    if len(ops) == 2 and isinstance(ops[1], Add | Sub):
        kernel = ended(select(ops[0]), ops[1], ops[0].results[0], select)
        if kernel is not None and kernel.name == once.name:
            return kernel
    return lower_chain(ops, select)


def _overwritten(steps: Steps, first: int, second: int) -> Value | None:
    """The operand whose place the result of joined steps may take, as their last operator is the last to read it."""
    *_, last = steps.schedule.steps[second].ops
    if not isinstance(last, Binary):
        return None
    # The result has a place of its own here: as long as it is that of an operand, who reads it reads the operand.
    parts = [replace(s, inplace=None) if i == second else s for i, s in enumerate(steps.schedule.steps)]
    storage, graph = Schedule(tuple(parts)).storage, steps.graph
    joined = [op for index in (first, second) for op in steps.schedule.steps[index].ops]
    earlier = {op for step in steps.schedule.steps[:second] for op in step.ops} - {*joined}
    for value in last.operands[:2]:
        memory = storage(value)
        kept = memory.data is not None or memory in graph.states
        if kept or (memory.producer is None and not steps.io_in_arena) or value.producer in joined:
            continue
        readers = {user for v in graph.values() if storage(v) is memory for user in v.uses}
        done = all(user in earlier or user is last or isinstance(user, Reshape) for user in readers)
        if done and same_place(value, last.results[0]):
            return value
    return None
