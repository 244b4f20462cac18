"""Functions of one tensor of signed bytes as tables: what the kernels of instruction sets for these have in common."""

from collections.abc import Sequence

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.requantization import byte_table
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array, DType, Value
from edgec.ir.interp.registry import meaning_of
from edgec.ir.ops import Arithmetic, Lookup, Requantize


def lookup_of_bytes(op: Lookup | Requantize | Arithmetic, name: str, header: str) -> Kernel | None:
    """``name(x, table, y, elements)``; None for other types, or two operands that are both tensors."""
    found = _one_operand(op)
    if found is None or found[0].type.dtype is not DType.I8:
        return None
    x, table = found
    elements = x.type.elements

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(x), emitter.array("table", table), emitter.pointer(op.result)
        return [Evaluate(Call(name, (*places, Int(elements))))]

    return Kernel(name, header, emit, work={LAYER: 1, "elements": elements})


def _one_operand(op: Lookup | Requantize | Arithmetic) -> tuple[Value, Array] | None:
    """The operand, and what each of its bytes becomes, the lowest one first."""
    if isinstance(op, Lookup | Requantize):
        table = byte_table(op)
        return None if table is None else (op.x, table)
    operands: Sequence[Value] = (op.a, op.b)
    known = [v.data.reshape(1) if v.data is not None and v.type.elements == 1 else None for v in operands]
    tensors = [v for v, data in zip(operands, known, strict=True) if data is None]
    if len(tensors) != 1 or {v.type.dtype.bytes for v in (*tensors, op.result)} != {1}:
        return None
    (x,) = tensors
    if x.shape != op.result.shape:
        return None
    lowest, highest = x.type.dtype.limits
    every = np.arange(lowest, highest + 1).astype(x.type.dtype.numpy)
    return x, np.asarray(meaning_of(op)(op, *(every if data is None else data for data in known)))
