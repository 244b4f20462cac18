"""What the products of matrices share: vectors count as matrices of one row or column."""

from collections.abc import Callable

from edgec.frontend.node import Node
from edgec.ir import Op, Value


def multiplied(node: Node, a: Value, b: Value, build: Callable[[Value, Value], Op]) -> Value:
    """``a @ b`` as NumPy means it, by an operator that takes matrices only.

    A vector is a row on the left and a column on the right; its axis does not stay in the result.
    """
    if not a.type.rank or not b.type.rank:
        raise node.error("multiplies a scalar", "use Mul")
    row, column = a.type.rank == 1, b.type.rank == 1
    left = node.reshaped(a, (1, *a.shape)) if row else a
    right = node.reshaped(b, (*b.shape, 1)) if column else b
    result = node.emit(build(left, right))
    *batch, rows, columns = result.shape
    return node.reshaped(result, (*batch, *(() if row else (rows,)), *(() if column else (columns,))))
