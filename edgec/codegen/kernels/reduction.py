"""Reductions over axes."""

from math import prod

from edgec.codegen.axes import Axis, column, contiguous, extents, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers, unsupported
from edgec.ir import DType
from edgec.ir.ops import Reduce

AXES = 4
"""EDGEC_REDUCE_AXES of the kernels."""


@lowers(Reduce)
def lower_reduce(op: Reduce) -> Kernel:
    """``edgec_<reduction>_<type>(walk, x, y)``: neighbouring axes of one kind are merged.

    Further kept axes are loops around the kernel.
    """
    walk = list(zip(op.x.shape, contiguous(op.x.shape), strict=True))
    reduced = merge([Axis(e, (s,)) for a, (e, s) in enumerate(walk) if a in op.axes])
    remaining = [w for a, w in enumerate(walk) if a not in op.axes]
    targets = contiguous([e for e, _ in remaining])
    kept = merge([Axis(e, (s, t)) for (e, s), t in zip(remaining, targets, strict=True)])
    if len(reduced) > AXES:
        raise unsupported(op, f"more than {AXES} separate groups of axes to reduce")
    # A bool is a byte that is 0 or 1.
    dtype = DType.U8 if op.x.type.dtype is DType.BOOL else op.x.type.dtype
    name = f"edgec_{op.opname}_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        outer, inner = kept[:-AXES], kept[-AXES:]
        shape = emitter.struct(
            "edgec_reduce",
            {
                "kept": extents(inner, AXES),
                "kept_stride": column(inner, 0, AXES),
                "reduced": extents(reduced, AXES),
                "reduced_stride": column(reduced, 0, AXES),
                "count": Int(prod(a.extent for a in reduced)),
            },
        )
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)

        def call(offsets: list[Expr]) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, add(x, offsets[0]), add(y, offsets[1]))))]

        return nest(outer, 2, call)

    return Kernel(name, f"{op.opname}.h", emit)
