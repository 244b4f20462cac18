"""Depthwise convolutions of bytes and halfwords by any window with the vectors of Armv8.1-M, 8 channels at a time."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import SCRATCH, code_parameters
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import SIZES, weighted_sums
from edgec.ir import Array
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

GROUP = 8
"""Channels at a time."""


def lower_depthwise_channels_mve(op: Conv2d) -> Kernel | None:
    """One of as many channels as of input, of two columns or more."""
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    if op.w.shape[0] != channels or columns.out < 2:
        return None
    sums = weighted_sums(op, [known(op, op.w)])
    parameters = code_parameters(sums, channels)
    size = SIZES.get(sums.types, 0)
    if not size or parameters is None or (size > 1 and zero_of(op.x)):
        return None
    packed = _stream(sums.weights[0].reshape(channels, -1), parameters)
    reach = columns.reach(columns.out)
    chunk = min(channels, max(SCRATCH // (rows.kernel * reach * size) // GROUP * GROUP, GROUP))
    row, column = reach * chunk * size, columns.dilation * chunk * size
    name = f"edgec_depthwise_channels_mve_{op.result.type.dtype.value}"

    def prepare(emitter: Emitter) -> StripCall:
        fields: Fields = {
            "stream": emitter.array("channels", packed.reshape(-1), "groups of channels"),
            "group": Int(packed.shape[1]),
            "channels": Int(channels),
            "zero_point": Int(zero_of(op.result)),
            "kernel_rows": Int(rows.kernel),
            "kernel_width": Int(columns.kernel),
            "pixel": Int(chunk * columns.stride * size),
            "column": Int(column),
            "skip": Int(row - columns.kernel * column),
            "out_width": Int(columns.out),
            "chunk": Int(chunk),
            "first": Int(columns.skipped),
            "count": Int(columns.taken),
            "before": Int(columns.padding),
            "row": Int(row),
            "dilation": Int(rows.dilation),
            "x_zero": Int(zero_of(op.x)),
            **clamp_codes(op.result, op.clamp),
        }
        shape = emitter.struct("edgec_depthwise_channels_mve", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, out, emitter.scratch)))]

        return call

    scratch = rows.kernel * row + (GROUP - 1) * size
    return by_strips(name, "depthwise_channels_mve.h", op, 1, lambda rest: rest, prepare, scratch)


def _stream(weights: Array, parameters: Array) -> Array:
    """The kernel's stream, u32 ``[groups, words]``, of ``weights[channels, taps]``, i8."""
    beyond = -len(weights) % GROUP
    taps = np.pad(weights, ((0, beyond), (0, 0))).reshape(-1, GROUP, weights.shape[1]).swapaxes(1, 2)
    words = np.pad(parameters, ((0, 0), (0, beyond))).reshape(3, -1, GROUP // 2, 2).transpose(1, 0, 3, 2)
    bias, multipliers, right = words.reshape(len(taps), 3, GROUP).swapaxes(0, 1).view(np.uint32)
    parts = bias, np.ascontiguousarray(taps).reshape(len(taps), -1).view(np.uint32), multipliers, right
    return np.concatenate(parts, axis=1)
