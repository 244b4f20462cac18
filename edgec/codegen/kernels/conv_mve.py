"""Convolutions of bytes with the vectors of Armv8.1-M."""

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import SCRATCH, STEP, block, block_groups, pair_groups, steps, stream
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_channels_mve import lower_depthwise_channels_mve
from edgec.codegen.kernels.depthwise_mve import lower_depthwise_mve
from edgec.codegen.kernels.elementwise_mve import lower_scale_mve
from edgec.codegen.kernels.patch_rows import conv_of_patches
from edgec.codegen.kernels.products_mve import lower_dense_mve
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import SIZES, weighted_sums
from edgec.ir.ops import Conv2d, Convolution
from edgec.ir.requantization import zero_of

LANES = 16
"""Bytes of a vector."""

FEW = 7
"""Fewer pixels of a row are computed together with those of other rows."""


@lowers(Convolution, quantized=True, family="mve")
def lower_convolution_mve(op: Convolution) -> Kernel | None:
    """A window of one tap that visits every pixel is dense, one input channel per group depthwise.

    Of the others those in 2-D without groups have a kernel.
    """
    if is_pointwise(op):
        return lower_dense_mve(op)
    if is_pointwise(op, op.x.shape[-1]) and op.w.shape[0] == op.groups:
        return lower_scale_mve(op)
    if not isinstance(op, Conv2d):
        return None
    if op.groups > 1:
        each = op.groups == op.x.shape[3]
        return (lower_depthwise_mve(op) or lower_depthwise_channels_mve(op)) if each else None
    rows, columns = geometry(op)
    sums = weighted_sums(op, [known(op, op.w)])
    outs, channels = op.w.shape[0], op.x.shape[3]
    size = SIZES.get(sums.types, 0)
    if not size or outs < 4 or rows.out * columns.out < 2:
        return None
    weights = sums.weights[0]
    taps = rows.kernel * columns.kernel * channels
    by_columns = _columns(op)
    rows_of = (weights.swapaxes(1, 2) if by_columns else weights).reshape(outs, taps)
    packed = stream(rows_of, sums, block_groups(outs, taps) if size == 1 else pair_groups(outs), size)
    if packed is None or (by_columns is None and size > 1):
        return None

    def channels_of(emitter: Emitter) -> tuple[Expr, ...]:
        return block(emitter, packed, taps, outs, op.result, op.clamp, size)

    if by_columns is None:
        return conv_of_patches(op, "mve", 2, STEP * steps(taps), channels_of)
    name = f"edgec_conv2d_columns_mve_{op.result.type.dtype.value}"

    def prepare(emitter: Emitter) -> StripCall:
        shape = emitter.struct("edgec_conv2d_columns_mve", {**by_columns, "block": channels_of(emitter)})

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, out, emitter.scratch)))]

        return call

    return by_strips(name, "conv2d_columns_mve.h", op, 1, lambda rest: rest, prepare, _reach(op))


def _reach(op: Conv2d) -> int:
    """Bytes from the first column to where the last window's last step ends."""
    rows, columns = geometry(op)
    column = rows.kernel * _pixel(op)
    return (columns.out - 1) * columns.stride * column + STEP * steps(columns.kernel * column)


def _pixel(op: Conv2d) -> int:
    """Bytes of a pixel of the input."""
    return op.x.shape[3] * op.x.type.dtype.bytes


def _columns(op: Conv2d) -> Fields | None:
    """The fields of an ``edgec_conv2d_columns_mve`` but its block; None for what goes by patches."""
    rows, columns = geometry(op)
    pixel, size = _pixel(op), op.x.type.dtype.bytes
    column = rows.kernel * pixel
    together = max(LANES // pixel, 1) * pixel
    places = [lane // pixel * column + lane % pixel for lane in range(LANES)]
    # Of few pixels in a row an odd one is dear.
    even = columns.out % 2 == 0 or columns.out >= FEW or rows.out == 1 or size > 1
    if not even or places[-1] > 255 or columns.dilation > 1 or columns.out < 2 or _reach(op) > SCRATCH * size:
        return None
    if size > 1 and zero_of(op.x):
        return None
    return {
        "places": tuple(map(Int, places)),
        "step": Int(together),
        "advance": Int(together // pixel * column),
        "kernel_rows": Int(rows.kernel),
        "channels": Int(pixel),
        "first": Int(columns.skipped * pixel),
        "count": Int(columns.taken),
        "before": Int(columns.padding * column),
        "bytes": Int(columns.reach(columns.out) * column),
        "dilation": Int(rows.dilation),
        "pixel": Int(columns.stride * column),
        "out_width": Int(columns.out),
        "x_zero": Int(zero_of(op.x)),
    }
