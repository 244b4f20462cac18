"""Convolutions of bytes with RVV."""

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.blocks_rvv import Channels
from edgec.codegen.kernels.columns_rvv import lower_columns_rvv
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.conv_lanes_rvv import lower_lanes_rvv
from edgec.codegen.kernels.depthwise_rvv import lower_depthwise_rvv
from edgec.codegen.kernels.patch_rows import conv_of_patches
from edgec.codegen.kernels.planes_rvv import lower_planes_rvv
from edgec.codegen.kernels.products_rvv import lower_dense_rvv
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.strips import geometry
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir import DType
from edgec.ir.ops import Conv2d, Convolution


@lowers(Convolution, quantized=True, family="rvv")
def lower_convolution_rvv(op: Convolution) -> Lowered:
    """A window of one tap that visits every pixel is dense; of the others in 2-D depthwise ones and those without
    groups have kernels. Those of few channels, of groups or of halfwords may have pixels in lanes.
    """
    if op.x.type.dtype is not DType.I8:
        return lower_lanes_rvv(op)
    planes = lower_planes_rvv(op) if isinstance(op, Conv2d) else None
    others = _lower(op)
    found = [planes, *([others] if isinstance(others, Kernel) else others or ())]
    if op.groups > 1:
        found += lower_lanes_rvv(op)
    return [kernel for kernel in found if kernel is not None] or None


def _lower(op: Convolution) -> Lowered:
    """With channels in lanes."""
    if is_pointwise(op):
        return lower_dense_rvv(op)
    if not isinstance(op, Conv2d):
        return None
    if op.groups > 1:
        return lower_depthwise_rvv(op) if op.groups == op.x.shape[3] else None
    rows, columns = geometry(op)
    channels = Channels.of(weighted_sums(op, [known(op, op.w)]))
    if channels is None or rows.out * columns.out < 3:
        return None
    taps = channels.weights.shape[1]
    fields = lambda e: tuple(channels.block(e, op.result, op.clamp).values())  # noqa: E731 - the emitter's name is enough
    patches = conv_of_patches(op, "rvv", 3, taps, fields, channels.pixels_work)
    return [*lower_columns_rvv(op, channels), *patches]
