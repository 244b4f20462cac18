"""Depthwise convolutions of bytes with the vectors of Armv8.1-M."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import SCRATCH, pair_groups, stream
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
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
    return by_strips(name, "depthwise_mve.h", op, strip, lambda rest: strip, prepare, 4 * chunk * reach + 60 + chunk)
