"""Meaning of recurrent layers."""

from collections.abc import Callable
from math import inf

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.interp.unary import clip, sigmoid, softplus
from edgec.ir.ops import Gru, Lstm, Rnn

_FUNCTIONS: dict[str, Callable[[Array, float, float], Array]] = {
    "affine": lambda x, a, b: x * x.dtype.type(a) + x.dtype.type(b),
    "elu": lambda x, a, b: np.where(x < 0, x.dtype.type(a) * np.expm1(x), x),
    "hard_sigmoid": lambda x, a, b: clip(x * x.dtype.type(a) + x.dtype.type(b), 0.0, 1.0),
    "leaky_relu": lambda x, a, b: np.where(x < 0, x * x.dtype.type(a), x),
    "relu": lambda x, a, b: np.maximum(x, x.dtype.type(0)),
    "scaled_tanh": lambda x, a, b: x.dtype.type(a) * np.tanh(x * x.dtype.type(b)),
    "sigmoid": lambda x, a, b: sigmoid(x),
    "softplus": lambda x, a, b: softplus(x),
    "softsign": lambda x, a, b: x / (1 + np.abs(x)),
    "tanh": lambda x, a, b: np.tanh(x),
    "thresholded_relu": lambda x, a, b: np.where(x > x.dtype.type(a), x, x.dtype.type(0)),
}


class _Layer:
    """The operands of a recurrent layer by name, and its walk over the steps."""

    def __init__(self, op: Rnn | Gru | Lstm, arrays: tuple[Array, ...]) -> None:
        self.op = op
        given = [name for name in ("x", "w", "r", "bias", "lengths", "h", "c", "peepholes") if getattr(op, name, None)]
        self.operands = dict(zip(given, arrays, strict=True))
        self.samples = max(map(len, arrays))
        self.w, self.r, self.bias = (self.operands[name][0] for name in ("w", "r", "bias"))

    def state(self, name: str) -> Array:
        """An initial state ``[samples,B,H]``."""
        shape = (self.samples, self.op.x.shape[1], self.op.hidden)
        given = self.operands.get(name)
        return np.zeros(shape, self.w.dtype) if given is None else np.broadcast_to(given, shape)

    def activate(self, index: int, x: Array, limit: float | None = None) -> Array:
        """The activation of that index, of values clamped to ``limit``, the operator's by default."""
        op = self.op
        limit = op.clip if limit is None else limit
        limited = clip(x, -limit, limit)
        return _FUNCTIONS[op.activations[index]](limited, op.alpha[index], op.beta[index])

    def walk(self, states: list[Array], step: Callable[[Array, list[Array]], list[Array]]) -> tuple[Array, ...]:
        """Run the steps; the first state is h."""
        steps = self.op.x.shape[0]
        x = np.broadcast_to(self.operands["x"], (self.samples, *self.op.x.shape))
        lengths = self.operands.get("lengths", np.full((1, self.op.x.shape[1]), steps))
        outputs = np.zeros((self.samples, *self.op.results[0].shape), self.w.dtype)
        for t in reversed(range(steps)) if self.op.reverse else range(steps):
            runs = (t < lengths)[..., None]
            new = step(x[:, t], states)
            states = [np.where(runs, n, s) for n, s in zip(new, states, strict=True)]
            outputs[:, t] = np.where(runs, states[0], 0)
        return (outputs, *states)


@meaning(Rnn)
def _rnn(op: Rnn, *arrays: Array) -> tuple[Array, ...]:
    layer = _Layer(op, arrays)

    def step(x: Array, states: list[Array]) -> list[Array]:
        return [layer.activate(0, x @ layer.w.T + states[0] @ layer.r.T + layer.bias)]

    return layer.walk([layer.state("h")], step)


@meaning(Gru)
def _gru(op: Gru, *arrays: Array) -> tuple[Array, ...]:
    layer = _Layer(op, arrays)
    hidden = op.hidden
    both, last = slice(0, 2 * hidden), slice(2 * hidden, 3 * hidden)
    inner, outer = layer.bias[last], layer.bias[3 * hidden :]

    def step(x: Array, states: list[Array]) -> list[Array]:
        (h,) = states
        gates = layer.activate(0, x @ layer.w[both].T + h @ layer.r[both].T + layer.bias[both])
        z, r = gates[..., :hidden], gates[..., hidden:]
        before, after = (h, r) if op.linear_before_reset else (r * h, 1)
        recurrent = after * (before @ layer.r[last].T + outer)
        n = layer.activate(1, x @ layer.w[last].T + inner + recurrent)
        return [(1 - z) * n + z * h]

    return layer.walk([layer.state("h")], step)


@meaning(Lstm)
def _lstm(op: Lstm, *arrays: Array) -> tuple[Array, ...]:
    layer = _Layer(op, arrays)
    peepholes = layer.operands.get("peepholes", np.zeros((1, 3 * op.hidden), layer.w.dtype))[0]
    to_i, to_o, to_f = np.split(peepholes, 3)

    def step(x: Array, states: list[Array]) -> list[Array]:
        h, c = states
        i, o, f, n = np.split(x @ layer.w.T + h @ layer.r.T + layer.bias, 4, axis=-1)
        i = layer.activate(0, i + to_i * c)
        f = 1 - i if op.input_forget else layer.activate(0, f + to_f * c)
        c = f * c + i * layer.activate(1, n)
        o = layer.activate(0, o + to_o * c)
        # The cell state is not clamped, as in onnxruntime.
        return [o * layer.activate(2, c, inf), c]

    return layer.walk([layer.state("h"), layer.state("c")], step)
