"""The exact search: below a capacity, from the bottom up, in C; in Python, slowly, without a compiler."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from edgec.errors import EdgecError
from edgec.native import native_library
from edgec.schedule.packing.items import Rectangles

SOURCE = ("edgec.schedule.packing", "search")
SLOW = "no C compiler found (cc, gcc or clang): the exact packer runs in Python, hundreds of times slower"
FAILED, FOUND, NO_MEMORY = 0, 1, -2
ITEMS = 3000
"""More are not searched: the search is as deep as there are items, and so is its stack."""


@dataclass(frozen=True)
class Found:
    """Offsets below the capacity; without any, whether that proves that there are none; and the nodes it took."""

    offsets: list[int] | None
    proven: bool
    nodes: int


def is_compiled() -> bool:
    """Whether the search runs as C here."""
    return native_library(*SOURCE) is not None


def search(r: Rectangles, capacity: int, nodes: int, seconds: float, seed: int = 0, compiled: bool = True) -> Found:
    """Offsets below a capacity, in so many nodes. The same for the same seed, if the seconds don't end it earlier."""
    if len(r.size) > ITEMS:
        return Found(None, False, nodes)
    library = native_library(*SOURCE) if compiled else None
    if library is None:
        return _search_slowly(r, capacity, max(nodes // 100, 1), seconds)
    first, last = _sections_of(r)
    near_at, near = _lists(r.neighbours)
    apart = [r.distance(i, j) for i, others in enumerate(r.neighbours) for j in others]
    alive_at, alive = _lists([section.alive for section in r.sections])
    shared = [
        (b, t, size)
        for b, others in r.shared.items()
        for a, size in others
        for t in range(max(first[a], first[b]), min(last[a], last[b]))
    ]
    offsets = (ctypes.c_int64 * max(len(r.size), 1))()
    done = ctypes.c_int64()
    result = library.edgec_pack(
        len(r.size),
        len(r.sections),
        _ints(first),
        _ints(last),
        _longs(r.size),
        near_at,
        near,
        _longs(apart),
        alive_at,
        alive,
        _ints(_twins(r)),
        len(shared),
        _ints([b for b, _, _ in shared]),
        _ints([t for _, t, _ in shared]),
        _longs([size for _, _, size in shared]),
        ctypes.c_int64(capacity),
        ctypes.c_int64(nodes),
        ctypes.c_double(seconds),
        ctypes.c_uint64(seed),
        offsets,
        ctypes.byref(done),
    )
    if result == NO_MEMORY:
        raise EdgecError("packing", "no memory for the search", "free some")
    return Found(list(offsets[: len(r.size)]) if result == FOUND else None, result == FAILED, done.value)


def _sections_of(r: Rectangles) -> tuple[list[int], list[int]]:
    first, last = [len(r.sections)] * len(r.size), [0] * len(r.size)
    for t, section in enumerate(r.sections):
        for i in section.alive:
            first[i], last[i] = min(first[i], t), t + 1
    return first, last


def _twins(r: Rectangles) -> list[int]:
    """The item before each that is just like it, or -1."""
    paired = {i for pair in r.gaps for i in pair}
    seen: dict[tuple[int, int, int], int] = {}
    twins = []
    for i, figures in enumerate(zip(r.lower, r.upper, r.size, strict=True)):
        twins.append(-1 if i in paired else seen.get(figures, -1))
        if i not in paired:
            seen[figures] = i
    return twins


def _lists(rows: Sequence[Sequence[int]]) -> tuple[ctypes.Array[ctypes.c_int], ctypes.Array[ctypes.c_int]]:
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    return _ints(starts), _ints([x for row in rows for x in row])


def _ints(values: Sequence[int]) -> ctypes.Array[ctypes.c_int]:
    return (ctypes.c_int * max(len(values), 1))(*values)


def _longs(values: Sequence[int]) -> ctypes.Array[ctypes.c_int64]:
    return (ctypes.c_int64 * max(len(values), 1))(*values)


def _search_slowly(r: Rectangles, capacity: int, nodes: int, seconds: float) -> Found:
    """The plain form of the idea: items by rising offsets, each as low as those before let it be.

    A section whose items left do not fit above the last offset is a dead end; so is an item under which another one
    left would fit.
    """
    n, until = len(r.size), monotonic() + seconds
    lowest, offsets = [0] * n, [0] * n
    left = {i for i in range(n) if r.size[i]}  # nothing lies below the start of the others
    done = 0
    stack: list[tuple[list[tuple[int, int]], list[int], tuple[int, int]]] = []

    def choices(last: tuple[int, int]) -> list[tuple[int, int]]:
        top = min((lowest[i] + r.size[i] for i in left), default=0)
        for section in r.sections:
            alive = [i for i in section.alive if i in left]
            if alive and not r.gaps:
                low = max(last[0], min(lowest[i] for i in alive))
                if low + sum(r.size[i] for i in alive) > capacity:
                    return []
        found = [
            (lowest[i], i)
            for i in left
            if lowest[i] + r.size[i] <= capacity and lowest[i] >= last[0] and (r.gaps or lowest[i] < top)
        ]
        # The last is tried first; equal offsets in the order of the items, where these cannot share one.
        return sorted((c for c in found if r.gaps or c > last), key=lambda c: (-c[0], r.size[c[1]]))

    options, last = choices((0, -1)), (0, -1)
    while left:
        done += 1
        if done > nodes or monotonic() > until:
            return Found(None, False, done)
        if options:
            at, i = options.pop()
            stack.append((options, list(lowest), last))
            left.remove(i)
            offsets[i] = at
            for j in r.neighbours[i]:
                lowest[j] = max(lowest[j], at + r.distance(i, j)) if j in left else lowest[j]
            last = (at, i)
            options = choices(last)
        elif stack:
            options, lowest, undone = stack.pop()
            left.add(last[1])
            last = undone
        else:
            return Found(None, True, done)
    return Found(offsets, True, done)
