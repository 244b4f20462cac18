"""Conversions of element types."""

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Name, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.ir import DType
from edgec.ir.ops import Cast
from edgec.ir.types import NUMBERS

_STORED_AS = {
    DType.BOOL: DType.U8,
    DType.I4: DType.I8,
    DType.I2: DType.I8,
    DType.U4: DType.U8,
    DType.U2: DType.U8,
}


def stored_as(dtype: DType) -> DType:
    """The type that one is read as: itself, but for those whose elements do not fill their bytes."""
    return _STORED_AS.get(dtype, dtype)


@lowers(Cast)
def lower_cast(op: Cast) -> Kernel:
    """One run over all elements."""
    source, target = op.x.type.dtype, op.dtype
    name = f"edgec_cast_{stored_as(source).value}_{target.value}"
    options: list[Expr] = []
    if target.is_float and target.bytes == 1 and target is not DType.F4E2M1:
        options.append(Int(int(op.saturate)))
    if target is DType.F8E8M0:
        options.append(Name(f"EDGEC_POWER_{op.round_mode.upper()}"))

    def emit(emitter: Emitter) -> list[Stmt]:
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (*options, x, y, Int(op.x.type.elements))))]

    header = "cast.h" if target in NUMBERS or target is DType.BOOL else "cast_stored.h"
    return Kernel(name, header, emit)
