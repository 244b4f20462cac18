"""The page of sensitivity: well-formed, self-contained, the same for the same figures, its plot true to them."""

import re
from typing import Any

import pytest
from page_tree import Tree

from edgec.report import render_sensitivity, tabulate_sensitivity
from edgec.report.plots import COLOURS

COMMAND = "edgec sensitivity kws.onnx --calibration kws.npz"


def loss(noise: float, sqnr_db: float | None, accuracy: float | None) -> dict[str, Any]:
    return {"noise": noise, "sqnr_db": sqnr_db, "accuracy": accuracy}


def figures(count: int, labels: bool = True, counted: bool = True) -> dict[str, Any]:
    """A chain of layers, the last one a softmax without a form with 16 bits, that loses nothing."""
    exact = 0.95 if labels else None
    less = 0.925 if labels else None
    layers = []
    for index in range(count):
        last = index == count - 1
        alone = {"int8": loss(0.0, None, exact) if last else loss(1e-4, 40.0 - index, less)}
        alone |= {} if last else {"int16x8": loss(1e-6, 60.0 - index, exact)}
        layer = {
            "name": f"layer_{index}",
            "op": "softmax" if last else "conv2d",
            "source": f"/net/{index}",
            "macs": 1234,
        }
        costs = {"int8": 5000, "int16x8": 6000, "float32": 9000}
        instructions = {p: costs[p] for p in (*alone, "float32")} if counted else None
        others = loss(1e-3, 30.0 + index, exact)
        layers.append({**layer, "alone": alone, "others": others, "instructions": instructions})
    both = {"int8": loss(1e-3, 30.0, less), "int16x8": loss(1e-5, 50.0, exact), "float32": loss(0.0, None, exact)}
    return {
        "name": "kws",
        "target": "cortex-m4",
        "method": "minmax",
        "samples": 64,
        "uniform": both,
        "expected": loss(2e-3, 27.0, None),
        "layers": layers,
    }


CASES = {
    "labels and counts": figures(4),
    "nothing but noise": figures(3, labels=False, counted=False),
    "one layer": figures(1),
    "80 layers": figures(80),
}
cases = pytest.mark.parametrize("result", CASES.values(), ids=CASES.keys())


@cases
def test_every_tag_is_closed_and_labelled(result: dict[str, Any]) -> None:
    page = Tree(render_sensitivity(result, COMMAND)).root
    [svg] = page.all("svg")
    assert svg.attributes["role"] == "img" and svg.attributes["aria-label"]
    assert all(th.attributes.get("scope") in ("row", "col") for th in page.all("th"))
    [table] = page.all("table")
    columns = len(table.all("thead")[0].all("th"))
    rows = table.all("tbody")[0].all("tr")
    assert len(rows) == len(result["layers"])
    assert {len(row.all("th") + row.all("td")) for row in rows} == {columns}


@cases
def test_the_page_loads_nothing_and_is_the_same_every_time(result: dict[str, Any]) -> None:
    text = render_sensitivity(result, COMMAND)
    assert text == render_sensitivity(result, COMMAND)
    addresses = set(re.findall(r"https?:[^\"<\s]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # names of the language
    references = re.findall(r"url\(([^)]*)\)", text) + re.findall(r'href="([^"]*)"', text)
    assert references and all(reference.startswith("#") for reference in references)
    page = Tree(text).root
    assert not any(page.all(tag) for tag in ("script", "link", "img", "iframe", "object", "base", "form"))


def test_the_table_has_the_figures() -> None:
    page = Tree(render_sensitivity(CASES["labels and counts"], COMMAND)).root
    rows = [[cell.words() for cell in row.all("th") + row.all("td")] for row in page.all("tbody")[0].all("tr")]
    shown = "layer_1 conv2d /net/1 1,234 39.0 -2.50 59.0 +0.00 31.0 +0.00 5,000 6,000 9,000"
    assert [cell.replace(" ", "") for cell in rows[1]] == shown.split()
    assert rows[3][4:8] == ["\N{INFINITY}", "+0.00", "\N{EN DASH}", "\N{EN DASH}"]
    assert rows[3][10:] == ["5,000", "\N{EN DASH}", "9,000"]
    summary = " ".join(div.words() for div in page.all("dl", "figures")[0].all("div"))
    assert "All in int8 30.0 dB" in summary and "Expected in int8 27.0 dB" in summary and "95.00 %" in summary


def test_the_plot_has_a_point_for_each_figure_in_the_colours_of_the_page() -> None:
    text = render_sensitivity(CASES["labels and counts"], COMMAND)
    svg = text[text.index("<svg") : text.index("</svg>")]
    assert not any(colour in svg for colour in COLOURS.values())
    # Points are uses of a mark: three of int8 (one layer has no noise), three of int16x8, one of each in the legend.
    for variable in ("value-edge", "scratch-edge"):
        assert len(re.findall(rf"<use [^>]*var\(--{variable}\)", svg)) == 3 + 1
    # The gains of 0, 1, 2 and 3 dB are bars.
    assert len(re.findall(r"<path [^>]*fill: var\(--bar\)", svg)) == 4
    assert re.findall(r">conv2d (layer_\d)<", svg) == ["layer_0", "layer_1", "layer_2"]


def test_names_are_escaped() -> None:
    hostile = "<script>alert('&amp;\"')</script>{{ 7 * 7 }} $x$ --> "
    result = figures(2)
    result["name"] = hostile
    for layer in result["layers"]:
        layer["source"] = hostile
    text = render_sensitivity(result, f"edgec sensitivity '{hostile}'")
    page = Tree(text).root
    assert not page.all("script")
    assert page.all("h1")[0].words().startswith(hostile.split()[0])
    assert "{{ 7 * 7 }}" in page.all("pre")[0].words()


@cases
def test_the_terminal_has_a_row_for_each_layer_and_one_for_all(result: dict[str, Any]) -> None:
    table = tabulate_sensitivity(result)
    assert table.row_count == len(result["layers"]) + 1
    assert [column.header for column in table.columns][:2] == ["layer", "operator"]
    assert len(table.columns) == (6 if result["layers"][0]["instructions"] else 5)


def test_the_terminal_shows_changes_of_accuracy_and_thousands_of_instructions() -> None:
    cells = [list(column.cells) for column in tabulate_sensitivity(CASES["labels and counts"]).columns]
    assert cells[2] == ["-2.50 pt  40.0", "-2.50 pt  39.0", "-2.50 pt  38.0", "\N{INFINITY}", "-2.50 pt  30.0"]
    assert cells[5] == ["5 / 6 / 9"] * 3 + ["5 / \N{EN DASH} / 9", ""]
