"""What moves elements without computing: strided copies, whatever the element type."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from edgec.codegen.axes import Axis, broadcast_strides, column, contiguous, extents, merge, nest, permuted
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType, Op, Value
from edgec.ir.ops import BitCast, Concat, Expand, Pad, Slice, Transpose
from edgec.ir.storage import bits as stored_bits

AXES = 4
"""EDGEC_COPY_AXES of the kernels."""


@dataclass(frozen=True)
class Copy:
    """One strided copy: the operand, where it starts in operand and result, and the walk (strides: x, y)."""

    x: Value
    x_offset: int
    y_offset: int
    axes: Sequence[Axis]


@lowers(Transpose)
def lower_transpose(op: Transpose) -> Kernel:
    """A copy in the order of the result."""
    return _copies(op, [Copy(op.x, 0, 0, permuted(op.x.shape, op.perm))])


@lowers(Slice)
def lower_slice(op: Slice) -> Kernel:
    """A copy with the operand's strides times the steps."""
    source = contiguous(op.x.shape)
    walk = zip(op.count, source, op.step, contiguous(op.count), strict=True)
    start = sum(b * s for b, s in zip(op.start, source, strict=True))
    return _copies(op, [Copy(op.x, start, 0, [Axis(e, (s * k, t)) for e, s, k, t in walk])])


@lowers(Expand)
def lower_expand(op: Expand) -> Kernel:
    """A copy that stands still in the operand along the axes that are repeated."""
    shape, target = op.x.shape, op.result.shape
    walk = zip(target, broadcast_strides(shape, target), contiguous(target), strict=True)
    return _copies(op, [Copy(op.x, 0, 0, [Axis(e, (s, t)) for e, s, t in walk])])


@lowers(BitCast)
def lower_bit_cast(op: BitCast) -> Kernel:
    """A copy: memory that is written as one type may not be read as another."""
    return _copies(op, [Copy(op.x, 0, 0, [Axis(op.x.type.elements, (1, 1))])])


@lowers(Concat)
def lower_concat(op: Concat) -> Kernel:
    """A copy of each operand to its place."""
    target = contiguous(op.result.shape)
    copies, position = [], 0
    for x in op.xs:
        walk = zip(x.shape, contiguous(x.shape), target, strict=True)
        copies.append(Copy(x, 0, position * target[op.axis], [Axis(e, (s, t)) for e, s, t in walk]))
        position += x.shape[op.axis]
    return _copies(op, copies)


@lowers(Pad)
def lower_pad(op: Pad) -> Kernel:
    """Fill the result, then copy the operand into it."""
    target = contiguous(op.result.shape)
    walk = zip(op.x.shape, contiguous(op.x.shape), target, strict=True)
    start = sum(b * t for b, t in zip(op.before, target, strict=True))
    return _copies(op, [Copy(op.x, 0, start, [Axis(e, (s, t)) for e, s, t in walk])], fill=op.value)


def _copies(op: Op, copies: Sequence[Copy], fill: float | None = None) -> Kernel:
    dtype = op.result.type.dtype
    bits = 8 * dtype.bytes

    def emit(emitter: Emitter) -> list[Stmt]:
        y = emitter.pointer(op.result)
        statements: list[Stmt] = []
        if fill is not None:
            arguments = (y, _bits(fill, dtype), Int(op.result.type.elements))
            statements.append(Evaluate(Call(f"edgec_fill_{bits}", arguments)))
        for number, copy in enumerate(copies):
            axes = merge(copy.axes)
            outer, inner = axes[:-AXES], axes[-AXES:]
            # A single element is a run of one.
            inner = inner or [Axis(1, (1, 1))]
            fields = {
                "extent": extents(inner, AXES),
                "x_stride": column(inner, 0, AXES),
                "y_stride": column(inner, 1, AXES),
            }
            shape = emitter.struct("edgec_copy", fields, "shape" if len(copies) == 1 else f"shape{number}")
            source, target = add(emitter.pointer(copy.x), Int(copy.x_offset)), add(y, Int(copy.y_offset))

            def call(
                offsets: list[Expr], shape: Expr = shape, source: Expr = source, target: Expr = target
            ) -> list[Stmt]:
                places = (add(source, offsets[0]), add(target, offsets[1]))
                return [Evaluate(Call(f"edgec_copy_{bits}", (shape, *places)))]

            statements += nest(outer, 2, call)
        return statements

    walks = [merge(copy.axes) or [Axis(1, (1, 1))] for copy in copies]
    runs = [prod(axis.extent for axis in walk[:-1]) for walk in walks]
    together = [walk[-1].strides[:2] == (1, 1) for walk in walks]
    elements = [count * walk[-1].extent for count, walk in zip(runs, walks, strict=True)]
    work = {
        LAYER: 1,
        "runs": sum(runs),
        "together": sum(n for n, run in zip(elements, together, strict=True) if run),
        "apart": sum(n for n, run in zip(elements, together, strict=True) if not run),
        "filled": 0 if fill is None else op.result.type.elements,
    }
    return Kernel(f"edgec_copy_{bits}", f"copy_{bits}.h", emit, work=work)


def _bits(value: float, dtype: DType) -> Expr:
    """The stored form of a number as an unsigned literal."""
    stored = int.from_bytes(stored_bits(np.array(value).astype(dtype.numpy)).tobytes(), "little")
    return Name(f"UINT{8 * dtype.bytes}_C({stored:#x})")
