"""The choice of kernels: one module a family of operators; importing them registers their lowerings."""

from edgec.codegen.kernels import conv, dense, elementwise, movement, pool, reduce
from edgec.codegen.kernels.registry import select

__all__ = ["conv", "dense", "elementwise", "movement", "pool", "reduce", "select"]
