"""Kernels that need less memory, where that makes the fullest step smaller: some more instructions for fewer bytes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import inf

from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps
from edgec.codegen.kernels.chains import lower_chain
from edgec.codegen.kernels.endings import ended
from edgec.codegen.kernels.registry import predicted
from edgec.codegen.turning import turned
from edgec.costs import Costs
from edgec.ir import Op
from edgec.ir.ops import Add, Sub
from edgec.schedule import Step

DEAREST = 1.35
"""A kernel that takes more than so many times what the best one takes is not worth its bytes."""

FEWER_ROWS = (3, 1)
"""Of strips of steps that are several operators: what a strip has at least, where less memory is wanted."""

Candidates = Callable[[Op], Iterable[Kernel]]


def leaner(steps: Steps, candidates: Candidates, select: Callable[[Op], Kernel], costs: Costs | None) -> list[Steps]:
    """The same steps in forms that need less memory; without a table of costs only the order of rows is another."""
    forms = [turned(steps)]
    if costs is not None:
        lean = thrifty(steps, candidates, select, costs)
        # Not all that may lie over each other can: where it leads too far off, less scratch is of use.
        apart = thrifty(lean, candidates, select, costs, lean.need[0])
        forms += [lean, turned(lean), apart, turned(apart)]
    return [form for number, form in enumerate(forms) if form not in (steps, *forms[:number])]


def thrifty(
    steps: Steps, candidates: Candidates, select: Callable[[Op], Kernel], costs: Costs, apart: int | None = None
) -> Steps:
    """The same steps in as little memory as kernels allow: each by its cheapest kernel that needs no more than that.

    ``candidates`` gives all kernels of an operator, ``select`` the best one. What a step needs does not depend on the
    kernels of the others: the least that the fullest one can do with is the least for all. ``apart``: instead, all that
    can are to need so many bytes at most with no operand over a result.
    """
    needs = [_need(steps, index, kernel, apart is None) for index, kernel in enumerate(steps.kernels)]
    least, known = apart or 0, {}
    for index in sorted(range(len(needs)), key=lambda i: (-needs[i], i)):
        if needs[index] <= least:
            break
        own = steps.kernels[index]
        found = _worth([own, *_others(steps.schedule.steps[index], candidates, select, costs)], costs)
        known[index] = [(_need(steps, index, kernel, apart is None), kernel) for kernel in (own, *found)]
        if apart is None:
            least = max(least, min(need for need, _ in known[index]))
    kernels = list(steps.kernels)
    for index, choices in known.items():
        fitting = [kernel for need, kernel in choices if need <= least]
        if fitting and needs[index] > least:
            kernels[index] = min(fitting, key=lambda kernel: _cost(kernel, costs))
    return replace(steps, kernels=tuple(kernels))


def _worth(kernels: Iterable[Kernel], costs: Costs) -> list[Kernel]:
    """Those that take not much more than the best of them."""
    found = [(_cost(kernel, costs), kernel) for kernel in kernels]
    best = min(cost for cost, _ in found)
    return [kernel for cost, kernel in found if cost <= DEAREST * best < inf]


def _others(step: Step, candidates: Candidates, select: Callable[[Op], Kernel], costs: Costs) -> Iterator[Kernel]:
    """Other kernels of a step, the best first."""
    first, *more = step.ops
    if not more:
        yield from candidates(first) if step.inplace is None else ()
        return
    if len(more) == 1 and isinstance(more[0], Add | Sub):
        found = (ended(kernel, more[0], first.results[0], select) for kernel in candidates(first))
        yield from (k for k in found if k is not None and (k.once or step.inplace is None))

    def frugal(op: Op) -> Kernel:
        return min(_worth(candidates(op), costs), key=lambda k: k.scratch, default=select(op))

    for choose in (select, frugal):
        chains = (lower_chain(step.ops, choose, rows) for rows in FEWER_ROWS)
        yield from (kernel for kernel in chains if kernel is not None)


def _need(steps: Steps, index: int, kernel: Kernel, over: bool) -> int:
    """What a step needs with that kernel; ``over``: with operands over results."""
    kernels = (*steps.kernels[:index], kernel, *steps.kernels[index + 1 :])
    problem = (steps if kernel is steps.kernels[index] else replace(steps, kernels=kernels)).problem
    return (problem if over else replace(problem, distances={})).live_bytes(index)


def _cost(kernel: Kernel, costs: Costs) -> float:
    """Of a kernel that the table doesn't know: more than any other."""
    found = predicted((kernel,), costs, costs.unit)
    return inf if found is None else found
