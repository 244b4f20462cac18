"""Depthwise convolutions of bytes in vectors of hosts."""

from math import gcd

import numpy as np

from edgec.codegen.ctree import Call, Cast, Declare, Evaluate, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.lanes_i8 import ALIGN, Lanes, Products
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

MOST_TAPS = 16
"""Groups of a window, all of whose weights have names."""

SLACK = 64
"""Groups of a row that are written behind its end."""


def lower_depthwise_lanes(op: Conv2d, lanes: Lanes) -> Kernel | None:
    """One channel a group, and as many results."""
    rows, columns = geometry(op)
    channels, outs = op.x.shape[3], op.w.shape[0]
    heights = lanes.groups(rows.kernel)
    taps = heights * columns.kernel
    if not op.groups == channels == outs or taps > MOST_TAPS:
        return None
    products = Products.of(lanes, weighted_sums(op, [known(op, op.w)]), (rows.kernel, columns.kernel))
    if products is None:
        return None
    # Pixels whose channels are neighbours in x as in y share a vector.
    together = gcd(columns.out, max(lanes.sums // channels, 1)) if columns.stride == 1 else 1
    products = products.repeated(together)
    # Rows of a group that one window leaves are those of the windows below.
    neighbours = rows.stride == rows.dilation == 1
    strip = min(lanes.group - rows.kernel + 1, rows.out) if neighbours and heights == 1 else 1
    line = columns.reach(columns.out) * channels
    name = f"edgec_depthwise_{lanes.family}_i8"

    def prepare(emitter: Emitter) -> StripCall:
        places = [h * line + k * columns.dilation * channels for h in range(heights) for k in range(columns.kernel)]
        padded = (
            Int(columns.skipped * channels),
            Int(columns.taken * channels),
            Int(columns.padding * channels),
            Int(columns.behind * channels),
            Int(zero_of(op.x)),
        )
        coded = products.coded(op.result, op.clamp)
        shape = emitter.struct(
            "edgec_depthwise_i8",
            {
                "taps": tuple(map(Int, places)),
                "pixel": Int(together * columns.stride * channels),
                "channels": Int(products.outs),
                **coded.fields,
            },
        )
        weights = [
            emitter.array(f"weights{row}", _packed(products, row), "[vectors][taps][sums][group]", ALIGN)
            for row in range(strip)
        ]
        codes = coded.array(emitter)

        def call(pointers: Expr, count: int, out: Expr) -> list[Stmt]:
            fields: Fields = {
                "padded": padded,
                "rows": Int(rows.kernel + count - 1),
                "dilation": Int(rows.dilation),
            }
            interleaved = emitter.struct("edgec_interleaved_i8", fields, f"rows{count}")
            x, padding = Name("groups"), add(Cast("int8_t *", emitter.scratch), Int(groups))
            found: list[Stmt] = [
                Declare("edgec_input *const", "groups", Cast("edgec_input *", emitter.scratch)),
                Evaluate(Call("edgec_interleaved_rows_i8", (interleaved, pointers, x, padding))),
            ]
            for row in range(count):
                y = add(out, Int(row * columns.out * channels))
                arguments = (shape, weights[row], codes, Int(columns.out // together), x, y)
                found.append(Evaluate(Call(f"edgec_depthwise_{taps}", arguments)))
            return found

        return call

    groups = (heights * line + SLACK) * lanes.group * lanes.bytes
    scratch = groups + columns.taken * channels
    return by_strips(name, "depthwise_i8.h", op, strip, lambda rest: rest, prepare, scratch)


def _packed(products: Products, above: int) -> np.ndarray[tuple[int, ...], np.dtype[np.integer]]:
    """``[vectors][groups of rows][columns][sums][group]``, with so many rows of nothing above."""
    lanes = products.lanes
    outs, rows, taps, _ = products.weights.shape
    below = -(above + rows) % lanes.group
    padded = np.pad(products.weights[..., 0], ((0, -outs % lanes.sums), (above, below), (0, 0)))
    padded = padded.reshape(-1, lanes.sums, lanes.groups(rows), lanes.group, taps)
    return np.ascontiguousarray(padded.transpose(0, 2, 4, 1, 3)).reshape(-1)
