"""A compiled model as code generation sees it: graph, schedule, kernels and memory plan, and its C names."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from edgec.codegen.emitter import C_TYPES, Kernel
from edgec.ir import Graph, Quant, Value
from edgec.schedule import MemoryPlan, Problem, Schedule, check_plan
from edgec.schedule.fit import Fit

_KEYWORDS = frozenset(
    """auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile
    while""".split()  # noqa: SIM905 - words are easier to read than a list of strings
)


def c_identifier(name: str) -> str:
    """A valid C identifier close to ``name``."""
    text = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"_{text}" if not text or text[0].isdigit() or text in _KEYWORDS else text


def unique(name: str, taken: Collection[str]) -> str:
    """``name``, or the first of ``name_2``, ``name_3``, ... that is not taken."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


@dataclass(frozen=True)
class Port:
    """One input or output of the model."""

    name: str
    c_name: str
    value: Value

    @property
    def ctype(self) -> str:
        """The C type of its elements."""
        return C_TYPES[self.value.type.dtype]

    @property
    def quant(self) -> Quant | None:
        """What its elements stand for, if they are integers with one scale."""
        quant = self.value.type.quant
        return quant if quant is not None and quant.axis is None else None


@dataclass(frozen=True)
class Place:
    """Where a buffer lies: the C name of the pointer to its memory's first byte, and its offset there."""

    base: str
    offset: int


@dataclass(frozen=True)
class Model:
    """Everything that codegen needs: ``kernels`` are those of the schedule's steps, in order."""

    name: str
    graph: Graph
    schedule: Schedule
    kernels: tuple[Kernel, ...]
    problem: Problem
    plan: MemoryPlan
    io_in_arena: bool
    fit: Fit | None = None
    """How it came into a RAM budget, if there was one."""

    def check(self) -> None:
        """Replay the plan's addresses; IRError where they do not hold."""
        problem, plan = self.problem, self.plan
        offsets = {value: plan.offsets[buffer] for value, buffer in problem.of_value.items()}
        scratch = {s: (plan.offsets[buffer], problem.buffers[buffer].bytes) for s, buffer in problem.of_scratch.items()}
        distances, below = [k.distances for k in self.kernels], [k.below for k in self.kernels]
        check_plan(self.graph, self.schedule, plan.arena_bytes, offsets, scratch, plan.borders, distances, below)

    def memory_of_constants(self, step: int) -> str:
        """The C name of the memory in which a step's constants lie; empty where that is flash."""
        placement = self.plan.placement
        number = None if placement is None else placement.of_constants[step]
        return "" if placement is None or number is None else c_identifier(placement.memories[number].name)

    def overlaps(self, index: int) -> list[dict[str, Any]]:
        """The operands with which a step's result shares bytes of the arena, though not in place, and where they begin.

        ``above``: how far above the result; ``distance``: how far the upper one of both has to begin above the other.
        """
        step, found = self.schedule.steps[index], []
        result = self.problem.of_value.get(step.results[0])
        for operand in step.operands:
            other = self.problem.of_value.get(operand)
            if result is None or other is None or other == result:
                continue
            above = self.plan.offsets[other] - self.plan.offsets[result]
            shared = -operand.type.bytes < above < step.results[0].type.bytes
            distance = self.problem.distances.get((result, other) if above >= 0 else (other, result))
            if shared and distance is not None:
                found.append({"operand": operand.name, "distance": distance, "above": above})
        return found

    def place(self, value: Value) -> Place | None:
        """Where a value lies in the arena, or in one of several memories; None if it is in the caller's own buffers."""
        index = self.problem.of_value.get(value)
        return None if index is None else self.place_of(index)

    def place_of(self, buffer: int) -> Place:
        """Where a buffer of the problem lies."""
        memory, offset = self.plan.place(buffer)
        return Place(self.bases[memory][0], offset)

    @cached_property
    def bases(self) -> dict[int, tuple[str, str]]:
        """Number of a memory with buffers -> the name of the pointer to its first byte, and what the caller gives."""
        placement = self.plan.placement
        if placement is None:
            return {0: ("base", "arena")}
        named = [(k, c_identifier(m.name)) for k, m in enumerate(placement.memories) if placement.used[k]]
        # Without an underscore: other names have one.
        return {k: (f"base{k}", f"memories->{name}") for k, name in named}

    @property
    def memories(self) -> tuple[tuple[str, int], ...]:
        """C names of several memories, and the bytes that the caller gives of each; none where there is an arena.

        Those without buffers are not among them: they have constants only, or nothing.
        """
        placement = self.plan.placement
        if placement is None:
            return ()
        given = zip(placement.memories, placement.used, strict=True)
        return tuple((c_identifier(memory.name), used) for memory, used in given if used)

    @property
    def inputs(self) -> list[Port]:
        """The inputs that the caller gives."""
        return _ports(self.graph.given)

    @property
    def outputs(self) -> list[Port]:
        """The outputs that the caller gets."""
        return _ports(self.graph.returned)

    @property
    def quantized(self) -> dict[Port, str]:
        """The inputs and outputs that are quantized, each with the stem of the macros that say how."""
        stems: dict[Port, str] = {}
        for port in (*self.inputs, *self.outputs):
            if port.quant is not None and port not in stems:
                stems[port] = unique(f"{self.name}_{port.c_name}".upper(), stems.values())
        return stems

    @property
    def states(self) -> list[tuple[Port, str]]:
        """Inputs that are kept between runs, each with the output that is its next value."""
        named = zip(self.graph.input_names, self.graph.inputs, strict=True)
        ports = _ports({n: v for n, v in named if v in self.graph.states})
        return [(port, self.graph.states[port.value]) for port in ports]


def _ports(named: Mapping[str, Value]) -> list[Port]:
    ports: list[Port] = []
    for name, value in named.items():
        ports.append(Port(name, unique(c_identifier(name), {p.c_name for p in ports}), value))
    return ports
