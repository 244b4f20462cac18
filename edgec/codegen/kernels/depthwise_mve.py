"""Depthwise convolutions of bytes with the vectors of Armv8.1-M."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import SCRATCH, pair_groups, stream
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

LARGEST = 4
"""Rows and columns of a window at most."""


def lower_depthwise_mve(op: Conv2d) -> Kernel | None:
    """By windows of several rows, of as many channels as of input.

    By two rows of output at a time where two windows see the same four rows.
    """
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    if rows.kernel == 1:
        return None
    below = rows.out > 1 and rows.stride == rows.dilation == 1 and rows.kernel < LARGEST
    if op.w.shape[0] != channels or channels < 4 or max(op.kernel) > LARGEST or not (below or columns.out > 1):
        return None
    sums = weighted_sums(op, [known(op, op.w)])
    if sums.types != TYPES:
        return None
    missing = ((0, 0), (0, LARGEST - columns.kernel), (0, LARGEST - rows.kernel))
    taps = np.pad(sums.weights[0][..., 0].swapaxes(1, 2), missing).reshape(channels, -1)
    packed = stream(taps, sums, pair_groups(channels))
    if packed is None:
        return None
    reach = columns.reach(columns.out)
    parts = channels % 4 == 0 and 4 * channels * reach > SCRATCH
    chunk = max(SCRATCH // (4 * reach) // 16 * 16, 16) if parts else channels
    name = "edgec_depthwise_below_mve_i8" if below else "edgec_depthwise_mve_i8"

    def prepare(emitter: Emitter) -> StripCall:
        fields: Fields = {
            "stream": emitter.array("channels", packed.reshape(-1), "groups of channels"),
            "channels": Int(channels),
            "zero_point": Int(zero_of(op.result)),
            "column": Int(4 * chunk * columns.dilation),
            "pixel": Int(4 * chunk * columns.stride),
            "out_row": Int(channels * columns.out),
            "out_width": Int(columns.out),
            "chunk": Int(chunk),
            "kernel_rows": Int(rows.kernel),
            "first": Int(columns.skipped),
            "count": Int(columns.taken),
            "before": Int(columns.padding),
            "behind": Int(columns.behind),
            "dilation": Int(rows.dilation),
            "x_zero": Int(zero_of(op.x)),
            **clamp_codes(op.result, op.clamp),
        }
        shape = emitter.struct("edgec_depthwise_mve", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, out, emitter.scratch)))]

        return call

    strip = 2 if below else 1
    scratch = 4 * chunk * reach + 60 + chunk
    calls = op.result.shape[0] * -(-rows.out // strip)
    chunks, groups = -(-channels // chunk), -(-channels // 4)
    pixels = calls * groups * (columns.out if below else -(-columns.out // 2))
    # Rows that lie in the image with all of their channels are one run; else each column is.
    seen = rows.kernel + below
    first = np.arange(calls // op.result.shape[0]) * strip * rows.stride - rows.before
    last = first + (seen - 1) * rows.dilation
    inside = op.result.shape[0] * int(((first >= 0) & (last < rows.extent)).sum()) if chunks == 1 else 0
    apart = (calls - inside) * chunks * columns.taken
    work = {
        LAYER: 1,
        "strips": calls,
        "chunks": calls * chunks,
        "columns": apart,
        "vectors": inside * -(-columns.taken * channels // 16) + apart * -(-min(chunk, channels) // 16),
        "filled": calls * chunks * -(-(columns.padding + columns.behind) * chunk // 4),
        "windows": calls * (chunks + (1 if channels % 4 else 0)),
        "groups": calls * groups,
        "pixels": pixels,
        "taps": pixels * columns.kernel,
        "clamped": calls * -(-columns.out * channels * strip // 16) if clamps(op.result, op.clamp) else 0,
    }
    return by_strips(name, "depthwise_mve.h", op, strip, lambda rest: strip, prepare, scratch, work=work)
