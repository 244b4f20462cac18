"""Meaning of counts of short sequences."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import TfIdf


@meaning(TfIdf)
def _tf_idf(op: TfIdf, x: Array, pool: Array, places: Array, weights: Array | None = None) -> Array:
    counted = np.zeros((*x.shape[:-1], op.outputs), np.float32)
    start, number = 0, 0
    for length, count in enumerate(op.counts, op.shortest):
        for gram in pool[0, start : start + length * count].reshape(count, length):
            for step in range(1, 2 + op.skips if length > 1 else 2):
                span = (length - 1) * step + 1
                if span <= x.shape[-1]:
                    found = sliding_window_view(x, span, axis=-1)[..., ::step] == gram
                    counted[..., places[0, number]] += found.all(axis=-1).sum(axis=-1)
            number += 1
        start += length * count
    result = np.minimum(counted, 1) if op.binary else counted
    return result if weights is None else result * weights.reshape(*(1,) * (x.ndim - 1), op.outputs)
