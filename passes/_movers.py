"""Operators that move or compare elements and compute nothing: of codes they do what they do of numbers."""

from collections.abc import Callable, Mapping
from math import inf, isinf
from typing import Any

import numpy as np

from edgec.ir.graph import operand_fields
from edgec.ir.ops import ScatterElements, ScatterNd
from edgec.ir.requantization import code, numbers
from edgec.passes._quantized_forms import CHOICE, MOVEMENT
from edgec.rewriting import Clamp, Clip, MaxPool, Op, Pad, Relu, TensorType, Value, replace


def moved(op: Op | None) -> list[Value] | None:
    """The operands whose elements an operator moves or compares; None for one that computes, or has more results."""
    match op:
        case ScatterElements(reduction=reduction) | ScatterNd(reduction=reduction):
            moves = reduction in ("none", "max", "min")
        case _:
            moves = isinstance(op, MOVEMENT | CHOICE) and len(op.results) == 1
    if op is None or not moves:
        return None
    # Others are indices and conditions.
    return [v for v in op.operands if v.type.dtype is op.result.type.dtype]


def of_codes(op: Op, codes: Mapping[Value, Value], kind: TensorType) -> Op:
    """The operator on codes quantized as ``kind`` says; numbers among its attributes become codes, too."""
    return _rebuilt(op, codes, lambda number: float(code(number, kind)))


def of_numbers(op: Op, values: Mapping[Value, Value], kind: TensorType) -> Op:
    """The way back: the operator on the numbers that codes stand for."""
    return _rebuilt(op, values, lambda stored: _number(stored, kind))


def _rebuilt(op: Op, operands: Mapping[Value, Value], convert: Callable[[float], float]) -> Op:
    changed: dict[str, Any] = {}
    for name, variadic in operand_fields(type(op)):
        old = getattr(op, name)
        changed[name] = tuple(operands[v] for v in old) if variadic else operands.get(old, old)
    match op:
        case Pad(value=value):
            changed["value"] = convert(value)
        case MaxPool(clamp=Clamp() as clamp):
            changed["clamp"] = Clamp(convert(clamp.low), convert(clamp.high))
    return replace(op, **changed)


def exact(op: Op, kind: TensorType) -> bool:
    """Whether the numbers among the attributes are ones that codes stand for, so that no rounding moves."""
    match op:
        case Pad(value=value):
            return _stands(value, kind)
        case MaxPool(clamp=Clamp(low=low, high=high)) | Clip(low=low, high=high):
            return all(isinf(limit) or _stands(limit, kind) for limit in (low, high))
        case _:
            return True


def clipped(op: Relu | Clip, codes: Value) -> Clip | None:
    """A relu or clip of codes; None where a limit is no number that a code stands for."""
    limits = Clip(codes, 0.0, inf) if isinstance(op, Relu) else op
    if not exact(limits, codes.type):
        return None
    return Clip(codes, code(limits.low, codes.type), code(limits.high, codes.type), source=op.source)


def _number(stored: float, kind: TensorType) -> float:
    return float(numbers(np.array(stored, kind.dtype.numpy), kind))


def _stands(number: float, kind: TensorType) -> bool:
    """Whether a code stands for a number."""
    return _number(code(number, kind), kind) == number
