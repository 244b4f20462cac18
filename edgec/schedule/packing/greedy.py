"""First fit in several orders: the optimum of most real nets, and where the searches start."""

from collections.abc import Callable

from edgec.schedule.packing.items import Rectangles

Order = Callable[[Rectangles, int], tuple[int, ...]]

BY_SIZE: Order = lambda r, i: (-r.size[i], r.lower[i])  # noqa: E731

ORDERS: tuple[Order, ...] = (
    BY_SIZE,
    lambda r, i: (-r.size[i] * (r.upper[i] - r.lower[i]), r.lower[i]),
    lambda r, i: (-(r.upper[i] - r.lower[i]), -r.size[i]),
    lambda r, i: (r.lower[i], -r.size[i]),
    lambda r, i: (-r.upper[i], -r.size[i]),
)


def first_fit(r: Rectangles, order: Order) -> list[int]:
    """Each item, in the given order, at the lowest offset that is free during its whole life."""
    offsets = [-1] * len(r.size)
    for i in sorted(range(len(r.size)), key=lambda i: (*order(r, i), i)):
        placed = [j for j in r.neighbours[i] if offsets[j] >= 0]
        # Between these, exclusively, it may not start.
        taken = sorted((offsets[j] - r.distance(i, j), offsets[j] + r.distance(j, i)) for j in placed)
        offset = 0
        for start, stop in taken:
            if offset <= start:
                break
            offset = max(offset, stop)
        offsets[i] = offset
    return offsets


def greedy(r: Rectangles) -> list[int]:
    """The lowest packing by first fit."""
    return min((first_fit(r, order) for order in ORDERS), key=r.height)
