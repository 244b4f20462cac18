"""Convolutions of bytes with the DSP extension."""

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.products_dsp import lower_dense_dsp
from edgec.codegen.kernels.registry import lowers
from edgec.ir.ops import Convolution


@lowers(Convolution, quantized=True, family="dsp")
def lower_convolution_dsp(op: Convolution) -> Kernel | None:
    """A window of one tap that visits every pixel is dense."""
    if is_pointwise(op):
        return lower_dense_dsp(op)
    return None
