"""Let convolutions and pools pad by themselves."""

import numpy as np

from edgec.rewriting import AveragePool2d, Conv2d, Graph, MaxPool2d, Op, Pad, Value, replace, rewrite

Pads = tuple[int, int, int, int]


@rewrite("fold-pads")
def fold_pads(op: Op, graph: Graph) -> None:
    """Fold spatial padding into the conv2d or pool that reads it, and merge pads of the same value.

    Convolutions and averages pad with 0. A maximum ignores its padding, so only the lowest value there is folds
    into it: 0 would win over negative elements.
    """
    match op:
        case Conv2d(x=Value(producer=Pad(value=0.0) as pad)) if (p := _spatial(pad)) is not None:
            graph.replace(op, replace(op, x=pad.x, pad=_sum(op.pad, p)))
        case AveragePool2d(x=Value(producer=Pad(value=0.0) as pad)) if (p := _spatial(pad)) is not None:
            # What stood in the tensor was counted by the divisor, and lies inside of the pool's own padding.
            graph.replace(op, replace(op, x=pad.x, pad=_sum(op.pad, p), counted=_sum(op.counted, p)))
        case MaxPool2d(x=Value(producer=Pad() as pad)) if (p := _spatial(pad)) is not None and _is_lowest(pad):
            graph.replace(op, replace(op, x=pad.x, pad=_sum(op.pad, p)))
        case Pad(x=Value(producer=Pad() as inner, uses=[_])) if inner.value == op.value:
            before = tuple(a + b for a, b in zip(op.before, inner.before, strict=True))
            after = tuple(a + b for a, b in zip(op.after, inner.after, strict=True))
            graph.replace(op, replace(op, x=inner.x, before=before, after=after))


def _spatial(pad: Pad) -> Pads | None:
    """(top, bottom, left, right) of a pad of [N,H,W,C] that leaves N and C alone."""
    if len(pad.before) != 4 or any((pad.before[0], pad.after[0], pad.before[3], pad.after[3])):
        return None
    return pad.before[1], pad.after[1], pad.before[2], pad.after[2]


def _sum(a: Pads, b: Pads) -> Pads:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]


def _is_lowest(pad: Pad) -> bool:
    dtype = pad.x.type.dtype
    return pad.value == (-np.inf if dtype.is_float else np.iinfo(np.zeros((), dtype.numpy).dtype).min)
