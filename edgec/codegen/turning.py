"""Which steps go from the last row up: results lie below their operands where steps go down, above where they go up.

Where all go the same way each result is a little further off than its operand, and the arena has to hold the whole way.
"""

from dataclasses import replace

from edgec.codegen.fusion import Steps


def turned(steps: Steps) -> Steps:
    """The same steps, of which some go up, so that places of buffers that lie over each other stay near."""
    problem = steps.problem
    pairs = {max(pair, key=lambda b: problem.buffers[b].first): (pair, d) for pair, d in problem.distances.items()}
    places: dict[int, int] = {}
    spans: dict[int, tuple[int, int]] = {}
    """By the buffer at which a way begins: the lowest place on it, and the highest one."""
    begins: dict[int, int] = {}
    kernels = list(steps.kernels)
    for index, step in enumerate(steps.schedule.steps):
        result = problem.of_value.get(step.results[0])
        if result not in pairs or problem.buffers[result].first != index:
            continue
        (_, operand), distance = pairs[result]
        begin = begins.setdefault(operand, operand)
        low, high = spans.get(begin, (0, 0))
        place = places.get(operand, 0)
        down, up = place - distance, None
        back = kernels[index].backward
        turned = None if back is None else back()
        if turned is not None:
            safe = [turned.below.get(v) for v in step.operands if problem.of_value.get(v) == operand]
            up = None if None in safe else place + max(d for d in safe if d is not None)
        reached = down if up is None or max(high, down) - min(low, down) <= max(high, up) - min(low, up) else up
        if reached == up and turned is not None and up != down:
            kernels[index] = turned
        places[result], begins[result] = reached, begin
        spans[begin] = min(low, reached), max(high, reached)
    return replace(steps, kernels=tuple(kernels))
