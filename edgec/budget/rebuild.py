"""Steps in another order, some of them twice, as a graph: what is computed again is an operator of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps, regroup
from edgec.codegen.source import choose_kernels
from edgec.ir import Const, Graph, Op, Value
from edgec.ir.graph import operand_fields
from edgec.ir.ops import Reshape
from edgec.passes.in_place import InPlace
from edgec.schedule import program_order
from edgec.schedule.problem import content


def rebuild(
    steps: Steps, order: Sequence[int], choose: Callable[[Op], Kernel], twins: Mapping[Value, Value]
) -> tuple[Steps, dict[Value, Value]]:
    """The steps of these indices, in this order, on a graph of their own; and each clone's result -> the first one's.

    A reader has the latest result before it. Constants are shared. ``twins``: clones that there are already.
    """
    twin = _Twin(steps.graph)
    groups = [[twin.clone(op) for op in steps.schedule.steps[index].ops] for index in order]
    graph = twin.finished()
    InPlace(inputs=steps.io_in_arena).run(graph, None)
    apart = program_order(graph)
    whole = Steps(graph, apart, choose_kernels(apart, choose), steps.io_in_arena)
    named = [(tuple(ops), steps.kernels[index]) for index, ops in zip(order, groups, strict=True)]
    return regroup(whole, named, choose), twin.all_twins(twins)


def needed(steps: Steps, order: Sequence[int]) -> list[int]:
    """Of steps in an order, some of them twice, those whose results are read before they are computed again."""
    wanted = {content(value) for value in steps.graph.outputs}
    kept: list[int] = []
    for index in reversed(order):
        step = steps.schedule.steps[index]
        if not wanted.isdisjoint(step.results):
            wanted.difference_update(step.results)
            wanted.update(map(content, step.operands))
            kept.append(index)
    return kept[::-1]


class _Twin:
    """A copy of a graph, as its operators are cloned."""

    def __init__(self, graph: Graph) -> None:
        self._old = graph
        self._new = Graph(graph.name)
        self._values = {value: self._new.input(value.name, value.type) for value in graph.inputs}
        self._new.input_names = list(graph.input_names)
        self._new.states = {self._values[value]: output for value, output in graph.states.items()}
        self._first: dict[Value, Value] = {}
        self._views: dict[tuple[Value, Value], Value] = {}
        self.twins: dict[Value, Value] = {}
        """What is computed again -> what was computed first."""

    def clone(self, op: Op) -> Op:
        """Once more: readers that are cloned after it read it."""
        operands: dict[str, Any] = {}
        for name, variadic in operand_fields(type(op)):
            old = getattr(op, name)
            operands[name] = tuple(map(self._value, old)) if variadic else None if old is None else self._value(old)
        names = [v.name if v not in self._values else f"{v.name}.again" for v in op.results]
        new = self._new.insert(replace(op, **operands), names=names, types=[v.type for v in op.results])
        for old_value, value in zip(op.results, new.results, strict=True):
            if old_value in self._first:
                self.twins[value] = self._first[old_value]
            self._first.setdefault(old_value, value)
            self._values[old_value] = value
        return new

    def finished(self) -> Graph:
        """The graph, which ends like the old one."""
        outputs = dict(zip(self._old.output_names, map(self._value, self._old.outputs), strict=True))
        self._new.returns(outputs)
        return self._new

    def all_twins(self, earlier: Mapping[Value, Value]) -> dict[Value, Value]:
        """With those that there were before, all by what was computed first of all."""
        pairs = ((self._first.get(old), self._first.get(first)) for old, first in earlier.items())
        before = {new: first for new, first in pairs if new is not None and first is not None}
        return before | {new: before.get(first, first) for new, first in self.twins.items()}

    def _value(self, old: Value) -> Value:
        """What stands for a value now; constants and views come as they are asked for."""
        if isinstance(old.producer, Const) and old not in self._values:
            self.clone(old.producer)
        if not isinstance(old.producer, Reshape):
            return self._values[old]
        viewed = self._value(old.producer.x)
        if (old, viewed) not in self._views:
            view = replace(old.producer, x=viewed)
            self._views[old, viewed] = self._new.insert(view, names=[old.name], types=[old.type]).result
        return self._views[old, viewed]
