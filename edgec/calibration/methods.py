"""Which range of a value its integers shall cover: all that it takes, or less of it in finer steps.

A range is ``(low, high)`` and holds 0. That of values kept in 16 bits is all that they take: their steps are fine.
"""

from collections.abc import Callable

import numpy as np

from edgec.calibration.observation import BINS, Spread
from edgec.ir import Array

Range = tuple[float, float]

LEVELS = 256
"""Integers that a byte can be."""

PERCENTILE = 99.99


def minmax(spread: Spread) -> Range:
    """All that the value takes."""
    return spread.range


def percentile(spread: Spread, share: float = PERCENTILE) -> Range:
    """What ``share`` percent of the elements take, as much of the rest left out below as above."""
    below = np.concatenate([[0.0], np.cumsum(spread.counts) / max(1, spread.counts.sum())])
    cut = (1 - share / 100) / 2
    low, high = np.interp([cut, 1 - cut], below, spread.edges())
    return _within(spread, low, high)


MAGNITUDES = 2048
STRIDE = 8
"""Thresholds are tried so many bins of magnitudes apart."""


def entropy(spread: Spread) -> Range:
    """Up to the magnitude at which clipping and rounding lose least: by the Kullback-Leibler divergence.

    For each threshold, the distribution of magnitudes with what lies beyond added to its end is compared with what is
    left of the distribution below when it is merged into as many bins as there are integers.
    [Migacz, 8-bit Inference with TensorRT, GTC 2017] As in Nvidia's later tools, the bin of 0, which is exact however
    many zeros there are, counts as the one beside it. Fewer numbers than bins are no distribution: they keep their
    whole range.
    """
    if spread.counts.sum() < MAGNITUDES:
        return minmax(spread)
    low, high = spread.range
    top = max(-low, high)
    counts = np.histogram(np.abs(_centres(spread)), MAGNITUDES, (0.0, top), weights=spread.counts)[0]
    counts[0] = counts[1]
    best, threshold = np.inf, top
    for bins in range(LEVELS // 2, MAGNITUDES + 1, STRIDE):
        limit = top * bins / MAGNITUDES
        # All of the integers for one sign, or half of them for each, or something between.
        levels = round(LEVELS * limit / (min(limit, -low) + min(limit, high)))
        if levels <= bins and (divergence := _divergence(counts, bins, levels)) <= best:
            best, threshold = divergence, limit
    return _within(spread, -threshold, threshold)


def _divergence(counts: Array, bins: int, levels: int) -> float:
    """KL divergence of the first ``bins``, all beyond added to the last, from themselves merged into ``levels``."""
    kept = counts[:bins]
    expected = kept.copy()
    expected[-1] += counts[bins:].sum()
    if not kept.any():
        return np.inf
    level = np.arange(bins) * levels // bins
    filled = kept > 0
    means = np.bincount(level, kept, levels) / np.maximum(np.bincount(level, filled, levels), 1)
    found = np.where(filled, means[level], 0.0)
    p, q = expected / expected.sum(), np.maximum(found / found.sum(), 1e-12)
    seen = p > 0
    return float(np.sum(p[seen] * np.log(p[seen] / q[seen])))


SHARES = 2.0 ** (-np.arange(97) / 12)
"""Parts of a range that are tried, down to 1/256."""


def mse(spread: Spread) -> Range:
    """The range with the least mean square error of rounding and clipping: both ends are drawn in, then each, twice."""
    filled = spread.counts > 0
    numbers, weights = _centres(spread)[filled], spread.counts[filled]
    best = spread.range
    for _ in range(2):
        for moved in ((1, 1), (0, 1), (1, 0)):
            tried = [(best[0] * share ** moved[0], best[1] * share ** moved[1]) for share in SHARES]
            best = min(tried, key=lambda ends: _square_error(numbers, weights, *ends))
    return _within(spread, *best)


def _square_error(numbers: Array, weights: Array, low: float, high: float) -> float:
    step = (high - low) / (LEVELS - 1)
    zero = np.rint(-low / step)
    codes = np.clip(np.rint(numbers / step), -zero, LEVELS - 1 - zero)
    return float(np.sum(weights * (numbers - codes * step) ** 2))


def _centres(spread: Spread) -> Array:
    """The middle of each bin; of that in which 0 lies, 0, which integers hold exactly."""
    edges = spread.edges()
    centres = (edges[:-1] + edges[1:]) / 2
    if spread.low <= 0 <= spread.high:
        centres[min(int(np.searchsorted(edges, 0.0, "right")), BINS) - 1] = 0.0
    return np.asarray(centres)


def _within(spread: Spread, low: float, high: float) -> Range:
    """A range as far as the value takes it, with 0."""
    least, most = spread.range
    return float(min(max(low, least), 0.0)), float(max(min(high, most), 0.0))


METHODS: dict[str, Callable[..., Range]] = {
    "minmax": minmax,
    "percentile": percentile,
    "entropy": entropy,
    "mse": mse,
}
