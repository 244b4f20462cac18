"""Multipliers and shifts stand for the factors that they are made of; their products are exact and round once."""

from fractions import Fraction
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec.ir import DType, IRError
from edgec.ir.fixed_point import common_shift, factor_bits, fixed_point, rescale

BITS = st.sampled_from([21, 23, 31])
MANTISSAS = st.one_of(st.floats(0.5, 1.0, exclude_max=True), st.sampled_from([0.5, 1 - 2.0**-53, 1 - 2.0**-24]))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(MANTISSAS, st.integers(-80, 29), BITS)
def test_a_factor_is_as_close_as_its_bits_allow(mantissa: float, exponent: int, bits: int) -> None:
    real = np.ldexp(mantissa, min(exponent, bits - 2))
    (multiplier,), (shift,) = (a.tolist() for a in fixed_point(np.array([real]), bits))
    assert 0 <= multiplier < 2**bits and 1 <= shift <= 62
    assert multiplier >= 2 ** (bits - 1) or shift == 62
    assert abs(Fraction(multiplier, 2**shift) - Fraction(float(real))) <= Fraction(1, 2 ** (shift + 1))


@pytest.mark.parametrize("bits", [21, 23, 31])
def test_factors_that_are_too_large(bits: int) -> None:
    below = np.array([2.0 ** (bits - 1) * (1 - 2.0**-30), 0.0, 1e-300])
    multiplier, shift = fixed_point(below[1:], bits)
    assert multiplier.tolist() == [0, 0] and (shift >= 1).all() and (shift <= 62).all()
    assert common_shift(below.tolist(), 31)[1] >= 1
    for real in (2.0 ** (bits - 1), np.nextafter(2.0 ** (bits - 1), 0), 1e300, inf, nan):
        with pytest.raises(IRError, match="too large for fixed-point"):
            fixed_point(np.array([1.0, real]), bits)
        with pytest.raises(IRError, match="too large for fixed-point"):
            common_shift([1.0, real], bits)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.floats(-(2.0**19), 2.0**19), min_size=1, max_size=4), st.sampled_from([(21, 30), (31, 62)]))
def test_factors_that_share_a_shift(reals: list[float], form: tuple[int, int]) -> None:
    bits, largest = form
    multipliers, shift = common_shift(reals, bits, largest)
    assert 1 <= shift <= largest
    assert max(map(abs, multipliers)) < 2**bits
    assert max(map(abs, multipliers)) >= 2 ** (bits - 1) or shift == largest or not any(reals)
    for multiplier, real in zip(multipliers, reals, strict=True):
        assert abs(Fraction(multiplier, 2**shift) - Fraction(real)) <= Fraction(1, 2 ** (shift + 1))


def test_bits_leave_room_for_the_sums() -> None:
    """A sum at its limit, times the largest multiplier, and the rounding of the largest shift: in 64 bits."""
    assert 2**31 * (2 ** factor_bits(DType.I8, DType.U8) - 1) + 2**61 < 2**63
    assert 2**39 * (2 ** factor_bits(DType.I16, DType.I8) - 1) + 2**61 < 2**63


@pytest.mark.parametrize(
    ("sums", "multipliers"),
    [
        ((-(2**31), 2**31 - 1, -1, 0, 1, 2), (0, 1, 2**30, 2**31 - 1)),
        ((-(2**39), 2**39 - 1, 3), (1, 2**22, 2**23 - 1)),
    ],
)
def test_a_rescaled_sum_is_rounded_once_half_way_up(sums: tuple[int, ...], multipliers: tuple[int, ...]) -> None:
    for shift in (1, 2, 30, 31, 32, 33, 61, 62):
        got = rescale(np.array(sums)[:, None], np.array(multipliers, np.int32), shift)
        for row, total in zip(got.tolist(), sums, strict=True):
            assert row == [(total * m + 2 ** (shift - 1)) // 2**shift for m in multipliers]
    assert rescale(np.array([-3, -1, 1, 3]), 1, 1).tolist() == [-1, 0, 1, 2]


def test_each_sum_has_its_own_factor() -> None:
    multiplier, shift = fixed_point(np.array([0.25, 3.0, 1e-9]))
    assert rescale(np.array([6, 6, 10**9]), multiplier, shift).tolist() == [2, 18, 1]
