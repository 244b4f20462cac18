"""Convolutions of bytes with the vectors of Armv8.1-M."""

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.blocks_dsp import TYPES
from edgec.codegen.kernels.blocks_mve import STEP, block, pair_groups, steps, stream
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_mve import lower_depthwise_mve
from edgec.codegen.kernels.elementwise_mve import lower_scale_mve
from edgec.codegen.kernels.patch_rows import conv_of_patches
from edgec.codegen.kernels.products_mve import lower_dense_mve
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.strips import geometry
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir.ops import Conv2d, Convolution


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
    return conv_of_patches(
        op, "mve", 2, STEP * steps(taps), lambda emitter: block(emitter, packed, taps, outs, op.result, op.clamp)
    )
