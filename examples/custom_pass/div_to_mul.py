"""Divisions by constant powers of two become multiplications: the same to the bit, and far cheaper without an FPU."""

import numpy as np

from edgec.rewriting import Div, Graph, Mul, Op, rewrite


@rewrite("div-to-mul")
def div_to_mul(op: Op, graph: Graph) -> None:
    """Replace x / c by x * (1 / c) where 1 / c is exact: c holds only powers of two."""
    match op:
        case Div(a=x, b=divisor) if divisor.data is not None and divisor.type.dtype.is_float:
            mantissa, _ = np.frexp(divisor.data)
            with np.errstate(over="ignore", divide="ignore"):
                inverse = 1 / divisor.data
            if np.all(np.abs(mantissa) == 0.5) and np.all(np.isfinite(inverse)):
                factor = graph.const(inverse, f"{divisor.name}.inverse", before=op)
                graph.replace(op, Mul(x, factor, clamp=op.clamp))
