"""Transposed matrices of float32 on hosts; images of three planes become pixels."""

from functools import partial
from math import prod

from edgec.codegen.axes import nest, transposed_matrices, transposed_matrix
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Transpose

LINE = 16
"""Lines of the result that are written together."""


def lower_transpose_lanes(lanes: Lanes, op: Transpose) -> Kernel | None:
    """Where runs do not stay as they are."""
    if op.x.type.dtype is not DType.F32:
        return None
    matrix = transposed_matrix(op.x.shape, op.perm)
    return _planes(lanes, op, matrix[0]) if matrix is not None and matrix[1] == 3 else _matrices(lanes, op)


def _planes(lanes: Lanes, op: Transpose, pixels: int) -> Kernel:
    name = lanes.kernel("planes")

    def emit(emitter: Emitter) -> list[Stmt]:
        return [Evaluate(Call(name, (Int(pixels), emitter.pointer(op.x), emitter.pointer(op.result))))]

    work = {LAYER: 1, "vectors": pixels // lanes.lanes, "rest": pixels % lanes.lanes}
    return Kernel(name, "planes_lanes_f32.h", emit, work=work)


def _matrices(lanes: Lanes, op: Transpose) -> Kernel | None:
    matrices = transposed_matrices(op.x.shape, op.perm)
    if matrices is None:
        return None
    outer, rows, columns = matrices
    name = lanes.kernel("transpose")
    numbers = (rows.extent, columns.extent, rows.strides[0], columns.strides[1])

    def emit(emitter: Emitter) -> list[Stmt]:
        def call(offsets: list[Expr]) -> list[Stmt]:
            places = (emitter.pointer(v) for v in (op.x, op.result))
            at = (add(place, offset) for place, offset in zip(places, offsets, strict=True))
            return [Evaluate(Call(name, (*map(Int, numbers), *at)))]

        return nest(outer, 2, call)

    count, block = prod(axis.extent for axis in outer), min(lanes.lanes, 8)
    blocks = (rows.extent // block) * (columns.extent // block)
    work = {
        LAYER: 1,
        "matrices": count,
        "lines": count * -(-rows.extent // LINE),
        "blocks": count * blocks,
        "rest": count * (rows.extent * columns.extent - blocks * block * block),
    }
    return Kernel(name, "transpose_lanes_f32.h", emit, work=work)


for _lanes in FAMILIES:
    lowers(Transpose, family=_lanes.family)(partial(lower_transpose_lanes, _lanes))
