"""Checks a packing without trusting how it was made: it shares nothing with the searches but what an item is."""

from collections.abc import Mapping, Sequence

from edgec.ir import IRError
from edgec.schedule.packing.items import Item


def check_packing(
    items: Sequence[Item],
    offsets: Sequence[int],
    height: int,
    alignment: int = 1,
    gaps: Mapping[tuple[int, int], int] | None = None,
) -> None:
    """Raise IRError, with the names, where an item is not within ``height``, not aligned, or over another one.

    Items whose ``gaps`` say so may share bytes: b of ``gaps[(a, b)] = d`` from d bytes above the start of a on.
    """
    if len(offsets) != len(items):
        raise IRError(f"{len(offsets)} offsets for {len(items)} items")
    alive: list[int] = []
    for i in sorted(range(len(items)), key=lambda i: items[i].lower):
        item, start = items[i], offsets[i]
        if start < 0 or start % alignment or start + item.size > height:
            raise IRError(f"{item.id} at {start} with {item.size} bytes does not lie aligned within {height}")
        alive = [j for j in alive if items[j].upper > item.lower]
        for j in alive:
            _check_apart(items, offsets, i, j, gaps or {})
        alive.append(i)


def _check_apart(
    items: Sequence[Item], offsets: Sequence[int], i: int, j: int, gaps: Mapping[tuple[int, int], int]
) -> None:
    for a, b in ((i, j), (j, i)):
        if offsets[b] >= offsets[a] + items[a].size:
            return
        if (a, b) in gaps and offsets[b] >= offsets[a] + gaps[a, b]:
            return
    names = f"{items[i].id} at {offsets[i]} and {items[j].id} at {offsets[j]}"
    raise IRError(f"{names} lie over each other, and both are alive")
