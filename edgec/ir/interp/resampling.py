"""Meaning of what computes elements between those of its operand."""

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.indexing import counted
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Resample


@meaning(Resample)
def _resample(op: Resample, x: Array, indices: Array, weights: Array) -> Array:
    """Products are added in the order of the taps, from the first one on."""
    samples = max(len(a) for a in (x, indices, weights))
    axis = op.axis + 1
    places = np.broadcast_to(counted(indices, x.shape[axis]), (samples, *indices.shape[1:]))
    factors = np.broadcast_to(weights, (samples, *weights.shape[1:]))
    shape = [1] * x.ndim
    shape[0], shape[axis] = samples, indices.shape[1]
    x = np.broadcast_to(x, (samples, *x.shape[1:]))
    total: Array | None = None
    for tap in range(indices.shape[2]):
        picked = np.take_along_axis(x, places[..., tap].reshape(shape), axis)
        product = factors[..., tap].reshape(shape) * picked
        total = product if total is None else total + product
    assert total is not None, "tensors are not empty"
    return total
