"""Products of float32 by known weights on hosts, in tiles: which tiles a layer is cut into, and how its weights lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.literals import clamp_fields
from edgec.ir import Array
from edgec.ir.ops import Clamp


@dataclass(frozen=True)
class Lanes:
    """A family of kernels on vectors of so many numbers, of which the core has so many registers.

    ``sums``: vectors of sums that a tile has at most; on AArch64 gcc loads inputs ahead, into registers of their own.
    """

    family: str
    lanes: int
    registers: int
    sums: int

    def kernel(self, name: str) -> str:
        """The name of one of its kernels."""
        return f"edgec_{name}_{self.family}"

    def tallest(self, vectors: int, shared: bool = False) -> int:
        """Pixels of a tile of so many vectors: sums, weights and inputs are in registers (``tiles_f32.h``)."""
        if shared:
            return min((self.registers - 3 - 3 * vectors) // vectors, {1: 16, 2: 11}.get(vectors, 0))
        room = min(self.registers - 1 - vectors, self.sums)
        return min(room // vectors, {1: 16, 2: 14, 3: 9, 4: 6, 8: 2}[vectors])


FAMILIES = (Lanes("f32x16", 16, 32, 28), Lanes("f32x8", 8, 16, 14), Lanes("f32x4", 4, 32, 20))

WIDTHS = (1, 2, 3, 4, 8)
"""Vectors of a tile."""

ALIGN = 64
"""Bytes: vectors of weights do not cross lines of the cache."""


CACHE = 16384
"""Bytes of a group's weights that stay in the nearest cache from tile to tile."""


FAR = 65536
"""Bytes of a layer's weights that no near cache keeps from one run of a model to the next."""


@dataclass(frozen=True)
class Windows:
    """A layer's windows: ``rows`` x ``taps`` runs of ``run`` elements, as in ``edgec_tiles``."""

    pixel: int
    line: int
    rows: int
    row: int
    taps: int
    tap: int
    run: int

    @property
    def size(self) -> int:
        """Elements of a window."""
        return self.rows * self.taps * self.run


@dataclass(frozen=True)
class Tile:
    """``count`` tiles one behind the other, for each of ``lines`` lines.

    A tile has ``pixels``, ``columns`` of them side by side. ``first``: the first one's line and column.
    """

    pixels: int
    columns: int
    count: int
    lines: int
    first: tuple[int, int]

    @property
    def high(self) -> int:
        """Lines of a tile."""
        return self.pixels // self.columns


def cut(lines: int, width: int, tallest: int, apart: bool = False) -> list[Tile]:
    """Tiles of nearly equal sizes for so many lines of pixels, of several short ones unless these are ``apart``."""
    if 2 * width <= tallest and lines > 1 and not apart:
        high = -(-lines // -(-lines // (tallest // width)))
        whole, rest = divmod(lines, high)
        tiles = [Tile(high * width, width, whole, 1, (0, 0))]
        return tiles + ([Tile(rest * width, width, 1, 1, (whole * high, 0))] if rest else [])
    count = -(-width // tallest)
    small, more = divmod(width, count)
    tiles = [Tile(small + 1, small + 1, more, lines, (0, 0))] if more else []
    return [*tiles, Tile(small, small, count - more, lines, (0, more * (small + 1)))]


def edges(width: int, tallest: int, before: int, behind: int, stride: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Tiles of a line: the first pixel, pixels of a tile, how many, and columns of padding on the left and the right.

    Those that reach into padding stand by themselves.
    """
    sizes = [tile.columns for tile in cut(1, width, tallest) for _ in range(tile.count)]
    first, runs = 0, []
    last = (width - 1) * stride + 3 - behind
    for size in sizes:
        start = first * stride
        stop = start + (size - 1) * stride + 3
        runs.append((first, size, max(before - start, 0), max(stop - last, 0)))
        first += size
    while runs:
        place, size, left, right = runs[0]
        same = 1
        while same < len(runs) and runs[same][1:] == (size, left, right):
            same += 1
        yield place, size, same, left, right
        runs = runs[same:]


@dataclass(frozen=True)
class Group:
    """``count`` groups of ``vectors`` vectors of channels from ``first`` on; the last vector has ``last`` ones."""

    vectors: int
    last: int
    count: int
    first: int


def groups(channels: int, lanes: int, vectors: int) -> list[Group]:
    """All channels, by so many vectors at a time."""
    whole, rest = divmod(channels, lanes * vectors)
    found = [Group(vectors, lanes, whole, 0)] if whole else []
    while rest:
        width = max(v for v in WIDTHS if v <= min(vectors, -(-rest // lanes)))
        last = min(rest - (width - 1) * lanes, lanes)
        found.append(Group(width, last, 1, channels - rest))
        rest -= (width - 1) * lanes + last
    return found


@dataclass(frozen=True)
class Product:
    """A layer that has so many output ``channels``, by groups of so many ``vectors``."""

    lanes: Lanes
    channels: int
    clamp: Clamp | None
    windows: Windows
    vectors: int
    shared: int = 0
    """The stride, where pixels of a tile share the inputs of windows of three columns; else 0."""

    def cut(self, group: Group, lines: int, width: int) -> list[Tile]:
        """The tiles of a group."""
        return cut(lines, width, self.lanes.tallest(group.vectors, self.shared > 0), self.shared > 0)

    @property
    def _streams(self) -> bool:
        """Whether weights come from afar each time."""
        return 4 * self.whole * self.windows.size > FAR

    @property
    def whole(self) -> int:
        """Channels to whole vectors."""
        return -(-self.channels // self.lanes.lanes) * self.lanes.lanes

    @property
    def groups(self) -> list[Group]:
        """Those of its channels."""
        return groups(self.channels, self.lanes.lanes, self.vectors)

    def packed(self, emitter: Emitter, weights: Array, bias: Array, role: str = "") -> tuple[Expr, Expr]:
        """``weights[O, window]`` by groups, ``[window][vectors]``, and ``bias[O]``; zeros beyond the last channel."""
        parts, biases = [], []
        for group in self.groups:
            size = group.vectors * self.lanes.lanes
            for number in range(group.count):
                first = group.first + number * size
                rows = np.zeros((size, self.windows.size), np.float32)
                own = weights[first : first + size]
                rows[: len(own)] = own
                begin = np.zeros(size, np.float32)
                begin[: len(own)] = bias[first : first + size]
                parts.append(rows.T.reshape(-1))
                biases.append(begin)
        packed = emitter.array(f"{role}weights", np.concatenate(parts), "groups of [window][channels]", ALIGN)
        return packed, emitter.array(f"{role}bias", np.concatenate(biases), align=ALIGN)

    def emit(
        self,
        emitter: Emitter,
        constants: tuple[Expr, Expr],
        lines: int,
        width: int,
        places: Sequence[Expr],
        out: tuple[int, int],
    ) -> list[Stmt]:
        """The calls for lines of pixels; ``out``: elements of a line and a pixel of y.

        ``places``: of x, y, and what is added to y before it is clamped, if anything is.
        """
        weights, bias = constants
        x, *results = places
        lanes, size, (y_line, y_pixel) = self.lanes.lanes, self.windows.size, out
        statements: list[Stmt] = []
        done = 0
        for group in self.groups:
            step = group.vectors * lanes
            name = Name("group")
            w = add(add(weights, Int(done * size)), mul(name, Int(step * size)) if group.count > 1 else Int(0))
            b = add(add(bias, Int(done)), mul(name, Int(step)) if group.count > 1 else Int(0))
            body: list[Stmt] = []
            for tile in self.cut(group, lines, width):
                shape = self._shape(emitter, tile, group, out)
                row = Name("line")
                top, left = tile.first
                from_x = add(x, Int(top * self.windows.line + left * self.windows.pixel))
                offset: Expr = mul(name, Int(step)) if group.count > 1 else Int(0)
                if tile.lines > 1:
                    from_x = add(from_x, mul(row, Int(self.windows.line)))
                    offset = add(offset, mul(row, Int(y_line)))
                offset = add(offset, Int(group.first + top * y_line + left * y_pixel))
                to_y, *more = (add(place, offset) for place in results)
                call = Call(
                    self.lanes.kernel(f"tiles_{tile.pixels}x{group.vectors}"),
                    (shape, Int(tile.count), from_x, w, b, *(more or [Name("NULL")]), to_y),
                )
                one: list[Stmt] = [Evaluate(call)]
                body += [For(row.text, 0, tile.lines, one)] if tile.lines > 1 else one
            statements += [For(name.text, 0, group.count, body)] if group.count > 1 else body
            done += group.count * step
        return statements

    def _shape(self, emitter: Emitter, tile: Tile, group: Group, out: tuple[int, int]) -> Expr:
        windows, (y_line, y_pixel) = self.windows, out
        lines = tile.high > 1
        numbers = {
            "step": tile.high * windows.line if lines else tile.columns * windows.pixel,
            "columns": tile.columns,
            "pixel": windows.pixel,
            "line": windows.line,
            "rows": windows.rows,
            "row": windows.row,
            "taps": windows.taps,
            "tap": windows.tap,
            "run": windows.run,
            "y_step": tile.high * y_line if lines else tile.columns * y_pixel,
            "y_pixel": y_pixel,
            "y_line": y_line,
            "last": group.last,
            "ahead": group.vectors * self.lanes.lanes * windows.size if self._streams and tile.pixels >= 4 else 0,
        }
        fields = {name: Int(value) for name, value in numbers.items()}
        role = f"tile{len(emitter.structs)}"
        return emitter.struct("edgec_tiles", {**fields, **clamp_fields(self.clamp)}, role)

    def calls(self, lines: int, width: int) -> Iterator[tuple[int, int, int]]:
        """How many tiles there are of which pixels and vectors."""
        for group in self.groups:
            for tile in self.cut(group, lines, width):
                yield group.count * tile.lines * tile.count, tile.pixels, group.vectors

    def far(self, vectors: int) -> bool:
        """Whether weights of groups of so many vectors come from a far cache for each tile."""
        return 4 * self.windows.size * vectors * self.lanes.lanes > CACHE

    def estimate(self, lines: int, width: int) -> float:
        """About how many cycles: each two products of vectors, held up by loads, far weights and the ends of tiles."""
        total = 0.0
        columns = 3 if self.shared else 1
        for count, pixels, vectors in self.calls(lines, width):
            # A product waits for that before it in the same sum.
            sums = columns * max(pixels * vectors / 2, 6)
            loads = (self.shared * (pixels - 1) + 3 if self.shared else pixels) / 2 + columns * vectors / 2
            turn = sums + 0.3 * loads * loads / sums + 0.3 + (0.6 * columns * vectors if self.far(vectors) else 0)
            total += count * (self.windows.size / columns * turn + pixels * (vectors + 0.7) + 8)
        return total
