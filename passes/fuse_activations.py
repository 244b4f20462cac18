"""Let the operator that makes a value clamp it."""

from edgec.rewriting import (
    Arithmetic,
    AveragePool,
    Clamp,
    Clip,
    Convolution,
    DeformConv2d,
    Dense,
    Graph,
    MaxPool,
    Op,
    Relu,
    Value,
    replace,
    rewrite,
)


@rewrite("fuse-activations")
def fuse_activations(op: Op, graph: Graph) -> None:
    """Fuse relu and clip into the clamp of the operator before them, and into one another."""
    match op:
        case Relu(x=Value(uses=[_]) as x):
            outer = Clamp(low=0.0)
        case Clip(x=Value(uses=[_]) as x):
            outer = Clamp(op.low, op.high)
        case _:
            return
    match x.producer:
        case Convolution() | DeformConv2d() | Dense() | Arithmetic() | MaxPool() | AveragePool() as producer:
            graph.replace(op, replace(producer, clamp=_both(producer.clamp or Clamp(), outer)))
        case Relu() as inner:
            _merge(op, inner.x, _both(Clamp(low=0.0), outer), graph)
        case Clip() as inner:
            _merge(op, inner.x, _both(Clamp(inner.low, inner.high), outer), graph)


def _merge(op: Op, x: Value, limits: Clamp, graph: Graph) -> None:
    graph.replace(op, Relu(x) if limits == Clamp(low=0.0) else Clip(x, limits.low, limits.high))


def _both(inner: Clamp, outer: Clamp) -> Clamp:
    """One clamp that does what ``inner`` and then ``outer`` do: inner's limits, clamped by outer, exactly.

    A lower limit above the upper one always gives the upper one, as ``min(max(x, low), high)`` says.
    """

    def clamped(limit: float) -> float:
        return min(max(limit, outer.low), outer.high)

    return Clamp(clamped(min(inner.low, inner.high)), clamped(inner.high))
