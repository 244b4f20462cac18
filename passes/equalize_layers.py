"""Cross-layer equalization: per-channel factors move between layers until none wastes the integers it shares.

Where ``f(s * x) = s * f(x)`` for s > 0, as of a relu, a layer's output channels can be divided by any factors that the
next layer's input channels are multiplied by. With ``s = sqrt(r1 / r2)``, where r1 is the range of an output channel
of the one and r2 that of the input channel of the other, both have the range ``sqrt(r1 * r2)``, which makes the most
of integers that share a scale. (Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction,
arXiv:1906.04721, section 4.1.)

Weights mostly have a scale for each output channel, but activations one for all; so the range of an output channel is
not that of its weights here, but an estimate of what it gives: the norm of its weights and bias, which is its standard
deviation for independent inputs of size 1. The bias keeps a channel of tiny weights, as folded batch norms leave them,
from growing until all others lose their bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from edgec.rewriting import (
    Add,
    Array,
    AveragePool,
    Clamp,
    Concat,
    Const,
    Convolution,
    Dense,
    Graph,
    LeakyRelu,
    LpPool,
    Max,
    MaxPool,
    Min,
    Op,
    Pad,
    Pass,
    Prelu,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceSum,
    Relu,
    Resample,
    Reshape,
    Slice,
    Sub,
    Transpose,
    Value,
    replace,
)

if TYPE_CHECKING:
    from edgec.target import Target

SWEEPS = 100
SETTLED = 1e-3
"""Sweeps end when the largest logarithm of a factor is below this."""
LARGEST_FACTOR = 2.0**16


@dataclass(frozen=True)
class EqualizeLayers(Pass):
    """Scale channels between convolutions and dense layers so that each makes use of the integers they share."""

    name = "equalize-layers"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Change weights and biases; the function stays the same but for the rounding of floats."""
        layers: dict[Op, _Layer] = {
            op: _Layer(op) for op in graph.ops if isinstance(op, Convolution | Dense) and _is_free(op)
        }
        links = _links(graph, layers)
        for _ in range(SWEEPS):
            if max((link.balance() for link in links), default=0.0) < SETTLED:
                break
        changed = [layer for layer in layers.values() if layer.changed]
        for layer in changed:
            layer.store(graph)
        return bool(changed)


class _Layer:
    """The weights ``[O, ..., I]`` and the bias of a layer while they are scaled, in f64."""

    def __init__(self, op: Convolution | Dense) -> None:
        assert op.w.data is not None and op.bias.data is not None
        self.op = op
        self.groups = op.groups if isinstance(op, Convolution) else 1
        self.w, self.bias = op.w.data.astype(np.float64), op.bias.data.astype(np.float64)
        self.changed = False

    @property
    def _grouped(self) -> Array:
        """A view of the weights: ``[groups, outputs, taps, inputs]`` of each group."""
        view: Array = self.w.reshape(self.groups, len(self.w) // self.groups, -1, self.w.shape[-1])
        return view

    def output_ranges(self) -> Array:
        """The norm of each output channel's weights and bias."""
        ranges: Array = np.sqrt(np.square(self.w.reshape(len(self.w), -1)).sum(axis=1) + self.bias**2)
        return ranges

    def input_ranges(self) -> Array:
        """The largest magnitude of the weights of each input channel."""
        ranges: Array = np.abs(self._grouped).max(axis=(1, 2)).reshape(-1)
        return ranges

    def divide_outputs(self, factors: Array) -> None:
        self.w /= factors.reshape(-1, *(1,) * (self.w.ndim - 1))
        self.bias /= factors
        self.changed = True

    def multiply_inputs(self, factors: Array) -> None:
        grouped = self._grouped
        grouped *= factors.reshape(self.groups, 1, 1, -1)
        self.changed = True

    def store(self, graph: Graph) -> None:
        """Put the layer with the new weights in the place of the old one."""
        op = self.op
        w = graph.const(self.w.astype(op.w.type.dtype.numpy), op.w.name, op)
        bias = graph.const(self.bias.astype(op.bias.type.dtype.numpy), op.bias.name, op)
        graph.replace(op, replace(op, w=w, bias=bias))
        graph.rename(w, op.w.name)
        graph.rename(bias, op.bias.name)


@dataclass(eq=False)
class _Link:
    """Values whose channels are scaled alike, the layers that write them, and those that read them.

    An element's channel is its place in memory modulo ``channels``, so reshapes keep it where the last axis remains a
    multiple of that.
    """

    values: list[Value]
    writers: list[_Layer] = field(default_factory=list)
    readers: list[_Layer] = field(default_factory=list)
    fixed: bool = False
    """Whether anything else depends on the values."""

    def __post_init__(self) -> None:
        self.total: Array = np.ones(1)

    @property
    def channels(self) -> int:
        return len(self.writers[0].w)

    def is_free(self) -> bool:
        """Whether its channels can be scaled."""
        if self.fixed or not self.writers or not self.readers:
            return False
        same = all(len(layer.w) == self.channels for layer in self.writers)
        return same and all(v.shape and v.shape[-1] % self.channels == 0 for v in self.values)

    def balance(self) -> float:
        """Scale once; the largest logarithm of a factor."""
        out = np.max([layer.output_ranges() for layer in self.writers], axis=0)
        into = np.max([layer.input_ranges().reshape(-1, self.channels).max(axis=0) for layer in self.readers], axis=0)
        # Channels that nobody writes or reads stay as they are.
        lives = (out > 0) & (into > 0) & np.isfinite(out) & np.isfinite(into)
        factors = np.sqrt(np.divide(out, into, out=np.ones_like(out), where=lives))
        factors = np.clip(self.total * factors, 1 / LARGEST_FACTOR, LARGEST_FACTOR) / self.total
        step = float(np.abs(np.log(factors)).max())
        if step < SETTLED:
            return step
        self.total = self.total * factors
        for layer in self.writers:
            layer.divide_outputs(factors)
        for layer in self.readers:
            layer.multiply_inputs(np.resize(factors, layer.input_ranges().size))
        return step


def _links(graph: Graph, layers: dict[Op, _Layer]) -> list[_Link]:
    """What can be scaled, in order of execution."""
    link_of: dict[Value, _Link] = {}

    def link(value: Value) -> _Link:
        return link_of.setdefault(value, _Link([value]))

    def join(values: list[Value]) -> None:
        first = link(values[0])
        for value in values[1:]:
            other = link(value)
            if other is first:
                continue
            first.values += other.values
            first.writers += other.writers
            first.readers += other.readers
            first.fixed |= other.fixed
            link_of.update(dict.fromkeys(other.values, first))

    for value in graph.inputs:
        link(value).fixed = True
    for op in graph.ops:
        if op in layers:
            link(op.operands[0]).readers.append(layers[op])
            link(op.result).writers.append(layers[op])
            link(op.result).fixed |= not _is_homogeneous(layers[op].op.clamp)
        elif not isinstance(op, Const):
            alike = _scaled_alike(op)
            if alike:
                join(alike)
            for value in {*op.operands, *op.results}.difference(alike):
                link(value).fixed = True
    return [one for one in dict.fromkeys(link_of.values()) if one.is_free()]


def _is_free(op: Convolution | Dense) -> bool:
    """Whether the layer's weights are constants of its own."""
    constant = op.w.data is not None and op.bias.data is not None
    return constant and op.w.type.dtype.is_float and op.w.uses == [op]


def _is_homogeneous(clamp: Clamp | None) -> bool:
    """Whether the limits stay where they are if all is scaled."""
    return clamp is None or {clamp.low, clamp.high} <= {-inf, 0.0, inf}


def _scaled_alike(op: Op) -> list[Value]:
    """Operands and results of which, if one's channels are scaled by positive factors, all must be."""
    if not all(v.shape for v in (*op.operands, *op.results)):
        return []
    match op:
        case Relu() | LeakyRelu() | LpPool() | Reshape():
            whole = True
        case MaxPool(clamp=clamp) | AveragePool(clamp=clamp):
            whole = _is_homogeneous(clamp)
        case Prelu(a=a, b=b):
            return [a, op.result] if b.data is not None and a.shape == op.result.shape else []
        case Add(a=a, b=b, clamp=clamp) | Sub(a=a, b=b, clamp=clamp):
            whole = a.shape[-1:] == b.shape[-1:] and _is_homogeneous(clamp)
        case Min(a=a, b=b) | Max(a=a, b=b):
            whole = a.shape[-1:] == b.shape[-1:]
        case Transpose(perm=perm):
            whole = perm[-1:] == (len(perm) - 1,)
        case Pad(before=before, after=after, value=value):
            whole = not before[-1] and not after[-1] and value in (-inf, 0.0, inf)
        case ReduceSum(x=x, axes=axes) | ReduceMean(x=x, axes=axes) | ReduceMax(x=x, axes=axes):
            whole = x.type.rank - 1 not in axes
        case ReduceMin(x=x, axes=axes):
            whole = x.type.rank - 1 not in axes
        case Concat(xs=xs, axis=axis):
            whole = axis != xs[0].type.rank - 1
        case Slice(x=x, count=count, step=step):
            whole = count[-1:] == x.shape[-1:] and step[-1] == 1
        case Resample(x=x, axis=axis) if axis != x.type.rank - 1:
            return [x, op.result]
        case _:
            return []
    # What is added to constants cannot be scaled.
    return [*op.operands, *op.results] if whole and all(v.data is None for v in op.operands) else []
