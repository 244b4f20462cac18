"""What moves bytes with the DSP extension: transposed matrices, by words."""

from math import prod

from edgec.codegen.axes import nest, transposed_matrices
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Transpose

LEAST = 4
"""Rows and columns of a block."""

PLANES = 3
"""Planes to pixels, and back, have loops of their own: as many as an image has colours."""


@lowers(Transpose, family="dsp")
def lower_transpose_dsp(op: Transpose) -> Kernel | None:
    """Of matrices of 4 x 4 bytes or more, or of three planes."""
    matrices = transposed_matrices(op.x.shape, op.perm)
    if matrices is None or op.x.type.dtype.bytes > 1:
        return None
    outer, rows, columns = matrices
    x_step, y_step = rows.strides[0], columns.strides[1]
    shorter, longer = sorted((rows.extent, columns.extent))
    if longer < LEAST:
        return None
    name, bands = "edgec_transpose_dsp_8", -(-shorter // LEAST)
    planes: tuple[Expr, ...] = ()
    if (rows.extent, y_step) == (PLANES, PLANES):
        name, bands, planes = "edgec_planes_to_pixels_dsp_8", 1, (Int(x_step), Int(columns.extent))
    elif (columns.extent, x_step) == (PLANES, PLANES):
        name, bands, planes = "edgec_pixels_to_planes_dsp_8", 1, (Int(y_step), Int(rows.extent))
    elif shorter < LEAST:
        return None
    fields: Fields = {
        "rows": Int(rows.extent),
        "columns": Int(columns.extent),
        "x_step": Int(x_step),
        "y_step": Int(y_step),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        shape = () if planes else (emitter.struct("edgec_transpose_dsp", fields),)

        def call(offsets: list[Expr]) -> list[Stmt]:
            at = (add(place, offset) for place, offset in zip(places, offsets, strict=True))
            return [Evaluate(Call(name, (*shape, *at, *planes)))]

        return nest(outer, 2, call)

    count = prod(axis.extent for axis in outer)
    work = {LAYER: 1, "matrices": count, "bands": count * bands, "blocks": count * bands * -(-longer // LEAST)}
    return Kernel(name, "transpose_dsp.h", emit, work=work)
