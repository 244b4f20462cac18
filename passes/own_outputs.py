"""Give every output a place of its own in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgec.ir import Graph, Value
from edgec.ir.ops import Reshape, Slice
from edgec.rewriting import Pass

if TYPE_CHECKING:
    from edgec.target import Target


@dataclass(frozen=True)
class OwnOutputs(Pass):
    """Copy an output that is a constant, an input, or the same memory as another output.

    A caller that gives a buffer for each output must find each result in its own.
    """

    name = "own-outputs"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Insert the copies; True if there were any."""
        places = {_viewed(v) for v in graph.inputs}
        changed = False
        values = list(graph.end.values)
        for position, value in enumerate(values):
            place = _viewed(value)
            if place in places or place.data is not None:
                rank = value.type.rank
                copy = Slice(value, (0,) * rank, value.shape, (1,) * rank)
                values[position] = graph.insert(copy, graph.end, names=[f"{value.name}.copy"]).result
                changed = True
            places.add(place)
        if changed:
            before = graph.end
            # The new end stands first: else what only the old one reads would go with it.
            graph.returns(dict(zip(graph.output_names, values, strict=True)))
            graph.erase(before)
        return changed


def _viewed(value: Value) -> Value:
    while isinstance(value.producer, Reshape):
        value = value.producer.x
    return value
