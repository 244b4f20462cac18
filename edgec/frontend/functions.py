"""Operators that are defined by other operators: functions of the model, and those of ONNX's schemas."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TypeProto, defs

from edgec.frontend.inference import type_of
from edgec.frontend.scope import Tensor

MAX_DEPTH = 24
"""Functions and subgraphs around a node. Functions may not call themselves: what is deeper does."""


def local_functions(model: ModelProto) -> dict[tuple[str, str], FunctionProto]:
    """(domain, name) -> function."""
    return {(_domain(f.domain), f.name): f for f in model.functions}


def schema_function(
    proto: NodeProto, opsets: Mapping[str, int], operands: Sequence[Tensor]
) -> tuple[FunctionProto, dict[str, AttributeProto]] | None:
    """The body that the standard gives an operator, for the nearest opset, and the defaults of its attributes.

    None if it has none, or none for operands of these types.
    """
    if proto.domain not in opsets:
        return None
    try:
        schema = defs.get_schema(proto.op_type, opsets[proto.domain], proto.domain)
    except defs.SchemaError:
        return None
    body = _body(schema, proto, opsets, operands)
    if body is None or not body.node:
        return None
    defaults = {n: a.default_value for n, a in schema.attributes.items() if a.default_value.name}
    return body, defaults


def _body(schema: Any, proto: NodeProto, opsets: Mapping[str, int], operands: Sequence[Tensor]) -> FunctionProto | None:
    opset = opsets.get("", opsets[proto.domain])
    if schema.has_function:
        version = _nearest(schema.function_opset_versions, opset)
        return _parsed(schema.get_function_with_opset_version(version))
    if schema.has_context_dependent_function:
        version = _nearest(schema.context_dependent_function_opset_versions, opset)
        types = [type_of(o) or TypeProto() for o in operands]
        text = [t.SerializeToString() for t in types]
        return _parsed(
            schema.get_context_dependent_function_with_opset_version(version, proto.SerializeToString(), text)
        )
    return None


def _nearest(versions: Iterable[int], opset: int) -> int:
    """The newest version up to an opset; a body says of which opset its nodes are, so that a newer one will do, too."""
    known = sorted(versions)
    return max((v for v in known if v <= opset), default=known[0])


def _parsed(body: FunctionProto | bytes) -> FunctionProto:
    return FunctionProto.FromString(body) if isinstance(body, bytes) else body


def local_defaults(function: FunctionProto) -> dict[str, AttributeProto]:
    """The defaults of a model's function."""
    return {a.name: a for a in function.attribute_proto}


def instantiated(function: FunctionProto, call: NodeProto, defaults: Mapping[str, AttributeProto]) -> list[NodeProto]:
    """The nodes of a function with the attributes of a call, or their defaults, in the place of references."""
    given = {**defaults, **{a.name: a for a in call.attribute}}
    return [_with_attributes(node, given) for node in function.node]


def _with_attributes(node: NodeProto, given: Mapping[str, AttributeProto]) -> NodeProto:
    copy = NodeProto()
    copy.CopyFrom(node)
    copy.domain = _domain(copy.domain)
    del copy.attribute[:]
    for attribute in node.attribute:
        if not attribute.ref_attr_name:
            new = copy.attribute.add()
            new.CopyFrom(attribute)
            for graph in [new.g] if new.HasField("g") else new.graphs:
                _fill(graph, given)
        elif attribute.ref_attr_name in given:
            new = copy.attribute.add()
            new.CopyFrom(given[attribute.ref_attr_name])
            new.name = attribute.name
    return copy


def _fill(graph: GraphProto, given: Mapping[str, AttributeProto]) -> None:
    nodes = [_with_attributes(node, given) for node in graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain
