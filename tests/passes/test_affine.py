"""Channels that are scaled and shifted, in integers: what the float operators give, rounded."""

import numpy as np
import pytest

from edgec.ir import DType, Quant, TensorType
from edgec.ir.fixed_point import factor_bits, fixed_point, rescale
from edgec.ir.ops import Clamp
from edgec.ir.requantization import code_limits, codes, numbers
from edgec.passes._affine import Affine

CHANNELS = 200


@pytest.mark.parametrize("clamp", [None, Clamp(0.0, 1.0)])
@pytest.mark.parametrize("dtype", [DType.I8, DType.U8, DType.I16])
def test_integers_are_those_of_the_numbers(dtype: DType, clamp: Clamp | None) -> None:
    rng = np.random.default_rng(3)
    affine = Affine(rng.normal(0, 1, CHANNELS), rng.normal(0, 1, CHANNELS))
    affine.scale[:3], affine.shift[2:5] = 0, (0, 1e-6, 50)
    zero, shape = (0 if dtype is DType.I16 else dtype.limits[0] + 99), (CHANNELS,)
    x = TensorType(dtype, shape, Quant((3.0 / 2 ** (8 * dtype.bytes),), (zero,)))
    y = TensorType(dtype, shape, Quant((2.7 / 2 ** (8 * dtype.bytes),), (zero,)))
    stored = np.linspace(*dtype.limits, 256).astype(dtype.numpy)
    exact = affine.scale[:, None] * numbers(stored, x) + affine.shift[:, None]
    wanted = np.clip(codes(exact.astype(np.float32), y), *code_limits(y, clamp))

    made = affine.in_integers(x, y, clamp, stored, wanted)
    assert made is not None
    weights, scales, bias = made
    assert x.quant is not None
    assert y.quant is not None
    multiplier, shift = fixed_point(x.quant.scale[0] * scales / y.quant.scale[0], factor_bits(dtype, DType.I8))
    sums = weights.astype(np.int64)[:, None] * (stored.astype(np.int64) - zero) + bias[:, None]
    results = (rescale(sums, multiplier[:, None], shift[:, None]) + zero).clip(*code_limits(y, clamp))
    assert np.abs(results - wanted).max() <= 1
    assert np.mean(results != wanted) < (1e-4 if dtype.bytes == 1 else 0.05)


def test_a_shift_beyond_32_bits_has_no_form() -> None:
    kind = TensorType(DType.I8, (1,), Quant((1e-3,)))
    affine = Affine(np.array([1e-9]), np.array([1e6]))
    stored = np.arange(-128, 128).astype(np.int8)
    assert affine.in_integers(kind, kind, None, stored, np.full((1, 256), 127, np.int8)) is None
