"""Recurrent layers, one direction each: S steps over a batch B, I inputs, H hidden units.

``x[S,B,I]``, weights ``w[G*H,I]`` and ``r[G*H,H]`` with G gates, initial states ``[B,H]`` (zero where absent),
``lengths[B]`` (i32; all S steps where absent). Results: every step's hidden state ``[S,B,H]``, zero beyond a sequence's
length, and the last states ``[B,H]``. ``reverse`` goes from the last step of each sequence to the first. Activations
are names out of ACTIVATIONS, each with an ``alpha`` and a ``beta``; what a gate puts into one is clamped to ``clip``.
"""

from dataclasses import dataclass
from math import inf
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.types import DType, TensorType

ACTIVATIONS = (
    "affine",
    "elu",
    "hard_sigmoid",
    "leaky_relu",
    "relu",
    "scaled_tanh",
    "sigmoid",
    "softplus",
    "softsign",
    "tanh",
    "thresholded_relu",
)


@dataclass(eq=False)
class Recurrent(Op):
    """Base of recurrent layers."""

    gates: ClassVar[int] = 1
    functions: ClassVar[int] = 1
    """How many activations there are."""
    biases: ClassVar[int] = 1
    """Rows of H that the bias has."""

    x: Value
    w: Value
    r: Value
    bias: Value
    lengths: Value | None
    h: Value | None

    @property
    def hidden(self) -> int:
        """H."""
        return self.r.shape[1]

    def _check(self, activations: tuple[str, ...], parameters: tuple[tuple[float, ...], ...]) -> TensorType:
        """Shapes and activations; returns the type of a state."""
        expect(self.x.type.rank == 3, f"{self.x!r} must be [S,B,I], is {list(self.x.shape)}")
        _, batch, inputs = self.x.shape
        hidden, rows = self.hidden, self.gates * self.hidden
        shapes = {"w": (rows, inputs), "r": (rows, hidden), "bias": (self.biases * hidden,)}
        for name, shape in shapes.items():
            found = getattr(self, name).shape
            expect(found == shape, f"{name} is {list(found)}, not {list(shape)}")
        expect(self.lengths is None or self.lengths.type == TensorType(DType.I32, (batch,)), "lengths must be i32[B]")
        expect(self.h is None or self.h.shape == (batch, hidden), f"the initial state must be {[batch, hidden]}")
        expect(len(activations) == self.functions, f"{self.opname} has {self.functions} activations")
        expect(set(activations) <= set(ACTIVATIONS), f"activations are {activations}")
        expect(all(len(p) == self.functions for p in parameters), "each activation has an alpha and a beta")
        return self.x.type.with_shape(batch, hidden)

    def _sequence(self) -> TensorType:
        return self.x.type.with_shape(*self.x.shape[:2], self.hidden)

    def macs(self) -> int:
        """One per weight and step."""
        steps, batch, inputs = self.x.shape
        return steps * batch * self.gates * self.hidden * (inputs + self.hidden)


@dataclass(eq=False)
class Rnn(Recurrent):
    """``h' = f(w x + r h + bias)``; results: all h, the last h."""

    activations: tuple[str, ...] = ("tanh",)
    alpha: tuple[float, ...] = (0.0,)
    beta: tuple[float, ...] = (0.0,)
    clip: float = inf
    reverse: bool = False

    def infer(self) -> list[TensorType]:
        """Types of all h and of the last one."""
        state = self._check(self.activations, (self.alpha, self.beta))
        return [self._sequence(), state]


@dataclass(eq=False)
class Gru(Recurrent):
    """Gates z, r, h in this order; ``bias`` has a fourth row, that of r's part of the last gate.

    ``z = f(..)``, ``r = f(..)``; ``n = g(w x + bias + r * (h R + bias'))`` with ``linear_before_reset``, else
    ``g(w x + (r * h) R + bias + bias')``; ``h' = (1 - z) * n + z * h``.
    """

    gates = 3
    functions = 2
    biases = 4
    activations: tuple[str, ...] = ("sigmoid", "tanh")
    alpha: tuple[float, ...] = (0.0, 0.0)
    beta: tuple[float, ...] = (0.0, 0.0)
    clip: float = inf
    reverse: bool = False
    linear_before_reset: bool = False

    def infer(self) -> list[TensorType]:
        """Types of all h and of the last one."""
        state = self._check(self.activations, (self.alpha, self.beta))
        return [self._sequence(), state]


@dataclass(eq=False)
class Lstm(Recurrent):
    """Gates i, o, f, c in this order; ``peepholes[3H]`` weigh the cell state into i, o and f.

    ``c' = f * c + i * g(..)``, ``h' = o * h(c')``; ``input_forget`` makes ``f = 1 - i``. Results: all
    h, the last h, the last c.
    """

    gates = 4
    functions = 3
    c: Value | None = None
    peepholes: Value | None = None
    activations: tuple[str, ...] = ("sigmoid", "tanh", "tanh")
    alpha: tuple[float, ...] = (0.0, 0.0, 0.0)
    beta: tuple[float, ...] = (0.0, 0.0, 0.0)
    clip: float = inf
    reverse: bool = False
    input_forget: bool = False

    biases = 4

    def infer(self) -> list[TensorType]:
        """Types of all h, the last h and the last c."""
        state = self._check(self.activations, (self.alpha, self.beta))
        expect(self.c is None or self.c.shape == state.shape, f"the initial cell state must be {list(state.shape)}")
        expect(self.peepholes is None or self.peepholes.shape == (3 * self.hidden,), "peepholes must be [3H]")
        return [self._sequence(), state, state]
