"""Resampling of float32 along an axis on hosts."""

from functools import partial
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Resample


def lower_resample_lanes(lanes: Lanes, op: Resample) -> Kernel | None:
    """By places and weights that are known, where what lies behind the axis fills half a vector."""
    extent, (count, taps) = op.x.shape[op.axis], op.indices.shape
    outer, inner = prod(op.x.shape[: op.axis]), prod(op.x.shape[op.axis + 1 :])
    places, weights = op.indices.data, op.weights.data
    if op.x.type.dtype is not DType.F32 or places is None or weights is None or 2 * inner < lanes.lanes or not taps:
        return None
    if places.min(initial=0) < -extent or places.max(initial=0) >= extent:
        return None
    name = lanes.kernel("resample")

    def emit(emitter: Emitter) -> list[Stmt]:
        own = emitter.array("places", np.where(places < 0, places + extent, places).astype(np.int32))
        operands = emitter.pointer(op.x), own, emitter.pointer(op.weights), emitter.pointer(op.result)
        return [Evaluate(Call(name, (*map(Int, (outer, extent, inner, count, taps)), *operands)))]

    vectors = outer * count * -(-inner // lanes.lanes)
    work = {LAYER: 1, "places": outer * count, "vectors": vectors, "taps": vectors * taps}
    return Kernel(name, "resample_lanes_f32.h", emit, work=work)


for _lanes in FAMILIES:
    lowers(Resample, family=_lanes.family)(partial(lower_resample_lanes, _lanes))
