"""The choice of kernels: one module a family of operators; importing them registers their lowerings."""

from edgec.codegen.kernels import (
    binary,
    conv,
    conversion,
    indexing,
    movement,
    pool,
    products,
    quantization,
    recurrent,
    reduction,
    resampling,
    unary,
)
from edgec.codegen.kernels.registry import select

FAMILIES = (
    binary,
    conv,
    conversion,
    indexing,
    movement,
    pool,
    products,
    quantization,
    recurrent,
    reduction,
    resampling,
    unary,
)
"""Modules whose lowerings are registered by importing them."""

__all__ = ["select"]
