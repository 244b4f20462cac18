"""Values, operators and the graph: static single assignment, straight-line, every operator pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from types import UnionType
from typing import Any, ClassVar, Optional, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from edgec.ir.types import DType, TensorType

Array = NDArray[Any]


class IRError(ValueError):
    """A graph that breaks a rule of the IR; a defect of the pass or importer that made it."""


class Value:
    """One tensor: the result of an operator, or an input of the graph (then ``producer`` is None).

    ``uses`` holds each operator that reads the value, once per operand position.
    """

    __match_args__ = ("producer",)

    def __init__(self, name: str, type: TensorType, producer: Optional["Op"] = None) -> None:
        self.name = name
        self.type = type
        self.producer = producer
        self.uses: list[Op] = []

    def __repr__(self) -> str:
        return f"%{self.name}"

    @property
    def shape(self) -> tuple[int, ...]:
        """The static shape."""
        return self.type.shape

    @property
    def data(self) -> Array | None:
        """The elements if the value is a constant, else None."""
        return self.producer.data if isinstance(self.producer, Const) else None


@dataclass(eq=False)
class Op:
    """Base of all operators: a dataclass whose Value fields are operands and whose other fields are attributes."""

    opname: ClassVar[str] = ""
    results: list[Value] = field(init=False, repr=False, default_factory=list)
    source: str = field(kw_only=True, repr=False, default="")
    """Where the operator came from: the name of the ONNX node. Not in the text; ``dataclasses.replace`` keeps it."""

    def __init_subclass__(cls) -> None:
        # Conv2d -> conv2d, AveragePool2d -> average_pool2d: the class name is the name in .eir text.
        cls.opname = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @property
    def result(self) -> Value:
        """The only result."""
        (value,) = self.results
        return value

    @property
    def operands(self) -> list[Value]:
        """All values that the operator reads, in field order, variadic ones expanded, absent ones left out."""
        found: list[Value] = []
        for name, variadic in operand_fields(type(self)):
            value = getattr(self, name)
            if variadic:
                found.extend(value)
            elif value is not None:
                found.append(value)
        return found

    def infer(self) -> list[TensorType]:
        """Types of the results, from operands and attributes; raises IRError where they do not fit."""
        raise NotImplementedError(type(self).__name__)

    def macs(self) -> int:
        """Multiply-accumulates of one inference (0 for what does not multiply and accumulate)."""
        return 0

    def _set_operand(self, old: Value, new: Value) -> None:
        for name, variadic in operand_fields(type(self)):
            current = getattr(self, name)
            if variadic:
                setattr(self, name, tuple(new if v is old else v for v in current))
            elif current is old:
                setattr(self, name, new)


_OPERAND_FIELDS: dict[type[Op], tuple[tuple[str, bool], ...]] = {}


def operand_fields(cls: type[Op]) -> tuple[tuple[str, bool], ...]:
    """``(field name, is variadic)`` of each operand field of an operator class."""
    if cls not in _OPERAND_FIELDS:
        hints = get_type_hints(cls)
        found = []
        for f in fields(cls):
            hint = hints[f.name]
            if not f.init:
                continue
            if hint is Value or (get_origin(hint) is UnionType and Value in get_args(hint)):
                found.append((f.name, False))
            elif get_origin(hint) is tuple and get_args(hint)[:1] == (Value,):
                found.append((f.name, True))
        _OPERAND_FIELDS[cls] = tuple(found)
    return _OPERAND_FIELDS[cls]


def attribute_fields(cls: type[Op]) -> tuple[str, ...]:
    """Names of the attribute fields of an operator class."""
    other = {"source", *(name for name, _ in operand_fields(cls))}
    return tuple(f.name for f in fields(cls) if f.init and f.name not in other)


@dataclass(eq=False)
class Const(Op):
    """A tensor known at compile time."""

    data: Array

    def infer(self) -> list[TensorType]:
        """The type of the data."""
        return [TensorType(DType.of(self.data.dtype), self.data.shape)]


@dataclass(eq=False)
class Return(Op):
    """The end of the graph: its operands are the outputs."""

    values: tuple[Value, ...]

    def infer(self) -> list[TensorType]:
        """No results."""
        return []


class Graph:
    """A straight-line program: ``inputs``, then ``ops`` in execution order, the last of them a Return.

    ``input_names`` and ``output_names`` are the model's own, whatever characters they have. ``states`` maps an input to
    the name of the output that is its value in the next run; in the first one it is zero. Callers see neither of them.

    Mutation goes through ``insert``, ``replace`` and ``erase``, which keep ``Value.uses`` right. What a replacement
    leaves without a reader is erased at once, so that ``uses`` never counts the dead. ``version`` grows with every
    mutation: two equal readings mean that nothing changed in between.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs: list[Value] = []
        self.input_names: list[str] = []
        self.states: dict[Value, str] = {}
        self.output_names: list[str] = []
        self.ops: list[Op] = []
        self._names: set[str] = set()
        self._numbers: dict[str, int] = {}  # name -> a number below which all of that name are taken
        self._members: set[int] = set()
        self.version = 0

    # --- reading ---------------------------------------------------------------------------------------------------

    def __contains__(self, op: Op) -> bool:
        return id(op) in self._members

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops)

    @property
    def end(self) -> Return:
        """The Return at the end."""
        last = self.ops[-1] if self.ops else None
        if not isinstance(last, Return):
            raise IRError(f"graph @{self.name} does not end in a return")
        return last

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The values that the graph returns."""
        return self.end.values

    @property
    def given(self) -> dict[str, Value]:
        """Name -> value of the inputs that the caller gives: all but the states."""
        return {n: v for n, v in zip(self.input_names, self.inputs, strict=True) if v not in self.states}

    @property
    def returned(self) -> dict[str, Value]:
        """Name -> value of the outputs that the caller gets: all but the states."""
        states = set(self.states.values())
        return {n: v for n, v in zip(self.output_names, self.outputs, strict=True) if n not in states}

    def values(self) -> Iterator[Value]:
        """Inputs, then every result in order."""
        yield from self.inputs
        for op in self.ops:
            yield from op.results

    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(op.macs() for op in self.ops)

    # --- building --------------------------------------------------------------------------------------------------

    def fresh(self, hint: str) -> str:
        """An unused value name close to ``hint`` (letters, digits, ``_`` and ``.``)."""
        base = re.sub(r"[^A-Za-z0-9_.]+", "_", hint).strip(".") or "v"
        name, number = base, self._numbers.get(base, 0)
        while name in self._names:
            number += 1
            name = f"{base}.{number}"
        self._names.add(name)
        self._numbers[base] = number
        return name

    def input(self, name: str, type: TensorType) -> Value:
        """Add an input; the value's name is close to the given one."""
        value = Value(self.fresh(name), type)
        self.inputs.append(value)
        self.input_names.append(name)
        return value

    def insert(
        self,
        op: Op,
        before: Op | None = None,
        *,
        names: Iterable[str] = (),
        types: Iterable[TensorType] | None = None,
        source: str = "",
    ) -> Op:
        """Add ``op`` before another operator (at the end by default); result types are inferred unless given."""
        result_types = list(op.infer() if types is None else types)
        hints = [*names][: len(result_types)]
        hints += [op.opname] * (len(result_types) - len(hints))
        op.results = [Value(self.fresh(h), t, op) for h, t in zip(hints, result_types, strict=True)]
        op.source = source or op.source
        for value in op.operands:
            value.uses.append(op)
        self.ops.insert(len(self.ops) if before is None else self._index(before), op)
        self._members.add(id(op))
        self.version += 1
        return op

    def const(self, data: Array, name: str = "const", before: Op | None = None) -> Value:
        """Add a constant; an operator that reads it must come after ``before``'s place."""
        return self.insert(Const(np.asarray(data, order="C")), before, names=[name]).result

    def returns(self, values: Mapping[str, Value]) -> Return:
        """End the graph: output name -> value."""
        self.output_names = list(values)
        op = Return(tuple(values.values()))
        self.insert(op)
        return op

    # --- rewriting -------------------------------------------------------------------------------------------------

    def replace(self, op: Op, new: Op | Value, type: TensorType | None = None) -> Value:
        """Put ``new`` in the place of a single-result ``op``: its readers read ``new``; returns the new value.

        A new operator takes over the name and the type's quantization of the old one, and its source if it has none.
        """
        old = op.result
        if isinstance(new, Op):
            if type is None:
                (inferred,) = new.infer()
                same = old.type.shape == inferred.shape and old.type.dtype == inferred.dtype
                type = old.type if same else inferred
            value = self.insert(new, op, names=[old.name], types=[type], source=new.source or op.source).result
            self._free([value.name])
            value.name = old.name
        else:
            value = new
        self.redirect(old, value)
        self.erase(op)
        self._names.add(value.name)
        return value

    def redirect(self, old: Value, new: Value, readers: Iterable[Op] | None = None) -> None:
        """Let every reader of ``old``, or those given, read ``new``."""
        self.version += 1
        chosen = dict.fromkeys(old.uses if readers is None else readers)
        for user in chosen:
            count = old.uses.count(user)
            user._set_operand(old, new)
            new.uses.extend([user] * count)
        old.uses = [user for user in old.uses if user not in chosen]

    def erase(self, op: Op) -> None:
        """Remove an operator nobody reads, then each producer of its operands that thereby loses its last reader."""
        if any(value.uses for value in op.results):
            raise IRError(f"{op.opname} %{op.results[0].name} is still read")
        self.version += 1
        self.ops.pop(self._index(op))
        self._members.discard(id(op))
        self._free(v.name for v in op.results)
        for value in op.operands:
            value.uses.remove(op)
        for producer in dict.fromkeys(v.producer for v in op.operands):
            if producer is not None and producer in self and not any(v.uses for v in producer.results):
                self.erase(producer)

    def move(self, op: Op, before: Op) -> None:
        """Move an operator to just before another."""
        self.version += 1
        self.ops.pop(self._index(op))
        self.ops.insert(self._index(before), op)

    def rename(self, value: Value, name: str) -> None:
        """Give a value another name, or one close to it if that is taken."""
        self._free([value.name])
        value.name = self.fresh(name)

    def copy(self) -> "Graph":
        """A graph with values and operators of its own, equal in names, types and attributes; constants share data."""
        twin = Graph(self.name)
        values = {value: twin.input(value.name, value.type) for value in self.inputs}
        twin.input_names = list(self.input_names)
        twin.states = {values[value]: output for value, output in self.states.items()}
        for op in self.ops:
            operands: dict[str, Any] = {}
            for name, variadic in operand_fields(type(op)):
                old = getattr(op, name)
                operands[name] = tuple(values[v] for v in old) if variadic else None if old is None else values[old]
            new = replace(op, **operands)
            twin.insert(new, names=[v.name for v in op.results], types=[v.type for v in op.results])
            values.update(zip(op.results, new.results, strict=True))
        twin.output_names = list(self.output_names)
        return twin

    def _free(self, names: Iterable[str]) -> None:
        self._names.difference_update(names)
        self._numbers.clear()

    def _index(self, op: Op) -> int:
        for position, other in enumerate(self.ops):
            if other is op:
                return position
        raise IRError(f"{op.opname} is not in graph @{self.name}")
