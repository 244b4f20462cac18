"""Convolutions of bytes with RVV by rows written column by column."""

from dataclasses import replace

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import Channels
from edgec.codegen.kernels.literals import clamps
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

PIXELS = 3
"""Of a block."""

MOST_ROWS, SCRATCH = 6, 1 << 14
"""Rows of output whose pixels share blocks, and bytes that their columns may take."""


def lower_columns_rvv(op: Conv2d, channels: Channels) -> list[Kernel]:
    """Where columns are neighbours and their bytes few enough: one for each height of strips."""
    rows, columns = geometry(op)
    column = rows.kernel * op.x.shape[3]
    row = columns.reach(columns.out) * column
    strips = [
        strip
        for strip in range(1, min(MOST_ROWS, rows.out) + 1)
        if strip * columns.out >= PIXELS and strip * row <= SCRATCH
    ]
    if columns.dilation > 1:
        return []
    strips.sort(key=lambda s: (-(-s * columns.out // PIXELS) / s, s))
    return [_by_strips(op, channels, strip) for strip in strips]


def _by_strips(op: Conv2d, channels: Channels, strip: int) -> Kernel:
    rows, columns = geometry(op)
    column = rows.kernel * op.x.shape[3]
    row = columns.reach(columns.out) * column
    outs, *window = op.w.shape
    weights = channels.weights.reshape(outs, *window).swapaxes(1, 2)
    block = replace(channels, weights=np.ascontiguousarray(weights).reshape(outs, -1))
    places = [r * row + p * columns.stride * column for r in range(strip) for p in range(columns.out)]
    name = "edgec_conv2d_columns_rvv_i8"

    def prepare(emitter: Emitter) -> StripCall:
        fields: Fields = {
            "block": tuple(block.block(emitter, op.result, op.clamp).values()),
            "places": emitter.array("places", np.array(places, np.int32)),
            "kernel_rows": Int(rows.kernel),
            "channels": Int(op.x.shape[3]),
            "column": Int(column),
            "first": Int(columns.skipped * op.x.shape[3]),
            "count": Int(columns.taken),
            "before": Int(columns.padding * column),
            "row": Int(row),
            "stride": Int(rows.stride),
            "dilation": Int(rows.dilation),
            "out_width": Int(columns.out),
            "x_zero": Int(zero_of(op.x)),
        }
        shape = emitter.struct("edgec_conv2d_columns_rvv", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    def made(rest: int) -> int:
        return rest if rest * columns.out >= PIXELS else strip

    counts = strips_of(rows.out, strip, made) * op.result.shape[0]
    lines = sum(counts)
    work = {
        LAYER: 1,
        **channels.pixels_work([count * columns.out for count in counts]),
        "lines": lines,
        "filled": lines * -(-row // 16),
        "copies": lines * rows.kernel,
        "columns": lines * rows.kernel * columns.taken,
        "vectors": lines * rows.kernel * columns.taken * -(-op.x.shape[3] // 16),
        "clamped": -(-op.result.type.elements // 16) if clamps(op.result, op.clamp) else 0,
    }
    return by_strips(name, "conv2d_columns_rvv.h", op, strip, made, prepare, strip * row, work=work)
