"""Reductions over axes."""

from collections.abc import Callable, Sequence
from math import prod

from edgec.codegen.axes import Axis, column, contiguous, extents, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import result_fields, sum_suffix
from edgec.codegen.kernels.registry import lowers, unsupported
from edgec.ir import DType
from edgec.ir.ops import Reduce, ReduceMean, ReduceSum
from edgec.ir.requantization import reduce_factor, zero_of

AXES = 4
"""EDGEC_REDUCE_AXES of the kernels."""


@lowers(Reduce)
def lower_reduce(op: Reduce) -> Kernel:
    """``edgec_<reduction>_<type>(walk, x, y)``."""
    # A bool is a byte that is 0 or 1.
    dtype = DType.U8 if op.x.type.dtype is DType.BOOL else op.x.type.dtype
    name = f"edgec_{op.opname}_{dtype.value}"
    return _over_kept(op, name, f"{op.opname}.h", lambda emitter: [])


@lowers(ReduceSum, ReduceMean, quantized=True)
def lower_quantized_sum(op: ReduceSum | ReduceMean) -> Kernel:
    """``edgec_reduce_sum_<x>_<sum>_<y>(walk, parameters, x, y)``, also of a mean."""
    count = prod(op.x.shape[a] for a in op.axes)
    types = (op.x.type.dtype.value, sum_suffix(op.x.type.dtype, count), op.result.type.dtype.value)
    multiplier, shift = reduce_factor(op)
    fields: dict[str, Expr | tuple[Expr, ...]] = {
        "begin": Int(-count * zero_of(op.x)),
        "multiplier": Int(multiplier),
        "shift": Int(shift),
        **result_fields(op.result),
    }

    def parameters(emitter: Emitter) -> list[Expr]:
        return [emitter.struct("edgec_reduce_sum", fields, "parameters")]

    return _over_kept(op, f"edgec_reduce_sum_{'_'.join(types)}", "reduce_sum_quantized.h", parameters)


def _over_kept(op: Reduce, name: str, header: str, parameters: Callable[[Emitter], Sequence[Expr]]) -> Kernel:
    """The call, with neighbouring axes of one kind merged; further kept axes are loops around the kernel."""
    walk = list(zip(op.x.shape, contiguous(op.x.shape), strict=True))
    reduced = merge([Axis(e, (s,)) for a, (e, s) in enumerate(walk) if a in op.axes])
    remaining = [w for a, w in enumerate(walk) if a not in op.axes]
    targets = contiguous([e for e, _ in remaining])
    kept = merge([Axis(e, (s, t)) for (e, s), t in zip(remaining, targets, strict=True)])
    if len(reduced) > AXES:
        raise unsupported(op, f"more than {AXES} separate groups of axes to reduce")

    def emit(emitter: Emitter) -> list[Stmt]:
        outer, inner = kept[:-AXES], kept[-AXES:]
        fields: dict[str, Expr | tuple[Expr, ...]] = {
            "kept": extents(inner, AXES),
            "kept_stride": column(inner, 0, AXES),
            "reduced": extents(reduced, AXES),
            "reduced_stride": column(reduced, 0, AXES),
            "count": Int(prod(a.extent for a in reduced)),
        }
        arguments = (emitter.struct("edgec_reduce", fields), *parameters(emitter))
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)

        def call(offsets: list[Expr]) -> list[Stmt]:
            return [Evaluate(Call(name, (*arguments, add(x, offsets[0]), add(y, offsets[1]))))]

        return nest(outer, 2, call)

    return Kernel(name, header, emit)
