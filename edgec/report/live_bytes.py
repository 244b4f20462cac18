"""The bytes that are alive in each step, as bars: of the default build and, below it, of the one within a budget.

Everything here is geometry in the units of the SVG's view box; the template only writes it down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edgec.report.figures import in_bytes
from edgec.report.memory_map import LEFT, PLOT_WIDTH, RIGHT, Tick, address_ticks

ALIGN = 16
"""Buffers take a multiple of so many bytes."""
TITLE, PANEL, AXIS = 22.0, 130.0, 26.0
"""Heights: of a panel's title, of its plot, and of the numbers of steps below."""
NARROWEST = 5.0
"""Width of a step where there are too many for the plot."""


@dataclass(frozen=True)
class Bar:
    """A step: its place in the picture, and whether it is ``plain``, ``again`` (computed again) or ``critical``."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    tooltip: str


@dataclass(frozen=True)
class Panel:
    """The bars of one program under its title, and the marks of its axes."""

    title: str
    top: float
    bottom: float
    right: float
    bars: tuple[Bar, ...]
    steps: tuple[Tick, ...]
    addresses: tuple[Tick, ...]
    budget_y: float | None


@dataclass(frozen=True)
class LiveBytes:
    """The picture; ``kinds`` are those of the bars that occur, for the legend."""

    width: float
    height: float
    left: float
    panels: tuple[Panel, ...]
    kinds: tuple[str, ...]
    budget: int | None


def draw_live_bytes(manifest: Mapping[str, Any]) -> LiveBytes | None:
    """Lay out what is alive in each step; None where there are no steps, or nothing in the arena.

    With ``ram_budget`` in the manifest there are two panels of the same scale: before and after.
    """
    fit = manifest.get("ram_budget")
    steps = [f"{step['op']} {step['name']}" for step in manifest["steps"]]
    if not steps or not manifest["buffers"]:
        return None
    if fit is None:
        return _draw([("This build", live_bytes(manifest), steps, frozenset[int](), None)])
    again = frozenset(one["step"] for one in fit["recomputed"])
    before = f"Default build: {in_bytes(fit['default_bytes'])}"
    after = f"Within the budget: {in_bytes(fit['arena_bytes'])}"
    panels = [
        (before, fit["live_before"], None, frozenset[int](), fit["budget"]),
        (after, fit["live_after"], steps, again, fit["budget"]),
    ]
    return _draw(panels)


def live_bytes(manifest: Mapping[str, Any]) -> list[int]:
    """The sum of the buffers that are alive in each step, each rounded up to the alignment."""
    buffers = manifest["buffers"]
    return [
        sum(-(-b["bytes"] // ALIGN) * ALIGN for b in buffers if b["first"] <= step < b["last"])
        for step in range(len(manifest["steps"]))
    ]


def _draw(panels: Sequence[tuple[str, Sequence[int], Sequence[str] | None, frozenset[int], int | None]]) -> LiveBytes:
    most = max(1, *(bytes for _, live, *_ in panels for bytes in live), *(budget or 0 for *_, budget in panels))
    columns = max(len(live) for _, live, *_ in panels)
    column = max(PLOT_WIDTH[1] / max(columns, 12), NARROWEST)
    drawn = []
    top = 0.0
    for title, live, names, again, budget in panels:
        top += TITLE
        drawn.append(_panel(title, live, names, again, budget, top, column, most))
        top += PANEL + AXIS
    kinds = {bar.kind for panel in drawn for bar in panel.bars}
    return LiveBytes(
        width=LEFT + column * columns + RIGHT,
        height=top,
        left=LEFT,
        panels=tuple(drawn),
        kinds=tuple(kind for kind in ("plain", "again", "critical") if kind in kinds),
        budget=panels[-1][-1],
    )


def _panel(
    title: str,
    live: Sequence[int],
    names: Sequence[str] | None,
    again: frozenset[int],
    budget: int | None,
    top: float,
    column: float,
    most: int,
) -> Panel:
    bottom, scale = top + PANEL, PANEL / most
    critical = max(range(len(live)), key=lambda step: (live[step], -step), default=None)
    bars = []
    for step, bytes in enumerate(live):
        kind = "critical" if step == critical else "again" if step in again else "plain"
        named = "" if names is None else f" {names[step]}"
        words = ", computed again" if step in again else ""
        words += ", the fullest" if step == critical else ""
        height = bytes * scale
        tooltip = f"step {step}{named}: {in_bytes(bytes)}{words}"
        bars.append(Bar(LEFT + step * column, bottom - height, column - 1, height, kind, tooltip))
    every = next((n for n in (1, 2, 5, 10, 20, 50) if n * column >= 26), 100)
    return Panel(
        title,
        top,
        bottom,
        LEFT + column * len(live),
        tuple(bars),
        tuple(Tick(LEFT + (i + 0.5) * column, str(i)) for i in range(0, len(live), every)),
        address_ticks(most, scale, bottom, 4),
        None if budget is None else bottom - budget * scale,
    )
