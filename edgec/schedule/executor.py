"""Runs a plan in the interpreter, on poisoned memory at the plan's addresses: nothing believes the planner.

The arena begins as random bytes. A step finds random bytes in its scratch and where its results will lie, reads its
operands from the arena's bytes, computes what they mean, writes its results, and leaves random bytes in its scratch.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgec.ir import Array, Const, Graph, IRError, Op, Return, Value
from edgec.ir.interp import results
from edgec.schedule.plan import MemoryPlan
from edgec.schedule.problem import Problem, Schedule, Step, content

SEED = 0
"""Of the poison."""


def execute_plan(
    graph: Graph, schedule: Schedule, problem: Problem, plan: MemoryPlan, inputs: Mapping[str, Array]
) -> dict[str, Array]:
    """Run samples ``[S, *shape]`` one after the other; outputs ``[S, *shape]`` by name.

    Raises IRError at the first output that is not, to the bit, what the graph gives in its own order with memory of
    its own for each value.
    """
    memory = _Memory(schedule, problem, plan)
    states = {value: np.zeros((1, *value.shape), value.type.dtype.numpy) for value in graph.states}
    for value, zero in states.items():
        memory.write(value, zero)
    found: dict[str, list[Array]] = {name: [] for name in graph.returned}
    for sample in range(len(next(iter(inputs.values()), [0]))):
        given = {value: inputs[name][sample : sample + 1] for name, value in graph.given.items()}
        expected = _plain_run(graph, {**given, **states})
        for value, array in given.items():
            memory.write(value, array)
        for index, step in enumerate(schedule.steps):
            memory.run(index, step)
        for name, value in zip(graph.output_names, graph.outputs, strict=True):
            array = memory.read(value)
            if array.tobytes() != expected[name].tobytes():
                raise IRError(f"output {name}: the plan, run on poisoned memory, gives other bytes than the graph")
            if name in found:
                found[name].append(array)
        states = {value: expected[name] for value, name in graph.states.items()}
        named = dict(zip(graph.output_names, graph.outputs, strict=True))
        for value, name in graph.states.items():
            memory.write(value, memory.read(named[name]))
    return {name: np.concatenate(arrays) for name, arrays in found.items()}


class _Memory:
    """The bytes of the arena, and the caller's own for each input and output that lies outside of it."""

    def __init__(self, schedule: Schedule, problem: Problem, plan: MemoryPlan) -> None:
        self._random = np.random.default_rng(SEED)
        self._schedule, self._problem, self._plan = schedule, problem, plan
        self._arena = self._poison(plan.arena_bytes)
        self._outside: dict[Value, NDArray[np.uint8]] = {}

    def read(self, value: Value) -> Array:
        """The value that its bytes stand for, ``[1, *shape]``."""
        constant = content(value).data
        if constant is not None:
            return constant.reshape(1, *value.shape)
        array: Array = self._place(value).copy().view(value.type.dtype.numpy)
        return array.reshape(1, *value.shape)

    def write(self, value: Value, array: Array) -> None:
        """Put its bytes in its place; the same element stands for all samples where there is one only."""
        self._place(value)[:] = np.frombuffer(array.tobytes(), np.uint8)

    def run(self, index: int, step: Step) -> None:
        """One step, from memory to memory."""
        for result in step.results:
            self._poison_result(step, result)
        self._poison_scratch(index)
        values = {operand: self.read(operand) for operand in step.operands}
        for op in step.ops:
            _compute(op, values)
        for result in step.results:
            self.write(result, values[result])
        self._poison_scratch(index)

    def _place(self, value: Value) -> NDArray[np.uint8]:
        buffer = self._problem.of_value.get(value)
        if buffer is not None:
            start = self._plan.offsets[buffer]
            return self._arena[start : start + value.type.bytes]
        root = self._schedule.storage(value)
        if root not in self._outside:
            self._outside[root] = self._poison(root.type.bytes)
        return self._outside[root][: value.type.bytes]

    def _poison(self, size: int) -> NDArray[np.uint8]:
        return np.frombuffer(self._random.bytes(size), np.uint8).copy()

    def _poison_scratch(self, index: int) -> None:
        buffer = self._problem.of_scratch.get(index)
        if buffer is not None:
            start, size = self._plan.offsets[buffer], self._problem.buffers[buffer].bytes
            self._arena[start : start + size] = self._poison(size)

    def _poison_result(self, step: Step, result: Value) -> None:
        """All of its place but what it may share with operands: in place, or from a safe distance on."""
        place = self._place(result)
        kept = place.copy()
        place[:] = self._poison(place.size)
        buffer = self._problem.of_value.get(result)
        for operand in step.operands:
            if operand is step.inplace:
                place[: operand.type.bytes] = kept[: operand.type.bytes]
            other = self._problem.of_value.get(operand)
            if buffer is None or other is None:
                continue
            over, under = ((buffer, other), (other, buffer))
            above, distances = self._plan.offsets[other] - self._plan.offsets[buffer], self._problem.distances
            if (over in distances and above >= distances[over]) or (under in distances and -above >= distances[under]):
                shared = slice(max(above, 0), max(above + operand.type.bytes, 0))
                place[shared] = kept[shared]


def _plain_run(graph: Graph, inputs: Mapping[Value, Array]) -> dict[str, Array]:
    """What the graph gives, each value in memory of its own; values are dropped after their last reader."""
    values = {value: np.ascontiguousarray(array) for value, array in inputs.items()}
    readers = {value: len(value.uses) for value in graph.values()}
    for op in graph.ops:
        if isinstance(op, Const | Return):
            continue
        _compute(op, values)
        for operand in op.operands:
            readers[operand] -= 1
            if readers[operand] == 0:
                values.pop(operand, None)
    return {n: _element(values, v) for n, v in zip(graph.output_names, graph.outputs, strict=True)}


def _compute(op: Op, values: dict[Value, Array]) -> None:
    """Results as they would lie in memory: the same elements elsewhere may sum up in another order."""
    found = results(op, [_element(values, operand) for operand in op.operands])
    for result, array in zip(op.results, found, strict=True):
        values[result] = np.ascontiguousarray(array)


def _element(values: Mapping[Value, Array], value: Value) -> Array:
    """Of a constant, a view of what is known, or what was computed."""
    if value in values:
        return values[value]
    source = content(value)
    array = values[source] if source.data is None else source.data
    return array.reshape(1, *value.shape)
