"""The report: well-formed, complete, self-contained, and its picture true to the plan."""

import re
from itertools import combinations, pairwise
from typing import Any

import pytest
from manifests import make_manifest, measured, within_budget
from page_tree import Element, Tree

from edgec.report import render_report
from edgec.report.figures import address, grouped, per, shares
from edgec.report.memory_map import draw_memory_map

COMMAND = "edgec compile kws.onnx --target cortex-m4"
HOSTILE = "<script>alert('&amp;\"')</script></title></svg>{{ 7 * 7 }}"


def hostile(value: Any) -> Any:
    """The manifest with markup in every string that a model's author may choose."""
    chosen = ("name", "c_name", "ir", "source", "kernel", "target")
    if isinstance(value, dict):
        return {k: f"{v}{HOSTILE}" if k in chosen and isinstance(v, str) else hostile(v) for k, v in value.items()}
    return [hostile(v) for v in value] if isinstance(value, list) else value


MANIFESTS = {
    "one step": make_manifest(1, 1),
    "small": make_manifest(2, 5),
    "gap": make_manifest(3, 9, spare=4096),
    "80 steps": make_manifest(4, 80),
    "measured": measured(make_manifest(5, 12)),
    "budget": within_budget(make_manifest(7, 9)),
    "hostile": hostile(within_budget(measured(make_manifest(6, 4)))),
}
cases = pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS.keys())


@cases
def test_every_tag_is_closed_and_labelled(manifest: dict[str, Any]) -> None:
    page = Tree(render_report(manifest, COMMAND)).root
    assert len(page.all("svg")) == 2
    for svg in page.all("svg"):
        assert svg.attributes["role"] == "img"
        assert svg.attributes["aria-label"]
    assert all(th.attributes.get("scope") in ("row", "col") for th in page.all("th"))
    assert all("aria-label" in div.attributes for div in page.all("div", "scroll"))


@cases
def test_page_loads_and_runs_nothing(manifest: dict[str, Any]) -> None:
    text = render_report(manifest, COMMAND)
    page = Tree(text).root
    assert not re.search(r"https?:|url\(|@import", text)
    for tag in ("script", "link", "img", "iframe", "object", "base", "form"):
        assert not page.all(tag)
    names = {name for e in everything(page) for name in e.attributes}
    assert not names & {"src", "href", "xlink:href", "srcset", "action", "http-equiv"}
    assert not [name for name in names if name.startswith("on")]


def everything(element: Element) -> list[Element]:
    return [element, *(e for child in element.children for e in everything(child))]


def test_hostile_names_are_shown_as_they_are() -> None:
    manifest = MANIFESTS["hostile"]
    page = Tree(render_report(manifest, f"edgec compile '{HOSTILE}.onnx'")).root
    assert page.all("title")[0].text.startswith(manifest["name"])
    assert page.all("pre")[-1].text == f"edgec compile '{HOSTILE}.onnx'"
    assert manifest["steps"][0]["ir"] in page.all("pre")[0].words()


@cases
def test_rectangles_are_the_buffers(manifest: dict[str, Any]) -> None:
    page = Tree(render_report(manifest, COMMAND)).root
    frame = place(page.all("rect", "frame")[0])
    columns = max(b["last"] for b in manifest["buffers"])
    across, along = (frame[2] - frame[0]) / columns, (frame[3] - frame[1]) / manifest["arena_bytes"]
    groups = page.all("g", "buffer")
    assert len(groups) == len(manifest["buffers"])
    for group, buffer in zip(groups, manifest["buffers"], strict=True):
        left, top, right, bottom = place(group.all("rect")[0])
        assert left == pytest.approx(frame[0] + buffer["first"] * across, abs=0.01)
        assert right == pytest.approx(frame[0] + buffer["last"] * across, abs=0.01)
        assert bottom == pytest.approx(frame[3] - buffer["offset"] * along, abs=0.01)
        assert top == pytest.approx(frame[3] - (buffer["offset"] + buffer["bytes"]) * along, abs=0.01)
        assert buffer["kind"] in group.classes
        title = group.all("title")[0].text
        assert title.startswith(f"{buffer['name']} ({buffer['kind']}): {buffer['bytes']:,} B at {buffer['offset']:,}")


def place(rect: Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(rect.attributes[k]) for k in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


@cases
def test_rectangles_of_a_valid_plan_are_disjoint_and_inside(manifest: dict[str, Any]) -> None:
    picture = draw_memory_map(manifest)
    for r in picture.rectangles:
        assert picture.left <= r.x + 1e-6
        assert r.x + r.width <= picture.right + 1e-6
        assert picture.top <= r.y + 1e-6
        assert r.y + r.height <= picture.bottom + 1e-6
    for a, b in combinations(picture.rectangles, 2):
        beside = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
        above = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
        assert beside < 1e-6 or above < 1e-6


@cases
def test_labels_stay_in_their_rectangles(manifest: dict[str, Any]) -> None:
    for r in draw_memory_map(manifest).rectangles:
        for baseline, line in r.lines:
            assert r.y < baseline < r.y + r.height
            assert 6.7 * len(line) <= r.width


def test_ticks_do_not_collide() -> None:
    for arena in (16, 100, 1000, 1024, 5000, 157440, 3 << 20, 900 << 20):
        manifest = {**make_manifest(7, 3), "arena_bytes": arena, "lower_bound": arena, "buffers": []}
        heights = [tick.at for tick in draw_memory_map(manifest).addresses]
        assert 2 <= len(heights) <= 10
        assert all(low - high > 13 for low, high in pairwise(heights))
    for steps in (1, 3, 40, 80, 100, 300):
        marks = [tick.at for tick in draw_memory_map(make_manifest(8, steps)).steps]
        assert all(right - left >= 26 for left, right in pairwise(marks))


@cases
def test_every_step_is_in_the_table(manifest: dict[str, Any]) -> None:
    [table] = Tree(render_report(manifest, COMMAND)).root.all("table", "operators")
    rows = table.all("tbody")[0].all("tr")
    assert len(rows) == len(manifest["steps"])
    for row, step in zip(rows, manifest["steps"], strict=True):
        cells = row.words()
        assert row.all("th")[0].text == str(step["index"])
        for key in ("macs", "weights_bytes", "read_bytes", "written_bytes"):
            assert f"{step[key]:,}" in cells
        assert step["op"] in cells
        assert (step["index"] == manifest["peak_step"]) == ("peak RAM" in cells)
    total = table.all("tfoot")[0].words()
    assert f"{manifest['macs']:,}" in total
    assert f"{manifest['weights_bytes']:,}" in total


def figures_of(page: Element) -> dict[str, tuple[str, str]]:
    entries = page.all("dl", "figures")[0].all("div")
    return {e.all("dt")[0].text: (e.all("dd")[0].text, e.all("dd")[1].text) for e in entries}


def test_what_was_not_measured_is_said_with_the_command_that_measures_it() -> None:
    page = Tree(render_report(MANIFESTS["small"], COMMAND)).root
    note = page.all("p", "note")[0].words()
    assert note.startswith("Not measured:")
    assert note.endswith("edgec verify kws.onnx --target cortex-m4 -o DIR")
    figures = figures_of(page)
    for label in ("Stack", "Flash", "Instructions", "Instructions per MAC", "Accuracy on the device"):
        assert figures[label] == ("–", "not measured")
    heads = [th.text for th in page.all("table", "operators")[0].all("thead")[0].all("th")]
    assert "Instructions" not in heads


@pytest.mark.parametrize(("drop", "end"), [(None, ""), (0.005, ", within the loss of accuracy that was allowed")])
def test_integers_that_edgec_chose_are_said_to_be_the_interpreter_s(drop: float | None, end: str) -> None:
    manifest = measured(make_manifest(5, 12))
    manifest["options"] |= {"quantize": "int8", "accuracy_drop": drop}
    manifest["steps"][0]["arithmetic"] = "conversion"
    note = Tree(render_report(manifest, COMMAND)).root.all("p", "good")[0].words()
    assert f"the device agrees with the interpreter's integers{end}." in note


def test_measurements_are_shown() -> None:
    manifest = MANIFESTS["measured"]
    run = manifest["measured"]
    page = Tree(render_report(manifest, COMMAND)).root
    figures = figures_of(page)
    assert figures["Arena"][0] == f"{manifest['arena_bytes'] / 1024:,.2f} KiB"
    assert figures["Arena"][1].startswith(f"{manifest['arena_bytes']:,} B")
    assert figures["Flash"] == ("68.36 KiB", "70,000 B: code and constants, linked")
    assert figures["Stack"][1].startswith("512 B")
    assert figures["MACs"][0] == f"{manifest['macs']:,}"
    assert figures["Instructions"][0] == f"{run['instructions']:,}"
    assert figures["Instructions per MAC"][0] == f"{run['instructions'] / manifest['macs']:,.2f}"
    assert figures["Accuracy on the device"] == ("97.50 %", "97.50 % by onnxruntime, 480 samples")
    assert figures["Largest difference"][0] == "1.25e-06"
    assert page.all("p", "good")[0].words().endswith("Built with gcc 12.2, run on qemu 7.2.")
    assert "agrees with onnxruntime" in page.all("p", "good")[0].words()
    rows = page.all("table", "operators")[0].all("tbody")[0].all("tr")
    for row, count in zip(rows, run["step_instructions"], strict=True):
        assert f"{count:,}" in row.words()


def test_code_of_each_step_is_shown_once() -> None:
    manifest = MANIFESTS["measured"]
    code = manifest["measured"]["step_code_bytes"]
    page = Tree(render_report(manifest, COMMAND)).root
    assert figures_of(page)["Code"][1].startswith(f"{sum(code) + 136:,} B")
    rows = page.all("table", "operators")[0].all("tbody")[0].all("tr")
    shown = [f"{n:,}" if n else "that of 0" for n in code]
    assert all(text in row.words() for text, row in zip(shown, rows, strict=True)) and "that of 0" in shown
    others = next(p.words() for p in page.all("p", "soft") if "The other functions:" in p.words())
    assert "".join(others.split()).endswith("edgec_rows_i8120,__aeabi_idiv16.")


def test_a_board_gives_the_shares_of_its_memory() -> None:
    manifest = measured(make_manifest(5, 12))
    ram, flash = manifest["ram_bytes"], manifest["measured"]["flash_bytes"]
    board = {"flash_bytes": 2 * flash, "ram_bytes": 4 * ram, "clock_hz": 1}
    text = render_report({**manifest, "board": board}, COMMAND)
    assert "written statics, 25.00 % of the board" in text
    assert "linked, 50.00 % of the board" in text
    assert "of the board" not in render_report(manifest, COMMAND)


def test_failure_and_uncounted_instructions_are_said() -> None:
    manifest = measured(make_manifest(9, 3))
    manifest["measured"] |= {"passed": False, "instructions": None, "step_instructions": None, "accuracy": None}
    manifest["measured"] |= {"reference_accuracy": None, "stack_bytes": None, "max_abs_error": float("inf")}
    page = Tree(render_report(manifest, COMMAND)).root
    assert page.all("p", "alarm")[0].words().startswith("Verification failed:")
    figures = figures_of(page)
    assert figures["Instructions"] == ("–", "this emulator does not count")
    assert figures["Accuracy on the device"] == ("–", "no labels were given")
    assert figures["Stack"] == ("–", "not measured on this target")
    assert figures["Largest difference"][0] == "inf"


@pytest.mark.parametrize(("spare", "said"), [(0, "plan is optimal"), (4096, "needs 4,096 B")])
def test_plan_is_judged_by_the_lower_bound(spare: int, said: str) -> None:
    page = Tree(render_report(make_manifest(10, 6, spare), COMMAND)).root
    assert said in page.words()
    assert len(page.all("line", "bound")) == (spare > 0)


def test_peak_step_is_marked() -> None:
    manifest = make_manifest(11, 9)
    picture = draw_memory_map(manifest)
    mark = place(Tree(render_report(manifest, COMMAND)).root.all("rect", "peak")[0])
    assert mark[0] == pytest.approx(picture.left + manifest["peak_step"] * picture.column, abs=0.01)
    assert mark[2] - mark[0] == pytest.approx(picture.column, abs=0.01)


def test_graph_without_operators_or_buffers() -> None:
    nothing: dict[str, Any] = {"steps": [], "buffers": [], "live_bytes": [], "peak_step": 0}
    empty = make_manifest(12, 1) | nothing | {"arena_bytes": 16, "lower_bound": 16}
    page = Tree(render_report(empty | {"macs": 0, "weights_bytes": 0}, COMMAND)).root
    assert "The arena holds no buffers" in page.words()
    assert not page.all("svg")
    passing = empty | {"buffers": [{"name": "x", "offset": 0, "bytes": 16, "first": 0, "last": 1, "kind": "input"}]}
    assert len(Tree(render_report(passing, COMMAND)).root.all("g", "buffer")) == 1


def test_same_manifest_same_page() -> None:
    assert render_report(MANIFESTS["measured"], COMMAND) == render_report(MANIFESTS["measured"], COMMAND)


def test_numbers() -> None:
    assert grouped(1234567) == "1,234,567"
    assert grouped(None) == "–"
    assert per(7, 2) == "3.50"
    assert per(7, 0) == per(None, 2) == "–"
    assert shares([0, 5, None, 10]) == [0.0, 50.0, None, 100.0]
    assert shares([None, 0]) == [None, 0.0]
    ticks = [address(0, 4), address(96, 32), address(1536, 512), address(32768, 16384), address(8 << 20, 4 << 20)]
    assert ticks == ["0", "96 B", "1.5 KiB", "32 KiB", "8 MiB"]


def test_the_reason_of_chosen_precisions_is_told() -> None:
    chosen = make_manifest(2, 5) | {"precisions": {"a": "int8"}, "reason": f"1 in int8{HOSTILE}"}
    page = Tree(render_report(chosen, COMMAND)).root
    assert any("layer by layer: 1 in int8<script>" in p.words() for p in page.all("p"))
    assert not any(
        "layer by layer" in p.words() for p in Tree(render_report(make_manifest(2, 5), COMMAND)).root.all("p")
    )


def test_times_of_steps_are_shown_where_they_were_measured() -> None:
    manifest = measured(make_manifest(5, 12))
    assert "Time (ns)" not in render_report(manifest, "edgec compile m.onnx")
    manifest["measured"]["step_nanoseconds"] = [1234 + i for i in range(len(manifest["steps"]))]
    page = render_report(manifest, "edgec compile m.onnx")
    assert "Time (ns)" in page and "1,235" in page


def test_bars_are_the_bytes_that_are_alive() -> None:
    """Of both builds, on one scale, the fullest step and what is computed again marked in each."""
    manifest = MANIFESTS["budget"]
    fit = manifest["ram_budget"]
    page = Tree(render_report(manifest, COMMAND)).root
    [svg] = page.all("svg", "live")
    bars = [(place(rect), rect.attributes["class"].split()[1]) for rect in svg.all("rect", "step")]
    count = len(fit["live_before"])
    heights = [box[3] - box[1] for box, _ in bars]
    live = fit["live_before"] + fit["live_after"]
    most = max(fit["budget"], *live)
    assert heights == pytest.approx([130 * bytes / most for bytes in live], abs=2e-3)
    kinds = [kind for _, kind in bars]
    assert kinds.index("critical") == fit["critical_before"]
    assert kinds[count:].index("critical") == fit["critical_after"]
    expected = "critical" if fit["critical_after"] == 3 else "again"
    assert kinds[count + 3] == expected and kinds.count("again") == (expected == "again")
    assert len(svg.all("line", "bound")) == 2


def test_what_is_computed_again_is_named_with_its_cost() -> None:
    page = Tree(render_report(MANIFESTS["budget"], COMMAND)).root
    [row] = [row for table in page.all("table") for row in table.all("tr") if row.words().endswith("1.50 %")]
    assert row.words().split() == ["3", "conv2d", "n0", "/", "first", "1,500", "1.50", "%"]
    assert "+1.50 % cycles, as predicted; 1 step computes again" in page.words()


def test_a_build_without_a_budget_shows_its_own_steps() -> None:
    manifest = MANIFESTS["small"]
    page = Tree(render_report(manifest, COMMAND)).root
    [svg] = page.all("svg", "live")
    bars = svg.all("rect", "step")
    assert len(bars) == len(manifest["steps"]) and not svg.all("line", "bound")
    assert "critical" in bars[manifest["peak_step"]].attributes["class"]


def test_several_memories_are_drawn_one_above_the_other() -> None:
    manifest = make_manifest(11, 5)
    half = len(manifest["buffers"]) // 2
    for index, buffer in enumerate(manifest["buffers"]):
        buffer["memory"] = "fast" if index < half else "tcm"
    ends = [
        max(b["offset"] + b["bytes"] for b in manifest["buffers"] if b["memory"] == name) for name in ("tcm", "fast")
    ]
    known = {"cost": 2.0, "weights_bytes": 8, "accessed_bytes": 77, "live_bytes": [0, 3, 5, 2, 1]}
    manifest["memories"] = [
        {"name": name, "size": end + 1000, "bytes": end, **known}
        for name, end in zip(("tcm", "fast"), ends, strict=True)
    ]
    manifest |= {"placement": {"cost": 1.0, "proven": True}, "arena_bytes": sum(ends), "ram_bytes": sum(ends)}
    picture = draw_memory_map(manifest)
    (border,) = picture.borders
    assert border == pytest.approx(picture.bottom - ends[0] / sum(ends) * (picture.bottom - picture.top))
    for rectangle, buffer in zip(picture.rectangles, manifest["buffers"], strict=True):
        assert (rectangle.y + rectangle.height <= border + 1e-6) == (buffer["memory"] == "fast")
        assert f"of {buffer['memory']}, " in rectangle.tooltip
    page = Tree(render_report(manifest, COMMAND)).root
    words = page.words()
    assert f"RAM in tcm {(ends[0] + 8) / 1024:,.2f} KiB" in words
    assert "no placement of them costs less" in words
    assert all(tick.text in ("tcm", "fast") for tick in picture.addresses)
