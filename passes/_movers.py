"""Operators that move or compare elements and compute nothing: of codes they do what they do of numbers."""

from collections.abc import Mapping
from typing import Any

from edgec.ir.graph import operand_fields
from edgec.ir.ops import ScatterElements, ScatterNd
from edgec.ir.requantization import code
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
    changed: dict[str, Any] = {}
    for name, variadic in operand_fields(type(op)):
        old = getattr(op, name)
        changed[name] = tuple(codes[v] for v in old) if variadic else codes.get(old, old)
    match op:
        case Pad(value=value):
            changed["value"] = float(code(value, kind))
        case MaxPool(clamp=Clamp() as clamp):
            changed["clamp"] = Clamp(code(clamp.low, kind), code(clamp.high, kind))
    return replace(op, **changed)


def exact(op: Op, kind: TensorType) -> bool:
    """Whether the numbers among the attributes are ones that codes stand for, so that no rounding moves."""
    match op:
        case Pad(value=value):
            return value == 0
        case MaxPool(clamp=Clamp(low=low, high=high)):
            return low in (0, -float("inf")) and high == float("inf")
        case _:
            return True


def clipped(op: Relu | Clip, codes: Value) -> Clip | None:
    """A relu, or a clip at zero, of codes; None for a clip at another number."""
    low, high = (0.0, float("inf")) if isinstance(op, Relu) else (op.low, op.high)
    if low not in (0, -float("inf")) or high not in (0, float("inf")):
        return None
    limits = Clamp(code(low, codes.type), code(high, codes.type))
    return Clip(codes, limits.low, limits.high, source=op.source)
