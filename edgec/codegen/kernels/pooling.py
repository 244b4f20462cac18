"""Pooling: row by row."""

from collections.abc import Sequence
from math import prod

import numpy as np

from edgec.codegen.ctree import BinOp, Call, Evaluate, Expr, Int, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_literals, result_fields, sum_suffix
from edgec.codegen.kernels.reach import above, row_turns
from edgec.codegen.kernels.registry import fallible, lowers, unsupported
from edgec.codegen.kernels.rows import Row, kernel_rows, over_rows, row_fields, runs
from edgec.ir import Array, DType
from edgec.ir.interp.pooling import divisors
from edgec.ir.ops import (
    AveragePool,
    LpPool,
    MaxPool,
    MaxPoolIndices,
    MaxUnpool,
    Pool,
)
from edgec.ir.ops.windows import sides
from edgec.ir.requantization import mean_factors, zero_of


def _shape(emitter: Emitter, op: Pool) -> Expr:
    (run,) = runs(op)
    in_width, channels = op.x.shape[-2:]
    fields = {"in_width": Int(in_width), "channels": Int(channels), **row_fields(kernel_rows(op), run)}
    return emitter.struct("edgec_pool", fields)


@lowers(MaxPool)
def lower_max_pool(op: MaxPool) -> Kernel:
    """``edgec_max_pool_<type>(shape, limits, rows, y)``."""
    dtype = op.x.type.dtype
    return maxima(op, f"edgec_max_pool_{dtype.value}", "max_pool.h", clamp_literals(op.clamp, dtype))


def maxima(op: MaxPool, name: str, header: str, parameters: Sequence[Expr] = (), scratch: int = 0) -> Kernel:
    """``name(shape, parameters, rows, y)`` for each row of output; a kernel that needs scratch gets its place, too."""

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = _shape(emitter, op)

        def call(row: Row) -> list[Stmt]:
            places = row.rows, row.of(emitter, op.result), *([emitter.scratch] if scratch else [])
            return [Evaluate(Call(name, (shape, *parameters, *places)))]

        return over_rows(emitter, op, call)

    return Kernel(name, header, emit, scratch, distances=above(op.x, op.result, row_turns(op)))


@lowers(MaxPoolIndices)
def lower_max_pool_indices(op: MaxPoolIndices) -> Kernel:
    """Places are linear in the window's axes: the kernel gets that of the window's corner, and the steps."""
    name = f"edgec_max_pool_indices_{op.x.type.dtype.value}"
    extents = op.x.shape[1:-1]
    steps = [prod(extents[:a]) if op.column_major else prod(extents[a + 1 :]) for a in range(len(extents))]

    def emit(emitter: Emitter) -> list[Stmt]:
        *outer, height = [Int(d * s) for d, s in zip(op.dilation[:-1], steps[:-1], strict=True)]
        fields: dict[str, Expr] = {
            "kernel_height": Int(op.kernel[-2]),
            "plane_step": outer[0] if outer else Int(0),
            "row_step": height,
            "column_step": Int(steps[-1]),
        }
        shape, places = _shape(emitter, op), emitter.struct("edgec_pool_places", fields, "places")

        def call(row: Row) -> list[Stmt]:
            origin: Expr = Int(0)
            for first, step in zip(row.first, steps, strict=False):
                origin = add(origin, mul(first, Int(step)))
            y, indices = (row.of(emitter, v) for v in op.results)
            return [Evaluate(Call(name, (shape, places, origin, row.rows, y, indices)))]

        return over_rows(emitter, op, call)

    return Kernel(name, "max_pool_indices.h", emit, distances=above(op.x, op.results[0], row_turns(op)))


@lowers(AveragePool)
def lower_average_pool(op: AveragePool) -> Kernel:
    """``edgec_average_pool_<type>(shape, limits, ...)``."""
    return averages(op, f"edgec_average_pool_{op.x.type.dtype.value}", "average_pool.h")


def averages(op: AveragePool, name: str, header: str) -> Kernel:
    """The call of a kernel for floats."""

    def emit(emitter: Emitter) -> list[Stmt]:
        return average_rows(emitter, op, name, clamp_literals(op.clamp, op.x.type.dtype))

    return Kernel(name, header, emit, distances=above(op.x, op.result, row_turns(op)))


@lowers(AveragePool, quantized=True)
def lower_quantized_average_pool(op: AveragePool) -> Kernel:
    """``edgec_average_pool_<x>_<sum>_<y>(shape, parameters, ...)``: factors by the number of elements that count."""
    types = (op.x.type.dtype.value, sum_suffix(op.x.type.dtype, prod(op.kernel)), op.result.type.dtype.value)
    name = f"edgec_average_pool_{'_'.join(types)}"
    return quantized_averages(op, name, "average_pool_quantized.h", *uniform_factors(op))


def uniform_factors(op: AveragePool) -> tuple[Array, Array]:
    """Multipliers and shifts by the number of elements that count in a window; one, where all windows count alike."""
    multiplier, shift = mean_factors(op)
    counts = np.unique(divisors(op))
    return (multiplier[counts], shift[counts]) if len(counts) == 1 else (multiplier, shift)


def quantized_averages(op: AveragePool, name: str, header: str, multiplier: Array, shift: Array) -> Kernel:
    """A kernel on quantized values by the factors of ``uniform_factors``."""

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: dict[str, Expr | tuple[Expr, ...]] = {
            "multiplier": emitter.array("multiplier", multiplier),
            "shift": emitter.array("shift", shift),
            "uniform": Int(int(len(shift) == 1)),
            "x_zero": Int(zero_of(op.x)),
            **result_fields(op.result, op.clamp),
        }
        return average_rows(emitter, op, name, [emitter.struct("edgec_means", fields, "means")])

    return Kernel(name, header, emit, distances=above(op.x, op.result, row_turns(op)))


def average_rows(emitter: Emitter, op: AveragePool, name: str, parameters: Sequence[Expr]) -> list[Stmt]:
    """``name(shape, parameters, ..)`` for each row: how many rows of the window its divisor counts depends on it."""
    shape = _shape(emitter, op)
    *rows, (left, right) = sides(op.counted)

    def call(row: Row) -> list[Stmt]:
        counted = _product([_taps_inside(op, axis, row.first[axis], side) for axis, side in enumerate(rows)])
        arguments = (shape, *parameters, Int(left), Int(right), row.rows, counted, row.of(emitter, op.result))
        return [Evaluate(Call(name, arguments))]

    return over_rows(emitter, op, call)


def _taps_inside(op: AveragePool, axis: int, first: Expr, counted: tuple[int, int]) -> Expr:
    """How many taps of the window along an axis the divisor counts."""
    before, after = counted
    limits = (Int(-before), Int(op.x.shape[axis + 1] + after))
    return Call("edgec_taps_count", (first, Int(op.dilation[axis]), Int(op.kernel[axis]), *limits))


def _product(factors: Sequence[Expr]) -> Expr:
    product, *rest = factors
    for factor in rest:
        product = BinOp("*", product, factor)
    return product


@lowers(LpPool)
def lower_lp_pool(op: LpPool) -> Kernel:
    """``edgec_lp_pool_<type>(shape, p, rows, y)``."""
    name = f"edgec_lp_pool_{op.x.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = _shape(emitter, op)

        def call(row: Row) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, Int(op.p), row.rows, row.of(emitter, op.result))))]

        return over_rows(emitter, op, call)

    return Kernel(name, "lp_pool.h", emit, distances=above(op.x, op.result, row_turns(op)))


@lowers(MaxUnpool)
def lower_max_unpool(op: MaxUnpool) -> Kernel:
    """``edgec_max_unpool_<type>(x, indices, elements, y, elements)``."""
    if op.indices.type.dtype is not DType.I64:
        raise unsupported(op, "indices must be i64")
    name = f"edgec_max_unpool_{op.x.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        x, indices, y = (emitter.pointer(v) for v in (op.x, op.indices, op.result))
        sizes = (Int(op.x.type.elements), Int(op.result.type.elements))
        return [fallible(Call(name, (x, indices, sizes[0], y, sizes[1])))]

    return Kernel(name, "max_unpool.h", emit)
