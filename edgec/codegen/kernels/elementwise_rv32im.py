"""Elementwise functions of bytes on RV32IM."""

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.byte_sums import byte_sum, run_of_bytes
from edgec.codegen.kernels.byte_tables import lookup_of_bytes
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.weighted_sums import UPPER
from edgec.ir import DType
from edgec.ir.ops import Add, Arithmetic, Lookup, Mul, Requantize, Sub
from edgec.ir.requantization import code_limits, product_factors, zero_of

HEADER = "elementwise_rv32im.h"

LARGEST_SHIFT = 54
"""Up to here a zero point that is shifted fits 32 bits, with what it is added to."""


@lowers(Add, Sub, quantized=True, family="rv32im")
def lower_sum_rv32im(op: Add | Sub) -> Kernel | None:
    """Of two tensors of one shape, or of one and a number."""
    total = byte_sum(op)
    if total is None or op.a.shape != op.b.shape:
        return _lookup(op)
    return run_of_bytes(op, "add", "rv32im", {**total.fields(), "low": total.low, "high": total.high})


@lowers(Mul, quantized=True, family="rv32im")
def lower_product_rv32im(op: Mul) -> Kernel | None:
    """The same."""
    if any(v.type.dtype is not DType.I8 for v in (op.a, op.b, op.result)) or op.a.shape != op.b.shape:
        return _lookup(op)
    multiplier, shift = (factor.item() for factor in product_factors(op))
    if not UPPER <= shift <= LARGEST_SHIFT:
        return None
    upper, (low, high) = shift - 32, code_limits(op.result.type, op.clamp)
    numbers = {
        "a_zero": zero_of(op.a),
        "b_zero": zero_of(op.b),
        "multiplier": multiplier,
        "begin": (1 << (upper - 1)) + (zero_of(op.result) << upper),
        "shift": upper,
        "low": low,
        "high": high,
    }
    return run_of_bytes(op, "mul", "rv32im", numbers)


@lowers(Lookup, Requantize, quantized=True, family="rv32im")
@lowers(Lookup, family="rv32im")
def lower_lookup_rv32im(op: Lookup | Requantize) -> Kernel | None:
    """Of signed bytes to bytes, also with another scale."""
    return _lookup(op)


def _lookup(op: Lookup | Requantize | Arithmetic) -> Kernel | None:
    return lookup_of_bytes(op, "edgec_lookup_rv32im_8", HEADER)
