"""Conversions of element types."""

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers, unsupported
from edgec.ir import DType
from edgec.ir.ops import Cast
from edgec.ir.types import NUMBERS


@lowers(Cast)
def lower_cast(op: Cast) -> Kernel:
    """One run over all elements."""
    source, target = op.x.type.dtype, op.dtype
    for dtype in (source, target):
        if dtype not in NUMBERS and dtype is not DType.BOOL:
            raise unsupported(op, f"there is no conversion of {dtype.value}")
    name = f"edgec_cast_{source.value}_{target.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (x, y, Int(op.x.type.elements))))]

    return Kernel(name, "cast.h", emit)
