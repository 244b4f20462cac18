"""Fold what scales and shifts the output channels of a convolution or dense layer into its weights and bias."""

from edgec.passes._affine import Affine, channelwise
from edgec.rewriting import (
    Arithmetic,
    Convolution,
    DeformConv2d,
    Dense,
    Graph,
    Op,
    replace,
    rewrite,
)


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
    affine = Affine.identity(op.w.shape[0])
    last: Op = op
    while (reader := _only_reader(last)) is not None and (step := channelwise(reader, last.result)) is not None:
        affine = affine.then(step)
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
        case [Arithmetic() as reader] if not clamped:
            return reader
        case _:
            return None
