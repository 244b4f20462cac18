"""What scales and shifts the channels of a tensor: chains of such operators as one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from edgec.ir.fixed_point import factor_bits, fixed_point, rescale
from edgec.ir.requantization import code_limits
from edgec.passes._weights import constant
from edgec.rewriting import Add, Arithmetic, Array, Clamp, Div, DType, Mul, Sub, TensorType, Value

LARGEST_BIAS = 2.0**30
"""Beside such a bias a product fits 32 bits."""


NUDGES = sorted(np.linspace(-(2.0**-15), 2.0**-15, 9), key=abs)
"""Relative changes of a weight's scale, worth at most a hundredth of a step, that make up for a bias in whole units."""


@dataclass(frozen=True)
class Affine:
    """``x -> scale * x + shift`` per channel, f64 ``[C]``."""

    scale: Array
    shift: Array

    @classmethod
    def identity(cls, channels: int) -> Affine:
        """Nothing changes."""
        return cls(np.ones(channels), np.zeros(channels))

    def then(self, after: Affine) -> Affine:
        """This one, then another one on its result."""
        return Affine(after.scale * self.scale, after.scale * self.shift + after.shift)

    def in_integers(
        self, x: TensorType, y: TensorType, clamp: Clamp | None, stored: Array, wanted: Array
    ) -> tuple[Array, Array, Array] | None:
        """Codes (i8) and scales (f64) of weights that multiply integers of the type x, and the bias (i32), each [C].

        Any code is exact with a scale that fits it, but the bias is rounded to its units: that code is taken which
        gives most of the ``stored`` integers of x what is ``wanted`` of them, ``[C, integers]``. None if no bias fits.
        """
        assert x.quant is not None
        assert y.quant is not None
        x_scale, y_scale = x.quant.scale[0], y.quant.scale[0]
        steps, limits = stored.astype(np.int64) - x.quant.zero, code_limits(y, clamp)
        unit = np.where(self.scale == 0, y_scale / x_scale, np.abs(self.scale))
        codes, scales, biases = np.zeros(len(unit), np.int8), unit.copy(), np.zeros(len(unit), np.int32)
        fewest = np.full(len(unit), np.inf)
        for nudge, code in product(NUDGES, range(127, 63, -1)):
            left = np.flatnonzero(fewest)
            if not left.size:
                break
            weight, scale = np.sign(self.scale[left]) * code, unit[left] * (1 + nudge) / code
            bias = np.rint(self.shift[left] / (x_scale * unit[left]) * code)
            fits = np.abs(bias) < LARGEST_BIAS
            bias = np.where(fits, bias, 0)
            multiplier, shift = fixed_point(x_scale * scale / y_scale, factor_bits(x.dtype, DType.I8))
            sums = rescale(weight[:, None] * steps + bias[:, None], multiplier[:, None], shift[:, None])
            wrong = ((sums + y.quant.zero).clip(*limits) != wanted[left]).sum(axis=1)
            better = fits & (wrong < fewest[left])
            rows = left[better]
            fewest[rows], codes[rows] = wrong[better], weight[better]
            scales[rows], biases[rows] = scale[better], bias[better]
        return None if np.isinf(fewest).any() else (codes, scales, biases)


def channelwise(op: Arithmetic, y: Value) -> Affine | None:
    """What a binary operator does to its operand ``y``, if it is the same wherever the last axis is."""
    channels = y.shape[-1] if y.shape else 1
    none = Affine.identity(channels)
    other = op.b if op.a is y else op.a
    data = constant(other)
    if data is None or (data.size > 1 and other.shape[-1:] != (data.size,)):
        return None
    if op.result.shape != y.shape:
        return None
    c = np.broadcast_to(data.astype(np.float64).reshape(-1), channels)
    match op:
        case Mul():
            return Affine(c, none.shift)
        case Add():
            return Affine(none.scale, c)
        case Sub() if op.a is y:
            return Affine(none.scale, -c)
        case Sub():
            return Affine(-none.scale, c)
        case Div() if op.a is y and np.all(c != 0):
            return Affine(1 / c, none.shift)
        case _:
            return None
