"""Numbers as C literals of an element type, and the limits of clamps."""

from math import inf

from edgec.codegen.ctree import Expr, Float, Int, Name
from edgec.ir import DType, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import code_limits, zero_of


def literal(value: float, dtype: DType) -> Expr:
    """A number as a literal of a float or integer type; beyond an integer type's range its nearest limit."""
    if dtype.is_float:
        return Float(value, double=dtype is DType.F64)
    bits, signed = 8 * dtype.bytes, dtype.value.startswith("i")
    smallest, largest = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if value <= smallest:
        return Name(f"INT{bits}_MIN") if signed else Int(0)
    if value >= largest:
        return Name(f"{'' if signed else 'U'}INT{bits}_MAX")
    return Int(int(value))


def clamp_literals(clamp: Clamp | None, dtype: DType) -> tuple[Expr, Expr]:
    """The limits of a result."""
    limits = clamp or Clamp(-inf, inf)
    return literal(limits.low, dtype), literal(limits.high, dtype)


def clamp_fields(clamp: Clamp | None) -> dict[str, Expr]:
    """The ``low`` and ``high`` fields of a float32 kernel's struct."""
    low, high = clamp_literals(clamp, DType.F32)
    return {"low": low, "high": high}


def result_fields(result: Value, clamp: Clamp | None = None) -> dict[str, tuple[Expr, ...]]:
    """The ``result`` field of a requantizing kernel's struct: zero point and limits."""
    return {"result": tuple(map(Int, (zero_of(result), *code_limits(result.type, clamp))))}


def clamp_codes(result: Value, clamp: Clamp | None) -> dict[str, Expr]:
    """The limits of the codes."""
    low, high = code_limits(result.type, clamp)
    return {"low": Int(low), "high": Int(high)}


def clamps(result: Value, clamp: Clamp | None) -> bool:
    """Whether there are codes outside of these limits."""
    return code_limits(result.type, clamp) != result.type.dtype.limits


def sum_suffix(dtype: DType, count: int) -> str:
    """The type in which a kernel holds a sum of that many quantized integers without their zero points."""
    low, high = dtype.limits
    return "i32" if count * (high - low) < 1 << 31 else "i64"
