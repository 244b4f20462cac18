"""What works along one axis."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.literals import result_fields
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
from edgec.ir.requantization import softmax_table


@lowers(Softmax, LogSoftmax, Hardmax)
def lower_along(op: AlongAxis) -> Kernel:
    """``edgec_<function>_<type>(lines, x, y)``."""
    return _lines(op)


@lowers(Softmax, quantized=True)
def lower_quantized_softmax(op: Softmax) -> Kernel:
    """``edgec_softmax_<from>_<to>(lines, parameters, x, y)``."""
    name = f"edgec_softmax_{op.x.type.dtype.value}_{op.result.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        parameters = softmax_parameters(emitter, op)
        return [Evaluate(Call(name, (_shape(emitter, op), parameters, *_places(emitter, op))))]

    return Kernel(name, "softmax_quantized.h", emit)


def softmax_parameters(emitter: Emitter, op: Softmax) -> Expr:
    """The ``edgec_softmax`` of one of bytes."""
    table = softmax_table(op)
    fields: Fields = {
        "exponential": emitter.array("exponential", table.exponentials),
        "scaled": Int(table.scaled),
        "shift": Int(table.shift),
        **result_fields(op.result),
    }
    return emitter.struct("edgec_softmax", fields, "parameters")


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
    name = f"edgec_{op.opname}_{op.x.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        return [Evaluate(Call(name, (_shape(emitter, op), *parameters, *_places(emitter, op))))]

    return Kernel(name, f"{op.opname}.h", emit)


def _shape(emitter: Emitter, op: AlongAxis) -> Expr:
    """Everything before the axis is one extent, everything behind it another."""
    shape, axis = op.x.shape, op.axis
    fields = {"outer": Int(prod(shape[:axis])), "axis": Int(shape[axis]), "inner": Int(prod(shape[axis + 1 :]))}
    return emitter.struct("edgec_along", fields)


def _places(emitter: Emitter, op: AlongAxis) -> list[Expr]:
    return [emitter.pointer(v) for v in (op.x, *op.results)]
