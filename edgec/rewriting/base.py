"""What a pass is: a named change of a graph, written as a function per operator or as a class for the whole graph."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

from edgec.ir import Graph, IRError

if TYPE_CHECKING:
    from edgec.target import Target

MAX_SWEEPS = 200
"""A per-operator pass that still changes the graph after this many sweeps is taken to run forever."""

PYTHON_ONLY = {"python only": True}
"""Metadata of a pass's field that no text can give: ``field(default=None, metadata=PYTHON_ONLY)``."""


class Pass:
    """Base of all passes. Subclass it as a frozen dataclass whose fields are the pass's options::

        @dataclass(frozen=True)
        class PruneNM(Pass):
            \"\"\"Keep the n largest of each m weights.\"\"\"

            name = "prune-nm"
            n: int = 2
            m: int = 4

            def run(self, graph: Graph, target: Target | None) -> bool: ...

    ``name`` is what a pipeline calls it; the first line of the docstring is what ``edgec passes`` shows.
    """

    name: str = ""

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Change the graph in place; returns whether anything changed. ``target`` is None where none is chosen."""
        raise NotImplementedError(type(self).__name__)


class RewritePass(Pass):
    """A function ``(op, graph)`` or ``(op, graph, target)`` applied to every operator in order, until nothing changes.

    Operators that are erased or inserted meanwhile are left to the next sweep.
    """

    def __init__(self, name: str, function: Callable[..., None]) -> None:
        self.name = name
        self.__doc__ = function.__doc__
        self.function = function
        self._takes_target = len(inspect.signature(function).parameters) >= 3

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Sweep over the operators until a sweep changes nothing; IRError if that does not happen."""
        start = graph.version
        extra = (target,) if self._takes_target else ()
        for _ in range(MAX_SWEEPS):
            before = graph.version
            for op in list(graph.ops):
                if op in graph:
                    self.function(op, graph, *extra)
            if graph.version == before:
                return before != start
        raise IRError(f"still changes the graph after {MAX_SWEEPS} sweeps: two of its cases undo each other")


def rewrite(name: str) -> Callable[[Callable[..., None]], RewritePass]:
    """Make a pass of a function ``(op, graph) -> None`` or ``(op, graph, target) -> None`` that rewrites one operator.

    The function matches the operator with ``match`` and changes the graph through its methods.
    """

    def decorate(function: Callable[..., None]) -> RewritePass:
        return RewritePass(name, function)

    return decorate
