"""Matrix products of two tensors of float32 on hosts."""

from collections.abc import Callable
from functools import partial
from math import prod

import numpy as np

from edgec.codegen.axes import Axis, broadcast_strides, merge, nest
from edgec.codegen.ctree import Call, Cast, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.products_lanes_f32 import products, tile_work
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import ALIGN, FAMILIES, Lanes, Windows
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import MatMul

HEADER = "matmul_lanes_f32.h"

FEW = 4
"""Rows of a from which on it pays to rearrange b."""


def lower_matmul_lanes(lanes: Lanes, op: MatMul) -> Kernel | None:
    """Where b meets some rows of a, it is rearranged to what weights are, in scratch; few take it as it lies."""
    *_, rows, inner = op.a.shape
    columns = op.b.shape[-1]
    if op.a.type.dtype is not DType.F32 or 2 * columns < lanes.lanes:
        return None
    if rows < FEW:
        return _few_rows(lanes, op)
    product = products(lanes, columns, None, Windows(inner, 0, 1, 0, 1, 0, inner), 1, rows)[0]
    panel, name = lanes.kernel("panel"), lanes.kernel("matmul")

    def emit(emitter: Emitter) -> list[Stmt]:
        panels = Cast("float *", emitter.scratch)
        zeros = emitter.array("zeros", np.zeros(product.whole, np.float32), align=ALIGN)

        def one(a: Expr, b: Expr, y: Expr) -> list[Stmt]:
            statements: list[Stmt] = []
            for group in product.groups:
                step, number = group.vectors * lanes.lanes, Name("panel")
                index = mul(number, Int(step)) if group.count > 1 else Int(0)
                width = step - lanes.lanes + group.last
                target = add(add(panels, Int(group.first * inner)), mul(index, Int(inner)))
                arguments = (Int(inner), Int(columns), Int(width), add(add(b, Int(group.first)), index), target)
                call: list[Stmt] = [Evaluate(Call(panel, arguments))]
                statements += [For(number.text, 0, group.count, call)] if group.count > 1 else call
            return statements + product.emit(emitter, (panels, zeros), 1, rows, (a, y), (0, columns))

        return _matrices(emitter, op, one)

    count = prod(op.result.shape[:-2])
    work = tile_work(product, [(1, rows)] * count)
    work["arranged"] = count * inner * product.whole
    return Kernel(name, HEADER, emit, 4 * inner * product.whole, work=work)


def _few_rows(lanes: Lanes, op: MatMul) -> Kernel:
    *_, rows, inner = op.a.shape
    columns, name = op.b.shape[-1], lanes.kernel("matmul_rows")

    def emit(emitter: Emitter) -> list[Stmt]:
        def one(a: Expr, b: Expr, y: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (Int(rows), Int(inner), Int(columns), a, b, y)))]

        return _matrices(emitter, op, one)

    every = rows * prod(op.result.shape[:-2])
    blocks, rest = divmod(columns, 8 * lanes.lanes)
    vectors = -(-rest // lanes.lanes)
    work = {
        LAYER: 1,
        "rows": every,
        "blocks": every * blocks,
        "block_turns": every * blocks * inner,
        "vectors": every * vectors,
        "turns": every * vectors * inner,
    }
    return Kernel(name, HEADER, emit, work=work)


def _matrices(emitter: Emitter, op: MatMul, one: Callable[[Expr, Expr, Expr], list[Stmt]]) -> list[Stmt]:
    """Loops over batch axes; ``one``: the statements for matrices of a, b and the result."""
    strides = [broadcast_strides(v.shape, op.result.shape)[:-2] for v in (op.a, op.b, op.result)]
    axes = merge([Axis(e, tuple(s)) for e, *s in zip(op.result.shape[:-2], *strides, strict=True)])
    pointers = [emitter.pointer(v) for v in (op.a, op.b, op.result)]

    def body(offsets: list[Expr]) -> list[Stmt]:
        a, b, y = (add(pointer, offset) for pointer, offset in zip(pointers, offsets, strict=True))
        return one(a, b, y)

    return nest(axes, 3, body)


for _lanes in FAMILIES:
    lowers(MatMul, family=_lanes.family)(partial(lower_matmul_lanes, _lanes))
