"""What each layer costs in each precision: instructions counted on the target, or else an estimate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from edgec.ir import DType, Graph, Op, Quant, TensorType
from edgec.ir.ops import Dequantize, Quantize, Requantize
from edgec.precision.layers import INTEGER, Node, of_operators, owners_of, tensors_of
from edgec.precision.problem import ELEMENT_BYTES, FLOAT, Layer, Problem

Measure = Callable[[Graph], Mapping[str, int] | None]
"""Compiles a graph, runs it once on its target, and gives the instructions of each step by the name of its result.

None where they cannot be counted.
"""

Build = Callable[[Mapping[str, str]], Graph]
"""Gives the graph that is compiled for these precisions of operators (by result name), in integers where asked for."""

PROBE_ELEMENTS = 1024

MEASURED, ESTIMATED = "instructions", "estimate"


@dataclass(frozen=True)
class Costs:
    """Layer name -> precision -> cost; of conversions, (from, to) -> cost of an element; and of what no layer decides.

    ``unit`` is MEASURED for executed instructions, or ESTIMATED: one for each byte of operands of each
    multiply-accumulate and of each element that is written.
    """

    layers: Mapping[str, Mapping[str, int]]
    conversion: Mapping[tuple[str, str], float]
    fixed: int
    unit: str


def problem_of(graph: Graph, nodes: list[Node], noise: Mapping[str, Mapping[str, float]], costs: Costs) -> Problem:
    """The problem of mixed precision of a float graph; ``noise`` is layer name -> precision -> noise over signal."""
    layers = (
        Layer(
            node.name,
            {p: noise[node.name][p] for p in node.precisions},
            {p: costs.layers[node.name][p] for p in node.precisions},
            {p: node.weight_bytes(p) for p in node.precisions},
        )
        for node in nodes
    )
    return Problem(tuple(layers), tuple(tensors_of(graph, nodes)), costs.conversion, costs.fixed)


def measured_costs(graph: Graph, nodes: list[Node], build: Build, measure: Measure) -> Costs | None:
    """The costs of a float graph's layers, from one run of the model in each precision; None if one has no count."""
    rates = _conversion_rates(measure)
    if rates is None:
        return None
    layers: dict[str, dict[str, int]] = {node.name: {} for node in nodes}
    fixed = 0
    for precision in (*INTEGER, FLOAT):
        wanted = {node.name: precision if precision in node.precisions else FLOAT for node in nodes}
        built = build(of_operators(graph, nodes, wanted))
        steps = measure(built)
        if steps is None:
            return None
        spent = _spent(graph, nodes, built, steps)
        for node in nodes:
            layers[node.name][wanted[node.name]] = spent.get(node.name, 0)
        fixed = spent.get(None, 0)  # that of the last one, in float
    return Costs(layers, rates, fixed, MEASURED)


def _spent(graph: Graph, nodes: list[Node], built: Graph, steps: Mapping[str, int]) -> dict[str | None, int]:
    """The instructions of each layer; None stands for steps of no layer. Conversions are left out."""
    owners = {op.results[0].name: owner for op, owner in owners_of(graph, nodes).items()}
    makers = {value.name: op for op in built for value in op.results}
    spent: dict[str | None, int] = {}
    for name, count in steps.items():
        op = makers.get(name)
        if isinstance(op, Quantize | Dequantize | Requantize):
            continue
        # What a pass named otherwise moves what the layer above it made.
        while op is not None and op.results[0].name not in owners:
            op = next((v.producer for v in op.operands if v.data is None), None)
        owner = None if op is None else owners[op.results[0].name]
        spent[owner] = spent.get(owner, 0) + count
    return spent


def _conversion_rates(measure: Measure) -> dict[tuple[str, str], float] | None:
    """Instructions for an element of each conversion, from a model that does nothing else."""
    graph, found = probe()
    steps = measure(graph)
    if steps is None:
        return None
    return {pair: steps[name] / PROBE_ELEMENTS for pair, name in found.items() if name in steps}


def probe() -> tuple[Graph, dict[tuple[str, str], str]]:
    """A graph with one conversion of each kind after the other, and the name of the result of each."""
    graph = Graph("conversions")
    byte, word = Quant((0.0625,), (3,)), Quant((0.000244140625,), (0,))
    shape = (1, PROBE_ELEMENTS)
    bytes_, words = TensorType(DType.I8, shape, byte), TensorType(DType.I16, shape, word)
    scales = [graph.const(np.array(q.scale[0], np.float32)) for q in (byte, word)]
    zero = graph.const(np.array(byte.zero_point[0], np.int8))
    float_type = TensorType(DType.F32, shape)
    x = graph.input("x", float_type)
    names = {}

    def convert(source: str, result: str, op: Op, type: TensorType) -> None:
        names[source, result] = graph.insert(op, types=[type]).result.name

    convert(FLOAT, "int8", Quantize(x, scales[0], zero, dtype=DType.I8), bytes_)
    convert("int8", "int16x8", Requantize(graph.ops[-1].result), words)
    convert("int16x8", "int8", Requantize(graph.ops[-1].result), bytes_)
    convert("int8", FLOAT, Dequantize(graph.ops[-1].result, scales[0], zero), float_type)
    convert(FLOAT, "int16x8", Quantize(graph.ops[-1].result, scales[1], dtype=DType.I16), words)
    convert("int16x8", FLOAT, Dequantize(graph.ops[-1].result, scales[1]), float_type)
    graph.returns({"y": graph.ops[-1].result})
    return graph, names


def estimated_costs(nodes: list[Node]) -> Costs:
    """Costs by the bytes that are read and written."""
    layers = {
        node.name: {p: (node.op.macs() + node.op.results[0].type.elements) * ELEMENT_BYTES[p] for p in node.precisions}
        for node in nodes
    }
    pairs = [(a, b) for a in (*INTEGER, FLOAT) for b in (*INTEGER, FLOAT) if a != b]
    return Costs(layers, {(a, b): float(ELEMENT_BYTES[a] + ELEMENT_BYTES[b]) for a, b in pairs}, 0, ESTIMATED)
