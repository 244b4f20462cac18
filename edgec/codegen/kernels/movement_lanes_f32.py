"""Movement of float32 on hosts: images of three planes become pixels."""

from functools import partial

from edgec.codegen.axes import transposed_matrix
from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Transpose


def lower_transpose_lanes(lanes: Lanes, op: Transpose) -> Kernel | None:
    """Three planes to pixels."""
    matrix = transposed_matrix(op.x.shape, op.perm)
    if op.x.type.dtype is not DType.F32 or matrix is None or matrix[1] != 3:
        return None
    pixels, name = matrix[0], lanes.kernel("planes")

    def emit(emitter: Emitter) -> list[Stmt]:
        return [Evaluate(Call(name, (Int(pixels), emitter.pointer(op.x), emitter.pointer(op.result))))]

    work = {LAYER: 1, "vectors": pixels // lanes.lanes, "rest": pixels % lanes.lanes}
    return Kernel(name, "planes_lanes_f32.h", emit, work=work)


for _lanes in FAMILIES:
    lowers(Transpose, family=_lanes.family)(partial(lower_transpose_lanes, _lanes))
