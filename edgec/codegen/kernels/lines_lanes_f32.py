"""Softmax and normalization of float32 along the last axis, on hosts."""

from functools import partial
from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import literal
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Normalize, Softmax


def lower_softmax_lanes(lanes: Lanes, op: Softmax) -> Kernel | None:
    """Lines whose elements lie together."""
    if op.x.type.dtype is not DType.F32 or prod(op.x.shape[op.axis + 1 :]) > 1:
        return None
    axis = op.x.shape[op.axis]
    lines, name = op.x.type.elements // axis, lanes.kernel("softmax")

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        return [Evaluate(Call(name, (Int(lines), Int(axis), *places)))]

    return Kernel(name, "softmax_lanes_f32.h", emit, work=_work(lanes, lines, axis))


def lower_normalize_lanes(lanes: Lanes, op: Normalize) -> Kernel | None:
    """Over the last axes, by scale and bias that these have."""
    first = op.x.type.rank - len(op.axes)
    axis = prod(op.x.shape[first:])
    last = tuple(op.axes) == tuple(range(first, op.x.type.rank)) and op.groups == 1
    given = [op.scale, *([] if op.bias is None else [op.bias])]
    along = all(v.type.elements == axis and v.shape[-len(op.axes) :] == op.x.shape[first:] for v in given)
    if op.x.type.dtype is not DType.F32 or not last or not along:
        return None
    lines, name = op.x.type.elements // axis, lanes.kernel("normalize")

    def emit(emitter: Emitter) -> list[Stmt]:
        x, scale, bias, y = (emitter.optional(v) for v in (op.x, op.scale, op.bias, op.result))
        numbers = (Int(lines), Int(axis), Int(int(op.centered)), literal(op.epsilon, DType.F32))
        return [Evaluate(Call(name, (*numbers, x, scale, bias, y)))]

    return Kernel(name, "normalize_lanes_f32.h", emit, work=_work(lanes, lines, axis))


def _work(lanes: Lanes, lines: int, axis: int) -> dict[str, float]:
    return {LAYER: 1, "lines": lines, "vectors": lines * -(-axis // lanes.lanes)}


for _lanes in FAMILIES:
    lowers(Softmax, family=_lanes.family)(partial(lower_softmax_lanes, _lanes))
    lowers(Normalize, family=_lanes.family)(partial(lower_normalize_lanes, _lanes))
