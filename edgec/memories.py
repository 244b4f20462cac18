"""Several memories (``--memory``): which there are, a model in them, what the manifest says of it."""

from dataclasses import replace
from typing import Any

from edgec.codegen.model import Model
from edgec.codegen.source import step_codes
from edgec.schedule import ALIGN, Constants, Memory, accesses, parse_memories, place, placeable
from edgec.schedule.memories import FLASH_COST, bytes_read
from edgec.schedule.problem import content
from edgec.target import Target

TARGET = "the target"
"""The name of its RAM where it is the only memory, and has no other name."""


def memories_of(target: Target, option: str | None) -> tuple[Memory, ...]:
    """Those of the option, or that the target names, or its RAM; none where there is no limit.

    EdgecError for what names none.
    """
    text = target.memories if option is None else option
    if text or option is not None:
        return parse_memories(text, target.regions, f"target {target.name}" if option is None else "option memory")
    return () if target.ram is None else (Memory(TARGET, target.ram.bytes),)


def in_memories(model: Model, memories: tuple[Memory, ...]) -> Model | None:
    """The model with its buffers in these memories; None where they do not fit. In one memory they are an arena."""
    if len(memories) < 2:
        return model if fits(model, memories) else None
    pays = any(memory.cost < FLASH_COST for memory in memories)
    constants = constants_of(model) if pays else [Constants(0, 0)] * len(model.kernels)
    plan = place(model.problem, memories, accesses(model.schedule, model.problem), constants)
    if plan is None:
        return None
    placed = replace(model, plan=plan)
    placed.check()
    return placed


def fits(model: Model, memories: tuple[Memory, ...]) -> bool:
    """Whether it fits into them: that is known sooner than where everything lies."""
    if len(memories) < 2:
        return all(model.plan.arena_bytes <= memory.bytes for memory in memories)
    return placeable(model.problem, memories, accesses(model.schedule, model.problem))


def constants_of(model: Model) -> list[Constants]:
    """Those of each step as they are packed, and what a run reads of them, as estimated."""
    found = []
    for step, code in zip(model.schedule.steps, step_codes(model), strict=True):
        arrays = [(array.data.nbytes, max(array.align, ALIGN)) for array in code.weights]
        bytes = sum(-(-size // align) * align for size, align in arrays)
        read = sum(bytes_read(op, v) for op in step.ops for v in op.operands if content(v).data is not None)
        found.append(Constants(bytes, max(bytes, read) if arrays else 0))
    return found


def told(model: Model) -> dict[str, Any]:
    """What the manifest says of several memories: their sizes, what is used of them, and in each step.

    ``weights``: of each step the memory of its constants, None where that is flash.
    """
    placement, problem = model.plan.placement, model.problem
    if placement is None:
        return {}
    entries = []
    for number, memory in enumerate(placement.memories):
        inside = [b for b, k in enumerate(placement.of_buffer) if k == number]
        own = problem.only(inside)
        entries.append(
            {
                "name": memory.name,
                "size": memory.bytes,
                "bytes": placement.used[number],
                "cost": memory.cost,
                "weights_bytes": placement.constants[number],
                "accessed_bytes": sum(placement.accesses[b] for b in inside),
                "live_bytes": [own.live_bytes(step) for step in range(len(model.schedule.steps))],
            }
        )
    weights = [None if k is None else placement.memories[k].name for k in placement.of_constants]
    placed = {"cost": placement.cost, "proven": placement.proven, "weights": weights}
    return {"memories": entries, "placement": placed}


def buffers_told(model: Model) -> list[dict[str, Any]]:
    """The manifest's buffers: with several memories each says its own, where its offset is."""
    found = []
    for index, b in enumerate(model.problem.buffers):
        number, offset = model.plan.place(index)
        memory = {} if model.plan.placement is None else {"memory": model.plan.placement.memories[number].name}
        entry = {"name": b.name, "offset": offset, "bytes": b.bytes, "first": b.first, "last": b.last, "kind": b.kind}
        found.append({**entry, **memory})
    return found
