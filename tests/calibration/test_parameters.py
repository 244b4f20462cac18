"""Scales and zero points: 0 is exact, ranges are covered, accumulators and biases hold their sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgec.calibration import activation_quant, quantized_bias, quantized_weights, weight_scales
from edgec.errors import EdgecError
from edgec.ir import Array, DType, Quant

DTYPES = [DType.I8, DType.U8, DType.I16]
BOUNDS = st.floats(0, 2.0**127, width=32)
X = Quant((0.1,), (-128,))


@given(BOUNDS, BOUNDS, st.sampled_from(DTYPES))
def test_a_range_is_covered_to_within_a_step_and_0_exactly(low: float, high: float, dtype: DType) -> None:
    quant = activation_quant((-low, high), dtype)
    (scale,), zero = quant.scale, quant.zero
    least, most = dtype.limits
    assert scale == float(np.float32(scale)) >= float(np.finfo(np.float32).tiny)
    assert least <= zero <= most and (zero == 0 or dtype is not DType.I16)
    for bound in (-low, high):
        assert least - 1 <= bound / scale + zero <= most + 1
    if dtype is not DType.I16 and low + high > 1e-30:
        assert scale == pytest.approx((low + high) / 255, rel=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_where_all_is_0_the_scale_is_1(dtype: DType) -> None:
    assert activation_quant((0.0, 0.0), dtype).scale == (1.0,)


def test_ranges_of_one_sign_lose_no_integer() -> None:
    assert activation_quant((0.0, 2.55), DType.I8) == Quant((float(np.float32(0.01)),), (-128,))
    assert activation_quant((-2.55, 0.0), DType.I8).zero_point == (127,)
    assert activation_quant((1.0, 2.55), DType.U8) == Quant((float(np.float32(0.01)),), (0,))
    assert activation_quant((-32767.0, 5.0), DType.I16) == Quant((1.0,), (0,))


def test_an_infinite_range_is_refused() -> None:
    with pytest.raises(EdgecError, match="is not finite"):
        activation_quant((0.0, float("inf")), DType.I8)


W = np.array([[1.0, -2.0, 0.5], [0.0, 0.0, 0.0], [1e-3, 0.0, 1e-3]], np.float32)
NO_BIAS = np.zeros(3, np.float32)


def test_weights_are_symmetric_per_channel_and_a_channel_of_zeros_is_harmless() -> None:
    scales = weight_scales("w", W, NO_BIAS, X, DType.I8)
    assert np.allclose(scales, np.array([2, 2, 1e-3]) / 127)
    assert quantized_weights(W, scales).tolist() == [[64, -127, 32], [0, 0, 0], [127, 0, 127]]


def test_weights_per_tensor() -> None:
    scales = weight_scales("w", W, NO_BIAS, X, DType.I8, per_channel=False)
    assert scales.shape == () and scales == np.float32(2 / 127)


def test_weights_that_are_all_0() -> None:
    assert weight_scales("w", 0 * W, NO_BIAS, X, DType.I8).tolist() == [1, 1, 1]


def worst_sum(w: Array, bias: Array, x: Quant, dtype: DType) -> tuple[float, float]:
    """The largest magnitudes of a sum of products and of a bias, in integers."""
    scales = weight_scales("w", w, bias, x, dtype).astype(np.float64)
    codes = np.abs(quantized_weights(w, scales).astype(np.float64))
    steps = np.abs(np.rint(bias / (scales * x.scale[0])))
    reach = max(dtype.limits[1] - x.zero, x.zero - dtype.limits[0])
    return float(np.max(codes.sum(axis=1) * reach + steps)), float(steps.max())


@pytest.mark.parametrize(("dtype", "x", "bits"), [(DType.I8, X, 31), (DType.I16, Quant((1e-4,)), 39)])
@pytest.mark.parametrize("bias", [0.0, 1.0, 1e6, -1e12])
@pytest.mark.parametrize("inputs", [3, 100_000])
def test_sums_and_biases_fit_whatever_they_are(dtype: DType, x: Quant, bits: int, bias: float, inputs: int) -> None:
    w = np.random.default_rng(0).choice([-1e-3, 1e-3], (2, inputs)).astype(np.float32)
    total, steps = worst_sum(w, np.full(2, bias, np.float32), x, dtype)
    assert total < 2.0**bits and steps < 2.0**31
    if abs(bias) > 1e3:
        assert steps > 2.0**28  # a large bias is kept as exactly as 32 bits can


def test_a_bias_is_rounded_to_the_products_scale() -> None:
    scales = weight_scales("w", W, NO_BIAS, X, DType.I8) * np.float32(X.scale[0])
    assert quantized_bias(np.array([1.0, -0.501, 0.0], np.float32), scales).tolist() == [635, -318, 0]


@pytest.mark.parametrize("scale", [1e-38, 1e-20, 1e20])
def test_scales_of_products_are_normal_numbers(scale: float) -> None:
    products = weight_scales("w", W * np.float32(1e-10), NO_BIAS, Quant((scale,)), DType.I8) * np.float32(scale)
    assert np.isfinite(products).all() and (products >= 0.99 * np.finfo(np.float32).tiny).all()


def test_what_cannot_be_scaled_is_refused_with_the_layer_s_name() -> None:
    with pytest.raises(EdgecError, match="dense %y: its weights or bias hold NaN"):
        weight_scales("dense %y", W, np.array([0, np.nan, 0], np.float32), X, DType.I8)
    with pytest.raises(EdgecError, match="dense %y: its input and weights are too large"):
        weight_scales("dense %y", W * np.float32(1e38), NO_BIAS, Quant((1e30,)), DType.I8)
