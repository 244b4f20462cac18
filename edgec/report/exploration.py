"""What ``edgec explore --ram`` shows: a page with the trade curve and a table, and a table for the terminal."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from rich.table import Column, Table

from edgec.report.figures import DASH, KIB, grouped, in_bytes
from edgec.report.live_bytes import Program, draw_programs
from edgec.report.plots import COLOURS, as_element, page_style
from edgec.report.templates import template

WIDTH, HEIGHT = 10.4, 3.6
"""Of the plot, in inches."""


def render_exploration(result: Mapping[str, Any], command: str) -> str:
    """What ``edgec.exploration.explore_ram`` gives as a self-contained HTML page.

    ``command`` is the command line that made it. The page loads nothing, runs no script, and is the same for the same
    figures; every name in it is escaped.
    """
    points = result["points"]
    first, last = points[0], points[-1]
    largest = "Default build" if first["arena_bytes"] == result["default_bytes"] else "Largest that fits"
    panels = [
        Program(f"{title}: {in_bytes(p['arena_bytes'])}", p["live"], p["steps"], [a["step"] for a in p["recomputed"]])
        for title, p in ((largest, first), ("Smallest", last))
    ]
    return template("exploration.html.j2").render(
        result=result,
        first=first,
        last=last,
        command=command,
        plot=draw_exploration(result),
        live=draw_programs(panels),
        work=_unit(result),
        signed=_signed,
    )


def draw_exploration(result: Mapping[str, Any]) -> Markup:
    """The trade curve as an SVG element: bytes of arena to the right, slowdown upwards, in percent."""
    from matplotlib.figure import Figure

    points = result["points"]
    with page_style():
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = figure.subplots()
        lines = [("slowdown_percent", "value-edge", "o", f"{result['unit']}, predicted")]
        if _unit(result) is not None:
            lines.append(("measured_slowdown_percent", "scratch-edge", "D", f"{_unit(result)}, measured"))
        for key, colour, mark, label in lines:
            # A program serves every budget from its own bytes up to the next larger program's.
            x, y = [p["arena_bytes"] / KIB for p in points], [p[key] for p in points]
            style: Any = {"color": COLOURS[colour], "linewidth": 1.2, "markersize": 4.5}
            axes.plot(x, y, mark, drawstyle="steps-pre", linestyle="-", label=label, **style)
        axes.set_xlabel("arena in KiB")
        axes.set_ylabel("slower than the default build, %")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=min(0, *(p[key] for p in points for key, *_ in lines)))
        figure.legend(loc="outside upper center", ncols=2, frameon=False)
        return as_element(figure, f"Slowdown by bytes of arena for {len(points)} budgets, as in the table")


def tabulate_exploration(result: Mapping[str, Any]) -> Table:
    """The table for a terminal: a row for each budget."""
    work = _unit(result)
    names = ["budget", "arena", "of default", f"predicted\n{result['unit']}"]
    names += ([f"measured\n{work}"] if work else []) + ["outputs"] * (result["measured"] is not None)
    table = Table(
        *(Column(name, justify="right", overflow="fold") for name in names),
        Column("computed again", overflow="fold"),
        title=f"{result['name']} for {result['target']}: RAM against {result['unit']}",
        title_justify="left",
        caption=f"Less was not found: {result['below']}." if result["below"] else None,
        caption_justify="left",
    )
    for p in result["points"]:
        row = [
            grouped(p["budget"]),
            grouped(p["arena_bytes"]),
            f"{100 * p['arena_bytes'] / result['default_bytes']:.1f} %",
            _signed(p["slowdown_percent"]),
        ]
        if work:
            row.append(f"{grouped(p['measured'])} {_signed(p['measured_slowdown_percent'])}")
        if result["measured"] is not None:
            row.append("equal" if p["equal"] else "differ")
        table.add_row(*row, ", ".join(a["source"] or a["of"] for a in p["recomputed"]) or DASH)
    return table


def _unit(result: Mapping[str, Any]) -> str | None:
    """What was measured: instructions or nanoseconds."""
    measured = result["measured"]
    return None if measured is None else measured["unit"]


def _signed(percent: float | None) -> str:
    # Plus zero: no minus in front of what is rounded to nothing.
    return DASH if percent is None else f"{round(percent, 2) + 0.0:+.2f} %"
