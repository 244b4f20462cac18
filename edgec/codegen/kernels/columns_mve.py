"""Rows of input written column by column, so that windows are runs of bytes, for the vectors of Armv8.1-M."""

from edgec.codegen.ctree import Int
from edgec.codegen.emitter import Fields
from edgec.codegen.kernels.blocks_mve import SCRATCH, STEP, steps
from edgec.codegen.kernels.strips import Geometry
from edgec.ir import Value
from edgec.ir.requantization import zero_of

LANES = 16
"""Bytes of a vector."""

FARTHEST = 248
"""Bytes that the last lane of a scattered vector may lie behind the first."""


def reach_bytes(columns: Geometry, column: int) -> int:
    """Bytes from the first column, of so many bytes each, to where the last window's last step ends."""
    return (columns.out - 1) * columns.stride * column + STEP * steps(columns.kernel * column)


def column_fields(
    x: Value, columns: Geometry, kernel_rows: int, dilation: int, pixel: int, groups: int
) -> Fields | None:
    """The fields of an ``edgec_conv2d_columns_mve`` but its block; None for what doesn't go by columns.

    Of ``groups`` of channels a window sees one, which is ``pixel`` bytes of a pixel; ``dilation`` is that of rows.
    """
    size = x.type.dtype.bytes
    column = kernel_rows * pixel
    together = max(LANES // pixel, 1) * pixel
    places = [lane // pixel * column + lane % pixel for lane in range(LANES)]
    if places[-1] > 255 or columns.dilation > 1 or columns.out < 2 or reach_bytes(columns, column) > SCRATCH * size:
        return None
    if size > 1 and zero_of(x):
        return None
    return {
        "places": tuple(map(Int, places)),
        "step": Int(together),
        "advance": Int(together // pixel * column),
        "kernel_rows": Int(kernel_rows),
        "channels": Int(pixel),
        "next": Int(pixel * groups),
        "first": Int(columns.skipped * pixel * groups),
        "count": Int(columns.taken),
        "before": Int(columns.padding * column),
        "bytes": Int(columns.reach(columns.out) * column),
        "dilation": Int(dilation),
        "pixel": Int(columns.stride * column),
        "out_width": Int(columns.out),
        "x_zero": Int(zero_of(x)),
        "groups": Int(groups),
        "stream": Int(0),
    }
