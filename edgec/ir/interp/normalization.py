"""Meaning of normalization by the mean and variance of the elements themselves."""

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.binary import align
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Normalize


@meaning(Normalize)
def _normalize(op: Normalize, x: Array, scale: Array, bias: Array | None = None) -> Array:
    axes, parts = tuple(a + 1 for a in op.axes), x
    if op.groups > 1:
        split = op.axis + 1
        parts = x.reshape(*x.shape[:split], op.groups, -1, *x.shape[split + 1 :])
        axes = tuple(a + (a >= split) for a in axes)
    centered = parts - parts.mean(axis=axes, keepdims=True) if op.centered else parts
    variance = (centered * centered).mean(axis=axes, keepdims=True)
    normal = centered / np.sqrt(variance + x.dtype.type(op.epsilon))
    normal, scale = align(normal.reshape(x.shape), scale)
    return np.asarray(normal * scale if bias is None else normal * scale + align(x, bias)[1])
