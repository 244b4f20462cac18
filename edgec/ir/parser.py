"""``.eir`` text and its arrays -> Graph. The inverse of the printer, with errors that name the line."""

import re
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, NoReturn, get_args, get_origin, get_type_hints

import numpy as np

from edgec.ir import ops as _ops
from edgec.ir.graph import Array, Const, Graph, Op, Value, attribute_fields, operand_fields
from edgec.ir.ops import Clamp
from edgec.ir.storage import restored
from edgec.ir.types import NM, NUMBERS, DType, Quant, TensorType

Arrays = Callable[[str, TensorType], Array]
"""Looks a named array up, given the type that the text states for it."""

_TOKEN = re.compile(
    r"\s*(?:(?P<value>%[\w.]+)|(?P<array>@[\w.]+)|(?P<number>-?(?:inf|nan|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?))(?![\w.])"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<string>'(?:[^'\\]|\\.)*')|(?P<punct>[\[\]{}(),:=]))"
)


class ParseError(ValueError):
    """Text that is not ``.eir``; the message names the line."""


def operator_classes() -> dict[str, type[Op]]:
    """Name in the text -> operator class."""
    found = [c for c in vars(_ops).values() if isinstance(c, type) and issubclass(c, Op) and c is not Op]
    return {c.opname: c for c in found}


def parse_graph(text: str, arrays: Mapping[str, Array] | Arrays | None = None) -> Graph:
    """Read one graph; ``arrays`` holds (or makes) what the text names with ``@``. Raises ParseError."""
    if arrays is None or isinstance(arrays, Mapping):
        table: Mapping[str, Array] = arrays or {}

        def lookup(name: str, type: TensorType) -> Array:
            if name not in table:
                raise ParseError(f"array @{name} is not in the sidecar")
            return table[name]

        return _Parser(text, lookup).graph()
    return _Parser(text, arrays).graph()


class _Parser:
    def __init__(self, text: str, arrays: Arrays) -> None:
        self.lines = text.splitlines()
        self.row = 0
        self.arrays = arrays
        self.values: dict[str, Value] = {}
        self.tokens: list[tuple[str, str]] = []
        self.classes = operator_classes()

    def fail(self, message: str) -> NoReturn:
        raise ParseError(f"line {self.row}: {message}")

    def next_line(self) -> None:
        """Load the tokens of the next line that is neither empty nor a comment."""
        self.tokens = []
        while not self.tokens:
            self.row += 1
            if self.row > len(self.lines):
                self.fail("the text ends inside a graph")
            line, position = self.lines[self.row - 1].rstrip(), 0
            while position < len(line) and not line[position:].lstrip().startswith("//"):
                match = _TOKEN.match(line, position)
                if match is None:
                    self.fail(f"cannot read {line[position:].strip()!r}")
                self.tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
                position = match.end()

    def peek(self) -> str:
        return self.tokens[0][1] if self.tokens else ""

    def take(self, expected: str | None = None, kind: str | None = None) -> str:
        if not self.tokens:
            self.fail(f"the line ends where {expected or kind or 'more'} should stand")
        found_kind, found = self.tokens.pop(0)
        if (expected is not None and found != expected) or (kind is not None and found_kind != kind):
            self.fail(f"expected {expected or kind}, found {found!r}")
        return found

    def listed(self, opening: str, closing: str, item: Callable[[], Any]) -> list[Any]:
        """``opening item, item closing``, a trailing comma allowed."""
        self.take(opening)
        items = []
        while self.peek() != closing:
            items.append(item())
            if self.peek() != closing:
                self.take(",")
        self.take(closing)
        return items

    # --- grammar ---------------------------------------------------------------------------------------------------

    def graph(self) -> Graph:
        try:
            return self._graph()
        except ParseError:
            raise
        except (ValueError, KeyError, TypeError, IndexError) as error:
            self.fail(str(error))

    def _graph(self) -> Graph:
        self.next_line()
        self.take("graph")
        graph = Graph(self.take(kind="array")[1:])
        states = {}
        for value, type, notes in self.listed("(", ")", self.input):
            self.values[value] = graph.input(value, type)
            graph.input_names[-1] = notes.get("name", value)
            if "state" in notes:
                states[self.values[value]] = notes["state"]
        graph.states = states
        self.take("{")
        while True:
            self.next_line()
            if self.peek() == "return":
                break
            self.operator(graph)
        self.take("return")
        outputs = {}
        while self.tokens:
            name = self.name()
            self.take("=")
            outputs[name] = self.operand()
            if self.tokens:
                self.take(",")
        graph.returns(outputs)
        self.next_line()
        self.take("}")
        return graph

    def input(self) -> tuple[str, TensorType, dict[str, str]]:
        name, type = self.typed_name()
        notes: dict[str, str] = {}

        def note() -> None:
            key = self.take(kind="word")
            self.take("=")
            notes[key] = self.string()

        if self.peek() == "{":
            self.listed("{", "}", note)
        return name, type, notes

    def name(self) -> str:
        return self.string() if self.peek().startswith("'") else self.take(kind="word")

    def string(self) -> str:
        return re.sub(r"\\(.)", r"\1", self.take(kind="string")[1:-1])

    def typed_name(self) -> tuple[str, TensorType]:
        name = self.take(kind="value")[1:]
        self.take(":")
        return name, self.tensor_type()

    def tensor_type(self) -> TensorType:
        dtype = DType(self.take(kind="word"))
        shape = tuple(self.listed("[", "]", lambda: int(self.take(kind="number"))))
        type = TensorType(dtype, shape)
        quant = sparsity = None
        if self.peek() == "q":
            self.take()
            quant = self.quant(type)
        if self.peek() == "nm":
            self.take()
            self.take("(")
            n = int(self.take(kind="number"))
            self.take(":")
            sparsity = NM(n, int(self.take(kind="number")))
            self.take(")")
        return TensorType(dtype, shape, quant, sparsity)

    def quant(self, type: TensorType) -> Quant:
        self.take("(")
        if self.peek() != "axis":
            scale = float(self.take(kind="number"))
            self.take(",")
            zero_point = int(self.take(kind="number"))
            self.take(")")
            return Quant((scale,), (zero_point,))
        self.take("axis")
        self.take("=")
        axis = int(self.take(kind="number"))
        self.take(",")
        channels = type.shape[axis]
        scales = self.numbers(TensorType(DType.F64, (channels,)), float)
        self.take(",")
        zero_points = self.numbers(TensorType(DType.I32, (channels,)), int)
        self.take(")")
        return Quant(tuple(scales), tuple(zero_points), axis)

    def numbers(self, type: TensorType, convert: Callable[[Any], Any]) -> list[Any]:
        if self.peek().startswith("@"):
            return [convert(e) for e in self.arrays(self.take()[1:], type)]
        return self.listed("[", "]", lambda: convert(self.take(kind="number")))

    def operator(self, graph: Graph) -> None:
        names, types = [], []
        while True:
            name, type = self.typed_name()
            names.append(name)
            types.append(type)
            if self.peek() == "=":
                break
            self.take(",")
        self.take("=")
        opname = self.take(kind="word")
        if opname == "const":
            op: Op = Const(self.data(types[0]))
        elif opname in self.classes:
            op = self.build(self.classes[opname])
        else:
            self.fail(f"unknown operator {opname!r}")
        if self.tokens:
            self.fail(f"unexpected {self.peek()!r}")
        for taken in names:
            if taken in self.values:
                self.fail(f"%{taken} is defined twice")
        graph.insert(op, names=names, types=types)
        self.values.update(zip(names, op.results, strict=True))

    def data(self, type: TensorType) -> Array:
        if self.peek().startswith("@"):
            array = self.arrays(self.take()[1:], type)
            array = array if (known := restored(array, type.dtype)) is None else known
        else:
            items = self.listed("[", "]", self.take)
            if type.dtype is DType.BOOL:
                items = [item == "true" for item in items]
            # NumPy reads text as its own types only; every number of the others is a float32.
            native = type.dtype in NUMBERS or type.dtype in (DType.F16, DType.BOOL)
            numbers = np.array(items) if native else np.array(items).astype(np.float32)
            array = numbers.astype(type.dtype.numpy).reshape(type.shape)
        if array.dtype != type.dtype.numpy or array.shape != type.shape:
            self.fail(f"array is {array.dtype}{list(array.shape)}, the text says {type.dtype.value}{list(type.shape)}")
        return array

    def operand(self) -> Value:
        name = self.take(kind="value")[1:]
        if name not in self.values:
            self.fail(f"%{name} is not defined")
        return self.values[name]

    def optional_operand(self) -> Value | None:
        if self.peek() == "_":
            self.take()
            return None
        return self.operand()

    def build(self, cls: type[Op]) -> Op:
        arguments: dict[str, Any] = {}
        for position, (name, variadic) in enumerate(operand_fields(cls)):
            if position:
                self.take(",")
            arguments[name] = tuple(self.listed("[", "]", self.operand)) if variadic else self.optional_operand()
        hints = get_type_hints(cls)
        known = attribute_fields(cls)
        if self.peek() == "{":

            def attribute() -> None:
                name = self.take(kind="word")
                if name not in known:
                    self.fail(f"{cls.opname} has no attribute {name!r}")
                self.take("=")
                arguments[name] = self.literal(hints[name])

            self.listed("{", "}", attribute)
        return cls(**arguments)

    def literal(self, hint: Any) -> Any:
        """A value of the annotated type."""
        if isinstance(hint, UnionType) or get_origin(hint) is UnionType:
            if self.peek() == "None":
                self.take()
                return None
            (hint,) = (h for h in get_args(hint) if h is not type(None))
        if hint is Clamp:
            return Clamp(*self.listed("(", ")", lambda: float(self.take(kind="number"))))
        if get_origin(hint) is tuple:
            element = get_args(hint)[0]
            return tuple(self.listed("(", ")", lambda: self.literal(element)))
        if hint is DType:
            return DType(self.take(kind="word"))
        if hint is bool:
            return {"True": True, "False": False}[self.take(kind="word")]
        if hint is str:
            return self.string()
        return hint(self.take(kind="number"))
