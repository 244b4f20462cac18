"""Plans that put operands over results wherever kernels allow it, as near as they allow it."""

from dataclasses import replace

from edgec.codegen.fusion import Steps
from edgec.codegen.model import Model
from edgec.schedule import MemoryPlan, aligned
from edgec.schedule.packing import Item, check_packing
from edgec.schedule.problem import ALIGN


def at_distance(model: Model) -> Model:
    """The model with each operand exactly at its distance above its step's result, rounded up to the alignment.

    Every second step goes from the last row up if it can, with its operand below. Where another buffer lies there it is
    somewhere else, as is all that may not lie over anything.
    """
    kernels = [k.backward() if i % 2 and k.backward is not None else k for i, k in enumerate(model.kernels)]
    steps = Steps(model.graph, model.schedule, tuple(kernels), model.io_in_arena)
    buffers, distances = steps.problem.buffers, steps.problem.distances
    offsets: dict[int, int] = {}

    def free(buffer: int, start: int) -> bool:
        own = buffers[buffer]
        for other, place in offsets.items():
            that = buffers[other]
            apart = start + aligned(own.bytes) <= place or place + aligned(that.bytes) <= start
            allowed = (other, buffer) in distances and start >= place + distances[other, buffer]
            if own.first < that.last and that.first < own.last and not apart and not allowed:
                return False
        return True

    def top() -> int:
        return max((place + aligned(buffers[b].bytes) for b, place in offsets.items()), default=0)

    # From the last step on: a result is there before its operands, which may be results themselves.
    for (low, high), distance in sorted(distances.items(), key=lambda d: -max(buffers[b].first for b in d[0])):
        down = buffers[low].first > buffers[high].first or (low in offsets and high not in offsets)
        result, operand, apart = (low, high, aligned(distance)) if down else (high, low, -aligned(distance))
        if result not in offsets:
            offsets[result] = top() + max(-apart, 0)
        place = offsets[result] + apart
        if operand not in offsets and place >= 0 and free(operand, place):
            offsets[operand] = place
    for buffer in range(len(buffers)):
        if buffer not in offsets:
            offsets[buffer] = top()
    plan = MemoryPlan(tuple(offsets[b] for b in range(len(buffers))), max(top(), ALIGN), ALIGN)
    items = [Item(b.name, b.first, b.last, b.bytes) for b in buffers]
    check_packing(items, plan.offsets, plan.arena_bytes, ALIGN, distances)
    placed = replace(model, kernels=steps.kernels, problem=steps.problem, plan=plan)
    placed.check()
    return placed
