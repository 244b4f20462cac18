"""Let elementwise operators and scatters write over an operand that nobody needs afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgec.ir.ops import Lookup, Requantize
from edgec.ir.verify import same_place
from edgec.rewriting import Binary, Graph, Pass, Reshape, Scatter, Unary, Value

if TYPE_CHECKING:
    from edgec.target import Target


@dataclass(frozen=True)
class InPlace(Pass):
    """Let elementwise operators and scatters overwrite an operand; with inputs=true also an input of the graph."""

    name = "in-place"
    inputs: bool = False

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Returns whether a permission was added or withdrawn. Of two possible operands the first is taken."""
        changed = False
        for op in graph.ops:
            old = getattr(op, "inplace", None)
            new: bool | int | None
            if isinstance(op, Unary | Scatter | Requantize | Lookup):
                new = same_place(op.x, op.result) and self._free(op.x, graph.states)
            elif isinstance(op, Binary):
                new = next(
                    (i for i, v in enumerate((op.a, op.b)) if same_place(v, op.result) and self._free(v, graph.states)),
                    None,
                )
            else:
                continue
            if new is not old:
                op.inplace = new
                changed = True
        return changed

    def _free(self, x: Value, states: Mapping[Value, str]) -> bool:
        """True if nothing else reads the memory of x: a reshape shares that of its operand."""
        while len(x.uses) == 1 and isinstance(x.producer, Reshape):
            x = x.producer.x
        return len(x.uses) == 1 and x.data is None and (x.producer is not None or (self.inputs and x not in states))
