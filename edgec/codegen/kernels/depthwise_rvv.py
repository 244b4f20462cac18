"""Depthwise convolutions of bytes with RVV: pixels and their channels in lanes."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import Channels, padding
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

MOST_ROWS, SCRATCH = 8, 1 << 14
"""Rows of output that share copies of rows of input, and bytes that these may take unless those of one row do."""

LANES = 64
"""Fewer channels stand for several pixels, as many as fit: two vectors of 128 bits, one of 256."""


def lower_depthwise_rvv(op: Conv2d) -> Kernel | None:
    """One of as many channels as of input."""
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    given = Channels.of(weighted_sums(op, [known(op, op.w)])) if op.w.shape[0] == channels else None
    if given is None:
        return None
    row, column = columns.reach(columns.out) * channels, columns.dilation * channels
    offsets = [ky * rows.dilation * row + kx * column for ky in range(rows.kernel) for kx in range(columns.kernel)]
    fit = given.pairs_fit
    layer = given if fit else given.apart
    offsets = offsets if fit else [o for offset in offsets for o in (offset, offset)]
    # Pixels whose windows are no neighbours are no neighbouring lanes.
    pixels = min(max(LANES // channels, 1), columns.out) if columns.stride == 1 else 1
    fitting = [r for r in range(1, min(MOST_ROWS, rows.out) + 1) if r == 1 or rows.reach(r) * row <= SCRATCH]
    strips = -(-rows.out // fitting[-1])
    strip = -(-rows.out // strips)
    name = "edgec_depthwise3x3_rvv_i8" if fit and op.kernel == (3, 3) else "edgec_depthwise_rvv_i8"

    def prepare(emitter: Emitter) -> StripCall:
        fields: Fields = {
            "weights": emitter.array("weights", np.tile(layer.paired, (1, pixels, 1)).reshape(-1), "[pairs][lane][2]"),
            "bias": emitter.array("bias", np.tile(layer.bias, pixels)),
            "multiplier": emitter.array("multiplier", np.tile(layer.multiplier, pixels)),
            "shift": emitter.array("shift", np.tile(layer.shift, pixels)),
            "offsets": emitter.array("offsets", np.array(offsets + [0] * (len(offsets) % 2), np.int32)),
            "pairs": Int(len(layer.paired)),
            "period": Int(pixels * channels),
            "step": Int(pixels * columns.stride * channels),
            "lanes": Int(columns.out * channels),
            "zero_point": Int(zero_of(op.result)),
            "column": Int(column),
            "skip": Int(rows.dilation * row - (columns.kernel - 1) * column),
            "advance": Int(rows.stride * row),
            **clamp_codes(op.result, op.clamp),
            "padded": padding(rows, columns, channels, zero_of(op.x)),
        }
        shape = emitter.struct("edgec_depthwise_rvv", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    images, counts = op.result.shape[0], strips_of(rows.out, strip, lambda rest: rest)
    lines = images * sum(rows.reach(count) for count in counts)
    periods = images * rows.out * -(-columns.out // pixels)
    work: dict[str, float] = {
        LAYER: 1,
        "strips": images * len(counts),
        "lines": lines,
        "copied": lines * -(-columns.taken * channels // 16),
        "filled": -(-lines * row // 16),
        "clamped": -(-op.result.type.elements // 16) if clamps(op.result, op.clamp) else 0,
    }
    for lanes in (16, 32, 64):
        chunks = -(-pixels * channels // lanes)
        work |= {f"chunks{lanes}": chunks * images * len(counts), f"windows{lanes}": chunks * periods}
        work |= {f"rows{lanes}": chunks * images * rows.out, f"pairs{lanes}": chunks * periods * len(layer.paired)}
    return by_strips(name, "depthwise_rvv.h", op, strip, lambda rest: rest, prepare, rows.reach(strip) * row, work=work)
