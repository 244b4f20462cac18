"""Ways from a program on: what lives through its fullest step is computed again behind it; or that step is parted."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps, regroup
from edgec.ir import Op, Value
from edgec.schedule import Schedule, Step
from edgec.schedule.problem import content

DEEPEST = 4
"""How many steps are computed again at most to have the operands of one."""


def dropped(steps: Steps) -> Iterator[list[int]]:
    """Orders of these steps in which one value more is not kept through the fullest one.

    It is computed again before its next use: by its step alone, or with all steps whose results are gone by then.
    """
    _, fullest = steps.problem.peak
    reads: dict[Value, list[int]] = {}
    made: dict[Value, int] = {}
    for index, step in enumerate(steps.schedule.steps):
        for value in dict.fromkeys(map(content, step.operands)):
            reads.setdefault(value, []).append(index)
        made.update(dict.fromkeys(step.results, index))
    count = len(steps.schedule.steps)
    for value, index in made.items():
        uses = [*reads.get(value, []), *([count] if value in map(content, steps.graph.outputs) else [])]
        later = [use for use in uses if use > fullest]
        if index >= fullest or fullest in uses or not later:
            continue
        at = later[0]
        for again in dict.fromkeys(((index,), _with_operands(steps, index, at, made, reads))):
            yield [*range(at), *again, *range(at, count)]


def parted(steps: Steps, index: int, choose: Callable[[Op], Kernel]) -> Iterator[Steps]:
    """The same steps, but one as two if it is several operators: parted at each place that can be."""
    groups = [(step.ops, kernel) for step, kernel in zip(steps.schedule.steps, steps.kernels, strict=True)]
    if index >= len(groups) or len(groups[index][0]) == 1:
        return
    singles = tuple(Step.of(op) for ops, _ in groups for op in ops)
    apart = replace(steps, schedule=Schedule(singles), kernels=tuple(choose(step.ops[0]) for step in singles))
    ops, kernel = groups[index]
    for cut in range(1, len(ops)):
        inside = {value for op in ops[: cut - 1] for value in op.results}
        if any(content(value) in inside for op in ops[cut:] for value in op.operands):
            continue  # What lies within a step has no memory for others to read.
        parts = [(ops[:cut], kernel), (ops[cut:], kernel)]
        yield regroup(apart, [*groups[:index], *parts, *groups[index + 1 :]], choose)


def _with_operands(
    steps: Steps, index: int, at: int, made: dict[Value, int], reads: dict[Value, list[int]], depth: int = 0
) -> tuple[int, ...]:
    """A step behind those that make what it reads, as far as nobody keeps that until then."""
    chain: list[int] = []
    for value in map(content, steps.schedule.steps[index].operands):
        if value in made and max(reads[value]) < at and depth < DEEPEST:
            chain += _with_operands(steps, made[value], at, made, reads, depth + 1)
    return tuple(dict.fromkeys((*chain, index)))
