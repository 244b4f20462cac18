"""Several operators by strips of rows: what lies between them is a few rows in scratch, and never there as a whole.

The first one may be a convolution of any window. The others, and else the first one, too, take from each row of their
input a row of their result, or one from some rows that no other takes from: what is elementwise, and windows that do
not overlap. Each is computed by its own kernel, as for tensors of a strip's shape.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import lcm, prod

from edgec.codegen.ctree import Block, Cast, Declare, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import C_TYPES, Emitter, Kernel
from edgec.ir import Op, Value
from edgec.ir.graph import operand_fields
from edgec.ir.ops import AveragePool2d, Binary, Conv2d, Lookup, MaxPool2d, Requantize, Unary
from edgec.ir.ops.windows import spans
from edgec.schedule import aligned

Select = Callable[[Op], Kernel]
"""Gives the kernel of one operator."""

Windowed = Conv2d | MaxPool2d | AveragePool2d

PIXELS = 24
"""Strips have about so many where no convolution says how many rows are best: kernels have blocks of a few."""


@dataclass(frozen=True)
class _Link:
    """An operator of a chain: a row of its input stands for ``into`` rows of a strip, one of its result for ``out``.

    Those of a strip are rows of the first one's input, or of its result where it is a convolution of any window.
    """

    op: Op
    into: int
    out: int

    def rows(self, count: int) -> int:
        """How many of its result a strip of so many has."""
        inner, advance = count // self.into, self.out // self.into
        span = spans(self.op.kernel, self.op.dilation)[0] if isinstance(self.op, Windowed) and advance > 1 else 1
        return max(inner - span, -advance) // advance + 1

    def small(self, count: int) -> tuple[Op, dict[Value, Value]]:
        """The operator for a strip, and its computed operands there, by the whole ones."""
        values = {v: _of_rows(v, count // self.into) for v in _computed(self.op)}
        operands = {name: getattr(self.op, name) for name, _ in operand_fields(type(self.op))}
        small = replace(self.op, **{name: values.get(value, value) for name, value in operands.items()})
        result = _of_rows(self.op.result, self.rows(count))
        small.results = [Value(result.name, result.type, small)]
        return small, values


def lower_chain(ops: Sequence[Op], select: Select) -> Kernel | None:
    """The kernel of several operators, each but the last read by later ones alone; None where there is none."""
    links = _links(ops)
    if links is None:
        return None
    first, *others = links
    windows = None if _advance(first.op) else select(first.op)
    if windows is not None and windows.strips is None:
        return None
    unit = lcm(*(link.out for link in links))
    _, height, width, _ = (_computed(first.op)[0] if windows is None else first.op.result).shape
    strips = None if windows is None else windows.strips
    strip = unit * -(-PIXELS // (unit * width)) if strips is None else lcm(unit, strips.rows)
    whole, left = divmod(height, strip)
    results = whole * links[-1].rows(strip) + links[-1].rows(left)
    if whole < 1 or (whole, left) == (1, 0) or results != ops[-1].result.shape[1]:
        return None
    if not links[-1].rows(left):
        left = 0
    # Of the rows that a convolution makes at the end the first ones may be there already.
    again = 0 if strips is None or not left or left >= strips.rows else strips.made(left) - left
    small = {
        (link.op, count): (*link.small(count),)
        for count in (strip, left)
        if count
        for link in (links if windows is None else others)
    }
    kernels = {key: select(op) for key, (op, _) in small.items()}
    times = {strip: whole, left: 1}
    many = (replace(kernel, work=_times(kernel.work, times[count])) for (_, count), kernel in kernels.items())
    parts = (*([] if windows is None else [windows]), *many)
    scratch, offsets = aligned(max(kernel.scratch for kernel in parts)), []
    for link in links[:-1]:
        offsets.append(scratch)
        rows = max(link.rows(strip), link.rows(left + again) if left else 0)
        scratch += aligned(rows * _row(link.op.result) * link.op.result.type.dtype.bytes)

    def emit(emitter: Emitter) -> list[Stmt]:
        statements: list[Stmt] = []
        buffers: dict[Value, Expr] = {}
        for number, (link, offset) in enumerate(zip(links, offsets, strict=False)):
            pointer, name = f"{C_TYPES[link.op.result.type.dtype]} *", f"strip{number}"
            byte = add(Cast("unsigned char *", emitter.scratch), Int(offset))
            statements.append(Declare(f"{pointer}const", name, Cast(pointer, Cast("void *", byte))))
            buffers[link.op.result] = Name(name)
        rows_of = None if strips is None else strips.prepare(emitter.part(first.op.opname, {}))

        def part(number: Expr, count: int, again: int, role: str) -> list[Stmt]:
            """The strip of that number; ``again``: rows before it that are computed with it."""

            def place(value: Value, per: int) -> Expr:
                rows = mul(number, Int(strip // per)) if value.shape[1] > 1 else Int(0)
                return add(emitter.pointer(value), mul(rows, Int(_row(value))))

            body: list[Stmt] = []
            places: dict[Value, Expr] = {}
            for index, link in enumerate(links):
                result = link.op.result
                to = buffers[result] if result in buffers else place(result, link.out)
                if index == 0 and rows_of is not None:
                    body.append(Block(rows_of(add(mul(number, Int(strip)), Int(-again)), count + again, to)))
                    to = add(to, Int(again * _row(result)))
                else:
                    op, values = small[link.op, count]
                    lying = {v: places.get(old) or place(old, link.into) for old, v in values.items()}
                    kernel = kernels[link.op, count]
                    body.append(
                        Block(kernel.emit(emitter.part(f"{link.op.opname}{index}{role}", {**lying, op.result: to})))
                    )
                places[result] = to
            return body

        statements.append(For("strip", 0, whole, part(Name("strip"), strip, 0, "")))
        if left:
            statements.append(Block(part(Int(whole), left, again, "_rest")))
        return statements

    names = [kernel.name for kernel in parts[: len(links)]]
    return Kernel(" + ".join(names), parts[0].header, emit, scratch, parts=parts)


def _links(ops: Sequence[Op]) -> list[_Link] | None:
    """The operators with what their rows stand for; None where one can't be computed by strips."""
    links: list[_Link] = []
    stands: dict[Value, int] = {}
    for op in ops:
        if len(op.results) > 1 or not all(v.type.rank == 4 and v.shape[0] == 1 for v in (*_computed(op), op.result)):
            return None
        advance = _advance(op) if links else _advance(op) or 1
        strides = {stands[v] for v in _computed(op) if v in stands} if links else {1}
        if not advance or len(strides) != 1 or not _alike(op, stands):
            return None
        (into,) = strides
        links.append(_Link(op, into, into * advance))
        stands[op.result] = links[-1].out
    return links


def _advance(op: Op) -> int:
    """How many rows of its input an operator goes on by for one of its result, where it takes from no other; else 0."""
    if isinstance(op, Unary | Binary | Requantize | Lookup):
        return 1
    if isinstance(op, Windowed):
        apart = not any(op.pad[:2]) and spans(op.kernel, op.dilation)[0] <= op.stride[0]
        return op.stride[0] if apart else 0
    return 0


def _alike(op: Op, inner: Iterable[Value]) -> bool:
    """Whether operands have a row for each of the result, or one for all if they are no part of the strips."""
    if not isinstance(op, Binary):
        return True
    rows = op.result.shape[1]
    constant = all(v.type.rank < 3 or v.shape[-3] == 1 for v in op.operands if v.data is not None)
    return constant and all(v.shape[1] == rows or (v.shape[1] == 1 and v not in inner) for v in _computed(op))


def _times(work: Mapping[str, float], times: int) -> Mapping[str, float]:
    return {loop: turns * times for loop, turns in work.items()}


def _computed(op: Op) -> list[Value]:
    return [value for value in dict.fromkeys(op.operands) if value.data is None]


def _row(value: Value) -> int:
    """Elements of a row."""
    return prod(value.shape[2:])


def _of_rows(value: Value, rows: int) -> Value:
    """The same of so many rows; what has one for all keeps it."""
    batch, height, *row = value.shape
    return Value(value.name, value.type.with_shape(batch, rows if height > 1 else height, *row))
