"""Convolutions of float32 on hosts by strips: rows of output together, from rows that have their padding in scratch."""

from collections.abc import Callable

from edgec.codegen.ctree import ZERO, Block, Call, Cast, Evaluate, Expr, For, Int, Name, Stmt, mul
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.strips import Geometry
from edgec.codegen.kernels.tiles_f32 import Lanes

STRIP = 32768
"""Bytes of input that all groups of channels read before it is the turn of the next ones: they stay in the cache."""


def padded_pitch(rows: Geometry, columns: Geometry, channels: int) -> int:
    """Elements of a row with its padding; 0 where nothing is padded."""
    padded = any(axis.padding or axis.behind for axis in (rows, columns))
    return columns.reach(columns.out) * channels if padded else 0


def strip_rows(rows: Geometry, pitch: int, limit: int = STRIP) -> int:
    """Rows of output that are computed together, so that their input stays in the cache; strips are nearly equal."""
    fitting = max((s for s in range(1, rows.out + 1) if pitch * rows.reach(s) <= limit), default=1)
    return -(-rows.out // -(-rows.out // fitting))


def strips(rows: int, strip: int, one: Callable[[Expr, int], list[Stmt]]) -> list[Stmt]:
    """A loop over strips; ``one``: the statements for the rows from the first one on, so many of them."""
    whole, rest = divmod(rows, strip)
    if whole == 1 and not rest:
        return one(ZERO, strip)
    statements: list[Stmt] = [For("some", 0, whole, one(mul(Name("some"), Int(strip)), strip))]
    return statements + ([Block(one(Int(whole * strip), rest))] if rest else [])


def pad_call(
    lanes: Lanes, emitter: Emitter, rows: Geometry, columns: Geometry, channels: int, places: tuple[Expr, int, Expr]
) -> Stmt:
    """Rows with their padding into scratch; ``places``: the first one, how many, and the image."""
    first, count, x = places
    numbers = {
        "height": rows.extent,
        "row": columns.extent * channels,
        "skip": columns.skipped * channels,
        "before": columns.padding * channels,
        "count": columns.taken * channels,
        "behind": columns.behind * channels,
    }
    fields = {name: Int(value) for name, value in numbers.items()}
    shape = emitter.struct("edgec_pad", fields, f"pad{len(emitter.structs)}")
    arguments = (shape, first, Int(count), x, Cast("float *", emitter.scratch))
    return Evaluate(Call(lanes.kernel("pad"), arguments))
