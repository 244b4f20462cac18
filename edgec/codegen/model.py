"""A compiled model as code generation sees it: graph, schedule, kernels and memory plan, and its C names."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from edgec.codegen.emitter import C_TYPES, Kernel
from edgec.ir import Graph, Quant, Value
from edgec.schedule import MemoryPlan, Problem, Schedule

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
class Model:
    """Everything that codegen needs: ``kernels`` are those of the schedule's steps, in order."""

    name: str
    graph: Graph
    schedule: Schedule
    kernels: tuple[Kernel, ...]
    problem: Problem
    plan: MemoryPlan
    io_in_arena: bool

    def offset(self, value: Value) -> int | None:
        """Offset of a value in the arena, or None if it lies in the caller's memory."""
        index = self.problem.of_value.get(value)
        return None if index is None else self.plan.offsets[index]

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
