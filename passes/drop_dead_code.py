"""Remove what nobody reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgec.rewriting import Graph, MaxPool, MaxPool2d, MaxPool3d, MaxPoolIndices, MaxPoolIndices2d, Pass, Return

if TYPE_CHECKING:
    from edgec.target import Target


@dataclass(frozen=True)
class DropDeadCode(Pass):
    """Remove operators whose results nobody reads, and the indices of a maximum that nobody reads."""

    name = "drop-dead-code"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Returns whether there were any. What a rewrite leaves unread is gone already; importers may leave more."""
        start = graph.version
        for op in reversed(list(graph.ops)):
            if op in graph and not isinstance(op, Return) and not any(v.uses for v in op.results):
                graph.erase(op)
            elif isinstance(op, MaxPoolIndices) and not op.results[1].uses:
                _forget_indices(op, graph)
        return graph.version != start


def _forget_indices(op: MaxPoolIndices, graph: Graph) -> None:
    """The same maximum without the places."""
    kind: type[MaxPool] = MaxPool2d if isinstance(op, MaxPoolIndices2d) else MaxPool3d
    y = op.results[0]
    pool = graph.insert(kind(op.x, op.kernel, op.stride, op.pad, op.dilation, source=op.source), op, types=[y.type])
    graph.redirect(y, pool.result)
    graph.erase(op)
    graph.rename(pool.result, y.name)
