"""What works along one axis."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.ir.ops import (
    AlongAxis,
    ArgExtreme,
    Cumulative,
    Hardmax,
    LogSoftmax,
    Softmax,
    TopK,
)


@lowers(Softmax, LogSoftmax, Hardmax)
def lower_along(op: AlongAxis) -> Kernel:
    """``edgec_<function>_<type>(lines, x, y)``."""
    return _lines(op)


@lowers(ArgExtreme)
def lower_arg(op: ArgExtreme) -> Kernel:
    """``edgec_<function>_<type>(lines, last, x, y)``."""
    return _lines(op, Int(int(op.last)))


@lowers(Cumulative)
def lower_cumulative(op: Cumulative) -> Kernel:
    """``edgec_<function>_<type>(lines, exclusive, reverse, x, y)``."""
    return _lines(op, Int(int(op.exclusive)), Int(int(op.reverse)))


@lowers(TopK)
def lower_top_k(op: TopK) -> Kernel:
    """``edgec_top_k_<type>(lines, k, largest, x, values, indices)``."""
    return _lines(op, Int(op.k), Int(int(op.largest)))


def _lines(op: AlongAxis, *parameters: Expr) -> Kernel:
    """The call: everything before the axis is one extent, everything behind it another."""
    name = f"edgec_{op.opname}_{op.x.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        shape, axis = op.x.shape, op.axis
        fields = {"outer": Int(prod(shape[:axis])), "axis": Int(shape[axis]), "inner": Int(prod(shape[axis + 1 :]))}
        places = [emitter.pointer(v) for v in (op.x, *op.results)]
        return [Evaluate(Call(name, (emitter.struct("edgec_along", fields), *parameters, *places)))]

    return Kernel(name, f"{op.opname}.h", emit)
