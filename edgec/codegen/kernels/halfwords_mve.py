"""Elementwise functions of halfwords with the vectors of Armv8.1-M."""

from collections.abc import Sequence

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.element_runs import element_runs, over_runs
from edgec.codegen.kernels.literals import clamp_codes
from edgec.ir import DType, Value
from edgec.ir.ops import Add, Requantize, Sub
from edgec.ir.requantization import requantize_factor, sum_factors, zero_of

HALF = 16
"""Bits of the lower part of a multiplier."""


def are_plain_halfwords(*values: Value) -> bool:
    """Whether all are of 16 bits, whose zero points are 0."""
    return all(v.type.dtype is DType.I16 and zero_of(v) == 0 for v in values)


def raised(multiplier: int, shift: int) -> tuple[int, int]:
    """The same factor with a multiplier of 31 bits: the larger the shift, the less of a product counts."""
    by = 31 - multiplier.bit_length() if multiplier else 0
    return multiplier << by, shift + by


def lower_sum16_mve(op: Add | Sub) -> Kernel | None:
    """Of two tensors without zero points."""
    if not are_plain_halfwords(op.a, op.b, op.result):
        return None
    left, right, shift = sum_factors(op)
    axes = element_runs([op.a, op.b], op.result)
    (left_upper, left_lower), (right_upper, right_lower) = _halves(left), _halves(right)
    upper, lower = abs(left_upper) + abs(right_upper), abs(left_lower) + abs(right_lower)
    if axes is None or shift <= HALF or max(upper + 1, lower) << 15 >= 1 << 31:
        return None
    fields: Fields = {
        "a_upper": Int(left_upper),
        "a_lower": Int(left_lower),
        "b_upper": Int(right_upper),
        "b_lower": Int(right_lower),
        "shift": Int(HALF - shift),
        **clamp_codes(op.result, op.clamp),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        pointers = [emitter.pointer(v) for v in (op.a, op.b, op.result)]
        shape = emitter.struct("edgec_add16_mve", fields)

        def call(count: Expr, places: Sequence[Expr]) -> Call:
            return Call("edgec_add_mve_i16", (shape, count, *places))

        return over_runs(axes, pointers, call)

    return Kernel("edgec_add_mve_i16", "add_mve.h", emit)


def _halves(multiplier: int) -> tuple[int, int]:
    """``upper * 2**16 + lower``, both of 16 bits and signed."""
    lower = (multiplier + (1 << HALF - 1)) % (1 << HALF) - (1 << HALF - 1)
    return (multiplier - lower) >> HALF, lower


def lower_requantize16_mve(op: Requantize) -> Kernel | None:
    """Of or to halfwords, as long as numbers less their zero points fit these."""
    dtypes = op.x.type.dtype, op.result.type.dtype
    multiplier, shift = requantize_factor(op)
    if op.x.type.dtype is DType.I8:
        multiplier, shift = raised(multiplier, shift)
    if {*dtypes} - {DType.I8, DType.I16} or (dtypes[0] is DType.I16 and zero_of(op.x)) or shift <= HALF:
        return None
    fields: Fields = {
        "x_zero": Int(zero_of(op.x)),
        "multiplier": Int(multiplier),
        "shift": Int(HALF - shift),
        "zero_point": Int(zero_of(op.result)),
    }
    name = f"edgec_requantize_mve_{dtypes[0].value}_{dtypes[1].value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements)
        return [Evaluate(Call(name, (emitter.struct("edgec_requantize_mve", fields), *places)))]

    return Kernel(name, "requantize_mve.h", emit)
