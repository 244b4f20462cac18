"""Convolutions of bytes with the vectors of Armv8.1-M."""

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.products_mve import lower_dense_mve
from edgec.codegen.kernels.registry import lowers
from edgec.ir.ops import Convolution


@lowers(Convolution, quantized=True, family="mve")
def lower_convolution_mve(op: Convolution) -> Kernel | None:
    """A window of one tap that visits every pixel is dense."""
    if is_pointwise(op):
        return lower_dense_mve(op)
    return None
