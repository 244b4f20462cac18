"""Remove what nobody reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgec.rewriting import Graph, Pass, Return

if TYPE_CHECKING:
    from edgec.target import Target


@dataclass(frozen=True)
class DropDeadCode(Pass):
    """Remove operators whose results nobody reads."""

    name = "drop-dead-code"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Returns whether there were any. What a rewrite leaves unread is gone already; importers may leave more."""
        start = graph.version
        for op in reversed(list(graph.ops)):
            if op in graph and not isinstance(op, Return) and not any(v.uses for v in op.results):
                graph.erase(op)
        return graph.version != start
