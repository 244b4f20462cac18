"""Convolutions of bytes by strips: rows of output together, from pointers to all rows of input that they need."""

from collections.abc import Callable
from dataclasses import dataclass

from edgec.codegen.ctree import Block, Call, Cast, Declare, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.rows import loops
from edgec.ir.ops import Conv2d


@dataclass(frozen=True)
class Geometry:
    """A 2-D convolution along one axis."""

    extent: int
    kernel: int
    stride: int
    dilation: int
    before: int
    out: int

    @property
    def span(self) -> int:
        """How far a window reaches."""
        return (self.kernel - 1) * self.dilation + 1

    def reach(self, count: int) -> int:
        """How far the windows of so many neighbours reach."""
        return (count - 1) * self.stride + self.span

    @property
    def padding(self) -> int:
        """What is padded before the first element."""
        return max(self.before, 0)

    @property
    def skipped(self) -> int:
        """What comes before the first window."""
        return max(-self.before, 0)

    @property
    def taken(self) -> int:
        """How many elements windows reach."""
        return max(min(self.extent - self.skipped, self.reach(self.out) - self.padding), 0)

    @property
    def behind(self) -> int:
        """What is padded behind the last element."""
        return self.reach(self.out) - self.padding - self.taken


def geometry(op: Conv2d) -> tuple[Geometry, Geometry]:
    """Along rows from top to bottom, and along columns."""
    top, _, left, _ = op.pad
    rows, columns = (
        Geometry(op.x.shape[a + 1], op.kernel[a], op.stride[a], op.dilation[a], before, op.result.shape[a + 1])
        for a, before in ((0, top), (1, left))
    )
    return rows, columns


def over_strips(
    emitter: Emitter, op: Conv2d, strip: int, last: int, call: Callable[[Expr, int, Expr], list[Stmt]], spare: int = 0
) -> list[Stmt]:
    """Calls ``(rows of input, count, place)`` for ``strip`` rows of output at a time, in each image; rows are of bytes.

    Where the rows are no multiple of that ``last`` are those at the end, which may overlap the others. ``spare`` rows
    of input more are told.
    """
    rows, _ = geometry(op)
    batch, height, width, channels = op.result.shape
    x, y = emitter.pointer(op.x), emitter.pointer(op.result)
    size = op.x.type.dtype.bytes
    row_bytes, out_row = size * op.x.shape[2] * op.x.shape[3], width * channels
    if size > 1:
        x = Cast("const int8_t *", x)
    if batch > 1:
        x = add(x, mul(Name("n"), Int(rows.extent * row_bytes)))
        y = add(y, mul(Name("n"), Int(height * out_row)))

    def one(first: Expr, count: int) -> list[Stmt]:
        reach = rows.reach(count) + spare
        place = add(mul(first, Int(rows.stride)), Int(-rows.before))
        arguments = (Name("rows"), Int(reach), x, Int(rows.extent), Int(row_bytes), place)
        return [
            Declare("const int8_t *", "rows", extent=reach),
            Evaluate(Call("edgec_strip_rows_i8", arguments)),
            *call(Name("rows"), count, add(y, mul(first, Int(out_row)))),
        ]

    whole = height // strip
    body: list[Stmt] = [For("s", 0, whole, one(mul(Name("s"), Int(strip)), strip))]
    if height % strip:
        body.append(Block(one(Int(height - last), last)))
    return loops([Name("n")], [batch], body)
