"""The layers of a float graph: operators that compute, each with what only moves its result."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgec.calibration import Calibration
from edgec.ir import DType, Graph, Op, Return, Value
from edgec.ir.ops import Reshape
from edgec.passes._quantization_plan import PRECISIONS, make_plan
from edgec.passes._quantized_forms import Form, activations, form
from edgec.precision.problem import FLOAT, Read, Tensor
from edgec.schedule import program_order

INTEGER = ("int8", "int16x8")
"""The precisions of layers, beside float."""


@dataclass(frozen=True)
class Node:
    """A layer of a graph: the operator that computes, and the precisions that it can have, float among them."""

    op: Op
    precisions: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its result, by which the pass ``quantize`` knows it."""
        return self.op.results[0].name

    def weight_bytes(self, precision: str) -> int:
        """Bytes of its constants: weights are i8 and biases i32 wherever it is not float."""
        constants = [v.type for v in self.op.operands if v.data is not None]
        return sum(t.bytes if precision == FLOAT or t.rank < 2 else t.elements for t in constants)


def find_layers(graph: Graph, calibration: Calibration) -> list[Node]:
    """The layers that have a quantized form, in order."""
    plans = {name: make_plan(graph, calibration, PRECISIONS[name], {}, True).dtypes for name in INTEGER}
    nodes = []
    for op in graph:
        possible = tuple(name for name in INTEGER if op in plans[name])
        if possible and not _moves(op):
            nodes.append(Node(op, (*possible, FLOAT)))
    return nodes


def _moves(op: Op) -> bool:
    """Whether it has no precision of its own. A relu is a table of bytes, but with 16 bits it only compares."""
    return Form.MOVES in (form(op, DType.I8), form(op, DType.I16))


def tensors_of(graph: Graph, nodes: list[Node]) -> list[Tensor]:
    """The activations of a graph by the steps that make and read them; views are what they view.

    What is no f32 counts as float of as many bytes.
    """
    owners = owners_of(graph, nodes)
    steps = {op: index for index, step in enumerate(program_order(graph).steps) for op in step.ops}
    tensors = []
    for value in graph.values():
        if value.data is not None or isinstance(value.producer, Reshape):
            continue
        reads = [
            Read(len(steps) if isinstance(user, Return) else steps[user], owners.get(user) if quantized else None)
            for view in _views(value)
            for user in dict.fromkeys(view.uses)
            if not isinstance(user, Reshape)
            for quantized in [view in activations(user)]
        ]
        born = -1 if value.producer is None else steps[value.producer]
        first = value.producer is not None and value is value.producer.results[0] and value.type.dtype is DType.F32
        made_by = owners.get(value.producer) if first and value.producer is not None else None
        tensors.append(Tensor(value.name, -(-value.type.bytes // 4), made_by, born, tuple(reads)))
    return tensors


def of_operators(graph: Graph, nodes: list[Node], precisions: Mapping[str, str]) -> dict[str, str]:
    """Layer name -> precision, as the pass ``quantize`` takes it: for each operator that a layer determines."""
    return {op.results[0].name: precisions[owner] for op, owner in owners_of(graph, nodes).items()}


def owners_of(graph: Graph, nodes: list[Node]) -> Mapping[Op, str]:
    """Operator -> the layer that determines its precision; movers follow what they read, or else their readers.

    What is not there stays float.
    """
    owners = {node.op: node.name for node in nodes}
    count = -1
    while count < len(owners):
        count = len(owners)
        for op in graph:
            sources = [owners.get(v.producer) for v in activations(op) if v.data is None and v.producer is not None]
            given = any(v.producer is None for v in activations(op))
            if sources and sources[0] is not None and None not in sources and not given and _moves(op):
                owners.setdefault(op, sources[0])
        for op in reversed(graph.ops):
            readers = [owners.get(user) for v in op.results[:1] for user in v.uses if v in activations(user)]
            first = next((owner for owner in readers if owner is not None), None)
            if first is not None and _moves(op):
                owners.setdefault(op, first)
    return owners


def _views(value: Value) -> list[Value]:
    """A value and its views."""
    found = [value]
    for view in found:
        found += [op.result for op in dict.fromkeys(view.uses) if isinstance(op, Reshape)]
    return found
