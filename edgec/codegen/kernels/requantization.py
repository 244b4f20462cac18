"""Elementwise functions of one quantized tensor: one run over all elements."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import result_fields
from edgec.codegen.kernels.registry import lowers
from edgec.ir import Array
from edgec.ir.interp.registry import meaning_of
from edgec.ir.ops import Lookup, Requantize
from edgec.ir.requantization import requantize_factor, zero_of


@lowers(Requantize, quantized=True)
def lower_requantize(op: Requantize) -> Kernel:
    """``edgec_requantize_<from>_<to>(parameters, x, y, elements)``."""
    name = f"edgec_requantize_{op.x.type.dtype.value}_{op.result.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        multiplier, shift = requantize_factor(op)
        fields: dict[str, Expr | tuple[Expr, ...]] = {
            "multiplier": Int(multiplier),
            "begin": Int((1 << (shift - 1)) - zero_of(op.x) * multiplier),
            "shift": Int(shift),
            **result_fields(op.result),
        }
        places = (emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements))
        return [Evaluate(Call(name, (emitter.struct("edgec_requantize", fields), *places)))]

    return Kernel(name, "requantize_quantized.h", emit)


@lowers(Lookup)
@lowers(Lookup, quantized=True)
def lower_lookup(op: Lookup) -> Kernel:
    """``edgec_lookup_<from>_<to>(x, table, y, elements)``."""
    name = f"edgec_lookup_{op.x.type.dtype.value}_{op.result.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(v) for v in (op.x, op.table, op.result))
        return [Evaluate(Call(name, (*places, Int(op.x.type.elements))))]

    return Kernel(name, "lookup.h", emit)


def byte_table(op: Lookup | Requantize) -> Array | None:
    """What each byte becomes, the lowest one first; None where it is no byte."""
    if {op.x.type.dtype.bytes, op.result.type.dtype.bytes} != {1}:
        return None
    if isinstance(op, Lookup):
        return op.table.data
    lowest, highest = op.x.type.dtype.limits
    every = np.arange(lowest, highest + 1).astype(op.x.type.dtype.numpy)
    return np.asarray(meaning_of(op)(op, every))
