"""What computes elements between those of its operand."""

from math import prod

from edgec.codegen.ctree import Call, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.indexing import stored, stored_indices
from edgec.codegen.kernels.registry import fallible, lowers
from edgec.ir.ops import Resample


@lowers(Resample)
def lower_resample(op: Resample) -> Kernel:
    """Everything before the axis is one extent, everything behind it another."""
    name = f"edgec_resample_{op.x.type.dtype.value}_{stored(op.indices).value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        count, taps = op.indices.shape
        fields: dict[str, Expr] = {
            "outer": Int(prod(op.x.shape[: op.axis])),
            "extent": Int(op.x.shape[op.axis]),
            "inner": Int(prod(op.x.shape[op.axis + 1 :])),
            "count": Int(count),
            "taps": Int(taps),
        }
        shape = emitter.struct("edgec_resample", fields)
        indices = stored_indices(emitter, op.indices)
        places = (emitter.pointer(op.x), indices, emitter.pointer(op.weights), emitter.pointer(op.result))
        return [fallible(Call(name, (shape, *places)))]

    return Kernel(name, "resample.h", emit)
