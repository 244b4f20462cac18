"""Convolutions of bytes by strips: rows of output together, from pointers to all rows of input that they need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from edgec.codegen.ctree import ZERO, BinOp, Block, Call, Cast, Declare, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.endings import CODES, Residual, RowSums
from edgec.codegen.kernels.reach import above, copied, pixel_turns, strip_turns, under, upward_turns
from edgec.codegen.kernels.rows import loops
from edgec.ir import Value
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


PIXELS = 8
"""So many at a time pay off a call of a block."""


def whole_blocks(rows: Geometry, columns: Geometry, least: int) -> int:
    """Rows of output that a call computes by blocks of so many pixels, with whole ones if it can be."""
    pixels = [count * columns.out for count in range(1, rows.out + 1)]
    return next((s for s, p in enumerate(pixels, 1) if p % least == 0 and p >= PIXELS), rows.out)


StripCall = Callable[[Expr, int, Expr], list[Stmt]]
"""``(rows of input, count, place)`` -> the statements that compute so many rows of output."""


EndedCall = Callable[[Expr, int, Expr, Expr], list[Stmt]]
"""``(rows of input, count, place, place of the other operand)`` -> the same with a residual sum."""


def by_strips(
    name: str,
    header: str,
    op: Conv2d,
    strip: int,
    made: Callable[[int], int],
    prepare: Callable[[Emitter], StripCall],
    scratch: int,
    spare: int = 0,
    work: Mapping[str, float] | None = None,
    end: Callable[[Emitter, Residual], EndedCall] | None = None,
    once: bool = True,
    copies: bool = False,
) -> Kernel:
    """A kernel that is called for ``strip`` rows of output at a time.

    Its rows of input are of bytes, whatever lies in them. Where those of output are no multiple of that, ``made`` says
    how many are computed for those that are left, at least as many: the others are computed twice. ``spare`` rows of
    input more are told. It can end with a residual sum: of a strip's codes, which are in scratch then, or by the calls
    that ``end`` gives; ``once``: by these, no element is computed twice. ``copies``: a call reads all its input before
    it writes. Strips of a single image may also go from the last one up.
    """
    rows, _ = geometry(op)
    batch, height, width, channels = op.result.shape
    size = op.x.type.dtype.bytes
    row_bytes, out_row = size * op.x.shape[2] * op.x.shape[3], width * channels

    def emit(
        emitter: Emitter, sums: RowSums | None = None, residual: Residual | None = None, up: bool = False
    ) -> list[Stmt]:
        if residual is not None and end is not None:
            call, ended = None, end(emitter, residual)
        else:
            call, ended = prepare(emitter), None
        image = Name("n") if batch > 1 else ZERO
        x = emitter.pointer(op.x)
        x = add(x if size == 1 else Cast("const int8_t *", x), mul(image, Int(rows.extent * row_bytes)))

        def row_of(value: Value, row: Expr) -> Expr:
            return add(add(emitter.pointer(value), mul(image, Int(height * out_row))), mul(row, Int(out_row)))

        def one(first: Expr, count: int, new: int) -> list[Stmt]:
            """So many rows from the first on, of which the last ``new`` are not there yet."""
            reach = rows.reach(count) + spare
            place = add(mul(first, Int(rows.stride)), Int(-rows.before))
            arguments = (Name("rows"), Int(reach), x, Int(rows.extent), Int(row_bytes), place)
            read: list[Stmt] = [
                Declare("const int8_t *", "rows", extent=reach),
                Evaluate(Call("edgec_strip_rows_i8", arguments)),
            ]
            if residual is not None and ended is not None:
                y, other = row_of(residual.op.result, first), row_of(residual.other, first)
                return [*read, *ended(Name("rows"), count, y, other)]
            assert call is not None
            if sums is None:
                return [*read, *call(Name("rows"), count, row_of(op.result, first))]
            there = Int((count - new) * out_row)
            added = sums.emit(emitter, new, add(CODES, there), lambda value: add(row_of(value, first), there))
            return [*read, *call(Name("rows"), count, CODES), Block(added)]

        whole = height // strip
        number = BinOp("-", Int(whole - 1), Name("s")) if up and whole > 1 else Name("s")
        body: list[Stmt] = [For("s", 0, whole, one(mul(number, Int(strip)), strip, strip))]
        if rest := height % strip:
            body.insert(0 if up else 1, Block(one(Int(height - made(rest)), made(rest), rest)))
        if sums is not None:
            body.insert(0, sums.codes(emitter))
        return loops([Name("n")], [batch], body)

    news = [strip] * (height // strip) + ([height % strip] if height % strip else [])
    calls = [(s * strip, strip) for s in range(height // strip)]
    if rest := height % strip:
        calls.append((height - made(rest), made(rest)))
    turns = [*strip_turns(op.x, op.result, calls, rows.stride, rows.before)]
    distances = above(op.x, op.result, copied(turns) if copies else turns)
    kernel = Kernel(name, header, emit, scratch, work=work or {}, distances=distances)

    def backward(forward: Kernel, sums: RowSums | None = None, residual: Residual | None = None) -> Kernel:
        """The same from the last strip up."""
        if batch > 1 or len(calls) == 1 or (residual is not None and sums is None):
            return forward
        turns = [*upward_turns(op.x, op.result, calls, rows.stride, rows.before, rows.span + spare)]
        below = under(op.x, op.result, copied(turns) if copies or sums else turns)
        if residual is not None:
            below |= under(residual.other, op.result, upward_turns(residual.other, op.result, calls))
        turned = replace(forward, emit=partial(emit, sums=sums, up=True), distances={}, below=below)
        return replace(forward, backward=lambda: turned)

    def ending(residual: Residual) -> Kernel | None:
        other = residual.other
        if end is not None:
            added = above(other, op.result, strip_turns(other, op.result, calls))
            both = {**added, **above(op.x, op.result, turns)}
            return replace(kernel, emit=partial(emit, residual=residual), once=once, distances=both)
        most = max(count for _, count in calls)
        sums = RowSums.of(residual, news * batch, scratch, most)
        if sums is None:
            return None
        # A strip's codes are in scratch before the sum writes.
        added = above(other, op.result, pixel_turns(other, op.result, [new * width for new in news] * batch))
        reach = {**added, **above(op.x, op.result, copied(turns))}
        return backward(sums.ended(kernel, partial(emit, sums=sums), reach), sums, residual)

    return backward(replace(kernel, ending=ending))


def strips_of(height: int, strip: int, made: Callable[[int], int]) -> list[int]:
    """How many rows of output each call for an image makes."""
    left = height % strip
    return [strip] * (height // strip) + ([made(left)] if left else [])
