"""Reductions over axes, and what normalizes along one."""

from math import prod

from edgec.codegen.axes import Axis, column, contiguous, extents, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import float32, lowers, unsupported
from edgec.ir.ops import Reduce, ReduceMax, ReduceMean, Softmax

AXES = 3
"""Kept and reduced axes of the kernel's struct, edgec_reduce."""


@lowers(ReduceMean, ReduceMax)
def lower_reduce(op: Reduce) -> Kernel:
    """Neighbouring axes of one kind are merged; further kept axes are loops around the kernel."""
    float32(op)
    walk = list(zip(op.x.shape, contiguous(op.x.shape), strict=True))
    reduced = merge([Axis(e, (s,)) for a, (e, s) in enumerate(walk) if a in op.axes])
    remaining = [w for a, w in enumerate(walk) if a not in op.axes]
    targets = contiguous([e for e, _ in remaining])
    kept = merge([Axis(e, (s, t)) for (e, s), t in zip(remaining, targets, strict=True)])
    if len(reduced) > AXES:
        raise unsupported(op, f"more than {AXES} separate groups of axes to reduce")
    name = op.opname

    def emit(emitter: Emitter) -> list[Stmt]:
        outer, inner = kept[:-AXES], kept[-AXES:]
        shape = emitter.struct(
            "edgec_reduce",
            {
                "kept": extents(inner, AXES),
                "kept_stride": column(inner, 0, AXES),
                "reduced": extents(reduced, AXES),
                "reduced_stride": column(reduced, 0, AXES),
            },
        )
        x, y = emitter.pointer(op.x), emitter.pointer(op.result)

        def call(offsets: list[Expr]) -> list[Stmt]:
            return [Evaluate(Call(f"edgec_{name}_f32", (shape, add(x, offsets[0]), add(y, offsets[1]))))]

        return nest(outer, 2, call)

    return Kernel(f"edgec_{name}_f32", f"{name}_f32.h", emit)


@lowers(Softmax)
def lower_softmax(op: Softmax) -> Kernel:
    """Everything before the axis is one extent, everything behind it another."""
    float32(op)

    def emit(emitter: Emitter) -> list[Stmt]:
        outer, inner = prod(op.x.shape[: op.axis]), prod(op.x.shape[op.axis + 1 :])
        fields: dict[str, Expr] = {"outer": Int(outer), "axis": Int(op.x.shape[op.axis]), "inner": Int(inner)}
        shape = emitter.struct("edgec_softmax", fields)
        return [Evaluate(Call("edgec_softmax_f32", (shape, emitter.pointer(op.x), emitter.pointer(op.result))))]

    return Kernel("edgec_softmax_f32", "softmax_f32.h", emit)
