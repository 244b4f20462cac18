"""What is scheduled: a graph of nodes with durations and sizes, and a budget; JSON and networkx, in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from edgec.errors import EdgecError

LARGEST = 2**53
MOST_INTERVALS = 8


@dataclass(frozen=True)
class RematProblem:
    """The fastest schedule whose live values never need more than ``budget``.

    A node takes ``duration`` and gives a value of ``size``; it may be computed up to ``intervals`` times. Edges are
    pairs of positions in ``names``. ``order`` (positions, topological) is what the first computations keep to unless
    ``joint``. A value lives from its step to its last use before its next recomputation, its step included. With a
    fixed order, what is computed again between two first computations comes in that order too (the stages of
    Bartan et al., "Moccasin", ICML 2023).

    Raises EdgecError for cyclic graphs, orders that do not fit and figures out of range.
    """

    names: tuple[str, ...]
    durations: tuple[int, ...]
    sizes: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]
    order: tuple[int, ...]
    budget: int
    joint: bool = False
    intervals: int = 2

    def __post_init__(self) -> None:
        nodes = range(len(self.names))
        if len(self.durations) != len(nodes) or len(self.sizes) != len(nodes):
            raise EdgecError("graph", "not every node has a duration and a size", "give one of each per node")
        for what, figures in (("duration", self.durations), ("size", self.sizes)):
            for name, figure in zip(self.names, figures, strict=True):
                _check_figure(f"node {name!r}", what, figure)
            if sum(figures) > LARGEST:
                raise EdgecError("graph", f"the {what}s sum up to more than 2^53", "use a larger unit")
        _check_figure("--budget", "budget", self.budget)
        if not 1 <= self.intervals <= MOST_INTERVALS:
            raise EdgecError(
                "intervals", f"{self.intervals} computations of a node", f"allow 1 to {MOST_INTERVALS} of each"
            )
        if len(set(self.names)) != len(nodes):
            twice = next(name for i, name in enumerate(self.names) if name in self.names[:i])
            raise EdgecError(f"node {twice!r}", "stands twice", "give each node a name of its own")
        if sorted(self.order) != list(nodes):
            raise EdgecError("order", "does not name each node once", "leave it out for one that is derived")
        place = {node: i for i, node in enumerate(self.order)}
        for u, v in self.edges:
            if place[u] >= place[v]:
                raise EdgecError(
                    "order",
                    f"{self.names[v]!r} stands before {self.names[u]!r}, which it uses",
                    "give a topological order, or leave it out",
                )

    @cached_property
    def inputs(self) -> tuple[tuple[int, ...], ...]:
        """What each node uses."""
        found: list[set[int]] = [set() for _ in self.names]
        for u, v in self.edges:
            found[v].add(u)
        return tuple(tuple(sorted(nodes)) for nodes in found)

    @cached_property
    def users(self) -> tuple[tuple[int, ...], ...]:
        """What uses each node."""
        found: list[set[int]] = [set() for _ in self.names]
        for u, v in self.edges:
            found[u].add(v)
        return tuple(tuple(sorted(nodes)) for nodes in found)

    @property
    def base(self) -> int:
        """What computing each node once takes."""
        return sum(self.durations)

    def working_set(self, node: int) -> int:
        """What a node's step holds at least: its inputs and itself."""
        return self.sizes[node] + sum(self.sizes[u] for u in self.inputs[node])

    @classmethod
    def from_json(cls, graph: Any, budget: int, joint: bool = False, intervals: int = 2) -> "RematProblem":
        """From ``{"nodes": [{"name", "duration", "size"}], "edges": [["u", "v"]], "order": ["…"]}``; order optional."""
        if not isinstance(graph, Mapping) or not isinstance(graph.get("nodes"), list):
            raise EdgecError("graph", "has no list of nodes", 'write {"nodes": [{"name", "duration", "size"}], ...}')
        for node in graph["nodes"]:
            if not isinstance(node, Mapping) or not {"name", "duration", "size"} <= set(node):
                raise EdgecError("graph", f"{node!r} is no node", "give name, duration and size")
            if not isinstance(node["name"], str):
                raise EdgecError("graph", f"{node['name']!r} is no name", "names are text")
        names = tuple(node["name"] for node in graph["nodes"])
        place = {name: i for i, name in enumerate(names)}
        edges = graph.get("edges", [])
        if not isinstance(edges, list) or any(not isinstance(e, list | tuple) or len(e) != 2 for e in edges):
            raise EdgecError("edges", "are not pairs of names", 'write [["u", "v"], ...]')
        pairs = tuple((_position(place, u, "edges"), _position(place, v, "edges")) for u, v in edges)
        order = graph.get("order")
        if order is not None and not isinstance(order, list):
            raise EdgecError("order", "is no list of names", "leave it out for one that is derived")
        given = None if order is None else tuple(_position(place, name, "order") for name in order)
        return cls(
            names,
            tuple(node["duration"] for node in graph["nodes"]),
            tuple(node["size"] for node in graph["nodes"]),
            pairs,
            _topological(names, pairs, given),
            budget,
            joint,
            intervals,
        )

    def to_json(self) -> dict[str, Any]:
        """The graph, as ``from_json`` reads it."""
        figures = zip(self.names, self.durations, self.sizes, strict=True)
        return {
            "nodes": [{"name": name, "duration": duration, "size": size} for name, duration, size in figures],
            "edges": [[self.names[u], self.names[v]] for u, v in self.edges],
            "order": [self.names[node] for node in self.order],
        }

    @classmethod
    def from_networkx(cls, graph: Any, budget: int, joint: bool = False, intervals: int = 2) -> "RematProblem":
        """From a DiGraph whose nodes have attributes ``duration`` and ``size``; its attribute ``order`` is optional."""
        nodes = [{"name": str(name), **attributes} for name, attributes in graph.nodes(data=True)]
        order = graph.graph.get("order")
        told = {
            "nodes": nodes,
            "edges": [[str(u), str(v)] for u, v in graph.edges()],
            "order": None if order is None else [str(name) for name in order],
        }
        return cls.from_json(told, budget, joint, intervals)

    def to_networkx(self) -> Any:
        """The graph as a DiGraph, as ``from_networkx`` reads it."""
        import networkx

        graph = networkx.DiGraph(order=[self.names[node] for node in self.order])
        for name, duration, size in zip(self.names, self.durations, self.sizes, strict=True):
            graph.add_node(name, duration=duration, size=size)
        graph.add_edges_from((self.names[u], self.names[v]) for u, v in self.edges)
        return graph


def _check_figure(where: str, what: str, figure: object) -> None:
    if isinstance(figure, bool) or not isinstance(figure, int):
        raise EdgecError(where, f"its {what} {figure!r} is no whole number", "scale figures to whole numbers")
    if figure < 0:
        raise EdgecError(where, f"its {what} {figure} is negative", "figures are 0 or more")
    if figure > LARGEST:
        raise EdgecError(where, f"its {what} {figure} is beyond 2^53", "use a larger unit")


def _position(place: Mapping[str, int], name: object, where: str) -> int:
    if not isinstance(name, str) or name not in place:
        raise EdgecError(where, f"{name!r} is no node", "name nodes of the graph only")
    return place[name]


def _topological(
    names: Sequence[str], edges: Sequence[tuple[int, int]], given: tuple[int, ...] | None
) -> tuple[int, ...]:
    sorter: TopologicalSorter[int] = TopologicalSorter({node: [] for node in range(len(names))})
    for u, v in edges:
        sorter.add(v, u)
    try:
        derived = tuple(sorter.static_order())
    except CycleError as error:
        circle = " -> ".join(names[node] for node in error.args[1])
        raise EdgecError("edges", f"a cycle: {circle}", "a graph of computations has none") from None
    return derived if given is None else given
