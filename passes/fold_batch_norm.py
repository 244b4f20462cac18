"""Fold what scales and shifts the output channels of a convolution or dense layer into its weights and bias."""

from dataclasses import dataclass

import numpy as np

from edgec.rewriting import (
    Add,
    Arithmetic,
    Array,
    Convolution,
    DeformConv2d,
    Dense,
    Div,
    Graph,
    Mul,
    Op,
    Sub,
    Value,
    replace,
    rewrite,
)


@dataclass(frozen=True)
class _Affine:
    """``y -> scale * y + shift`` per output channel, in float64."""

    scale: Array
    shift: Array


@rewrite("fold-batch-norm")
def fold_batch_norm(op: Op, graph: Graph) -> None:
    """Fold multiplications and additions per output channel into the convolution or dense layer before them.

    Into transposed convolutions, too.

    A chain (batch normalization is a mul and an add) is folded as one, in float64, and rounded once.
    """
    if not isinstance(op, Convolution | DeformConv2d | Dense) or op.w.data is None or op.bias.data is None:
        return
    if not op.w.type.dtype.is_float:
        return
    channels = op.w.shape[0]
    affine = _Affine(np.ones(channels), np.zeros(channels))
    last: Op = op
    while (reader := _only_reader(last)) is not None and (step := _channelwise(reader, last.result)) is not None:
        affine = _Affine(step.scale * affine.scale, step.scale * affine.shift + step.shift)
        last = reader
    if last is op:
        return
    dtype = op.w.data.dtype
    weights = op.w.data * affine.scale.reshape(-1, *(1,) * (op.w.type.rank - 1))
    bias = op.bias.data * affine.scale + affine.shift
    w = graph.const(weights.astype(dtype), op.w.name, op)
    b = graph.const(bias.astype(dtype), op.bias.name, op)
    clamp = last.clamp if isinstance(last, Arithmetic) else None
    graph.replace(last, replace(op, w=w, bias=b, clamp=clamp))
    graph.rename(w, op.w.name)
    graph.rename(b, op.bias.name)


def _only_reader(op: Op) -> Arithmetic | None:
    """The binary operator that alone reads the result, if nothing is clamped before it."""
    clamped = isinstance(op, Convolution | DeformConv2d | Dense | Arithmetic) and op.clamp is not None
    match op.result.uses:
        case [Arithmetic() as reader] if not clamped and reader.result.shape == op.result.shape:
            return reader
        case _:
            return None


def _channelwise(op: Arithmetic, y: Value) -> _Affine | None:
    """What a binary operator does to ``y``, if it is the same wherever the last axis is."""
    channels = y.shape[-1]
    ones, zeros = np.ones(channels), np.zeros(channels)
    other = op.b if op.a is y else op.a
    if other.data is None or (other.data.size > 1 and other.shape[-1:] != (other.data.size,)):
        return None
    c = np.broadcast_to(other.data.astype(np.float64).reshape(-1), channels)
    match op:
        case Mul():
            return _Affine(c, zeros)
        case Add():
            return _Affine(ones, c)
        case Sub() if op.a is y:
            return _Affine(ones, -c)
        case Sub():
            return _Affine(-ones, c)
        case Div() if op.a is y and np.all(c != 0):
            return _Affine(1 / c, zeros)
        case _:
            return None
