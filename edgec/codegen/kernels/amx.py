"""Products of bytes with AMX: convolutions and dense layers of many pixels, by tiles of 16 of them."""

from dataclasses import dataclass

import numpy as np

from edgec.codegen.ctree import Call, Cast, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.lanes_i8 import ALIGN, NULL, End, Lanes, Products, ends
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp

AMX = Lanes("amx", 16, 4, 128, 1, ())

PIXELS, BYTES = 16, 64
"""Of a tile: rows, and bytes of each."""

SUMS = 4 * PIXELS * BYTES
"""Bytes of scratch for four tiles of sums."""

FIXED = 400
"""Cycles, about, until tiles are what they are to be, and of a layer's ends."""


@dataclass(frozen=True)
class AmxTiles:
    """The calls that compute a layer; as ``lanes_i8.Tiles``."""

    products: Products
    emitter: Emitter
    y: Value
    clamp: Clamp | None
    geometry: dict[str, int]
    sums: Expr
    """Place in scratch."""

    def calls(self, rows: int, columns: int, x: Expr, y: Expr, more: Expr = NULL, end: End | None = None) -> list[Stmt]:
        """So many pixels, from scratch."""
        products, emitter, geometry = self.products, self.emitter, self.geometry
        outs, window_rows, taps, run = products.weights.shape
        chunks, groups = _chunks(run)
        across = -(-columns // PIXELS)
        pixels = -(-columns // across)
        coded = products.coded(self.y, self.clamp)
        fields = {
            "rows": Int(window_rows),
            "row": Int(geometry["row"]),
            "taps": Int(taps),
            "tap": Int(geometry["tap"]),
            "chunks": Int(chunks),
            "groups": Int(groups),
            "pixel": Int(geometry["pixel"]),
            "pixels": Int(pixels),
            "channels": Int(outs),
            **coded.fields,
        }
        shape = emitter.struct("edgec_amx_i8", fields, f"tiles{pixels}")
        places = [(r, min(c * pixels, columns - pixels)) for r in range(rows) for c in range(across)]
        x_places = [r * geometry["line"] + c * geometry["pixel"] for r, c in places]
        y_places = [(r * geometry["width"] + c) * outs for r, c in places]
        tables = [
            emitter.array(f"{role}{rows}x{columns}", np.array(table, np.int32))
            for role, table in (("from", x_places), ("to", y_places))
        ]
        whole = products.lanes.vectors(outs)
        weights = emitter.array("weights", self._packed(), "[part][rows][taps][chunks][vectors][groups][16][4]", ALIGN)
        codes = coded.array(emitter)
        found: list[Stmt] = [Evaluate(Call("edgec_amx_begin", (shape,)))]
        first = 0
        for vectors, parts in ((2, whole // 2), (1, whole % 2)):
            if parts:
                out, *added = ends(y, first * products.lanes.sums, end)
                last = first + vectors * parts == whole
                size = window_rows * taps * chunks * groups * products.lanes.sums * 4
                arguments = (
                    shape,
                    add(weights, Int(first * size)),
                    add(codes, Int(first * 4 * products.lanes.sums)),
                    Int(parts),
                    Int(outs - (whole - 1) * products.lanes.sums if last else products.lanes.sums),
                    Int(len(places)),
                    *tables,
                    x,
                    out,
                    self.sums,
                    *added,
                )
                found.append(Evaluate(Call(f"edgec_amx_tiles_{vectors}", arguments)))
                first += vectors * parts
        return [*found, Evaluate(Call("edgec_amx_end", ()))]

    def _packed(self) -> Array:
        weights = self.products.weights
        outs, rows, taps, run = weights.shape
        chunks, groups = _chunks(run)
        whole = self.products.lanes.vectors(outs)
        padded = np.pad(weights, ((0, whole * 16 - outs), (0, 0), (0, 0), (0, chunks * groups * 4 - run)))
        padded = padded.reshape(whole, 16, rows, taps, chunks, groups, 4)
        pairs = padded[: whole // 2 * 2].reshape(whole // 2, 2, *padded.shape[1:])
        found = [pairs.transpose(0, 3, 4, 5, 1, 6, 2, 7), padded[whole // 2 * 2 :].transpose(0, 2, 3, 4, 5, 1, 6)]
        return np.concatenate([np.ascontiguousarray(a).reshape(-1) for a in found]).astype(np.int8)


def _chunks(run: int) -> tuple[int, int]:
    """So many chunks of so many groups of 4 bytes hold a run."""
    chunks = -(-run // BYTES)
    return chunks, -(-run // chunks // 4)


def whole_tiles(pixels: int) -> bool:
    """Whether tiles of a line do not overlap."""
    return pixels == 0 or pixels % -(-pixels // PIXELS) == 0


def sums_of(emitter: Emitter, behind: int) -> Expr:
    """Where sums are in scratch, behind so many bytes."""
    place = Cast("void *", add(Cast("unsigned char *", emitter.scratch), Int(behind)))
    return Cast("int32_t *", Call("edgec_line", (place,)))


def pays(products: Products, rows: int, columns: int) -> bool:
    """Whether so many pixels take less than they do by vectors, by what products and codes of each take, about."""
    _, window_rows, taps, run = products.weights.shape
    vectors, chunks = products.lanes.vectors(products.outs), window_rows * taps * _chunks(run)[0]
    across = -(-columns // PIXELS)
    pixels = -(-columns // across)
    own = rows * across * vectors * (chunks * max(pixels, PIXELS // 2) + 4.5 * pixels + 15) + FIXED
    return bool(own < 0.85 * rows * columns * vectors * (products.steps / 2 + 4))
