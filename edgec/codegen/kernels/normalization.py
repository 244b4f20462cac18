"""Normalization by the mean and variance of the elements themselves."""

from math import prod

from edgec.codegen.axes import Axis, broadcast_strides, column, contiguous, extents, merge, nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import literal
from edgec.codegen.kernels.registry import lowers, unsupported
from edgec.ir.ops import Normalize

AXES = 4
"""EDGEC_NORMALIZE_AXES of the kernel."""


@lowers(Normalize)
def lower_normalize(op: Normalize) -> Kernel:
    """``edgec_normalize_<type>(walk, epsilon, x, scale, bias, y)``; further kept axes are loops around the kernel."""
    kept, reduced = _axes(op)
    if len(reduced) > AXES:
        raise unsupported(op, f"more than {AXES} separate groups of axes to normalize over")
    dtype = op.x.type.dtype
    name = f"edgec_normalize_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        outer, inner = kept[:-AXES], kept[-AXES:]
        fields: dict[str, Expr | tuple[Expr, ...]] = {}
        for role, axes in (("kept", inner), ("reduced", reduced)):
            fields[role] = extents(axes, AXES)
            for tensor, what in enumerate(("stride", "scale", "bias")):
                fields[f"{role}_{what}"] = column(axes, tensor, AXES)
        fields |= {"count": Int(prod(a.extent for a in reduced)), "centered": Int(int(op.centered))}
        shape, epsilon = emitter.struct("edgec_normalize", fields), literal(op.epsilon, dtype)
        x, scale, y = (emitter.pointer(v) for v in (op.x, op.scale, op.result))
        bias = None if op.bias is None else emitter.pointer(op.bias)

        def call(offsets: list[Expr]) -> list[Stmt]:
            shift = Name("NULL") if bias is None else add(bias, offsets[2])
            places = (add(x, offsets[0]), add(scale, offsets[1]), shift, add(y, offsets[0]))
            return [Evaluate(Call(name, (shape, epsilon, *places)))]

        return nest(outer, 3, call)

    return Kernel(name, "normalize.h", emit)


def _axes(op: Normalize) -> tuple[list[Axis], list[Axis]]:
    """The walks of x, scale and bias along the axes that stay, and along those that are normalized over."""
    given = [op.scale.shape, () if op.bias is None else op.bias.shape]
    strides = [contiguous(op.x.shape), *(broadcast_strides(s, op.x.shape) for s in given)]
    kept: list[Axis] = []
    reduced: list[Axis] = []
    for a, (extent, *steps) in enumerate(zip(op.x.shape, *strides, strict=True)):
        if a not in op.axes:
            kept.append(Axis(extent, tuple(steps)))
            continue
        size = extent
        if a == op.axis and op.groups > 1:
            size = extent // op.groups
            kept.append(Axis(op.groups, tuple(s * size for s in steps)))
        reduced.append(Axis(size, tuple(steps)))
    return merge(kept), merge(reduced)
