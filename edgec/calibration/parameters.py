"""Scales and zero points: from the range of a value, and from weights and biases."""

import numpy as np

from edgec.calibration.methods import Range
from edgec.errors import EdgecError
from edgec.ir import Array, DType, Quant

SMALLEST = float(np.finfo(np.float32).tiny)
"""No scale is smaller: below, f32 loses bits."""

LARGEST_WEIGHT = 127

SUMS = {1: 2.0**30, 2: 2.0**38}
"""Bytes of an activation -> half of what its accumulator holds (``edgec.ir.fixed_point``)."""
BIASES = 2.0**30
"""Half of what a bias holds."""


def activation_quant(range: Range, dtype: DType) -> Quant:
    """Scale (f32) and zero point with which integers of the type cover the range, and 0 exactly.

    Bytes are asymmetric, i16 symmetric with zero point 0. Where all is 0 the scale is 1.
    """
    low, high = min(range[0], 0.0), max(range[1], 0.0)
    least, most = dtype.limits
    if not np.isfinite([low, high]).all():
        raise EdgecError(f"range {low:g} .. {high:g}", "is not finite", "clean the calibration data")
    if dtype is DType.I16:
        return Quant((_scale(max(-low, high) / most),), (0,))
    scale = _scale((high - low) / (most - least))
    return Quant((scale,), (int(np.clip(np.rint(least - low / scale), least, most)),))


def _scale(step: float) -> float:
    return max(float(np.float32(step)), SMALLEST) if step > 0 else 1.0


def weight_scales(where: str, w: Array, bias: Array, x: Quant, dtype: DType, per_channel: bool = True) -> Array:
    """The scales (f32) of weights ``[O, ...]`` as i8 in -127 .. 127: ``[O]``, or one, ``[]``.

    They are larger than the weights ask for where else a sum of products with x, of that type, would leave its
    accumulator, or the bias 32 bits. A channel of zeros has the scale of the largest weight. EdgecError for weights or
    a bias that are not finite, or too large.
    """
    expect_finite(where, w, bias)
    (x_scale,) = x.scale
    rows = np.abs(w.reshape(len(w), -1).astype(np.float64))
    most = rows.max(axis=1)
    widest = most.max() or float(LARGEST_WEIGHT)
    scales = np.where(most > 0, most, widest) / LARGEST_WEIGHT
    reach = max(dtype.limits[1] - x.zero, x.zero - dtype.limits[0])
    bias_steps = np.abs(bias.astype(np.float64)) / x_scale
    scales = np.maximum(scales, (rows.sum(axis=1) * reach + bias_steps) / SUMS[dtype.bytes])
    scales = np.maximum(scales, np.maximum(bias_steps / BIASES, SMALLEST / min(x_scale, 1.0)))
    scales = scales if per_channel else scales.max()
    with np.errstate(over="ignore"):
        found = np.asarray(scales, np.float32)
        products = found * np.float32(x_scale)
    if not np.isfinite(products).all():
        raise EdgecError(where, "its input and weights are too large for 8 bits", "leave the layer float")
    return found


def expect_finite(where: str, *parameters: Array) -> None:
    """EdgecError for infinity or NaN in weights or a bias."""
    if not all(np.isfinite(array).all() for array in parameters):
        raise EdgecError(where, "its weights or bias hold NaN or infinity", "train the model anew: it is broken")


def quantized_weights(w: Array, scales: Array) -> Array:
    """The weights as i8."""
    steps = w.astype(np.float64) / _along_channels(scales, w)
    return np.clip(np.rint(steps), -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(np.int8)


def quantized_bias(bias: Array, scales: Array) -> Array:
    """The bias as i32, with the scales (f32) of the products of inputs and weights."""
    return np.rint(bias.astype(np.float64) / scales).astype(np.int32)


def _along_channels(scales: Array, w: Array) -> Array:
    return scales.reshape(-1, *(1,) * (w.ndim - 1)) if scales.ndim else scales
