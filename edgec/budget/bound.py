"""What steps need by themselves, in whatever order they run, and who holds it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from edgec.codegen.fusion import Steps
from edgec.ir import Value
from edgec.schedule import ALIGN
from edgec.schedule.packing.items import Item, rectangles


@dataclass(frozen=True)
class Holder:
    """Bytes that are needed at one time: by whom, and the names of the buffers."""

    bytes: int
    who: str
    buffers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.who}, holding {', '.join(self.buffers)}"


def fullest(steps: Steps) -> Holder:
    """The step that needs most by itself: what it reads, writes and computes in, and the states.

    At the start it is all inputs, at the end all outputs. No order and no recomputation of these steps needs less.
    """
    return max(_sets(steps), key=lambda holder: holder.bytes)


def held(steps: Steps, index: int) -> Holder:
    """What is alive in a step in its order."""
    index = min(index, len(steps.schedule.steps) - 1)
    alive = [i for i, b in enumerate(steps.problem.buffers) if b.first <= index < b.last]
    return Holder(_bytes(steps, alive), _name(steps, index), _names(steps, alive))


def _sets(steps: Steps) -> Iterator[Holder]:
    memory, graph = steps.problem, steps.graph
    states = {memory.of_value[v] for v in graph.states if v in memory.of_value}

    def holder(who: str, values: Collection[Value], scratch: Sequence[int] = ()) -> Holder:
        touched = sorted(states | {memory.of_value[v] for v in values if v in memory.of_value} | {*scratch})
        return Holder(_bytes(steps, touched), who, _names(steps, touched))

    yield holder("the inputs", graph.inputs)
    for index, step in enumerate(steps.schedule.steps):
        scratch = [memory.of_scratch[index]] if index in memory.of_scratch else []
        yield holder(_name(steps, index), [*step.operands, *step.results], scratch)
    yield holder("the outputs", graph.outputs)


def _bytes(steps: Steps, buffers: Sequence[int]) -> int:
    """Of buffers that are alive at the same time, less what pairs of them may share."""
    place = {buffer: i for i, buffer in enumerate(buffers)}
    items = [Item(str(i), 0, 1, steps.problem.buffers[i].bytes) for i in buffers]
    pairs = steps.problem.distances.items()
    gaps = {(place[a], place[b]): d for (a, b), d in pairs if a in place and b in place}
    found = rectangles(items, ALIGN, gaps)
    return found.bound * found.unit


def _name(steps: Steps, index: int) -> str:
    if index < 0:
        return "no step"
    step = steps.schedule.steps[index]
    return f"{step.opname} {step.ops[-1].source or step.results[0].name}"


def _names(steps: Steps, buffers: Sequence[int]) -> tuple[str, ...]:
    return tuple(steps.problem.buffers[i].name for i in buffers)
