"""Meaning of matrix products, and of the determinant."""

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.binary import align, clamp
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Dense, Det, MatMul


@meaning(Dense)
def _dense(op: Dense, x: Array, w: Array, bias: Array) -> Array:
    return clamp(x @ w[0].T + bias[0], op.clamp)


@meaning(MatMul)
def _matmul(op: MatMul, a: Array, b: Array) -> Array:
    a, b = align(a, b)
    return a @ b


@meaning(Det)
def _det(op: Det, x: Array) -> Array:
    return np.asarray(np.linalg.det(x.astype(np.float64)), x.dtype)
