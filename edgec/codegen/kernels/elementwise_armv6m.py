"""Elementwise functions of bytes on Armv6-M."""

import numpy as np

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.byte_sums import byte_sum, run_of_bytes, wrapped
from edgec.codegen.kernels.byte_tables import lookup_of_bytes
from edgec.codegen.kernels.codes_armv6m import prove_codes
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.ops import Add, Arithmetic, Lookup, Mul, Requantize, Sub
from edgec.ir.requantization import code_limits, product_factors, zero_of

HEADER = "elementwise_armv6m.h"


@lowers(Add, Sub, quantized=True, family="armv6m")
def lower_sum_armv6m(op: Add | Sub) -> Kernel | None:
    """Of two tensors of one shape, or of one and a number."""
    total = byte_sum(op)
    if total is None or op.a.shape != op.b.shape:
        return _lookup(op)
    begin, last = total.begin - (total.low << total.shift), (total.high - total.low + 1 << total.shift) - 1
    if last >= 1 << 31 or max(abs(end - (total.low << total.shift)) for end in total.ends) >= 1 << 31:
        return None
    numbers = {
        "a_multiplier": total.left,
        "b_multiplier": total.right,
        "begin": wrapped(begin),
        "last": last,
        "shift": total.shift,
        "low": total.low,
    }
    return run_of_bytes(op, "add", "armv6m", numbers)


@lowers(Mul, quantized=True, family="armv6m")
def lower_product_armv6m(op: Mul) -> Kernel | None:
    """The same."""
    if any(v.type.dtype is not DType.I8 for v in (op.a, op.b, op.result)) or op.a.shape != op.b.shape:
        return _lookup(op)
    zeros = zero_of(op.a), zero_of(op.b)
    products = [(a - zeros[0]) * (b - zeros[1]) for a in (-128, 127) for b in (-128, 127)]
    multiplier, shift = (np.array([factor.item()], np.int64) for factor in product_factors(op))
    ends = np.array([min(products)]), np.array([max(products)])
    codes = prove_codes(ends, multiplier, shift, zero_of(op.result), code_limits(op.result.type, op.clamp))
    if codes is None or codes.long.any():
        return None
    numbers = {
        "whole": codes.whole.item(),
        "part": codes.part.item(),
        "a_begin": -zeros[0],
        "b_begin": -zeros[1],
        "begin": -codes.offset.item(),
        "last": codes.last.item(),
        "code": wrapped(codes.begin.item()),
    }
    return run_of_bytes(op, "mul", "armv6m", numbers)


@lowers(Lookup, Requantize, quantized=True, family="armv6m")
@lowers(Lookup, family="armv6m")
def lower_lookup_armv6m(op: Lookup | Requantize) -> Kernel | None:
    """Of signed bytes to bytes, also with another scale."""
    return _lookup(op)


def _lookup(op: Lookup | Requantize | Arithmetic) -> Kernel | None:
    return lookup_of_bytes(op, "edgec_lookup_armv6m_8", HEADER)
