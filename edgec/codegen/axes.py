"""Axes that several tensors are walked along together, merged so that loops are few and inner runs long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from edgec.codegen.ctree import Expr, For, Int, Name, Stmt, add, mul


@dataclass(frozen=True)
class Axis:
    """One loop: its extent, and the step in elements that each of the tensors takes."""

    extent: int
    strides: tuple[int, ...]


def contiguous(shape: Sequence[int]) -> list[int]:
    """Strides in elements of a row-major tensor."""
    return [prod(shape[a + 1 :]) for a in range(len(shape))]


def broadcast_strides(shape: tuple[int, ...], target: tuple[int, ...]) -> list[int]:
    """Strides along the axes of a tensor that ``shape`` broadcasts to: 0 along those that are repeated."""
    padded = (1,) * (len(target) - len(shape)) + shape
    return [s if e > 1 else 0 for s, e in zip(contiguous(padded), padded, strict=True)]


def merge(axes: Sequence[Axis]) -> list[Axis]:
    """The same walk with axes of extent 1 left out and neighbours joined where all tensors allow it."""
    merged: list[Axis] = []
    for axis in axes:
        if axis.extent == 1:
            continue
        outer = merged[-1] if merged else None
        if outer and all(o == s * axis.extent for o, s in zip(outer.strides, axis.strides, strict=True)):
            merged[-1] = Axis(outer.extent * axis.extent, axis.strides)
        else:
            merged.append(axis)
    return merged


def permuted(shape: Sequence[int], perm: Sequence[int]) -> list[Axis]:
    """The merged axes of operand and result along which a tensor's axes are permuted."""
    source = contiguous(shape)
    result = [shape[p] for p in perm]
    walk = zip(result, (source[p] for p in perm), contiguous(result), strict=True)
    return merge([Axis(extent, (read, written)) for extent, read, written in walk])


def transposed_matrix(shape: Sequence[int], perm: Sequence[int]) -> tuple[int, int] | None:
    """Rows and columns of the result if a permutation of axes transposes one matrix, as from planes to pixels."""
    match permuted(shape, perm):
        case [Axis(extent=rows, strides=(1, _)), Axis(extent=columns, strides=(_, 1))]:
            return rows, columns
    return None


def transposed_matrices(shape: Sequence[int], perm: Sequence[int]) -> tuple[list[Axis], Axis, Axis] | None:
    """A permutation of axes as matrices that are transposed: the axes around them, and their rows and columns.

    Columns lie together in the operand, rows in the result. None where runs stay as they are.
    """
    axes = permuted(shape, perm)
    columns, rows = (next((a for a in axes if a.strides[tensor] == 1), None) for tensor in (0, 1))
    if columns is None or rows is None or columns is rows:
        return None
    return [axis for axis in axes if axis not in (columns, rows)], rows, columns


def column(axes: Sequence[Axis], tensor: int, length: int) -> tuple[Expr, ...]:
    """One tensor's strides as an array field of ``length``, the innermost axis last."""
    return (*(Int(0) for _ in range(length - len(axes))), *(Int(a.strides[tensor]) for a in axes))


def extents(axes: Sequence[Axis], length: int) -> tuple[Expr, ...]:
    """The extents as an array field of ``length``, the innermost axis last."""
    return (*(Int(1) for _ in range(length - len(axes))), *(Int(a.extent) for a in axes))


def nest(axes: Sequence[Axis], tensors: int, body: Callable[[list[Expr]], list[Stmt]]) -> list[Stmt]:
    """Loops around ``body(offsets)``, which gets each tensor's offset in elements."""
    offsets: list[Expr] = [Int(0)] * tensors
    for depth, axis in enumerate(axes):
        index = Name(f"i{depth}")
        offsets = [add(o, mul(index, Int(s))) for o, s in zip(offsets, axis.strides, strict=True)]
    statements = body(offsets)
    for depth, axis in reversed(list(enumerate(axes))):
        statements = [For(f"i{depth}", 0, axis.extent, statements)]
    return statements
