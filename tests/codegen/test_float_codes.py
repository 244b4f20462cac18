"""Codes of sums by floats: the same as by fixed-point arithmetic, wherever they are said to be."""

import numpy as np
import pytest

from edgec.codegen.kernels.float_codes import MAGIC, float_codes
from edgec.ir import Array
from edgec.ir.fixed_point import fixed_point, rescale


def _sums(largest: int, steps: Array) -> Array:
    """Those around each step, those at both ends, and some between."""
    rng = np.random.default_rng(1)
    around = (steps[:, None] + np.arange(-2, 3)).reshape(-1)
    drawn = rng.integers(-largest, largest, 1000, endpoint=True)
    return np.unique(np.clip(np.concatenate([around, drawn, [-largest, largest]]), -largest, largest))


@pytest.mark.parametrize("scale", [0.3, 0.01, 0.004, 0.002, 0.001, 1e-6])
@pytest.mark.parametrize("zero", [-128, 0, 17])
@pytest.mark.parametrize("limits", [(-128, 127), (-5, 100)])
def test_the_same_codes(scale: float, zero: int, limits: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(40):
        real = np.array([scale * rng.uniform(0.5, 1.0)])
        multiplier, shift = (a.astype(np.int64) for a in fixed_point(real))
        largest = np.array([int(rng.integers(1, 1 << 25))])
        given = float_codes(multiplier, shift, largest, zero, limits)
        if given is None:
            continue
        found += 1
        sums = _sums(int(largest[0]), np.rint((np.arange(*limits) - zero + 0.5) / real[0]).astype(np.int64))
        expected = np.clip(rescale(sums, multiplier[0], shift[0]) + zero, *limits)
        # An integer becomes a float; a product and a sum are rounded once, and exact in 64 bits.
        numbers = (sums + given.shifted[0]).astype(np.float32).astype(np.float64)
        codes = np.rint(numbers * np.float64(given.scale[0]) + (np.float64(given.offset[0]) - MAGIC))
        np.testing.assert_array_equal(np.clip(codes, *limits), expected)
    assert found >= (5 if 1e-4 < scale < 0.1 else 0)


def test_a_channel_that_has_none() -> None:
    """Of two, one leaves its place where floats are integers."""
    multiplier, shift = np.array([1 << 30, 1 << 30]), np.array([38, 31])
    assert float_codes(multiplier[:1], shift[:1], np.array([30000]), 0, (-128, 127)) is not None
    assert float_codes(multiplier, shift, np.array([30000, 1 << 24]), 0, (-128, 127)) is None
