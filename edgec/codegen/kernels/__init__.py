"""The choice of kernels: one module a family of operators; importing them registers their lowerings."""

from edgec.codegen.kernels import (
    axis,
    binary,
    conv,
    conv_dsp,
    conv_quantized,
    conv_rv32im,
    conversion,
    indexing,
    movement,
    ngrams,
    normalization,
    pooling,
    products,
    products_dsp,
    products_quantized,
    products_rv32im,
    quantization,
    recurrent,
    reduction,
    requantization,
    resampling,
    spectral,
    unary,
)
from edgec.codegen.kernels.registry import select

FAMILIES = (
    axis,
    binary,
    conv,
    conv_dsp,
    conv_quantized,
    conv_rv32im,
    conversion,
    indexing,
    movement,
    ngrams,
    normalization,
    pooling,
    products,
    products_dsp,
    products_quantized,
    products_rv32im,
    quantization,
    recurrent,
    reduction,
    requantization,
    resampling,
    spectral,
    unary,
)
"""Modules whose lowerings are registered by importing them."""

__all__ = ["select"]
