"""Convolutions of bytes with the vectors of Armv8.1-M."""

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import TYPES
from edgec.codegen.kernels.blocks_mve import STEP, block, pair_groups, steps, stream
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_mve import lower_depthwise_mve
from edgec.codegen.kernels.elementwise_mve import lower_scale_mve
from edgec.codegen.kernels.products_mve import lower_dense_mve
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.strips import Geometry, geometry, over_strips
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir.ops import Conv2d, Convolution
from edgec.ir.requantization import zero_of

PATCHES = 8
"""Pixels at a time, by whose patches a call of the block is paid off."""


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
        return lower_depthwise_mve(op) if op.groups == op.x.shape[3] else None
    rows, columns = geometry(op)
    sums = weighted_sums(op, [known(op, op.w)])
    outs, channels = op.w.shape[0], op.x.shape[3]
    if sums.types != TYPES or outs < 4 or rows.out * columns.out < 2:
        return None
    taps = rows.kernel * columns.kernel * channels
    packed = stream(sums.weights[0].reshape(outs, taps), sums, pair_groups(outs))
    if packed is None:
        return None
    strip, rest = _strip(rows, columns)
    patches = min(PATCHES, strip * columns.out // 2 * 2)
    run = channels * (columns.kernel if columns.dilation == 1 else 1)

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "run": Int(run),
            "kernel_rows": Int(rows.kernel),
            "pixel": Int(columns.stride * channels),
            "bytes": Int(STEP * steps(taps)),
            "kernel_width": Int(columns.kernel),
            "channels": Int(channels),
            "in_width": Int(columns.extent),
            "out_width": Int(columns.out),
            "stride": Int(rows.stride),
            "stride_x": Int(columns.stride),
            "dilation": Int(rows.dilation),
            "dilation_x": Int(columns.dilation),
            "pad_left": Int(columns.before),
            "x_zero": Int(zero_of(op.x)),
            "patches": Int(patches),
            "block": block(emitter, packed, taps, outs, op.result, op.clamp),
        }
        shape = emitter.struct("edgec_conv2d_mve", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call("edgec_conv2d_mve_i8", (shape, rows, Int(count), out, emitter.scratch)))]

        return over_strips(emitter, op, strip, rest, call)

    return Kernel("edgec_conv2d_mve_i8", "conv2d_mve.h", emit, patches * STEP * steps(taps) + run)


def _strip(rows: Geometry, columns: Geometry) -> tuple[int, int]:
    """Rows of output that a call computes, an even number of pixels if it can be, and those of the last call."""
    strip = next(
        (s for s in range(1, rows.out + 1) if s * columns.out % 2 == 0 and s * columns.out >= PATCHES), rows.out
    )
    rest = rows.out % strip
    return strip, rest if rest * columns.out > 1 else strip
