"""The layers of a model, each by itself: what is timed on this machine is what runs."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from edgec.codegen.kernels.registry import layer_key
from edgec.driver import import_model, optimize
from edgec.ir import Graph, Op, Value
from edgec.ir.graph import operand_fields
from edgec.options import Options
from edgec.schedule import program_order
from edgec.target import Target


def distinct_layers(model: Path, target: Target, options: Options) -> list[Op]:
    """The operators that the target computes for a model, of those that take the same time one."""
    graph = import_model(model, options)
    optimize(graph, target, options)
    found: dict[str, Op] = {}
    for op in (op for step in program_order(graph).steps for op in step.ops):
        if any(value.data is None for value in op.operands):
            found.setdefault(layer_key(op), op)
    return list(found.values())


def copy_into(graph: Graph, op: Op) -> Op:
    """The operator in a graph beside others; what it computes with are inputs of its own, which stay as they are."""

    def copied(value: Value) -> Value:
        if value.data is None:
            return graph.input(graph.fresh("x"), value.type)
        constant = graph.const(value.data)
        constant.type = value.type
        return constant

    given: dict[str, Any] = {}
    copies: dict[Value, Value] = {}
    for field, several in operand_fields(type(op)):
        operand = getattr(op, field)
        values = operand if several else [] if operand is None else [operand]
        for value in values:
            if value not in copies:
                copies[value] = copied(value)
        given[field] = tuple(copies[v] for v in values) if several else None if operand is None else copies[operand]
    given |= {field.name: field.default for field in fields(op) if field.name == "inplace"}
    return graph.insert(replace(op, **given), types=[v.type for v in op.results])
