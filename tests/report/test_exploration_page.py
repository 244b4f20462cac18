"""The page of a trade curve: well-formed, self-contained, the same each time, its figures those that it got."""

import re
from typing import Any

import pytest
from page_tree import Tree

from edgec.report import render_exploration, tabulate_exploration
from edgec.report.plots import COLOURS

COMMAND = "edgec explore unet.onnx -t cortex-m4 --ram"


def figures(count: int, unit: str | None = "instructions", run: bool = True) -> dict[str, Any]:
    """A curve of so many points, of which all but the first compute more and more again."""
    points = []
    for i in range(count):
        again = [
            {
                "step": j,
                "name": f"v{j}.again",
                "of": f"v{j}",
                "op": "conv2d",
                "cost": 500,
                "source": "" if j else "stem",
            }
            for j in range(i)
        ]
        point = {
            "budget": 70_000 - 10_000 * i,
            "arena_bytes": 69_984 - 10_000 * i,
            "cost": 100_000 + 500 * i,
            "slowdown_percent": 0.5 * i,
            "recomputed": again,
            "steps": [f"conv2d v{j}" for j in range(4 + i)],
            "live": [1000 * (5 + j % 3) for j in range(4 + i)],
        }
        if run:
            measured = None if unit is None else 200_000 + 1500 * i
            slower = None if unit is None else 0.75 * i
            point |= {"measured": measured, "measured_slowdown_percent": slower, "equal": True}
            point |= {"stack_bytes": 512, "flash_bytes": 40_000 + i}
        points.append(point)
    tools = {"toolchain": "gcc", "emulator": "qemu", "unit": unit, "samples": 2}
    return {
        "name": "unet",
        "model": "unet.onnx",
        "target": "cortex-m4",
        "unit": "cycles",
        "default_bytes": 69_984,
        "smallest_bytes": points[-1]["arena_bytes"],
        "below": "the smallest that was found needs 39984 bytes",
        "measured": tools if run else None,
        "points": points,
    }


CASES = {
    "measured": figures(4),
    "run, not counted": figures(3, None),
    "not run": figures(3, run=False),
    "one": figures(1),
}
cases = pytest.mark.parametrize("result", CASES.values(), ids=CASES.keys())


@cases
def test_the_page_is_well_formed_and_loads_nothing(result: dict[str, Any]) -> None:
    text = render_exploration(result, COMMAND)
    assert text == render_exploration(result, COMMAND)
    page = Tree(text).root
    assert all(svg.attributes["role"] == "img" and svg.attributes["aria-label"] for svg in page.all("svg"))
    assert not any(page.all(tag) for tag in ("script", "link", "img", "iframe", "object", "base", "form"))
    references = re.findall(r"url\(([^)]*)\)", text) + re.findall(r'href="([^"]*)"', text)
    assert all(reference.startswith("#") for reference in references)
    [table] = page.all("table")
    rows = table.all("tbody")[0].all("tr")
    assert len(rows) == len(result["points"])
    columns = len(table.all("thead")[0].all("th"))
    assert {len(row.all("th") + row.all("td")) for row in rows} == {columns}


def test_the_table_has_the_figures() -> None:
    page = Tree(render_exploration(CASES["measured"], COMMAND)).root
    rows = [[cell.words() for cell in row.all("th") + row.all("td")] for row in page.all("tbody")[0].all("tr")]
    budget = ["50,000", "49,984", "71.42 %", "101,000", "+1.00 %", "203,000", "+1.50 %", "equal", "512", "40,002"]
    assert rows[2] == [*budget, "stem , v1"]
    assert rows[0][-1] == "\N{EN DASH}"
    summary = " ".join(div.words() for div in page.all("dl", "figures")[0].all("div"))
    assert "Smallest 39,984" in summary and "Measured +2.25 %" in summary and "Outputs equal" in summary


def test_the_plot_has_a_point_for_each_figure_in_the_colours_of_the_page() -> None:
    text = render_exploration(CASES["measured"], COMMAND)
    svg = text[text.index("<svg") : text.index("</svg>")]
    assert not any(colour in svg for colour in COLOURS.values())
    for variable in ("value-edge", "scratch-edge"):
        assert len(re.findall(rf"<use [^>]*var\(--{variable}\)", svg)) == 4 + 1, "points, and one in the legend"


def test_outputs_that_differ_are_told() -> None:
    result = figures(3)
    result["points"][1]["equal"] = False
    page = Tree(render_exploration(result, COMMAND)).root
    assert "Outputs differ" in " ".join(div.words() for div in page.all("dl", "figures")[0].all("div"))
    assert list(tabulate_exploration(result).columns[5].cells) == ["equal", "differ", "equal"]


def test_names_are_escaped() -> None:
    result = figures(2)
    hostile = "<script>alert('&amp;\"')</script>{{ 7 * 7 }} $x$ --> "
    result["name"] = result["below"] = hostile
    result["points"][1]["recomputed"][0]["source"] = hostile
    result["points"][1]["steps"][0] = hostile
    text = render_exploration(result, f"edgec explore '{hostile}'")
    assert not Tree(text).root.all("script")


@cases
def test_the_terminal_has_a_row_for_each_budget(result: dict[str, Any]) -> None:
    table = tabulate_exploration(result)
    assert table.row_count == len(result["points"])
    names = ["stem", "v1", "v2"][: table.row_count - 1]
    assert list(table.columns[-1].cells)[-1] == (", ".join(names) or "\N{EN DASH}")
