"""The bytes that are alive in each step, as bars: of the default build and, below it, of the one within a budget.

Everything here is geometry in the units of the SVG's view box; the template only writes it down.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edgec.report.figures import in_bytes
from edgec.report.memory_map import LEFT, PLOT_WIDTH, RIGHT, Tick, address_ticks

TITLE, PANEL, AXIS = 22.0, 130.0, 26.0
"""Heights: of a panel's title, of its plot, and of the numbers of steps below."""
NARROWEST = 5.0
"""Width of a step where there are too many for the plot."""


@dataclass(frozen=True)
class Program:
    """What is drawn of one: bytes alive in each step, the steps' names if known, those that compute something again."""

    title: str
    live: Sequence[int]
    names: Sequence[str] | None = None
    again: Collection[int] = ()


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
    """Lay out what is alive in each step; None where nothing is alive.

    With ``ram_budget`` in the manifest there are two panels of the same scale: before and after.
    """
    fit = manifest.get("ram_budget")
    steps = [f"{step['op']} {step['name']}" for step in manifest["steps"]]
    if fit is None:
        return draw_programs([Program("This build", manifest["live_bytes"], steps)])
    again = [one["step"] for one in fit["recomputed"]]
    before = Program(f"Default build: {in_bytes(fit['default_bytes'])}", fit["live_before"])
    after = Program(f"Within the budget: {in_bytes(fit['arena_bytes'])}", fit["live_after"], steps, again)
    return draw_programs([before, after], fit["budget"])


def draw_programs(programs: Sequence[Program], budget: int | None = None) -> LiveBytes | None:
    """Lay out programs below each other, of one scale, with a line at the budget; None where nothing is alive."""
    most = max((bytes for program in programs for bytes in program.live), default=0)
    if not most:
        return None
    # A budget far above what there is needs no line.
    budget = None if budget is None or budget > 2 * most else budget
    most = max(most, budget or 0)
    columns = max(len(program.live) for program in programs)
    column = max(PLOT_WIDTH[1] / max(columns, 12), NARROWEST)
    panels = tuple(
        _panel(program, budget, TITLE + number * (TITLE + PANEL + AXIS), column, most)
        for number, program in enumerate(programs)
    )
    kinds = {bar.kind for panel in panels for bar in panel.bars}
    return LiveBytes(
        width=LEFT + column * columns + RIGHT,
        height=len(panels) * (TITLE + PANEL + AXIS),
        left=LEFT,
        panels=panels,
        kinds=tuple(kind for kind in ("plain", "again", "critical") if kind in kinds),
        budget=budget,
    )


def _panel(program: Program, budget: int | None, top: float, column: float, most: int) -> Panel:
    bottom, scale, live = top + PANEL, PANEL / most, program.live
    critical = max(range(len(live)), key=lambda step: (live[step], -step), default=None)
    bars = []
    for step, bytes in enumerate(live):
        again = step in program.again
        kind = "critical" if step == critical else "again" if again else "plain"
        named = "" if program.names is None else f" {program.names[step]}"
        words = (", computed again" if again else "") + (", the fullest" if step == critical else "")
        height = bytes * scale
        tooltip = f"step {step}{named}: {in_bytes(bytes)}{words}"
        bars.append(Bar(LEFT + step * column, bottom - height, column - 1, height, kind, tooltip))
    every = next((n for n in (1, 2, 5, 10, 20, 50) if n * column >= 26), 100)
    return Panel(
        program.title,
        top,
        bottom,
        LEFT + column * len(live),
        tuple(bars),
        tuple(Tick(LEFT + (i + 0.5) * column, str(i)) for i in range(0, len(live), every)),
        address_ticks(most, scale, bottom, 4),
        None if budget is None else bottom - budget * scale,
    )
