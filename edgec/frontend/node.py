"""One ONNX node as a converter sees it: typed attributes, operands, and where its operators go."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from onnx import NodeProto, helper

from edgec.errors import EdgecError
from edgec.ir import Array, Const, DType, Graph, IRError, Op, Value
from edgec.ir.interp import fold
from edgec.ir.ops import Cast, Quantize, Reshape, Transpose

LARGEST = 1 << 31
LARGEST_TABLE = 1 << 22
"""Entries of a table that an operator computes at import, such as the places of a Resize."""
"""Elements of the largest tensor: indices in C are 32 bits wide."""


@dataclass(eq=False)
class Constant:
    """A tensor known at import; it becomes a constant of the graph when an operator first reads it."""

    name: str
    data: Array
    value: Value | None = None


def qualified(proto: NodeProto) -> str:
    """An operator's name, with its domain if that is not ONNX's own."""
    return f"{proto.domain}.{proto.op_type}" if proto.domain else str(proto.op_type)


class NodeError(EdgecError):
    """A problem of one node: ``operator`` and ``name`` are those of the node in the model."""

    def __init__(self, file: Path, operator: str, name: str, what: str, hint: str) -> None:
        super().__init__(f"{file}: {operator} {name!r}", what, hint)
        self.operator = operator
        self.name = name


class EmptyTensorError(NodeError):
    """A tensor without elements came up: the importer then asks whether the node's results are such, too."""


@dataclass(frozen=True)
class Caller:
    """The node of the model whose function body is being read."""

    operator: str
    name: str


@dataclass(eq=False)
class Node:
    """An ONNX node: ``inputs`` are its operands in order, None where an optional one is left out.

    ``caller`` is the node of the model that this one was expanded from: errors and operators name it.
    """

    proto: NodeProto
    opset: int
    inputs: Sequence[Value | Constant | None]
    graph: Graph
    path: Path
    caller: Caller | None = None

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """All attributes as plain Python values."""
        return {a.name: helper.get_attribute_value(a) for a in self.proto.attribute}

    @property
    def own_name(self) -> str:
        """The node's name, or that of its first output."""
        return self.proto.name or next(filter(None, self.proto.output), "")

    @property
    def source(self) -> str:
        """The name of the model's node that this one is or comes from."""
        return self.caller.name if self.caller else self.own_name

    @property
    def where(self) -> str:
        """File, operator and node, for messages."""
        return self.error("", "").where

    def error(self, what: str, hint: str) -> NodeError:
        """An error that names this node, or the one that it was expanded from."""
        return NodeError(*self._subject(what), hint)

    def empty(self, what: str) -> EmptyTensorError:
        """An error that says that a tensor has no elements."""
        return EmptyTensorError(*self._subject(f"{what} is empty"), "empty tensors are not supported here")

    def _subject(self, what: str) -> tuple[Path, str, str, str]:
        if self.caller is None:
            return self.path, qualified(self.proto), self.own_name, what
        what = f"its {self.proto.op_type} {self.own_name!r} {what}"
        return self.path, self.caller.operator, self.caller.name, what

    # --- attributes ------------------------------------------------------------------------------------------------

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        return int(self._attribute(name, default, int))

    def flag(self, name: str, default: bool) -> bool:
        """An integer attribute that means yes or no."""
        return bool(self.integer(name, int(default)))

    def real(self, name: str, default: float) -> float:
        """A float attribute (float32 in the file)."""
        value = float(self._attribute(name, default, float))
        if not np.isfinite(value):
            raise self.error(f"attribute {name} is {value}", "give it a finite value")
        return value

    def string(self, name: str, default: str) -> str:
        """A string attribute."""
        value = self._attribute(name, default.encode(), bytes)
        return str(value.decode(errors="replace"))

    def integers(self, name: str) -> tuple[int, ...] | None:
        """A list attribute, None if it is absent."""
        values = self._attribute(name, [], list)
        if not all(isinstance(v, int) for v in values):
            raise self.error(f"attribute {name} is {values}", "it must be a list of integers")
        return tuple(values) if name in self.attributes else None

    def _attribute(self, name: str, default: Any, kind: type) -> Any:
        """An attribute of a type; ONNX's own operators were checked, those of other domains were not."""
        value = self.attributes.get(name, default)
        if not isinstance(value, kind):
            raise self.error(f"attribute {name} is {value!r}", f"it must be of type {kind.__name__}")
        return value

    # --- operands --------------------------------------------------------------------------------------------------

    def operand(self, index: int) -> Value | Constant | None:
        """An operand, None if it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def value(self, index: int) -> Value:
        """An operand as a value of the graph, of any element type."""
        operand = self.operand(index)
        if operand is None:
            raise self.error(f"operand {index} is missing", "export the model again")
        if isinstance(operand, Value):
            return operand
        if operand.value is None:
            operand.value = self.const(operand.data, operand.name)
        return operand.value

    def element_type(self, index: int) -> DType:
        """The element type of an operand that must be there."""
        operand = self.operand(index)
        return operand.type.dtype if isinstance(operand, Value) else self.dtype(self.required(index, "operand"))

    def float32(self, index: int) -> Value:
        """An operand as a float32 value; other element types are refused."""
        value = self.value(index)
        self._require_float32(value.type.dtype)
        return value

    def constant(self, index: int, what: str) -> Array | None:
        """An operand that must be known at import, None if it is left out; ``what`` names it in the message."""
        operand = self.operand(index)
        if isinstance(operand, Value):
            if (data := _evaluated(operand)) is not None:
                return data
            hint = f"C has to know the {what}: export them as constants, or fix the inputs that give them (--bind)"
            raise self.error(f"its {what} are not constant", hint)
        return None if operand is None else operand.data

    def required(self, index: int, what: str) -> Array:
        """An operand that must be there and known at import."""
        data = self.constant(index, what)
        if data is None:
            raise self.error(f"has no {what}", "export the model again")
        return data

    def weights(self, index: int, what: str = "weights") -> Array:
        """A float32 operand that must be there and known at import, finite and not empty."""
        data = self.finite(index, what)
        self._require_float32(self.dtype(data))
        return data

    def finite(self, index: int, what: str = "weights") -> Array:
        """An operand of any type that must be there and known at import, finite and not empty."""
        return self._finite(self.required(index, what), self.name(index))

    def number(self, index: int, what: str) -> int:
        """One integer that must be there and known at import; ``what`` names it in the message."""
        data = self.required(index, what)
        if data.size != 1:
            raise self.error(f"{what} has {data.size} elements", "give one number")
        return int(data.reshape(-1)[0])

    def name(self, index: int) -> str:
        """The ONNX name of an operand."""
        return str(self.proto.input[index])

    def axes(self, index: int) -> tuple[int, ...] | None:
        """Axes as the attribute of older opsets or the operand of newer ones; None if given in neither form."""
        if (attribute := self.integers("axes")) is not None:
            return attribute
        return self.constant_ints(index, "axes")

    def constant_ints(self, index: int, what: str) -> tuple[int, ...] | None:
        """An operand as a tuple of integers known at import, None if it is left out."""
        data = self.constant(index, what)
        return None if data is None else tuple(int(v) for v in data.reshape(-1))

    def axis(self, axis: int, rank: int) -> int:
        """An axis counted from the front: negative ones count from the back."""
        if not -rank <= axis < rank:
            raise self.error(f"axis {axis} does not fit rank {rank}", "give an axis that the tensor has")
        return axis % rank

    # --- building --------------------------------------------------------------------------------------------------

    def emit(self, op: Op) -> Value:
        """Add an operator to the graph; returns its first result. Operands that do not fit raise EdgecError."""
        try:
            values = self.graph.insert(op, source=self.source).results
        except IRError as error:
            hint = "the operands do not fit: check the model, or the --shape given"
            if any(map(quantizer, op.operands)):
                hint = "it reads the integers of a QuantizeLinear: put a DequantizeLinear between"
            raise self.error(str(error), hint) from error
        for shape in (value.shape for value in values):
            if min(shape, default=1) <= 0:
                raise self.empty(f"its result {list(shape)}")
            if prod(shape) >= LARGEST:
                raise self.error(f"its result {list(shape)} is too large", f"keep tensors below {LARGEST} elements")
        return values[0]

    def emit_all(self, op: Op) -> list[Value]:
        """The same for an operator of several results."""
        self.emit(op)
        return op.results

    def reshaped(self, x: Value, shape: tuple[int, ...]) -> Value:
        """The same elements under another shape."""
        return x if x.shape == shape else self.emit(Reshape(x, shape))

    def cast(self, x: Value, dtype: DType) -> Value:
        """The elements converted to another type."""
        return x if x.type.dtype is dtype else self.emit(Cast(x, dtype))

    def const(self, data: Array, name: str = "const") -> Value:
        """Add a constant to the graph; empty ones, and NaN, are refused."""
        if self.dtype(data).is_float and np.isnan(data).any():
            raise self.error(f"constant {name!r} holds NaN", "check the training, or the export")
        return self.graph.insert(Const(np.asarray(self._not_empty(data, name), order="C")), names=[name]).result

    def check_table(self, entries: int, what: str) -> None:
        """Refuse what would compute a huge table at import, before memory is taken."""
        if entries > LARGEST_TABLE:
            raise self.error(f"{what} is {entries}, which is too large", f"keep it to {LARGEST_TABLE} at most")

    def dtype(self, data: Array) -> DType:
        """The element type of a constant."""
        try:
            return DType.of(data.dtype)
        except KeyError as error:
            raise self.error(f"reads a {data.dtype} constant", "use float32 or an integer type") from error

    def _not_empty(self, data: Array, name: str) -> Array:
        if data.size == 0:
            raise self.empty(f"constant {name!r} {list(data.shape)}")
        return data

    def _finite(self, data: Array, name: str) -> Array:
        self._not_empty(data, name)
        if data.dtype.kind == "f" and not np.isfinite(data).all():
            raise self.error(f"constant {name!r} holds NaN or infinity", "check the training, or the export")
        return data

    def _require_float32(self, dtype: DType) -> None:
        if dtype is not DType.F32:
            raise self.error(
                f"computes in {dtype.value}", "only float32 is supported: export the model, or this part, in float32"
            )


def _evaluated(value: Value) -> Array | None:
    """The elements of what an operator makes of constants alone, as of quantized parameters; else None."""
    op = value.producer
    if value.data is not None or op is None or not op.operands or any(v.data is None for v in op.operands):
        return value.data
    return fold(op)[op.results.index(value)]


def quantizer(value: Value) -> Quantize | None:
    """What made the integers that a value holds, moved perhaps, of numbers; None for other values."""
    while isinstance(value.producer, Reshape | Transpose):
        value = value.producer.x
    return value.producer if isinstance(value.producer, Quantize) else None
