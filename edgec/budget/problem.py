"""Steps as a plain graph for ``edgec.schedule.remat``: what is computed from what, how large, and how long it takes.

The plain graph knows values that live from their step to their last use, and nothing else. So these are told by it:

- A step that reads one value alone and takes its place is one node with the step that gives it.
- A step that takes the place of one of several operands has no size of its own: who uses it uses the operand's node,
  too, which keeps the bytes alive.
- So has one whose result may lie over the place of an operand, but for what it needs more: that is its size.
- Scratch is a node of its own that only its step uses. All inputs exist at the start, all outputs at the end: a node
  without a size uses them.

What it can't tell (that a small result may lie inside of a large operand's place, or how addresses pack) is why the
search does not believe its peak, and plans each answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from edgec.budget.durations import Durations
from edgec.codegen.fusion import Steps
from edgec.ir import Value
from edgec.schedule import RematProblem, Step, aligned
from edgec.schedule.problem import content

SPARE = 4
"""A result that shares no more than this many times what it leaves of an operand's place is told to be beside it."""


@dataclass
class _Node:
    """``steps`` run one behind the other. Without any it is an input, scratch, the start or the end."""

    name: str
    duration: int = 0
    size: int = 0
    steps: list[int] = field(default_factory=list)
    uses: set[int] = field(default_factory=set)


class StepGraph:
    """The plain graph of steps: ``problem`` gives it a budget, ``steps_of`` reads an answer."""

    def __init__(self, steps: Steps, durations: Durations) -> None:
        self._nodes: list[_Node] = []
        memory = steps.problem
        sizes = [aligned(b.bytes) for b in memory.buffers]
        states = {memory.of_value[s] for s in steps.graph.states if s in memory.of_value}
        self.kept_bytes = sum(sizes[i] for i in states)
        """Those of states: they are nobody else's."""

        of_value: dict[Value, int] = {}
        root: dict[int, int] = {}  # a node that has the place of another, or most of it -> that
        for value in steps.graph.inputs:
            buffer = memory.of_value.get(value)
            size = 0 if buffer is None or buffer in states else sizes[buffer]
            of_value[value] = self._add(_Node(f"input {value.name}", 0, size))
        inputs = set(of_value.values())
        start = self._add(_Node("start", uses=set(inputs)))
        joined = _joined(steps)
        for index, (step, kernel) in enumerate(zip(steps.schedule.steps, steps.kernels, strict=True)):
            duration = durations(step, kernel)
            operands = [content(v) for v in step.operands if content(v).data is None]
            before = joined.get(index)
            if before is not None:
                number = of_value[before]
                node = self._nodes[number]
            else:
                number = self._add(_Node(f"step {index}", uses={start}))
                node = self._nodes[number]
                places = {memory.of_value[v] for v in step.results if v in memory.of_value}
                under, shared = _place(steps, step, sizes)
                node.size = sum(sizes[i] for i in places) - shared
                if under is not None:
                    root[number] = root.get(of_value[under], of_value[under])
            node.steps.append(index)
            node.duration += duration
            used = {of_value[v] for v in operands} - {number}
            node.uses |= used | {root[u] for u in used if u in root}
            if index in memory.of_scratch:
                node.uses.add(self._add(_Node(f"scratch {index}", 0, sizes[memory.of_scratch[index]])))
            of_value.update(dict.fromkeys(step.results, number))
        ends = {of_value[content(v)] for v in steps.graph.outputs if content(v).data is None}
        self._add(_Node("end", uses=ends | {root[u] for u in ends if u in root}))
        # An input can't be computed again. The plain graph has no word for that: let it cost more than all together.
        spent = sum(node.duration for node in self._nodes)
        for number in inputs:
            self._nodes[number].duration = spent
        self._order = self._sorted()

    def _add(self, node: _Node) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _sorted(self) -> list[int]:
        """Inputs and start, then each node where its last step stands, scratch before its step, then the end."""
        at = [float(max(node.steps, default=-1)) for node in self._nodes]
        at[-1] = float("inf")
        for number, node in enumerate(self._nodes):
            for used in node.uses:
                if self._nodes[used].name.startswith("scratch"):
                    at[used] = at[number] - 0.5
        return sorted(range(len(self._nodes)), key=lambda i: (at[i], i))

    def problem(self, budget: int) -> RematProblem:
        """With a budget for all but the states."""
        nodes = self._nodes
        edges = tuple(sorted((u, v) for v, node in enumerate(nodes) for u in node.uses))
        return RematProblem(
            tuple(f"{number} {node.name}" for number, node in enumerate(nodes)),
            tuple(node.duration for node in nodes),
            tuple(node.size for node in nodes),
            edges,
            tuple(self._order),
            budget,
            joint=True,
        )

    def steps_of(self, answer: Sequence[int]) -> list[int]:
        """The steps of an answer's nodes."""
        return [step for number in answer for step in self._nodes[number].steps]


def _place(steps: Steps, step: Step, sizes: Sequence[int]) -> tuple[Value | None, int]:
    """The operand whose place the result has, and how many bytes of it; of those that are as large or nearly so."""
    memory = steps.problem
    result = memory.of_value.get(step.results[0])
    if step.inplace is not None:
        return content(step.inplace), 0 if result is None else sizes[result]
    found: tuple[Value | None, int] = (None, 0)
    for value in dict.fromkeys(map(content, step.operands)):
        operand = memory.of_value.get(value)
        if result is None or operand is None or len(value.uses) > 1:
            continue
        pairs = ((low, high, memory.distances.get((low, high))) for low, high in ((result, operand), (operand, result)))
        safe = [min(sizes[high], sizes[low] - aligned(d)) for low, high, d in pairs if d is not None]
        shared = max(safe, default=0)
        if shared > found[1] and SPARE * (sizes[operand] - shared) <= shared:
            found = value, shared
    return found


def _joined(steps: Steps) -> dict[int, Value]:
    """Step in place -> the operand whose place it takes, where it reads nothing else and nobody else reads that."""
    computed = {value: step for step in steps.schedule.steps for value in step.results}
    found: dict[int, Value] = {}
    for index, step in enumerate(steps.schedule.steps):
        if step.inplace is None or len(step.ops) > 1:
            continue
        place = content(step.inplace)
        alone = {content(value) for value in step.operands if content(value).data is None} == {place}
        if alone and place in computed and len(computed[place].results) == 1:
            found[index] = place
    return found
