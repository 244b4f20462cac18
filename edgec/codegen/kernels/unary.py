"""Elementwise functions of one tensor: one run over all elements."""

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import literal
from edgec.codegen.kernels.registry import lowers
from edgec.ir.graph import attribute_fields
from edgec.ir.ops import Gelu, IsInf, Unary


@lowers(Unary)
def lower_unary(op: Unary) -> Kernel:
    """``edgec_<function>_<type>(attributes in order, x, y, elements)``."""
    dtype = op.x.type.dtype
    parameters: list[Expr] = []
    function = op.opname
    if isinstance(op, IsInf):
        parameters = [Int(int(op.negative)), Int(int(op.positive))]
    elif isinstance(op, Gelu):
        function = "gelu_tanh" if op.approximate else "gelu"
    else:
        names = [name for name in attribute_fields(type(op)) if name != "inplace"]
        parameters = [literal(getattr(op, name), dtype) for name in names]
    name = f"edgec_{function}_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (*parameters, x, y, Int(op.x.type.elements))))]

    return Kernel(name, f"{function}.h", emit)
