"""Remove what computes nothing: only where the result is the same to the bit."""

import numpy as np

from edgec.rewriting import (
    Add,
    Cast,
    Clip,
    Concat,
    Div,
    Graph,
    MaxPool,
    Mul,
    Op,
    Pad,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    Reshape,
    Slice,
    Sub,
    Transpose,
    Value,
    replace,
    rewrite,
)


@rewrite("simplify")
def simplify(op: Op, graph: Graph) -> None:
    """Remove operators that return their operand, and merge reshapes."""
    match op:
        case Reshape(x=Value(producer=Reshape() as inner)):
            graph.replace(op, replace(op, x=inner.x))
        case ReduceSum() | ReduceMean() | ReduceProd() | ReduceMax() | ReduceMin() | ReduceLogSumExp() if all(
            op.x.shape[a] == 1 for a in op.axes
        ):
            graph.replace(op, Reshape(op.x, op.result.shape, source=op.source))
        case _:
            x = _same_as(op)
            if x is not None and x.type == op.result.type:
                graph.replace(op, x)


def _same_as(op: Op) -> Value | None:
    """The operand that the result equals, if their types are equal, too."""
    match op:
        case Add(clamp=None):
            # x + 0.0 turns -0.0 into 0.0, x + -0.0 keeps every x.
            return op.a if _is(op.b, -0.0) else op.b if _is(op.a, -0.0) else None
        case Sub(clamp=None):
            return op.a if _is(op.b, 0.0) else None
        case Mul(clamp=None):
            return op.a if _is(op.b, 1.0) else op.b if _is(op.a, 1.0) else None
        case Div(clamp=None):
            return op.a if _is(op.b, 1.0) else None
        case Clip(x=x, low=low, high=high):
            return x if low == -np.inf and high == np.inf else None
        case Concat(xs=(x,)) | Cast(x=x) | Reshape(x=x):
            return x
        case Transpose(x=x, perm=perm):
            return x if perm == tuple(range(len(perm))) else None
        case Slice(x=x, count=count, step=step):
            return x if count == x.shape and all(s > 0 or d == 1 for s, d in zip(step, count, strict=True)) else None
        case Pad(x=x, before=before, after=after):
            return x if not any(before) and not any(after) else None
        case MaxPool(x=x, kernel=kernel, stride=stride, clamp=None) if {*kernel, *stride} == {1}:
            return x
        case _:
            return None


def _is(value: Value, number: float) -> bool:
    """True if a constant has this value everywhere (for floats with this sign, of zero, too)."""
    if (data := value.data) is None:
        return False
    same_sign = data.dtype.kind != "f" or np.all(np.signbit(data) == np.signbit(number))
    return bool(np.all(data == number) and same_sign)
