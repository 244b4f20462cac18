"""Windows that slide over the spatial axes, as views."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from edgec.ir.graph import Array
from edgec.ir.ops.windows import Extents, sides, spans


def windows(x: Array, kernel: Extents, stride: Extents, pad: Extents, dilation: Extents, fill: float) -> Array:
    """Sliding windows of ``x[B, *spatial, C]``, padded with ``fill``: a view ``[B, *outputs, C, *kernel]``."""
    padded = np.pad(x, ((0, 0), *sides(pad), (0, 0)), constant_values=x.dtype.type(fill))
    view = sliding_window_view(padded, spans(kernel, dilation), axis=tuple(range(1, len(kernel) + 1)))
    steps = [slice(None, None, s) for s in (*stride, 1, *dilation)]
    result: Array = view[(slice(None), *steps)]
    return result


def merged(x: Array) -> Array:
    """Sample and batch axis in one."""
    return x.reshape(-1, *x.shape[2:])


def split(x: Array, samples: int) -> Array:
    """The other way."""
    return x.reshape(samples, -1, *x.shape[1:])
