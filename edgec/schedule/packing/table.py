"""``edgec pack``: a table of buffers in, offsets out, as CSV or JSON."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgec.errors import EdgecError
from edgec.schedule.packing.checker import check_packing
from edgec.schedule.packing.items import Item, Section, rectangles
from edgec.schedule.packing.solve import Packing, pack

COLUMNS = ("id", "lower", "upper", "size")
NODES = 10_000_000
"""Work of the search: mostly more than the time limit allows."""
_NAMED = 4


@dataclass(frozen=True)
class Packed:
    """Items and where they lie; ``fullest`` is the span of time that needs most."""

    items: tuple[Item, ...]
    packing: Packing
    fullest: Section | None

    def to_json(self) -> dict[str, Any]:
        """As ``edgec pack --json`` tells it: bytes, and the items with their offsets."""
        rows = zip(self.items, self.packing.offsets, strict=True)
        return {
            "status": "optimal" if self.packing.optimal else "feasible",
            "height": self.packing.height,
            "bound": self.packing.bound,
            "buffers": [{**{c: getattr(item, c) for c in COLUMNS}, "offset": offset} for item, offset in rows],
            "notes": list(self.packing.notes),
        }

    def to_csv(self) -> str:
        """The table with a column more."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow((*COLUMNS, "offset"))
        for item, offset in zip(self.items, self.packing.offsets, strict=True):
            writer.writerow((*(getattr(item, c) for c in COLUMNS), offset))
        return text.getvalue()


def read_items(file: Path) -> tuple[Item, ...]:
    """The rows of a CSV file with the columns id, lower, upper and size, in any order; others are ignored.

    Raises EdgecError that names the line for what is no table of buffers.
    """
    try:
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig")), strict=True))
    except (OSError, ValueError, csv.Error) as error:
        hint = "name a CSV file with the columns id,lower,upper,size"
        raise EdgecError(str(file), f"cannot be read as CSV: {error}", hint) from None
    header = [name.strip() for name in rows[0]] if rows else []
    if missing := [c for c in COLUMNS if header.count(c) != 1]:
        raise EdgecError(str(file), f"has no single column {missing[0]}", "begin it with a row: id,lower,upper,size")
    at = {c: header.index(c) for c in COLUMNS}
    items: dict[str, Item] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        where = f"{file}, row {number}"
        if len(row) != len(header):
            raise EdgecError(where, f"has {len(row)} cells, not {len(header)}", "give one for each column")
        id_ = row[at["id"]].strip()
        figures = [_integer(where, c, row[at[c]].strip()) for c in COLUMNS[1:]]
        if not id_ or id_ in items:
            raise EdgecError(
                where, f"the id {id_!r} is {'taken' if id_ else 'empty'}", "give each row an id of its own"
            )
        items[id_] = Item(id_, *figures)
        rectangles([items[id_]], 1, {})  # refuses what cannot be an item, here with the id
    return tuple(items.values())


def _integer(where: str, column: str, text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
        raise EdgecError(where, f"{column} is {text!r}", "give a whole number below 2^53")
    return int(text)


def pack_table(
    file: Path, capacity: int | None = None, *, alignment: int = 1, time_limit: float = 60.0, seed: int = 0
) -> Packed:
    """Pack a CSV file's items, and check that.

    EdgecError where they were not packed within the capacity: it says whether that is proven, what is known of the
    smallest capacity, and who needs most.
    """
    items = read_items(file)
    packing = pack(items, capacity, alignment=alignment, nodes=NODES, time_limit=time_limit, seed=seed)
    check_packing(items, packing.offsets, packing.height, alignment)
    r = rectangles(items, alignment, {})
    if capacity is not None and packing.height > capacity:
        _refuse(items, packing, capacity, r.fullest, r.bound * r.unit, time_limit)
    return Packed(items, packing, r.fullest)


def _refuse(
    items: tuple[Item, ...], packing: Packing, capacity: int, fullest: Section | None, live: int, time_limit: float
) -> None:
    assert fullest is not None, "nothing always fits"
    largest = sorted(fullest.alive, key=lambda i: -items[i].size)
    names = ", ".join(f"{items[i].id} ({items[i].size})" for i in largest[:_NAMED])
    more = f" and {len(largest) - _NAMED} more" if len(largest) > _NAMED else ""
    section = f"from {fullest.lower} to {fullest.upper} {names}{more} are alive with {live} bytes together"
    proven = packing.bound > capacity
    known = (
        f"the smallest is {packing.height}"
        if packing.optimal
        else (f"the smallest known is {packing.height}, and none below {packing.bound} exists")
    )
    what = "cannot hold the buffers" if proven else f"did not suffice for a packing within {time_limit:g} seconds"
    hint = f"give {packing.height}" + ("" if packing.optimal else ", or a longer --time-limit")
    raise EdgecError(f"--capacity {capacity}", f"{what}: {known}; {section}", hint)
