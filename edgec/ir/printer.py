"""Graph -> ``.eir`` text and the arrays that the text names (the sidecar ``.npz``).

The text is complete: parsing it with its arrays gives the same graph, and printing that gives the same bytes.
"""

import re
from dataclasses import fields
from typing import Any

import numpy as np

from edgec.ir.graph import Array, Const, Graph, Op, Return, Value, attribute_fields, operand_fields
from edgec.ir.ops import Clamp
from edgec.ir.storage import portable
from edgec.ir.types import DType, Quant, TensorType

INLINE = 8
"""Constants and scales of at most this many elements stand in the text itself."""


def print_graph(graph: Graph) -> tuple[str, dict[str, Array]]:
    """Text of the graph, and name -> array of what is too long for the text."""
    arrays: dict[str, Array] = {}
    inputs = ", ".join(_input(graph, name, v, arrays) for name, v in zip(graph.input_names, graph.inputs, strict=True))
    lines = [f"graph @{graph.name}({inputs}) {{"]
    lines += [f"  {print_op(op, graph, arrays)}" for op in graph.ops]
    lines.append("}")
    return "\n".join(lines) + "\n", arrays


def print_op(op: Op, graph: Graph, arrays: dict[str, Array] | None = None) -> str:
    """One operator as a line of text; long arrays are added to ``arrays``."""
    arrays = {} if arrays is None else arrays
    if isinstance(op, Return):
        pairs = zip(graph.output_names, op.values, strict=True)
        return "return " + ", ".join(f"{_name(name)}=%{v.name}" for name, v in pairs)
    results = ", ".join(f"%{v.name}: {_type(v, arrays)}" for v in op.results)
    if isinstance(op, Const):
        return f"{results} = const {_data(op, arrays)}"
    return f"{results} = {op.opname} {_operands(op)}{_attributes(op)}".rstrip()


def _input(graph: Graph, name: str, value: Value, arrays: dict[str, Array]) -> str:
    """``%x: f32[1,4] {name='x:0', state='h'}``: the model's name where it is another one, and the state's output."""
    notes = [f"name={_quoted(name)}"] if name != value.name else []
    notes += [f"state={_quoted(graph.states[value])}"] if value in graph.states else []
    return f"%{value.name}: {_type(value, arrays)}" + (" {" + ", ".join(notes) + "}" if notes else "")


def _name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else _quoted(name)


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _operands(op: Op) -> str:
    parts = []
    for name, variadic in operand_fields(type(op)):
        value = getattr(op, name)
        if variadic:
            parts.append("[" + ", ".join(f"%{v.name}" for v in value) + "]")
        else:
            parts.append("_" if value is None else f"%{value.name}")
    return ", ".join(parts)


def _attributes(op: Op) -> str:
    # Compared as text: -0.0 equals 0.0, but is not the same.
    defaults = {f.name: _literal(f.default) for f in fields(op)}
    texts = {name: _literal(getattr(op, name)) for name in attribute_fields(type(op))}
    shown = [f"{name}={text}" for name, text in texts.items() if text != defaults[name]]
    return " {" + ", ".join(shown) + "}" if shown else ""


def _literal(value: Any) -> str:
    if isinstance(value, Clamp):
        return f"({value.low!r},{value.high!r})"
    if isinstance(value, DType):
        return value.value
    if isinstance(value, tuple):
        return "(" + ",".join(map(_literal, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def _data(op: Const, arrays: dict[str, Array]) -> str:
    if op.data.size <= INLINE:
        return "[" + ",".join(_element(e) for e in op.data.reshape(-1)) + "]"
    name = op.result.name
    arrays[name] = portable(op.data)
    return f"@{name}"


def _element(element: Any) -> str:
    # str() of a NumPy scalar is the shortest text that reads back as the same value of that dtype.
    return str(element).lower() if isinstance(element, np.bool_) else str(element)


def _type(value: Value, arrays: dict[str, Array]) -> str:
    type = value.type
    text = f"{type.dtype.value}[{','.join(map(str, type.shape))}]"
    if type.quant is not None:
        text += " " + _quant(type, value.name, type.quant, arrays)
    if type.sparsity is not None:
        text += f" nm({type.sparsity.n}:{type.sparsity.m})"
    return text


def _quant(type: TensorType, name: str, quant: Quant, arrays: dict[str, Array]) -> str:
    if quant.axis is None:
        return f"q({quant.scale[0]!r},{quant.zero_point[0]})"
    scale = _numbers(quant.scale, f"{name}.scale", np.float64, arrays)
    zero_point = _numbers(quant.zero_point, f"{name}.zero_point", np.int32, arrays)
    return f"q(axis={quant.axis},{scale},{zero_point})"


def _numbers(numbers: tuple[float, ...], name: str, dtype: Any, arrays: dict[str, Array]) -> str:
    if len(numbers) <= INLINE:
        return "[" + ",".join(map(repr, numbers)) + "]"
    arrays[name] = np.array(numbers, dtype)
    return f"@{name}"
