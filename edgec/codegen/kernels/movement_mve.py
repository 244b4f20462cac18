"""What moves elements with the vectors of Armv8.1-M: transposed matrices."""

from math import prod

from edgec.codegen.axes import nest, transposed_matrices
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Transpose

NEAR = 17
"""So many bytes apart at most 16 of them are within the reach of offsets of a byte."""

FAR = 8191
"""So many bytes apart at most 8 of them are within the reach of offsets of 16 bits."""

VECTOR = 16
"""Bytes of a vector."""


@lowers(Transpose, family="mve")
def lower_transpose_mve(op: Transpose) -> Kernel | None:
    """Line by line, along the longer side: lines of the operand are scattered, or those of the result gathered."""
    matrices, size = transposed_matrices(op.x.shape, op.perm), op.x.type.dtype.bytes
    if matrices is None or size > 4:
        return None
    outer, rows, columns = matrices
    scattered = columns.extent >= rows.extent
    count, lines = (columns.extent, rows.extent) if scattered else (rows.extent, columns.extent)
    x_line, y_line = (rows.strides[0], 1) if scattered else (1, columns.strides[1])
    step = size * (columns.strides[1] if scattered else rows.strides[0])
    far = size < 4 and (size > 1 or step > NEAR)
    if far and step > FAR:
        return None
    name = f"edgec_{'scatter' if scattered else 'gather'}_mve_{8 * size}{'_far' if far and size == 1 else ''}"
    fields: Fields = {
        "lines": Int(lines),
        "x_line": Int(size * x_line),
        "y_line": Int(size * y_line),
        "count": Int(count),
        "step": Int(step),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_transpose_mve", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result)

        def call(offsets: list[Expr]) -> list[Stmt]:
            at = (add(place, offset) for place, offset in zip(places, offsets, strict=True))
            return [Evaluate(Call(name, (shape, *at)))]

        return nest(outer, 2, call)

    made = lines * prod(axis.extent for axis in outer)
    lanes = VECTOR // (2 if far else size)
    work = {LAYER: 1, "lines": made, "vectors": made * -(-count // lanes)}
    return Kernel(name, "transpose_mve.h", emit, work=work)
