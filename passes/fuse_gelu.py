"""See the Gaussian error linear unit in the operators that exporters make of it."""

from math import isclose, sqrt

from edgec.ir.ops import Erf, Gelu
from edgec.rewriting import Add, Div, Graph, Mul, Op, Value, rewrite


@rewrite("fuse-gelu")
def fuse_gelu(op: Op, graph: Graph) -> None:
    """Fuse ``x * (erf(x / sqrt 2) + 1) * 0.5``, in any order of its factors, into one operator."""
    if not isinstance(op, Mul) or op.clamp is not None:
        return
    factors = [*_factors(op.a), *_factors(op.b)]
    if len(factors) != 3:
        return
    for number, factor in enumerate(factors):
        x = _inside(factor)
        others = factors[:number] + factors[number + 1 :]
        if x in others and any(_is(other, 0.5) for other in others) and x is not None and x.type == op.result.type:
            graph.replace(op, Gelu(x, source=op.source))
            return


def _factors(value: Value) -> list[Value]:
    """Those of a product that is read here alone, else the value itself."""
    match value:
        case Value(producer=Mul(clamp=None) as product, uses=[_]):
            return [product.a, product.b]
        case _:
            return [value]


def _inside(value: Value) -> Value | None:
    """The x of ``1 + erf(x / sqrt 2)``."""
    match value:
        case Value(producer=Add(clamp=None) as one, uses=[_]):
            terms = [one.a, one.b]
        case _:
            return None
    if not any(_is(term, 1.0) for term in terms):
        return None
    for term in terms:
        match term:
            case Value(producer=Erf(x=Value(producer=Div(clamp=None) as scaled))) if _is(scaled.b, sqrt(2)):
                return scaled.a
            case Value(producer=Erf(x=Value(producer=Mul(clamp=None) as scaled))):
                for x, factor in ((scaled.a, scaled.b), (scaled.b, scaled.a)):
                    if _is(factor, sqrt(0.5)):
                        return x
    return None


def _is(value: Value, number: float) -> bool:
    """Whether it is a constant of one element that is about that number."""
    return value.data is not None and value.data.size == 1 and isclose(value.data.item(), number, rel_tol=1e-6)
