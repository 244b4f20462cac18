"""Codes of weights that make a layer's outputs right, rather than each weight.

Rounding each weight to its nearest code is not what keeps ``w @ x``: the errors of several weights cancel or add up,
as their inputs go together. With codes k of weights w, the outputs are off by ``(k - w) H (k - w)' - 2 (k - w) r'``
and a constant, where H is the Gram matrix of the inputs and r holds the products of the inputs with what is wanted
beyond ``w @ x``. (The objective of Nagel et al., Up or Down? Adaptive Rounding for Post-Training Quantization,
arXiv:2004.10568, section 3.) It is lowered along one weight at a time, which leaves integers integers.
"""

from dataclasses import dataclass, replace

import numpy as np

from edgec.ir import Array

BLOCK = 64
"""Columns that are rounded before the others hear of it: their updates are one matrix product."""
SWEEPS = 4
DOUBT = 4.0
"""How much less than so many independent rows of inputs say those that there are: windows overlap."""
LEAST_HOLD = 0.01
"""What a weight that moves costs at least, as a share of what it moves the output by."""


@dataclass(frozen=True)
class Rounding:
    """Groups G of O outputs and I inputs each, in f64, and in units of a code: ``weights[G, O, I]``.

    Over ``rows`` of inputs x and wanted outputs y, ``gram[G, I, I]`` are sums of ``x' x``, ``extra[G, O, I]`` those of
    ``(y - w x)' x``, and ``power[G, O]`` those of ``(y - w x)^2``. No code's magnitude is above ``limit``.
    """

    weights: Array
    gram: Array
    extra: Array
    power: Array
    limit: int
    rows: int

    def error(self, codes: Array) -> Array:
        """The squared error ``[G, O]`` of each output with these codes, but for a constant."""
        off = codes - self.weights
        return np.asarray(((off @ self.gram - 2 * self.extra) * off).sum(axis=-1))

    def solve(self, nearest: Array) -> Array:
        """Codes ``[G, O, I]``; of each output none that are worse than ``nearest``."""
        held, best = self._held(), nearest
        for start in (nearest, self.weights):
            codes = held._descend(start)
            better = (held.error(codes) < held.error(best)) & (self.error(codes) <= self.error(nearest))
            best = np.where(better[..., None], codes, best)
        return best

    def _held(self) -> "Rounding":
        """What few samples say as far as it can be believed.

        A weight that moves costs something by itself, and what is wanted beyond ``w x`` counts as far as it is more
        than such a sum of products is by chance (the estimator of James and Stein).
        """
        inputs = self.gram.shape[-1]
        share = DOUBT * inputs / self.rows
        diagonal = np.einsum("gii->gi", self.gram)[:, None]
        hold = max(share, LEAST_HOLD) * diagonal + 1e-9 * diagonal.mean(axis=-1, keepdims=True) + 1e-30
        shown = (self.extra**2 / np.maximum(diagonal, 1e-30)).sum(axis=-1)
        believed = np.maximum(0, 1 - share * self.power / np.maximum(shown, 1e-30))
        return replace(self, gram=self.gram + hold * np.eye(inputs), extra=believed[..., None] * self.extra)

    def _descend(self, start: Array) -> Array:
        """Let one column after the other take its best codes while all others stay."""
        codes, inputs = start.copy(), start.shape[-1]
        for _ in range(SWEEPS):
            before = codes.copy()
            for first in range(0, inputs, BLOCK):
                part = slice(first, min(first + BLOCK, inputs))
                block = self.gram[:, None, part, part]
                slope = (codes - self.weights) @ self.gram[..., part] - self.extra[..., part]
                for i in range(block.shape[-1]):
                    old = codes[..., first + i]
                    new = np.clip(np.rint(old - slope[..., i] / block[..., i, i]), -self.limit, self.limit)
                    slope[..., i + 1 :] += (new - old)[..., None] * block[..., i, i + 1 :]
                    codes[..., first + i] = new
            if np.array_equal(before, codes):
                break
        return codes
