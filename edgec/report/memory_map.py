"""The memory plan as a picture: steps to the right, addresses upwards, one rectangle per buffer.

Everything here is geometry in the units of the SVG's view box (CSS pixels at its natural size); the template only
writes it down.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from edgec.report.figures import KIB, address, in_bytes, in_kib

LEFT, TOP, RIGHT = 84.0, 26.0, 14.0
"""Room for the labels of the address axis, and above and right of the plot."""
PLOT_HEIGHT = 420.0
PLOT_WIDTH = (360.0, 960.0)
"""Smallest and largest width of the plot; so many steps that columns would get too narrow make it wider."""
COLUMN = (12.0, 96.0)
"""Smallest and preferred width of a step."""
CHARACTER = 6.7
"""Advance of a character of the labels (11 px, monospace)."""
LINE = 14.0
"""Height of a line of text."""
LONGEST_TICK = 16
"""An operator's name under the axis is cut at so many characters."""
MOST_TICKS = 8
LONGEST_MEMORY = 10
"""A memory's name beside the axis is cut at so many characters."""


@dataclass(frozen=True)
class Rectangle:
    """A buffer: its place in the picture, and the lines of its label with their baselines (none if none fits)."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    tooltip: str
    lines: tuple[tuple[float, str], ...]

    @property
    def centre(self) -> float:
        """Where the label is centred."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: its coordinate and its text."""

    at: float
    text: str


@dataclass(frozen=True)
class MemoryMap:
    """The picture. ``right`` and ``bottom`` end the plot, which starts at ``left`` and ``top``."""

    width: float
    height: float
    left: float
    top: float
    right: float
    bottom: float
    column: float
    rectangles: tuple[Rectangle, ...]
    addresses: tuple[Tick, ...]
    steps: tuple[Tick, ...]
    operators: tuple[Tick, ...]
    upright: bool
    """Whether the operators' names are turned by a quarter to fit under their steps."""
    kinds: tuple[str, ...]
    """The kinds of buffer that occur, for the legend."""
    peak_x: float | None
    """Left edge of the fullest step; None without steps."""
    bound_y: float | None
    """Height of the lower bound where the plan does not reach it."""
    borders: tuple[float, ...]
    """Heights at which one of several memories ends and the next one begins."""


def draw_memory_map(manifest: Mapping[str, Any]) -> MemoryMap:
    """Lay out the buffers of a manifest.

    ``buffer["last"]`` is exclusive. An output lives until after the last step: it has one more column, named ``end``.
    """
    steps, buffers, arena = manifest["steps"], manifest["buffers"], manifest["arena_bytes"]
    columns = max([1, len(steps), *(b["last"] for b in buffers)])
    column = max(min(COLUMN[1], PLOT_WIDTH[1] / columns), PLOT_WIDTH[0] / columns, COLUMN[0])
    right = LEFT + column * columns
    scale = PLOT_HEIGHT / max(arena, 1)
    bottom = TOP + PLOT_HEIGHT

    memories = manifest.get("memories", ())
    starts = dict(
        zip((m["name"] for m in memories), accumulate((m["bytes"] for m in memories), initial=0), strict=False)
    )
    rectangles = tuple(_rectangle(b, starts.get(b.get("memory"), 0), column, scale, bottom) for b in buffers)
    names = [step["op"] for step in steps] + ["end"] * (columns - len(steps))
    names = [n if len(n) <= LONGEST_TICK else n[: LONGEST_TICK - 1] + "…" for n in names]
    widest = max(map(text_width, names))
    upright = widest > column - 4
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, columns) if n * column >= 26 or n == columns)
    lower = manifest["lower_bound"]
    peak = manifest["peak_step"]
    return MemoryMap(
        width=right + RIGHT,
        height=bottom + 18 + (widest if upright else LINE) + 30,
        left=LEFT,
        top=TOP,
        right=right,
        bottom=bottom,
        column=column,
        rectangles=rectangles,
        addresses=_memory_ticks(starts, scale, bottom) if starts else address_ticks(arena, scale, bottom),
        steps=tuple(Tick(LEFT + (i + 0.5) * column, str(i)) for i in range(0, len(steps), every)),
        operators=tuple(Tick(LEFT + (i + 0.5) * column, name) for i, name in enumerate(names)),
        upright=upright,
        kinds=tuple(sorted({b["kind"] for b in buffers}, key=_order)),
        peak_x=LEFT + peak * column if steps else None,
        bound_y=bottom - lower * scale if lower < arena and not starts else None,
        borders=tuple(bottom - start * scale for start in [*starts.values()][1:]),
    )


def describe(buffer: Mapping[str, Any]) -> str:
    """A buffer in words, as its tooltip says it."""
    first, last = buffer["first"], buffer["last"] - 1
    lives = f"step {first}" if first == last else f"steps {first} to {last}"
    start, size = buffer["offset"], buffer["bytes"]
    where = f"{start:,} of {buffer['memory']}" if "memory" in buffer else f"{start:,}"
    return f"{buffer['name']} ({buffer['kind']}): {in_bytes(size)} at {where}, {lives}"


def text_width(text: str) -> float:
    """Estimated width of a label in monospace: East Asian wide characters take two places."""
    return CHARACTER * sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _rectangle(buffer: Mapping[str, Any], start: int, column: float, scale: float, bottom: float) -> Rectangle:
    x, width = LEFT + buffer["first"] * column, (buffer["last"] - buffer["first"]) * column
    height = buffer["bytes"] * scale
    y = bottom - (start + buffer["offset"] + buffer["bytes"]) * scale
    size = in_kib(buffer["bytes"]) if buffer["bytes"] >= 10 * KIB else in_bytes(buffer["bytes"])
    lines = _label(buffer["name"], size, width, height)
    # Baselines such that the block of lines is centred; a baseline is about a third of the font below the middle.
    first = y + height / 2 - (len(lines) - 1) * LINE / 2 + 4
    baselines = tuple((first + i * LINE, line) for i, line in enumerate(lines))
    return Rectangle(x, y, width, height, buffer["kind"], describe(buffer), baselines)


def _label(name: str, size: str, width: float, height: float) -> Sequence[str]:
    """The most that fits: name and size on two lines, on one, the name alone, or nothing."""
    for lines in ([name, size], [f"{name} {size}"], [name]):
        if len(lines) * LINE <= height and max(map(text_width, lines)) <= width - 4:
            return lines
    return []


def _memory_ticks(starts: Mapping[str, int], scale: float, bottom: float) -> tuple[Tick, ...]:
    """Where each memory begins, by its name, but for those that are too low to have one."""
    ticks: list[Tick] = []
    for name, start in starts.items():
        at = bottom - start * scale
        if not ticks or ticks[-1].at - at > LINE:
            ticks.append(Tick(at, name if len(name) <= LONGEST_MEMORY else name[: LONGEST_MEMORY - 1] + "…"))
    return tuple(ticks)


def address_ticks(arena: int, scale: float, bottom: float, most: int = MOST_TICKS) -> tuple[Tick, ...]:
    """Round addresses, a power of two apart, and the end of the arena, which takes the place of what is too near."""
    apart = 4
    while arena // apart > most:
        apart *= 2
    rounded = [
        Tick(bottom - a * scale, address(a, apart)) for a in range(0, arena, apart) if (arena - a) * scale > LINE
    ]
    end = in_bytes(arena) if arena < KIB else in_kib(arena)
    return (*rounded, Tick(bottom - arena * scale, end))


def _order(kind: str) -> tuple[int, str]:
    known = ("input", "state", "value", "scratch", "output")
    return (known.index(kind) if kind in known else len(known), kind)
