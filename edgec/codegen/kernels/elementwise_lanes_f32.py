"""Elementwise functions of float32 on hosts."""

from functools import partial
from math import prod

import numpy as np

from edgec.codegen.axes import nest
from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.binary import merged_axes
from edgec.codegen.kernels.literals import clamp_literals, literal
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.graph import attribute_fields
from edgec.ir.ops import (
    Add,
    Arithmetic,
    Binary,
    Clip,
    Div,
    Elu,
    Erf,
    Exp,
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Max,
    Min,
    Mul,
    Reciprocal,
    Relu,
    Sigmoid,
    Sqrt,
    Sub,
    Swish,
    Tanh,
    Unary,
)

HEADER = "elementwise_lanes_f32.h"

FUNCTIONS = (
    *(Clip, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, LeakyRelu),
    *(Reciprocal, Relu, Sigmoid, Sqrt, Swish, Tanh),
)


def lower_unary_lanes(lanes: Lanes, op: Unary) -> Kernel | None:
    """One run over all elements."""
    if op.x.type.dtype is not DType.F32 or (isinstance(op, Gelu) and op.approximate):
        return None
    name, count = lanes.kernel("clamp" if isinstance(op, Clip) else op.opname), op.x.type.elements
    names = [name for name in attribute_fields(type(op)) if name not in ("inplace", "approximate")]
    parameters = [literal(getattr(op, name), DType.F32) for name in names]

    def emit(emitter: Emitter) -> list[Stmt]:
        return [Evaluate(Call(name, (*parameters, emitter.pointer(op.x), emitter.pointer(op.result), Int(count))))]

    return Kernel(name, HEADER, emit, work={LAYER: 1, "vectors": -(-count // lanes.lanes)})


def lower_binary_lanes(lanes: Lanes, op: Binary) -> Kernel | None:
    """Runs of results, for which each operand has as many elements, or one; a constant's reciprocal multiplies."""
    if op.a.type.dtype is not DType.F32:
        return None
    axes = merged_axes([op.a, op.b], op.result)
    if not axes or axes[-1].extent < lanes.lanes or not {*axes[-1].strides[:2]} <= {0, 1}:
        return None
    *outer, run = axes
    inverse = isinstance(op, Div) and op.b.data is not None and op.b.data.size == 1
    name = lanes.kernel("mul" if inverse else op.opname)
    limits = clamp_literals(op.clamp if isinstance(op, Arithmetic) else None, DType.F32)
    steps = [Int(step) for step in run.strides[:2]]

    def emit(emitter: Emitter) -> list[Stmt]:
        places = [emitter.pointer(v) for v in (op.a, op.b, op.result)]
        if inverse and op.b.data is not None:
            places[1] = emitter.array("inverse", np.float32(1) / op.b.data)

        def body(offsets: list[Expr]) -> list[Stmt]:
            pointers = [add(place, offset) for place, offset in zip(places, offsets, strict=True)]
            return [Evaluate(Call(name, (Int(run.extent), *steps, *limits, *pointers)))]

        return nest(outer, 3, body)

    runs = prod(axis.extent for axis in outer)
    work = {LAYER: 1, "runs": runs, "vectors": runs * -(-run.extent // lanes.lanes)}
    return Kernel(name, HEADER, emit, work=work)


for _lanes in FAMILIES:
    lowers(*FUNCTIONS, family=_lanes.family)(partial(lower_unary_lanes, _lanes))
    lowers(Add, Div, Max, Min, Mul, Sub, family=_lanes.family)(partial(lower_binary_lanes, _lanes))
