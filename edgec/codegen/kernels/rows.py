"""Spatial operators: the loops over rows of output around a kernel that sees its input as row pointers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import TypeAlias

from edgec.codegen.ctree import Block, Call, Declare, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import C_TYPES, Emitter, Kernel
from edgec.codegen.kernels.endings import CODES, Residual, RowSums
from edgec.codegen.kernels.reach import above, copied, pixel_turns, row_turns
from edgec.ir import Value
from edgec.ir.ops import Convolution, ConvTranspose, IntegerConv2d, Pool
from edgec.ir.ops.windows import sides

Spatial: TypeAlias = Convolution | IntegerConv2d | Pool


RowCall = Callable[[Expr, Expr], list[Stmt]]
"""``(rows of input, row of output)`` -> the statements that compute it."""


@dataclass(frozen=True)
class Run:
    """Outputs of a row that see their window in the same way: ``count`` of them, every ``step``-th from ``first`` on.

    The window's columns that they see are ``taps``, in the order of the input, ``dilation`` apart there; the first
    output's window begins at column ``-pad``, and each further one's ``stride`` behind that.
    """

    taps: tuple[int, ...]
    stride: int
    dilation: int
    pad: int
    first: int
    step: int
    count: int


@dataclass(frozen=True)
class Row:
    """What a kernel call for one row of output needs.

    ``rows`` points at the window's rows of input, ``first`` is the place of the first of them on each axis but the last
    (negative in the padding), ``number`` counts the rows of output.
    """

    rows: Expr
    first: tuple[Expr, ...]
    number: Expr

    def of(self, emitter: Emitter, value: Value) -> Expr:
        """This row of a value that has the output's rows."""
        return add(emitter.pointer(value), mul(self.number, Int(prod(value.shape[-2:]))))


def runs(op: Spatial) -> list[Run]:
    """The runs that make up a row of output.

    That is one run, but where a transposed convolution has a stride: its output ``i`` sees those columns of the window
    for which ``i + pad - column * dilation`` is a multiple of the stride, so that each remainder of ``i + pad`` has its
    own columns, and is a convolution of stride 1 by these.
    """
    axis = len(op.kernel) - 1
    if isinstance(op, ConvTranspose):
        return transposed_runs(op, axis)
    return [Run(tuple(range(op.kernel[-1])), op.stride[-1], op.dilation[-1], op.pad[-2], 0, 1, op.results[0].shape[-2])]


def transposed_runs(op: ConvTranspose, axis: int) -> list[Run]:
    """Those of a transposed convolution along any axis."""
    extent, stride, dilation, (pad, _) = (
        op.results[0].shape[axis + 1],
        op.stride[axis],
        op.dilation[axis],
        sides(op.pad)[axis],
    )
    found = []
    for first in range(min(stride, extent)):
        place = first + pad
        # Of a higher column the input is further left.
        taps = tuple(k for k in reversed(range(op.kernel[axis])) if (place - k * dilation) % stride == 0)
        begin = (place - taps[0] * dilation) // stride if taps else 0
        apart = (taps[0] - taps[1]) * dilation // stride if len(taps) > 1 else 1
        found.append(Run(taps, 1, apart, -begin, first, stride, (extent - first + stride - 1) // stride))
    return found


def kernel_rows(op: Spatial) -> int:
    """Rows of the window: its height, times its depth in 3-D."""
    return prod(op.kernel[:-1])


def row_fields(rows: int, run: Run) -> dict[str, Expr]:
    """The fields that the structs of all spatial kernels share: the window, and its geometry along a row."""
    return {
        "out_width": Int(run.count),
        "kernel_rows": Int(rows),
        "kernel_width": Int(len(run.taps)),
        "stride": Int(run.stride),
        "dilation": Int(run.dilation),
        "pad_left": Int(run.pad),
    }


def over_rows(emitter: Emitter, op: Spatial, call: Callable[[Row], Sequence[Stmt]]) -> list[Stmt]:
    """Loops over images, in 3-D planes, and rows of output around the statements for one row."""
    dtype = op.x.type.dtype
    *depth, height, width, channels = op.x.shape[1:]
    extents = op.results[0].shape[:-2]
    names = [Name(n) for n in (("n", "z", "y") if depth else ("n", "y"))]
    image = mul(names[0], Int(prod(op.x.shape[1:]))) if extents[0] > 1 else Int(0)
    walks = [_walk(op, axis, name) for axis, name in enumerate(names[1:])]
    *planes, rows = walks
    counts = [Int(k) for k in op.kernel[:-1]]
    axes = [a for extent, walk in zip(depth, planes, strict=True) for a in (Int(extent), *walk)]
    place = (*counts, add(emitter.pointer(op.x), image), *axes, Int(height), Int(width * channels), *rows)
    body: list[Stmt] = [
        Declare(f"const {C_TYPES[dtype]} *", "rows", extent=kernel_rows(op)),
        Evaluate(Call(f"edgec_rows{'3d' if depth else ''}_{dtype.value}", (Name("rows"), *place))),
        *call(Row(Name("rows"), tuple(first for first, _, _ in walks), row_number(names, extents))),
    ]
    return loops(names, extents, body)


def by_rows(name: str, header: str, op: Spatial, prepare: Callable[[Emitter], RowCall]) -> Kernel:
    """A kernel that is called for each row of output by itself. It can end with a residual sum of each row."""

    def emit(emitter: Emitter, sums: RowSums | None = None) -> list[Stmt]:
        call = prepare(emitter)
        if sums is None:
            return over_rows(emitter, op, lambda row: call(row.rows, row.of(emitter, op.results[0])))

        def ended(row: Row) -> list[Stmt]:
            added = sums.emit(emitter, 1, CODES, lambda value: row.of(emitter, value))
            return [*call(row.rows, CODES), Block(added)]

        return [sums.codes(emitter), *over_rows(emitter, op, ended)]

    turns, y = [*row_turns(op)], op.results[0]
    kernel = Kernel(name, header, emit, distances=above(op.x, y, turns))

    def ending(residual: Residual) -> Kernel | None:
        sums = RowSums.of(residual, [1] * len(turns), 0, 1)
        if sums is None:
            return None
        # A row's codes are in scratch before the sum writes.
        added = above(residual.other, y, pixel_turns(residual.other, y, [y.shape[-2]] * len(turns)))
        return sums.ended(kernel, partial(emit, sums=sums), {**added, **above(op.x, y, copied(turns))})

    return replace(kernel, ending=ending)


def over_images(emitter: Emitter, op: Convolution, call: Callable[[Expr, Expr], Sequence[Stmt]]) -> list[Stmt]:
    """A loop over images around the statements for one: ``(its input, its output)``."""
    batch = op.x.shape[0]
    places = (
        add(emitter.pointer(v), mul(Name("n"), Int(v.type.elements // batch)) if batch > 1 else Int(0))
        for v in (op.x, op.result)
    )
    return loops([Name("n")], [batch], call(*places))


def row_number(names: Sequence[Name], extents: Sequence[int]) -> Expr:
    """The number of a row of output among all of them, from the variables of ``loops``."""
    number: Expr = Int(0)
    for name, extent in zip(names, extents, strict=True):
        number = add(mul(number, Int(extent)), name if name is not names[0] or extent > 1 else Int(0))
    return number


def loops(names: Sequence[Name], extents: Sequence[int], body: Sequence[Stmt]) -> list[Stmt]:
    """Loops around statements; an image that is alone needs none."""
    statements = list(body)
    for name, extent in reversed(list(zip(names, extents, strict=True))):
        if name is not names[0] or extent > 1:
            statements = [For(name.text, 0, extent, statements)]
    return statements


def _walk(op: Spatial, axis: int, index: Name) -> tuple[Expr, Expr, Expr]:
    """The window's first place on an axis, the step of its taps, and how far elements of input are apart."""
    (before, _), stride, dilation = sides(op.pad)[axis], op.stride[axis], op.dilation[axis]
    if isinstance(op, ConvTranspose):
        return add(index, Int(before)), Int(-dilation), Int(stride)
    return add(mul(index, Int(stride)), Int(-before)), Int(dilation), Int(1)
