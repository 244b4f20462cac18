"""What ``edgec sensitivity`` shows: a page with table and plot, and a table for the terminal."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from rich.table import Column, Table

from edgec.report.figures import DASH, decibels, points
from edgec.report.plots import COLOURS, as_element, page_style
from edgec.report.templates import template

WIDTH, ROW, FRAME = 10.4, 0.23, 1.25
"""Inches: of the plot, of each layer in it, and of axis and titles."""


def render_sensitivity(result: Mapping[str, Any], command: str) -> str:
    """What ``edgec.tools.sensitivity`` gives as a self-contained HTML page.

    ``command`` is the command line that made it. The page loads nothing, runs no script, and is the same for the same
    figures; every name in it is escaped.
    """
    plot = draw_sensitivity(result)
    counted = any(layer["instructions"] for layer in result["layers"])
    return template("sensitivity.html.j2").render(result=result, command=command, plot=plot, counted=counted)


def draw_sensitivity(result: Mapping[str, Any]) -> Markup:
    """The plot as an SVG element, its colours those of the page that it stands in."""
    from matplotlib.figure import Figure

    layers = result["layers"]
    with page_style():
        figure = Figure(figsize=(WIDTH, FRAME + ROW * len(layers)), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
        rows = list(range(len(layers)))
        left.set_yticks(rows, [f"{layer['op']} {layer['name']}" for layer in layers])
        left.set_ylim(len(layers) - 0.4, -0.6)
        for precision, colour, mark in (("int8", "value-edge", "o"), ("int16x8", "scratch-edge", "D")):
            points = [
                (loss["sqnr_db"], row)
                for row, layer in enumerate(layers)
                if (loss := layer["alone"].get(precision)) is not None and loss["sqnr_db"] is not None
            ]
            x, y = ([p[i] for p in points] for i in (0, 1))
            left.plot(x, y, mark, color=COLOURS[colour], markersize=4.5, label=f"only this layer in {precision}")
        if (everything := result["uniform"]["int8"]["sqnr_db"]) is not None:
            left.axvline(everything, color=COLOURS["soft"], linestyle="--", linewidth=1, label="all layers in int8")
            others = [(layer["others"]["sqnr_db"], row) for row, layer in enumerate(layers)]
            won = [(db - everything, row) for db, row in others if db is not None]
            right.barh([row for _, row in won], [gain for gain, _ in won], height=0.6, color=COLOURS["bar"])
        left.set_xlabel("SQNR of the output in dB: further left loses more")
        right.set_xlabel("dB won if this layer stays float, all others int8")
        right.axvline(0, color=COLOURS["soft"], linewidth=0.8)
        figure.legend(loc="outside upper center", ncols=3, frameon=False)
        return as_element(figure, f"Signal-to-quantization-noise ratios of the {len(layers)} layers, as in the table")


def tabulate_sensitivity(result: Mapping[str, Any]) -> Table:
    """The table for a terminal: a row for each layer and one for the whole model, in dB, instructions in thousands."""
    exact = result["uniform"]["float32"]["accuracy"]
    counted = any(layer["instructions"] for layer in result["layers"])

    def cell(loss: Mapping[str, Any] | None) -> str:
        if loss is None:
            return ""
        moved = "" if loss["accuracy"] == exact else f"{points(loss['accuracy'] - exact)} pt  "
        return moved + decibels(loss["sqnr_db"])

    names = ["only it int8", "only it int16x8", "all int8 but it"] + ["k instr. int8 / int16x8 / f32"] * counted
    table = Table(
        Column("layer", overflow="fold"),
        Column("operator", overflow="fold"),
        *(Column(name, justify="right", overflow="fold") for name in names),
        title=f"{result['name']}: signal-to-quantization-noise ratio of the output in dB, {result['samples']} samples",
        title_justify="left",
        caption=f"What layers lose alone in int8, summed up, is {decibels(result['expected']['sqnr_db'])} dB.",
        caption_justify="left",
    )
    for layer in result["layers"]:
        losses = [*(layer["alone"].get(p) for p in ("int8", "int16x8")), layer["others"]]
        counts = [layer["instructions"].get(p) for p in ("int8", "int16x8", "float32")] if counted else []
        thousands = " / ".join(DASH if count is None else f"{count / 1000:,.0f}" for count in counts)
        table.add_row(layer["name"], layer["op"], *map(cell, losses), *[thousands] * counted)
    table.add_section()
    table.add_row("all", "", *(cell(result["uniform"][p]) for p in ("int8", "int16x8")))
    return table
