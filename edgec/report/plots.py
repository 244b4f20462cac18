"""Plots by matplotlib as part of a page: SVG elements in the colours of the style that they stand in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {
    "text": "#000001",
    "soft": "#000002",
    "grid": "#000003",
    "value-edge": "#000004",
    "scratch-edge": "#000005",
    "bar": "#000006",
    "alarm": "#000007",
}
"""Variable of the page's style -> the colour that stands for it in a plot, until that is part of the page."""


@contextmanager
def page_style() -> Iterator[None]:
    """Within it matplotlib draws as the pages look, and the same for the same figures."""
    # Half a second to import, and a compiler needs it nowhere else.
    from matplotlib import rc_context

    settings: Any = {
        "svg.hashsalt": "edgec",
        "svg.fonttype": "none",
        "font.size": 8.5,
        "text.color": COLOURS["text"],
        "axes.labelcolor": COLOURS["text"],
        "axes.edgecolor": COLOURS["soft"],
        "xtick.color": COLOURS["soft"],
        "ytick.color": COLOURS["soft"],
        "xtick.labelcolor": COLOURS["text"],
        "ytick.labelcolor": COLOURS["text"],
        "grid.color": COLOURS["grid"],
        "text.parse_math": False,
    }
    with rc_context(settings):
        yield


def as_element(figure: "Figure", label: str) -> Markup:
    """The figure's axes with a grid and without a ground, as an SVG element that is called by its label."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    for axes in figure.axes:
        axes.grid(True, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.patch.set_visible(False)
        axes.spines[["top", "right"]].set_visible(False)
    figure.patch.set_visible(False)
    text = StringIO()
    FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
        text, metadata={"Date": None, "Creator": None}
    )
    document = text.getvalue()
    svg = document[document.index("<svg") :].replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    for variable, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--{variable})")
    return Markup(re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL))
