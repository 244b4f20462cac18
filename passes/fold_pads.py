"""Let convolutions and pools pad by themselves."""

import numpy as np

from edgec.rewriting import (
    AveragePool,
    Convolution,
    ConvTranspose,
    DeformConv2d,
    Graph,
    LpPool,
    MaxPool,
    Op,
    Pad,
    Value,
    replace,
    rewrite,
)

Pads = tuple[int, ...]


@rewrite("fold-pads")
def fold_pads(op: Op, graph: Graph) -> None:
    """Fold spatial padding into the convolution or pool that reads it, and merge pads of the same value.

    Convolutions, averages and norms pad with 0. A maximum ignores its padding, so only the lowest value there is folds
    into it: 0 would win over negative elements. A transposed convolution has no padding.
    """
    match op:
        case ConvTranspose():
            pass
        case AveragePool(x=Value(producer=Pad(value=0.0) as pad)) if (p := _spatial(pad)) is not None:
            # What stood in the tensor was counted by the divisor, and lies inside of the pool's own padding.
            graph.replace(op, replace(op, x=pad.x, pad=_sum(op.pad, p), counted=_sum(op.counted, p)))
        case (
            Convolution(x=Value(producer=Pad(value=0.0) as pad))
            | DeformConv2d(x=Value(producer=Pad(value=0.0) as pad))
            | LpPool(x=Value(producer=Pad(value=0.0) as pad))
        ) if (p := _spatial(pad)) is not None:
            graph.replace(op, replace(op, x=pad.x, pad=_sum(op.pad, p)))
        case MaxPool(x=Value(producer=Pad() as pad)) if (p := _spatial(pad)) is not None and _is_lowest(pad):
            graph.replace(op, replace(op, x=pad.x, pad=_sum(op.pad, p)))
        case Pad(x=Value(producer=Pad() as inner, uses=[_])) if inner.value == op.value:
            before = tuple(a + b for a, b in zip(op.before, inner.before, strict=True))
            after = tuple(a + b for a, b in zip(op.after, inner.after, strict=True))
            graph.replace(op, replace(op, x=inner.x, before=before, after=after))


def _spatial(pad: Pad) -> Pads | None:
    """Both sides of each spatial axis in turn, of a pad of [N, *spatial, C] that leaves N and C alone."""
    if any((pad.before[0], pad.after[0], pad.before[-1], pad.after[-1])):
        return None
    return tuple(side for pair in zip(pad.before[1:-1], pad.after[1:-1], strict=True) for side in pair)


def _sum(a: Pads, b: Pads) -> Pads:
    return tuple(m + n for m, n in zip(a, b, strict=True))


def _is_lowest(pad: Pad) -> bool:
    dtype = pad.x.type.dtype
    return pad.value == (-np.inf if dtype.is_float else np.iinfo(np.zeros((), dtype.numpy).dtype).min)
