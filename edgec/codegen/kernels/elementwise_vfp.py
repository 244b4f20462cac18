"""Arithmetic of two float32 tensors of one shape, on the FPU of Armv7E-M and Armv8-M."""

from math import inf

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.blocks_vfp import signed_zeros
from edgec.codegen.kernels.products_vfp import FORMS
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Add, Arithmetic, Mul, Sub


def lower_arithmetic_vfp(op: Arithmetic) -> Kernel | None:
    """With a result that is not clamped, or only at zero from below."""
    limits = (-inf, inf) if op.clamp is None else (op.clamp.low, op.clamp.high)
    relu = limits == (0, inf) and not signed_zeros(limits[0])
    if op.a.type.dtype is not DType.F32 or op.a.shape != op.b.shape or not (relu or limits == (-inf, inf)):
        return None
    count, name = op.result.type.elements, f"edgec_{op.opname}_vfp_f32"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(v) for v in (op.a, op.b, op.result))
        return [Evaluate(Call(name, (Int(count), Int(int(relu)), *places)))]

    work = {LAYER: 1, "eights": count // 8, "rest": count % 8, "clamped": int(relu) * (count // 8)}
    return Kernel(name, "arithmetic_vfp.h", emit, work=work)


for _form in FORMS:
    lowers(Add, Sub, Mul, family=_form)(lower_arithmetic_vfp)
