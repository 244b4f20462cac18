"""Graph -> Model: kernels, order and addresses, each checked; within a RAM budget if there is one."""

from collections.abc import Callable
from functools import partial

from edgec.budget import Room, fit, prove, too_small
from edgec.cached_costs import cached_costs
from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps, finish, fuse
from edgec.codegen.kernels import candidates, predicted, select
from edgec.codegen.model import Model
from edgec.codegen.source import choose_kernels
from edgec.codegen.thrift import leaner
from edgec.codegen.turning import turned
from edgec.costs import Costs, load_costs
from edgec.ir import Graph, Op
from edgec.memories import fits, in_memories, memories_of
from edgec.options import MOST_BYTES, Options
from edgec.providers.tvm import Provider
from edgec.schedule import check_schedule, plan_memory, program_order
from edgec.schedule.remat.anneal import SLOW, is_compiled
from edgec.target import Target

CACHE = 1 << 21
"""Bytes of an arena from which on it is faster to join steps where memory has caches: strips stay in these."""


def lower(
    graph: Graph,
    target: Target,
    options: Options,
    name: str,
    fused: bool = True,
    choose: Callable[[Op], Kernel] | None = None,
) -> Model:
    """Graph -> kernels, schedule and memory plan, each checked; ``fused``: with steps of several operators.

    ``choose`` gives the kernel of an operator, where it is not to be the best one of the target's. EdgecError where the
    target has less RAM.
    """
    model, _ = _build(graph, target, options, name, fused, choose)
    return _placed(model, target, options)


def lower_within(graph: Graph, target: Target, options: Options, name: str, budget: int) -> Model:
    """The cheapest program found whose arena has at most ``budget`` bytes: the default one if that fits.

    The model's ``fit`` tells what it costs. BudgetError where none was found: it names the smallest one.
    """
    return _within(*_build(graph, target, options, name, every=True), target, options, budget)


def lower_to_fit(graph: Graph, target: Target, options: Options, name: str) -> tuple[Model, tuple[str, ...]]:
    """Within the budget that was given, or within the target's memories if the default build is larger; and notes."""
    memories, asked = memories_of(target, options.memory), options.budget
    default, starts = _build(graph, target, options, name, every=asked is not None)
    if asked is None and fits(default, memories):
        return _placed(default, target, options), ()
    needs = f"the default build needs {default.plan.arena_bytes:,} bytes and was made to fit into the target's memory"
    notes = (*([needs] if asked is None else []), *([] if is_compiled() else [SLOW]))
    budget = min(asked or MOST_BYTES, sum(memory.bytes for memory in memories) or MOST_BYTES)
    model = _within(default, starts, target, options, budget)
    return _placed(model, target, options), notes if model.fit is not None and model.fit.changed else ()


def _within(default: Model, starts: list[Steps], target: Target, options: Options, budget: int) -> Model:
    own, choose = options.kernels == "own", chooser(target, options)
    given = "--ram-budget" if options.ram_budget is not None else f"{default.name} on {target.name}"
    room = Room(budget, given, memories_of(target, options.memory))
    lean = _leaner(target, options, choose)
    return fit(default, starts, room, choose, costs_of(target), partial(plan, name=default.name), lean, own)


def _placed(model: Model, target: Target, options: Options) -> Model:
    """In the memories that there are. EdgecError where it does not fit."""
    memories = memories_of(target, options.memory)
    found = in_memories(model, memories)
    if found is None:
        raise too_small([model], memories, f"{model.name} on {target.name}")
    if found is not model:
        prove(model, found)
    return found


def _build(
    graph: Graph,
    target: Target,
    options: Options,
    name: str,
    fused: bool = True,
    choose: Callable[[Op], Kernel] | None = None,
    every: bool = False,
) -> tuple[Model, list[Steps]]:
    """The default build, and steps that a search for another one may start from: apart, ended, and joined by strips.

    ``every``: joined ones in any case.
    """
    costs = costs_of(target)
    if choose is None:
        choose = chooser(target, options)
        # The kernels of other providers are for whole layers.
        fused = fused and options.kernels == "own"
    schedule = program_order(graph)
    apart = Steps(graph, schedule, choose_kernels(schedule, choose), not options.caller_io)
    steps = finish(apart, choose, costs, options.optimize != "size") if fused else apart
    starts = [steps] if steps is apart else [steps, apart]
    model = plan(steps, name)
    far = target.memory is None and model.plan.arena_bytes > CACHE
    # That costs some instructions and some bytes of code. What already ends with a sum may be in the way of more.
    pays = far or options.optimize == "balanced" or not fits(model, memories_of(target, options.memory))
    ways, lean = [steps], _leaner(target, options, choose)
    if fused and (pays or every):
        joined = [fuse(start, choose) for start in starts]
        if pays:
            ways = [*starts, *joined]
            ways += [fuse(one, choose) for start in starts for one in lean(start)]
        starts += [one for one in joined if one not in starts]
    thrift = pays or options.optimize == "size"
    for one in (form for way in ways if fused for form in (way, *(lean(way) if thrift else (turned(way),)))):
        if one.need[0] < model.plan.arena_bytes:
            model = min((model, plan(one, name)), key=lambda m: m.plan.arena_bytes)
    return model, starts


def _leaner(target: Target, options: Options, choose: Callable[[Op], Kernel]) -> Callable[[Steps], list[Steps]]:
    """What gives the forms of steps that need less memory."""
    costs = costs_of(target) if target.memory is not None and options.kernels == "own" else None
    return partial(leaner, candidates=partial(candidates, families=target.kernels), select=choose, costs=costs)


def chooser(target: Target, options: Options) -> Callable[[Op], Kernel]:
    """What gives the best kernel for an operator. EdgecError where a provider of kernels is not there."""
    own = partial(select, families=target.kernels, costs=costs_of(target))
    if options.kernels == "own":
        return own
    provider = Provider(target)
    return lambda op: provider.kernel(op) or own(op)


def plan(steps: Steps, name: str) -> Model:
    """Steps -> memory plan, both checked."""
    graph, problem = steps.graph, steps.problem
    check_schedule(graph, steps.schedule)
    model = Model(name, graph, steps.schedule, steps.kernels, problem, plan_memory(problem), steps.io_in_arena)
    model.check()
    return model


def costs_of(target: Target) -> Costs | None:
    """What kernels cost on a target, where it was measured: on this machine by ``edgec tune --target host``."""
    if target.arch == "host":
        return cached_costs(target)[0]
    return None if target.costs is None else load_costs(target.costs)


def predictions(model: Model, costs: Costs | None) -> list[int | None]:
    """Instructions of each step by the target's table; None where it doesn't know a kernel of it."""

    found = [None if costs is None else predicted([kernel], costs) for kernel in model.kernels]
    return [None if count is None else round(count) for count in found]
