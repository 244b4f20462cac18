"""Running a graph on many samples up to an operator, and from there to the next one."""

from collections.abc import Mapping, Sequence

import numpy as np

from edgec.ir import Array, Const, Graph, Op, Value
from edgec.ir.interp import CHUNK_BYTES, results


class Walk:
    """A run on samples ``[S, *shape]`` by input name, of states, too, that stops where it is told.

    Only the values that are still to be read are in memory. What depends on constants only is computed where it is
    read, so constants may be changed on the way.
    """

    def __init__(self, graph: Graph, inputs: Mapping[str, Array]) -> None:
        self._values = {value: inputs[name] for name, value in zip(graph.input_names, graph.inputs, strict=True)}
        self._unread = {value: len(value.uses) for value in graph.values()}
        constants: set[Value] = set()
        ahead: list[Op] = []
        for op in graph.ops:
            if constants.issuperset(op.operands):
                constants.update(op.results)
            else:
                ahead.append(op)
        self._ahead = ahead[::-1]

    def reach(self, op: Op) -> None:
        """Run everything before ``op``, which must lie ahead."""
        while (reached := self._ahead[-1]) is not op:
            self.leave(reached, self.evaluate(reached))

    def leave(self, op: Op, results: Sequence[Array]) -> None:
        """Go on behind ``op``, where the walk stands, with these results of it."""
        self._ahead.pop()
        self._values.update(zip(op.results, results, strict=True))
        for operand in op.operands:
            self._unread[operand] -= 1
            if not self._unread[operand]:
                self._values.pop(operand, None)

    def value(self, value: Value) -> Array:
        """The elements of an operand of the next operator, ``[S, *shape]``, or ``[1, *shape]`` of what is constant."""
        if value in self._values:
            return self._values[value]
        producer = value.producer
        assert producer is not None, "inputs are known"
        if isinstance(producer, Const):
            return producer.data[None]
        return results(producer, [self.value(v) for v in producer.operands])[producer.results.index(value)]

    def evaluate(self, op: Op) -> list[Array]:
        """The results of an operator on the next one's operands, in chunks of samples that need little memory."""
        arguments = [self.value(v) for v in op.operands]
        samples = max(map(len, arguments))
        # A window's operator may copy its operand once for each tap.
        rows = max(1, CHUNK_BYTES // max(1, 16 * max(v.type.bytes for v in (*op.operands, *op.results))))
        parts = [results(op, _part(arguments, start, rows)) for start in range(0, samples, rows)]
        return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]


def _part(arguments: Sequence[Array], start: int, rows: int) -> list[Array]:
    return [array[start : start + rows] if len(array) > 1 else array for array in arguments]
