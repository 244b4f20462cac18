"""Runs variants of a graph on the same samples, and computes what they have in common only once."""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from edgec.ir import Array, Const, Graph, Op, Value
from edgec.ir.graph import attribute_fields, operand_fields
from edgec.ir.interp import results, run_samples


class Numbering:
    """Numbers values such that those of one number are computed alike from alike inputs, in whichever graph they are.

    (Value numbering: Cocke and Schwartz, Programming Languages and Their Compilers, 1970.) Arrays in ``shared`` are
    read once only, in whichever graphs they are.
    """

    def __init__(self, shared: Iterable[Array]) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._shared = {
            id(data): (data, _content(data)) for data in shared
        }  # holds them, so that no other has their id

    def of(self, graph: Graph) -> dict[Value, int]:
        """The number of each value."""
        found: dict[Value, int] = {}
        for name, value in zip(graph.input_names, graph.inputs, strict=True):
            found[value] = self._number(("input", name, value.type))
        for op in graph:
            key = self._key(op, found)
            for index, value in enumerate(op.results):
                found[value] = self._number((key, index, value.type))
        return found

    def _key(self, op: Op, found: Mapping[Value, int]) -> Hashable:
        if isinstance(op, Const):
            known = self._shared.get(id(op.data))
            return _content(op.data) if known is None else known[1]
        parts: list[Hashable] = [op.opname]
        for name, variadic in operand_fields(type(op)):
            given: Any = getattr(op, name)
            parts.append(tuple(found[v] for v in given) if variadic else None if given is None else found[given])
        return (*parts, *(getattr(op, name) for name in attribute_fields(type(op))))

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _content(data: Array) -> Hashable:
    return str(data.dtype), data.shape, hashlib.sha256(np.ascontiguousarray(data).tobytes()).digest()


class Evaluator:
    """Runs graphs on batches of samples; all that they share with one of the ``bases`` is taken from there.

    Of a graph with states nothing is shared: what an input stands for depends on all that was computed before. Its
    states go on from batch to batch.
    """

    def __init__(self, bases: Iterable[Graph]) -> None:
        graphs = list(bases)
        self._numbering = Numbering(op.data for graph in graphs for op in graph if isinstance(op, Const))
        self._bases = [(graph, self._numbering.of(graph)) for graph in graphs]
        self._known: dict[int, Array] = {}
        self._inputs: Mapping[str, Array] = {}
        self._states: dict[Hashable, dict[str, Array]] = {}

    def begin(self, inputs: Mapping[str, Array]) -> None:
        """Go on with other samples ``[S, *shape]`` by input name: all values of the bases are held of them."""
        self._inputs, self._known = inputs, {}
        for graph, numbers in self._bases:
            if not graph.states:
                self._known |= self._evaluate(graph, numbers, keep=True)

    def outputs(self, graph: Graph, key: Hashable) -> dict[str, Array]:
        """Output name -> ``[S, *shape]``; ``key`` tells graphs with states apart."""
        if graph.states:
            return run_samples(graph, self._inputs, states=self._states.setdefault(key, {}))
        numbers = self._numbering.of(graph)
        values = self._known | self._evaluate(graph, numbers, keep=False)
        (samples,) = {len(array) for array in self._inputs.values()} or {1}
        arrays = {name: values[numbers[value]] for name, value in graph.returned.items()}
        return {name: np.broadcast_to(array, (samples, *array.shape[1:])) for name, array in arrays.items()}

    def _evaluate(self, graph: Graph, numbers: Mapping[Value, int], keep: bool) -> dict[int, Array]:
        """What the outputs need and is not known, by number; without ``keep``, only what is still to be read."""
        values = {numbers[value]: self._inputs[name] for name, value in graph.given.items()}
        ends = {numbers[value] for value in graph.outputs}
        wanted = ends - self._known.keys()
        makers: dict[int, Op] = {}
        for op in graph:
            if op.results:
                makers.setdefault(numbers[op.results[0]], op)
        needed: list[Op] = []
        for op in reversed(graph.ops):
            if any(numbers[v] in wanted for v in op.results) and makers[numbers[op.results[0]]] is op:
                needed.append(op)
                wanted |= {numbers[v] for v in op.operands} - self._known.keys()
        left = Counter(numbers[v] for op in needed for v in op.operands)
        for op in reversed(needed):
            arguments = [self._known[n] if (n := numbers[v]) in self._known else values[n] for v in op.operands]
            arrays = [op.data[None]] if isinstance(op, Const) else results(op, arguments)
            values.update(zip((numbers[v] for v in op.results), arrays, strict=True))
            for number in () if keep else (numbers[v] for v in op.operands):
                left[number] -= 1
                if not left[number] and number not in ends:
                    values.pop(number, None)
        return values
