"""Products of bytes in vectors of hosts: families, tiles, and weights as ``tiles_i8.h`` reads them.

A tile is some pixels by some vectors of output channels, as many as registers hold the sums of. Which ones a layer is
cut into is decided here, by what loads and products take on cores that do two of each in a cycle.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.endings import Residual
from edgec.codegen.kernels.float_codes import float_codes
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.weighted_sums import TYPES, WeightedSums
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import code_limits, sum_factors, zero_of

LEAST_SHIFT = 33
"""From this shift on a sum becomes a code in their way."""

ALIGN = 64
"""Of weights, in bytes: a vector that crosses a line of the cache is loaded twice."""

NULL = Name("NULL")

LATENCY = 5
"""Cycles until a sum can take the next product."""


@dataclass(frozen=True)
class Lanes:
    """A family: ``sums`` in a vector, products of ``group`` elements at a time, ``offset`` added to x in scratch.

    ``bytes``: of an element of x in scratch. ``tiles``: how many vectors of channels a tile may have, and then how many
    pixels.
    """

    family: str
    sums: int
    group: int
    offset: int
    bytes: int
    tiles: tuple[tuple[int, int], ...]

    def groups(self, elements: int) -> int:
        """So many hold a run of elements."""
        return -(-elements // self.group)

    def vectors(self, channels: int) -> int:
        """So many hold these channels."""
        return -(-channels // self.sums)


MANY = ((1, 16), (2, 12), (3, 8), (4, 6), (8, 1))
"""Tiles of 32 registers."""

FEW = ((1, 12), (2, 6), (3, 4), (4, 2), (8, 1))
"""Of 16."""

FAMILIES = (
    Lanes("vnni", 16, 4, 128, 1, MANY),
    Lanes("i8x16", 16, 2, 0, 2, MANY),
    Lanes("i8x8", 8, 2, 0, 2, FEW),
    Lanes("sdot", 4, 4, 0, 1, MANY),
    Lanes("i8x4", 4, 2, 0, 1, MANY),
)


@dataclass(frozen=True)
class Parts:
    """``count`` runs of ``vectors`` vectors of channels each, from the vector ``first`` on."""

    vectors: int
    first: int
    count: int


@dataclass(frozen=True)
class Region:
    """``down`` x ``right`` tiles of ``rows`` x ``columns`` pixels, from a pixel on."""

    row: int
    column: int
    rows: int
    columns: int
    down: int
    right: int


def cycles(vectors: int, pixels: int, steps: int) -> float:
    """What a tile takes, about: products and loads by twos, and its codes."""
    return steps * max(vectors * pixels / 2, (vectors + pixels) / 2, LATENCY) + 5 * vectors * pixels + 10


@cache
def _tiles(most: int, vectors: int, rows: int, columns: int, steps: int) -> tuple[float, tuple[Region, ...]]:
    """How pixels are best cut into tiles of that many vectors, and what it takes."""
    best: tuple[float, tuple[Region, ...]] | None = None
    for wide in range(1, min(columns, most) + 1):
        for high in range(1, min(rows, most // wide) + 1):
            regions = _regions(rows, columns, high, wide)
            cost = sum(r.down * r.right * cycles(vectors, r.rows * r.columns, steps) for r in regions)
            if best is None or cost < best[0]:
                best = cost, regions
    assert best is not None
    return best


def _regions(rows: int, columns: int, high: int, wide: int) -> tuple[Region, ...]:
    """Whole tiles, and what is left to the right of them and below."""
    down, right = rows // high, columns // wide
    below, beside = rows % high, columns % wide
    found = [
        Region(0, 0, high, wide, down, right),
        Region(0, right * wide, high, beside, down, 1),
        Region(down * high, 0, below, wide, 1, right),
        Region(down * high, right * wide, below, beside, 1, 1),
    ]
    return tuple(r for r in found if r.rows and r.columns)


@dataclass(frozen=True)
class Products:
    """Weights and codes of a layer; ``weights`` as ``[O, rows, taps, run]``, sums as ``weighted_sums`` has them."""

    lanes: Lanes
    weights: Array
    bias: Array
    multiplier: Array
    shift: Array

    @classmethod
    def of(cls, lanes: Lanes, sums: WeightedSums, window: tuple[int, int]) -> "Products | None":
        """By windows of so many rows and taps; None where types or shifts are others than these kernels serve."""
        if sums.types != TYPES or sums.factors.shifts.min() < LEAST_SHIFT:
            return None
        (weights,), (bias,) = sums.weights, sums.biases
        outs = len(bias)
        multiplier, shift = (
            np.broadcast_to(a, outs).astype(np.int64) for a in (sums.factors.multipliers, sums.factors.shifts)
        )
        totals = weights.reshape(outs, -1).astype(np.int64).sum(axis=1)
        bias = (bias.astype(np.int64) - lanes.offset * totals).astype(np.int32)
        return cls(lanes, weights.reshape(outs, *window, -1), bias, multiplier, shift - 32)

    def repeated(self, times: int) -> "Products":
        """The same channels several times."""
        arrays = (self.weights, self.bias, self.multiplier, self.shift)
        return Products(self.lanes, *(np.concatenate([a] * times) for a in arrays))

    def together(self, pixels: int, step: int) -> "Products":
        """The channels of several neighbours, whose windows are ``step`` elements apart, by one window over them all.

        They are as many as fit a vector, unless more groups are read than by windows of their own.
        """
        outs, rows, taps, run = self.weights.shape
        for count in (8, 4, 2):
            wide = run + (count - 1) * step
            fewer = self.lanes.groups(wide) <= count * self.lanes.groups(run)
            if taps == 1 and pixels % count == 0 and count * outs <= self.lanes.sums and fewer:
                weights = np.zeros((count, outs, rows, 1, wide), self.weights.dtype)
                for n in range(count):
                    weights[n, ..., n * step : n * step + run] = self.weights
                return replace(self.repeated(count), weights=weights.reshape(-1, rows, 1, wide))
        return self

    @property
    def outs(self) -> int:
        """Output channels."""
        return len(self.bias)

    @property
    def steps(self) -> int:
        """Groups of a window."""
        _, rows, taps, run = self.weights.shape
        return int(rows * taps * self.lanes.groups(run))

    def tiles(
        self, emitter: Emitter, y: Value, clamp: Clamp | None, geometry: dict[str, int], pixels: tuple[int, int]
    ) -> "Tiles":
        """Put the constants of the layer into the module.

        ``geometry``: the fields that tell of pixels. ``pixels``: rows and columns of them that most calls compute.
        """
        _, rows, taps, run = self.weights.shape
        coded = self.coded(y, clamp)
        fields = {
            "rows": Int(rows),
            "taps": Int(taps),
            "groups": Int(self.lanes.groups(run)),
            **{name: Int(value) for name, value in geometry.items()},
            "channels": Int(self.outs),
            **coded.fields,
        }
        parts = parts_of(self.lanes, self.outs, *pixels, self.steps)
        weights = emitter.array(
            "weights", _packed(self, parts), "[part][rows][taps][groups][vectors][sums][group]", ALIGN
        )
        codes = coded.array(emitter)
        shape = emitter.struct("edgec_tiles_i8", fields, "tiles")
        return Tiles(self.lanes, self.outs, self.steps, shape, geometry, parts, weights, codes)

    def coded(self, y: Value, clamp: Clamp | None) -> "Coded":
        """How sums become codes of a result."""
        zero, limits = zero_of(y), clamp_codes(y, clamp)
        weights = np.abs(self.weights.reshape(self.outs, -1).astype(np.int64))
        largest = np.abs(self.bias.astype(np.int64)) + 255 * weights.sum(axis=1)
        found = float_codes(self.multiplier, self.shift + 32, largest, zero, code_limits(y.type, clamp))
        folds = found is not None or bool((self.shift <= 22).all())
        if found is not None:
            bias = (self.bias + found.shifted).astype(np.int32)
            rows = np.stack([bias, found.scale.view(np.int32), found.offset.view(np.int32), np.zeros_like(bias)])
        else:
            rounding = (1 << self.shift - 1) + ((zero << self.shift) if folds else 0)
            rows = np.stack([self.bias, self.multiplier, rounding, self.shift])
        padded = np.pad(rows, ((0, 0), (0, -self.outs % self.lanes.sums)))
        padded = padded.reshape(4, -1, self.lanes.sums).swapaxes(0, 1)
        fields: dict[str, Expr] = {
            "floats": Int(int(found is not None)),
            "zero_point": Int(0 if folds else zero),
            **limits,
        }
        return Coded(fields, np.ascontiguousarray(padded).astype(np.int32).reshape(-1))


@dataclass(frozen=True)
class Coded:
    """``fields`` of a struct, and ``[vectors][bias, multiplier, rounding, shift][sums]`` of each channel."""

    fields: dict[str, Expr]
    table: Array

    def array(self, emitter: Emitter) -> Name:
        """Put the table into the module."""
        return emitter.array("scaling", self.table, "[vectors][bias, multiplier, rounding, shift][sums]", ALIGN)


@cache
def parts_of(lanes: Lanes, outs: int, rows: int, columns: int, steps: int) -> list[Parts]:
    """How so many output channels are best cut, for so many pixels with windows of so many groups."""
    whole = lanes.vectors(outs)
    costs = {v: _tiles(most, v, rows, columns, steps)[0] for v, most in lanes.tiles if v <= whole}
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    for n in range(1, whole + 1):
        best.append(min((best[n - v][0] + cost, (*best[n - v][1], v)) for v, cost in costs.items() if v <= n))
    widths = sorted(best[whole][1], reverse=True)
    found: list[Parts] = []
    for width in dict.fromkeys(widths):
        found.append(Parts(width, sum(p.vectors * p.count for p in found), widths.count(width)))
    return found


@dataclass(frozen=True)
class Tiles:
    """The calls that compute a layer."""

    lanes: Lanes
    outs: int
    steps: int
    shape: Expr
    geometry: dict[str, int]
    parts: list[Parts]
    weights: Expr
    codes: Expr

    def calls(
        self, rows: int, columns: int, x: Expr, y: Expr, more: Expr = NULL, end: "End | None" = None
    ) -> list[Stmt]:
        """So many pixels, from scratch; ``more`` is added to the sums of each pixel of a line."""
        lanes = self.lanes
        whole = lanes.vectors(self.outs)
        found: list[Stmt] = []
        for part in self.parts:
            last = part.first + part.vectors * part.count == whole
            for region in _tiles(dict(lanes.tiles)[part.vectors], part.vectors, rows, columns, self.steps)[1]:
                place = region.row * self.geometry["width"] + region.column
                arguments = (
                    self.shape,
                    add(self.weights, Int(part.first * lanes.sums * lanes.group * self.steps)),
                    add(self.codes, Int(part.first * 4 * lanes.sums)),
                    Int(part.count),
                    Int(self.outs - (whole - 1) * lanes.sums if last else lanes.sums),
                    Int(region.columns),
                    Int(region.down),
                    Int(region.right),
                    more if more is NULL else add(more, Int(region.column)),
                    add(x, Int(region.row * self.geometry["line"] + region.column * self.geometry["pixel"])),
                    *ends(y, place * self.outs + part.first * lanes.sums, end),
                )
                name = f"edgec_tiles_i8_{region.rows * region.columns}x{part.vectors}"
                found.append(Evaluate(Call(name, arguments)))
        return found


@dataclass(frozen=True)
class End:
    """A sum that codes end with: an ``edgec_add_i8``, and the other tensor's elements at y."""

    sum: Expr
    other: Expr


def end_of(emitter: Emitter, residual: Residual, other: Expr) -> End:
    """The sum with elements at that place."""
    op = residual.op
    left, right, shift = sum_factors(op)
    own, others = (left, right) if residual.own is op.a else (right, left)
    fields: dict[str, Expr] = {
        "begin": Int((1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right),
        "a_multiplier": Int(own),
        "b_multiplier": Int(others),
        "shift": Int(shift),
        "zero_point": Int(zero_of(op.result)),
        **clamp_codes(op.result, op.clamp),
    }
    return End(emitter.struct("edgec_add_i8", fields, "sum"), other)


def ends(y: Expr, place: int, end: End | None) -> tuple[Expr, ...]:
    """The last arguments of tiles: y from a place on, and what is added to it."""
    y = add(y, Int(place))
    return (y, NULL, NULL) if end is None else (y, end.sum, add(end.other, Int(place)))


def _packed(products: Products, parts: Sequence[Parts]) -> Array:
    """``[part][rows][taps][groups][vectors][sums][group]``, part by part."""
    lanes = products.lanes
    outs, rows, taps, run = products.weights.shape
    padded = np.pad(products.weights, ((0, -outs % lanes.sums), (0, 0), (0, 0), (0, -run % lanes.group)))
    padded = padded.reshape(-1, lanes.sums, rows, taps, padded.shape[3] // lanes.group, lanes.group)
    found = []
    for part in parts:
        own = padded[part.first : part.first + part.vectors * part.count]
        own = own.reshape(part.count, part.vectors, *own.shape[1:])
        found.append(own.transpose(0, 3, 4, 5, 1, 2, 6).reshape(-1))
    return np.concatenate(found).astype(np.int8)
