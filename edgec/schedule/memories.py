"""The memories that buffers are placed in, as ``--memory`` names them, and how often each buffer is accessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from edgec.errors import EdgecError
from edgec.ir import Op, Value
from edgec.schedule.problem import ALIGN, Problem, Schedule
from edgec.sizes import parse_bytes

SPEEDS = {"fast": 1.0, "": 2.0, "slow": 4.0}
"""What a byte's access costs, by the word behind ``@``: figures to compare, of no unit."""

FLASH_COST = SPEEDS[""]
"""What a byte's access costs where constants are if no memory holds them."""

KEPT = 4
"""For how many products kernels keep a factor in a register, about."""

LARGEST = 1 << 53
"""Of sizes in bytes: what doubles hold exactly."""

_FORM = "write NAME=SIZE, as in sram1=128K,sram2=32K@fast"


@dataclass(frozen=True)
class Memory:
    """One memory: a C identifier, the bytes that buffers may take of it, and the relative cost of a byte's access."""

    name: str
    bytes: int
    cost: float = SPEEDS[""]


@dataclass(frozen=True)
class Constants:
    """Those of one step: their bytes, and how many bytes of them a run reads."""

    bytes: int
    accesses: int


def parse_memories(text: str, regions: Mapping[str, int], where: str = "option memory") -> tuple[Memory, ...]:
    """``sram1=128K,sram2=32K@fast`` -> memories, in that order.

    ``@`` is followed by ``fast``, ``slow`` or the cost of a byte's access: without it, that is 2, ``fast`` is 1 and
    ``slow`` 4. ``regions`` are those of the target, by name: they need no size, and may have no larger one.
    EdgecError for anything else; ``where`` is where the text stands.
    """
    memories: list[Memory] = []
    for part in text.split(","):
        memory = _parse(part.strip(), regions, where)
        # Macros are in upper case.
        if memory.name.upper() in [other.name.upper() for other in memories]:
            raise EdgecError(where, f"names {memory.name} twice", "give each memory a name of its own")
        memories.append(memory)
    return tuple(memories)


def _parse(part: str, regions: Mapping[str, int], where: str) -> Memory:
    told, at, speed = part.partition("@")
    name, equals, size = told.partition("=")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise EdgecError(where, f"{part!r} begins with no name", _FORM)
    if equals:
        given = parse_bytes(size)
        if given is None:
            hint = "write bytes: 131072, 128K, 128KiB or 1M"
            raise EdgecError(where, f"{name} has the size {size!r}", hint)
        found = given
    elif name in regions:
        found = regions[name]
    else:
        known = ", ".join(regions)
        hint = f"{_FORM}; without sizes the target's own: {known}" if known else _FORM
        raise EdgecError(where, f"{name} has no size", hint)
    if found < ALIGN:
        raise EdgecError(where, f"{name} has {found} bytes", f"a memory has at least {ALIGN} bytes")
    if found > LARGEST:
        raise EdgecError(where, f"{name} has more than 2^53 bytes", "give its size in bytes, K or M")
    if found > regions.get(name, LARGEST):
        hint = "give no more than the target has, or another name"
        raise EdgecError(where, f"{name} has {found} bytes, the target's {regions[name]}", hint)
    return Memory(name, found, _cost(name, speed, where) if at else SPEEDS[""])


def _cost(name: str, speed: str, where: str) -> float:
    if speed in SPEEDS and speed:
        return SPEEDS[speed]
    try:
        cost = float(speed)
    except ValueError:
        cost = -1.0
    if not 0 < cost <= 1e6:
        hint = "write @fast, @slow, or what a byte's access costs, as @1.5"
        raise EdgecError(where, f"{name} is {speed!r}", hint)
    return cost


def accesses(schedule: Schedule, problem: Problem) -> tuple[int, ...]:
    """Bytes of each buffer of the problem that are read and written in a run: an estimate, to compare buffers by.

    What an operator reads, it reads once, and what it gives, it writes once. But factors are read again and again: from
    scratch for each product, where the step has some, as operands are copied there first; else see ``bytes_read``.
    """
    found = [0] * len(problem.buffers)
    for index, step in enumerate(schedule.steps):
        scratch = problem.of_scratch.get(index)
        for op in step.ops:
            for operand in op.operands:
                if operand in problem.of_value:
                    read = bytes_read(op, operand) if scratch is None else operand.type.bytes
                    found[problem.of_value[operand]] += read
            for result in op.results:
                if result in problem.of_value:
                    found[problem.of_value[result]] += result.type.bytes
        if scratch is not None:
            products = sum(op.macs() * _element(op.operands[0]) for op in step.ops if op.macs())
            found[scratch] += max(2 * problem.buffers[scratch].bytes, products)
    return tuple(found)


def bytes_read(op: Op, operand: Value) -> int:
    """How many bytes of an operand an operator reads: those that it multiplies for every KEPT products, others once."""
    factors = op.operands[:2] if op.macs() else []
    return max(operand.type.bytes, op.macs() * _element(operand) // KEPT if operand in factors else 0)


def _element(value: Value) -> int:
    return max(1, value.type.bytes // max(1, value.type.elements))
