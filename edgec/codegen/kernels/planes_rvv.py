"""Convolutions of bytes to few channels with RVV: pixels in lanes."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import Channels
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import Geometry, StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

LANES = 32
"""Of vectors of 128 bits; a choice that is right with these is no bad one with longer vectors."""

TOGETHER = 3
"""Channels for which pixels are read once."""

STRIP = 4
"""Rows of output that share planes."""

SCRATCH = 1 << 14
"""Bytes that planes may take."""


def lower_planes_rvv(op: Conv2d) -> Kernel | None:
    """Where pixels of a row fill vectors better than channels do."""
    rows, columns = geometry(op)
    channels, outs = op.x.shape[3], op.result.shape[3]
    phase = -(-columns.reach(columns.out) // columns.stride)
    plane = 2 * columns.stride * phase
    strip = min(STRIP, rows.out)
    scratch = rows.reach(strip) * channels * plane
    if op.groups > 1 or rows.dilation > 1 or scratch > SCRATCH:
        return None
    if outs * _vectors(columns.out) >= columns.out * _vectors(outs):
        return None
    layer = Channels.of(weighted_sums(op, [known(op, op.w)]))
    if layer is None:
        return None
    codes = np.stack([layer.bias, layer.multiplier, layer.shift], axis=1).astype(np.int32)
    shifts = [kx * columns.dilation for kx in range(columns.kernel)]
    offsets = [2 * (s % columns.stride * phase + s // columns.stride) for s in shifts]
    name = "edgec_conv2d_planes_rvv_i8"

    def prepare(emitter: Emitter) -> StripCall:
        fields: Fields = {
            "offsets": emitter.array("offsets", np.array(offsets, np.int32)),
            "kernel_width": Int(columns.kernel),
            "planes": Int(rows.kernel * channels),
            "plane": Int(plane),
            "out_width": Int(columns.out),
            "out_channels": Int(outs),
            "zero_point": Int(zero_of(op.result)),
            **clamp_codes(op.result, op.clamp),
            "weights": emitter.array("weights", _by_threes(layer.weights.reshape(outs, *op.kernel, channels))),
            "codes": emitter.array("scaling", codes.reshape(-1), "[out]: bias, multiplier, shift"),
            "phases": emitter.array("phases", _phases(columns, channels, phase)),
            "stride_x": Int(columns.stride),
            "stride": Int(rows.stride),
            "kernel_rows": Int(rows.kernel),
            "channels": Int(channels),
            "x_zero": Int(zero_of(op.x)),
        }
        shape = emitter.struct("edgec_conv2d_planes_rvv", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    images, counts = op.result.shape[0], strips_of(rows.out, strip, lambda rest: rest)
    planes = images * sum(rows.reach(count) for count in counts) * channels
    taps = rows.kernel * columns.kernel * channels
    calls = images * rows.out * -(-outs // TOGETHER)
    fours, rest = divmod(rows.kernel * channels, 4)
    work: dict[str, float] = {
        LAYER: 1,
        "strips": images * len(counts),
        "planes": planes,
        "phases": planes * columns.stride,
        "taken": planes * -(-columns.taken // 16),
        "filled": -(-planes * plane // 16),
        "clamped": -(-op.result.type.elements // 16) if clamps(op.result, op.clamp) else 0,
    }
    for lanes in (32, 64):
        vectors = -(-columns.out // lanes)
        work |= {f"vectors{lanes}": calls * vectors, f"columns{lanes}": calls * vectors * columns.kernel}
        work |= {f"fours{lanes}": calls * vectors * columns.kernel * fours}
        work |= {f"rest{lanes}": calls * vectors * columns.kernel * rest}
        # A tap is two instructions, and two for each channel.
        work |= {f"channels{lanes}": images * rows.out * outs * vectors}
        work |= {f"taps{lanes}": (2 * calls + 2 * images * rows.out * outs) * vectors * taps}
    return by_strips(name, "conv2d_planes_rvv.h", op, strip, lambda rest: rest, prepare, scratch, work=work)


def _vectors(lanes: int) -> int:
    return -(-lanes // LANES)


def _by_threes(weights: Array) -> Array:
    """``weights[out, row, column, channel]`` as ``[out / 3, column, row, channel, 3]``, flat; at last what is left."""
    groups = [weights[c : c + TOGETHER] for c in range(0, len(weights), TOGETHER)]
    return np.concatenate([g.transpose(2, 1, 3, 0).reshape(-1) for g in groups])


def _phases(columns: Geometry, channels: int, phase: int) -> Array:
    """i32 ``[stride, 3]``: of each a stride's column, the first one in bytes, how many, and their place in a plane."""
    result = []
    for number in range(columns.stride):
        place = max(-(-(columns.padding - number) // columns.stride), 0)
        column = place * columns.stride + number - columns.padding
        count = max(-(-(columns.taken - column) // columns.stride), 0)
        result.append(((columns.skipped + column) * channels, count, number * phase + place))
    return np.array(result, np.int32).reshape(-1)
