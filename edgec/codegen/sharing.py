"""Steps whose code differs in numbers and names alone share a function, which gets these as parameters."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from edgec.codegen.ctree import Address, Declare, Expr, For, Function, Int, Name, Stmt
from edgec.codegen.model import Model, unique
from edgec.codegen.steps import StepCode, call, function

WORTH = 1 / 64
"""The share of a model's work from which on a step has code of its own where speed and size are balanced.

Work is predicted instructions, or MACs where the target has no table of costs for all steps.
"""


def plan_sharing(
    model: Model, codes: Sequence[StepCode], optimize: str, work: Sequence[int | None] = ()
) -> list[tuple[int, ...]]:
    """Groups of steps that are to share a function, each of two or more; ``work``: their predicted instructions.

    Layers of the same shape always do: that costs nothing. For ``size`` all do that can. In between it's those that
    make up little of the work: a function of its own takes about as many bytes for a small layer as for a large one,
    and is faster by a share of what the layer takes. Loops of kernels that have no MACs are not among them: where their
    bounds are no constants compilers may find no vectors, which makes them slower by orders of magnitude.
    """
    steps = model.schedule.steps
    known = [count for count in work if count is not None]
    spent = known if known and len(known) == len(codes) else [step.macs for step in steps]
    worth = {"size": float("inf"), "balanced": sum(spent) * WORTH, "speed": -1}[optimize]
    same = _grouped(model, codes, range(len(codes)), True)
    shared = [group for group in same if optimize == "size" or all(steps[i].macs for i in group)]
    small = [index for group in shared if sum(spent[i] for i in group) <= worth for index in group]
    groups = [group for group in same if group[0] not in small]
    for alike in _grouped(model, codes, small, False):
        # Many small ones may be much of the work together.
        little = sum(spent[i] for i in alike) <= worth
        groups += [alike] if little else [group for group in same if group[0] in alike]
    return [group for group in groups if len(group) > 1]


def _grouped(model: Model, codes: Sequence[StepCode], indices: Sequence[int], same: bool) -> list[tuple[int, ...]]:
    """Steps by what must be equal if they share a function; ``same``: all but where their data lies."""
    groups: dict[Hashable, list[int]] = {}
    for index in indices:
        code = codes[index]
        types = {**code.constants, **{name: type for name, (type, _) in code.pointers.items()}}
        if same:
            types |= {struct.name: struct.type + repr(struct.fields) for struct in code.structs}
        # Numbers of kernels that do little else but move or convert are of more types than int32_t.
        numbers = not same and model.schedule.steps[index].macs > 0
        groups.setdefault((model.kernels[index].name, _shape(code.statements, types, numbers)), []).append(index)
    return [tuple(group) for group in groups.values()]


@dataclass(frozen=True)
class Shared:
    """The function of several steps of one shape, and the call of each; ``spare``: structs that nothing reads then."""

    function: Function
    calls: list[Stmt]
    spare: set[str]


def shared_function(name: str, codes: Sequence[StepCode]) -> Shared:
    """The function of these steps."""
    merged = _Merged(codes)
    body = merged.of([code.statements for code in codes])
    made = function(name, [(type, name) for name, type in merged.parameters.items()], body)
    return Shared(made, [call(made, arguments) for arguments in zip(*merged.arguments, strict=True)], merged.spare)


def _shape(node: Any, types: Mapping[str, str], numbers: bool) -> Any:
    """What must be the same in steps that share a function: all but the step's own names and, with it, numbers."""
    match node:
        case Int() if numbers:
            return Int
        case Name(text) if text in types:
            return types[text]
        case Declare(ctype, name, value, extent):
            return (Declare, ctype, name, _shape(value, types, numbers), extent is None)
        case For(variable, start, int(), body, step) if numbers:
            return (For, variable, start, _shape(body, types, numbers), step)
        case list() | tuple():
            return tuple(_shape(part, types, numbers) for part in node)
        case _ if is_dataclass(node):
            return (type(node), *(_shape(getattr(node, f.name), types, numbers) for f in fields(node)))
        case _:
            return node


class _Merged:
    """Trees of one shape as one, with parameters for that in which they differ."""

    def __init__(self, codes: Sequence[StepCode]) -> None:
        self._codes = codes
        self.parameters: dict[str, str] = {}
        self.arguments: list[tuple[Expr, ...]] = []
        self.spare: set[str] = set()
        self._known: dict[tuple[Any, ...], Name] = {}

    def of(self, nodes: Sequence[Any]) -> Any:
        """One tree for all of them."""
        first = nodes[0]
        match first:
            case list() | tuple():
                return type(first)(self.of(parts) for parts in zip(*nodes, strict=True))
            case Address(Name(text)) if text in self._codes[0].constants and self._alike(nodes):
                self.spare.update(node.of.text for node in nodes[1:] if node.of.text != text)
                return first
            case Address(Name(text)) if text in self._codes[0].constants:
                return self._parameter(nodes, self._codes[0].constants[text] + " *", "shape")
            case Name(text) if text in self._codes[0].pointers:
                places = [code.pointers[node.text][1] for code, node in zip(self._codes, nodes, strict=True)]
                return self._parameter(
                    places, self._codes[0].pointers[text][0], "scratch" if text == "scratch" else "data"
                )
            case Name(text) if text in self._codes[0].constants:
                return self._parameter(nodes, self._codes[0].constants[text], text.rpartition("_")[2])
            case Int() if any(node != first for node in nodes):
                return self._parameter(nodes, "int32_t", "number")
            case For(stop=int()) if any(node.stop != first.stop for node in nodes):
                stop = self._parameter([Int(node.stop) for node in nodes], "int32_t", "number")
                return replace(first, stop=stop, body=self.of([node.body for node in nodes]))
            case Declare():
                extents = [node.extent for node in nodes]
                extent = None if None in extents else max(extents)
                value = None if first.value is None else self.of([node.value for node in nodes])
                return replace(first, value=value, extent=extent)
            case _ if is_dataclass(first) and not isinstance(first, type):
                parts = {f.name: self.of([getattr(node, f.name) for node in nodes]) for f in fields(first)}
                return replace(first, **parts)
            case _:
                return first

    def _alike(self, nodes: Sequence[Address]) -> bool:
        """Whether the structs at these addresses hold the same."""
        names = [node.of.text for node in nodes if isinstance(node.of, Name)]
        structs = [s for code, name in zip(self._codes, names, strict=True) for s in code.structs if s.name == name]
        return all(s.fields == structs[0].fields for s in structs)

    def _parameter(self, values: Sequence[Expr], type: str, name: str) -> Name:
        """The parameter that has these values, one of each step."""
        key = (type, *values)
        if key not in self._known:
            self._known[key] = Name(unique(name, self.parameters))
            self.parameters[self._known[key].text] = type
            self.arguments.append(tuple(values))
        return self._known[key]
