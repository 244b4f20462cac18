"""Several operators by strips of rows: of what lies between them there are a few rows in scratch, and never all.

Each strip has some rows of the last result. An operator makes the rows that those behind it need for that and that are
not there yet; the rows that the next strip needs again are moved to the front of their buffer. Each is computed by its
own kernel, as a tensor of so many rows, padded where they are at the edge of the whole one. A sum over all pixels may
be the end: it takes the rows as they are made. Planes that become pixels may be the begin: rows of each are copied.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from edgec.codegen.ctree import Block, Call, Cast, Declare, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import C_TYPES, Emitter, Kernel
from edgec.codegen.kernels.accumulation import Accumulation
from edgec.codegen.kernels.reach import Turn, above
from edgec.ir import Op, Value
from edgec.ir.graph import operand_fields
from edgec.ir.ops import AveragePool2d, Binary, Conv2d, Lookup, MaxPool2d, Requantize, Transpose, Unary
from edgec.ir.ops.windows import spans
from edgec.schedule import aligned

Select = Callable[[Op], Kernel]
"""Gives the kernel of one operator."""

Key = tuple[Op, tuple[int, int, int, int]]
"""An operator and the extents of a piece."""

Windowed = Conv2d | MaxPool2d | AveragePool2d

ROWS, PIXELS = 6, 24
"""At least so many rows of what slides a window, and pixels of convolutions, are made at a time: calls cost, and six
rows leave no broken blocks of two rows, or of three pixels."""


@dataclass(frozen=True)
class Link:
    """An operator of a chain: the window that it slides over rows."""

    op: Op
    span: int = 1
    stride: int = 1
    pad: int = 0

    @property
    def height(self) -> int:
        """Rows of its result."""
        return self.op.result.shape[1]

    @property
    def extent(self) -> int:
        """Rows of its input."""
        return self.op.x.shape[1] if isinstance(self.op, Windowed) else self.height

    def first(self, row: int) -> int:
        """The first row of input that the result's row needs."""
        return max(row * self.stride - self.pad, 0)

    def behind(self, rows: int) -> int:
        """How many rows of input, from the first one on, so many of the result need."""
        return max(min((rows - 1) * self.stride - self.pad + self.span, self.extent), 0) if rows else 0


@dataclass(frozen=True)
class Piece:
    """Rows ``start`` .. ``stop`` of an operator's result."""

    link: Link
    start: int
    stop: int

    @property
    def first(self) -> int:
        """The first row of input that it reads."""
        return min(self.link.first(self.start), self.link.behind(self.stop))

    @property
    def extents(self) -> tuple[int, int, int, int]:
        """Rows that it reads, of padding above and below that it sees, and that it makes."""
        link = self.link
        above = max(link.pad - self.start * link.stride, 0)
        below = max((self.stop - 1) * link.stride - link.pad + link.span - link.extent, 0)
        return link.behind(self.stop) - self.first, above, below, self.stop - self.start

    def small(self) -> tuple[Op, Mapping[Value, Value]]:
        """The operator for these rows alone, and its computed operands by those of the whole one."""
        op, (read, above, below, made) = self.link.op, self.extents
        values = {value: _of_rows(value, read, 2 if isinstance(op, Transpose) else 1) for value in _computed(op)}
        operands = {name: getattr(op, name) for name, _ in operand_fields(type(op))}
        small = replace(op, **{name: values.get(value, value) for name, value in operands.items()})
        if isinstance(small, Windowed):
            _, _, left, right = small.pad
            small.pad = (above, below, left, right)
        if isinstance(small, AveragePool2d):
            top, bottom, left, right = small.counted
            small.counted = (min(above, top), min(below, bottom), left, right)
        result = _of_rows(op.result, made)
        small.results = [Value(result.name, result.type, small)]
        return small, values


@dataclass(frozen=True)
class Strip:
    """The rows that each operator makes, and for each result but the last one the rows that lie in its buffer.

    At its front there is row ``bases``; when the strip is done, row ``later`` goes there.
    """

    pieces: tuple[Piece, ...]
    bases: tuple[int, ...]
    later: tuple[int, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Where its rows are in whole tensors."""
        return tuple(row for piece in self.pieces for row in (piece.first, piece.start))

    @property
    def form(self) -> tuple[object, ...]:
        """What strips have in common that differ in these places only."""
        held = [
            (p.start - base, later - base) for p, base, later in zip(self.pieces, self.bases, self.later, strict=False)
        ]
        return (*(piece.extents for piece in self.pieces), *held)

    def kept(self, number: int) -> tuple[int, int]:
        """Of a buffer: the row that goes to its front, and how many from there on."""
        return self.later[number] - self.bases[number], self.pieces[number].stop - self.later[number]


def lower_chain(ops: Sequence[Op], select: Select, fewest: int = ROWS) -> Kernel | None:
    """The kernel of several operators, each but the last read by later ones alone; None where there is none.

    ``fewest``: rows of a strip of what slides a window, at least.
    """
    pool = Accumulation.of(ops[-1])
    if pool is not None and pool.sums.x is not ops[-2].results[0]:
        return None
    links = _links(ops if pool is None else ops[:-1])
    strips = None if links is None else _strips(links, pool is not None, fewest)
    if links is None or strips is None:
        return None
    groups = _alike(strips)
    smalls: dict[Key, tuple[Op, Mapping[Value, Value]]] = {}
    times: Counter[Key] = Counter()
    for piece in (piece for strip in strips for piece in strip.pieces if piece.stop > piece.start):
        key = piece.link.op, piece.extents
        if key not in smalls:
            smalls[key] = piece.small()
        times[key] += 1
    kernels = {key: select(op) for key, (op, _) in smalls.items()}
    parts = tuple(replace(k, work={loop: n * times[key] for loop, n in k.work.items()}) for key, k in kernels.items())
    scratch, offsets = aligned(max(kernel.scratch for kernel in parts)), []
    for number, op in enumerate(ops[:-1]):
        offsets.append(scratch)
        held = max(strip.pieces[number].stop - strip.bases[number] for strip in strips)
        scratch += aligned(held * _row(op.result) * op.result.type.dtype.bytes)
    sums, scratch = scratch, scratch + (0 if pool is None else aligned(pool.scratch))
    planes = scratch
    copies = [v.type.bytes for op, values in smalls.values() if isinstance(op, Transpose) for v in values.values()]
    scratch += aligned(max(copies, default=0))

    def emit(emitter: Emitter) -> list[Stmt]:
        statements: list[Stmt] = []
        buffers: dict[Value, Expr] = {}
        for number, (op, offset) in enumerate(zip(ops, offsets, strict=False)):
            pointer = f"{C_TYPES[op.result.type.dtype]} *"
            byte = add(Cast("unsigned char *", emitter.scratch), Int(offset))
            statements.append(Declare(f"{pointer}const", f"rows{number}", Cast(pointer, Cast("void *", byte))))
            buffers[op.result] = Name(f"rows{number}")
        numbers = {op.result: number for number, op in enumerate(ops)}

        def rows(value: Value, row: int, strip: Strip, apart: int) -> Expr:
            """Where a row of a value lies."""
            if value in buffers:
                return add(buffers[value], Int((row - strip.bases[numbers[value]]) * _row(value)))
            if value.shape[1] == 1:
                return emitter.pointer(value)
            return add(
                add(emitter.pointer(value), Int(row * _row(value))), mul(Name("strip"), Int(apart * _row(value)))
            )

        if pool is not None:
            begin, add_rows, end = pool.emit(emitter, sums)
            statements += begin
        for index, (strip, apart, count) in enumerate(groups):
            body: list[Stmt] = []
            for number, piece in enumerate(strip.pieces):
                if piece.stop > piece.start:
                    small, values = smalls[piece.link.op, piece.extents]
                    places = {v: rows(whole, piece.first, strip, apart[2 * number]) for whole, v in values.items()}
                    places[small.results[0]] = rows(piece.link.op.result, piece.start, strip, apart[2 * number + 1])
                    before: list[Stmt] = []
                    if isinstance(piece.link.op, Transpose):
                        byte = add(Cast("unsigned char *", emitter.scratch), Int(planes))
                        before, place = _copied_planes(emitter, piece, apart[2 * number], byte)
                        places |= dict.fromkeys(values.values(), place)
                    part = emitter.part(f"{small.opname}{number}_{index}", places)
                    body.append(Block([*before, *kernels[piece.link.op, piece.extents].emit(part)]))
            last = strip.pieces[-1]
            if pool is not None and last.stop > last.start:
                body.append(add_rows(buffers[last.link.op.result], last.stop - last.start))
            for number, op in enumerate(ops[:-1]):
                row, held = strip.kept(number)
                if row and held:
                    bytes = held * _row(op.result) * op.result.type.dtype.bytes
                    again = add(buffers[op.result], Int(row * _row(op.result)))
                    length = Cast("size_t", Int(bytes))
                    body.append(Evaluate(Call("EDGEC_MEMCPY", (buffers[op.result], again, length))))
            statements.append(For("strip", 0, count, body) if count > 1 else Block(body))
        return statements if pool is None else [*statements, *end]

    first = (key for number, op in enumerate(ops) for key in kernels if key[0] is op)
    names = dict.fromkeys((key[0], kernels[key].name) for key in first)
    if pool is not None:
        names[ops[-1], pool.NAME] = None
        # It is taken to cost what the operator by itself does.
        parts = (*parts, replace(select(ops[-1]), header=pool.HEADER))
    name, distances = " + ".join(name for _, name in names), _distances(links, strips, ops[-1].results[0])
    return Kernel(name, "memory.h", emit, scratch, parts, once=True, distances=distances)


def _copied_planes(emitter: Emitter, piece: Piece, apart: int, byte: Expr) -> tuple[list[Stmt], Expr]:
    """The rows of all planes that a piece reads, copied to scratch: side by side, as its small tensor has them."""
    x, rows = piece.link.op.operands[0], piece.extents[0]
    _, channels, height, width = x.shape
    pointer = f"{C_TYPES[x.type.dtype]} *"
    first = add(Int(piece.first * width), mul(Name("strip"), Int(apart * width)))
    source = add(add(emitter.pointer(x), first), mul(Name("c"), Int(height * width)))
    target = add(Name("planes"), mul(Name("c"), Int(rows * width)))
    length = Cast("size_t", Int(rows * width * x.type.dtype.bytes))
    copies = For("c", 0, channels, [Evaluate(Call("EDGEC_MEMCPY", (target, source, length)))])
    return [Declare(f"{pointer}const", "planes", Cast(pointer, Cast("void *", byte))), copies], Name("planes")


def _distances(links: Sequence[Link], strips: Sequence[Strip], result: Value) -> dict[Value, int]:
    """Of what is read from outside: an operator's piece of a strip is a turn, and the last one's writes."""
    inner, last = {link.op.result for link in links}, links[-1].op.result
    row = result.type.bytes // result.shape[1]
    found: dict[Value, int] = {}
    for value in dict.fromkeys(v for link in links for v in _computed(link.op) if v not in inner):
        read = value.type.bytes // value.shape[1] if value.shape[1] > 1 else 0
        if isinstance(links[0].op, Transpose) and value is links[0].op.x:
            read //= value.shape[2]  # a row of the first plane
        turns, written = [], 0
        for piece in (piece for strip in strips for piece in strip.pieces if piece.stop > piece.start):
            if piece.link.op.result is last is result:
                written = piece.stop * row
            turns.append(Turn(piece.first * read if value in _computed(piece.link.op) else None, written))
        if last is not result:  # sums over all pixels are written when all is read
            turns.append(Turn(None, result.type.bytes))
        found |= above(value, result, turns)
    return found


def _links(ops: Sequence[Op]) -> list[Link] | None:
    """The operators with their windows; None where one can't be computed by rows."""
    links: list[Link] = []
    for op in ops:
        if len(op.results) > 1 or not all(v.type.rank == 4 and v.shape[0] == 1 for v in (*_computed(op), op.result)):
            return None
        if isinstance(op, Windowed):
            links.append(Link(op, spans(op.kernel, op.dilation)[0], op.stride[0], op.pad[0]))
        elif _by_rows(op, links):
            links.append(Link(op))
        else:
            return None
    return links


def _by_rows(op: Op, links: Sequence[Link]) -> bool:
    """Whether rows of the result are made of the same rows of operands: of tensors, or of planes at the begin."""
    if isinstance(op, Transpose):
        return op.perm == (0, 2, 3, 1) and not links and op.x.shape[1] > 1
    return isinstance(op, Unary | Binary | Requantize | Lookup) and _in_rows(op, {link.op.result for link in links})


def _in_rows(op: Op, inner: Iterable[Value]) -> bool:
    """Whether operands have a row for each of the result, or one for all if they are there as a whole."""
    rows = op.results[0].shape[1]
    constant = all(v.type.rank < 3 or v.shape[-3] == 1 for v in op.operands if v.data is not None)
    return constant and all(v.shape[1] == rows or (v.shape[1] == 1 and v not in inner) for v in _computed(op))


def _strips(links: Sequence[Link], passing: bool, fewest: int) -> list[Strip] | None:
    """The strips of a chain, from top to bottom; None where there would be a single one.

    ``passing``: of the last result, too, there are only the rows of a strip.
    """
    numbers = {link.op.result: number for number, link in enumerate(links)}
    readers: list[list[int]] = [[] for _ in links]
    for number, link in enumerate(links):
        for value in _computed(link.op):
            if value in numbers:
                readers[numbers[value]].append(number)
    last = len(links) - 1
    # For each row of the last result: how many each operator makes.
    rates = [1] * len(links)
    least = 1
    for number in reversed(range(len(links))):
        link = links[number]
        rates[number] = max([rates[r] * links[r].stride for r in readers[number]], default=1)
        again = max([links[r].span - links[r].stride for r in readers[number]], default=0)
        pixels = PIXELS if isinstance(link.op, Conv2d) else 1
        rows = max(fewest if link.span > link.stride else 1, -(-pixels // link.op.result.shape[2]), again)
        least = max(least, -(-rows // rates[number]))
    strips: list[Strip] = []
    made = bases = [0] * len(links)
    for stop in range(least, links[last].height + least, least):
        need = [0] * last + [min(stop, links[last].height)]
        for number in reversed(range(last)):
            need[number] = max(made[number], *(links[r].behind(need[r]) for r in readers[number]))
        pieces = tuple(Piece(link, *rows) for link, *rows in zip(links, made, need, strict=True))
        later = [min(need[n], *(links[r].first(need[r]) for r in readers[n])) for n in range(last)]
        strips.append(Strip(pieces, tuple(bases[:last]), tuple(later)))
        made, bases = need, later
    if len(strips) < 2 or any(p.stop > p.start and p.extents[0] < 1 for s in strips for p in s.pieces):
        return None
    # Nothing is needed again behind the last one; else what is moved may not lie where it goes.
    strips[-1] = replace(strips[-1], later=strips[-1].bases)
    moves = [strip.kept(number) for strip in strips[:-1] for number in range(last)]
    if not all(held <= row or not row for row, held in moves):
        return None
    if not passing:
        return strips
    ends = [strip.pieces[-1] for strip in strips]
    return [
        replace(strip, bases=(*strip.bases, end.start), later=(*strip.later, end.stop))
        for strip, end in zip(strips, ends, strict=True)
    ]


def _alike(strips: Sequence[Strip]) -> list[tuple[Strip, tuple[int, ...], int]]:
    """Runs of strips that have the same form and are equally far apart: the first, how far in each place, how many."""
    runs: list[tuple[Strip, tuple[int, ...], int]] = []
    before: Strip | None = None
    for strip in strips:
        if before is not None and strip.form == before.form:
            first, apart, count = runs[-1]
            further = tuple(b - a for a, b in zip(before.places, strip.places, strict=True))
            if count == 1 or further == apart:
                runs[-1] = first, further, count + 1
                before = strip
                continue
        runs.append((strip, (0,) * len(strip.places), 1))
        before = strip
    return runs


def _computed(op: Op) -> list[Value]:
    return [value for value in dict.fromkeys(op.operands) if value.data is None]


def _row(value: Value) -> int:
    """Elements of a row."""
    return prod(value.shape[2:])


def _of_rows(value: Value, rows: int, axis: int = 1) -> Value:
    """The same of so many rows; what has one for all keeps it."""
    shape = list(value.shape)
    shape[axis] = rows if shape[axis] > 1 else shape[axis]
    return Value(value.name, value.type.with_shape(*shape))
