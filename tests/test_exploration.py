"""``edgec explore --ram``: the curve falls from the default build to the smallest program, all of the same bits."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.helper as oh
import pytest

from edgec.cli import app, main
from edgec.exploration import explore_ram


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wide tensor, cheaply made from a narrow one, that is read before and behind what needs memory itself."""
    rng = np.random.default_rng(0)
    weights, nodes = [], []

    def conv(name: str, x: str, into: int, channels: int, size: int) -> str:
        for kind, shape in (("w", (channels, into, size, size)), ("b", (channels,))):
            data = rng.normal(0, 0.3, shape).astype(np.float32)
            weights.append(onnx.numpy_helper.from_array(data, f"{name}_{kind}"))
        attributes: Any = {"kernel_shape": [size] * 2, "pads": [size // 2] * 4}
        nodes.append(oh.make_node("Conv", [x, f"{name}_w", f"{name}_b"], [name], name, **attributes))
        return name

    wide = conv("wide", "x", 2, 16, 1)
    middle = conv("gather", conv("spread", conv("narrow", wide, 16, 4, 1), 4, 24, 3), 24, 16, 3)
    nodes.append(oh.make_node("Mul", [middle, wide], ["gate"], "gate"))
    out = conv("out", "gate", 16, 2, 1)
    ports = [oh.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1, 2, 8, 8]) for n in ("x", out)]
    made = oh.make_model(oh.make_graph(nodes, "net", ports[:1], ports[1:], weights), ir_version=8)
    file = tmp_path_factory.mktemp("model") / "net.onnx"
    onnx.save(made, file)
    return file


def test_the_curve_falls_to_the_smallest_program(model: Path) -> None:
    result = explore_ram(model, "cortex-m4", 3)
    points = result["points"]
    assert result["default_bytes"] == points[0]["budget"] == points[0]["arena_bytes"]
    assert result["smallest_bytes"] == points[-1]["budget"] == points[-1]["arena_bytes"] < 0.9 * result["default_bytes"]
    budgets = [p["budget"] for p in points]
    assert budgets == sorted(set(budgets), reverse=True) and all(p["arena_bytes"] <= p["budget"] for p in points)
    costs = [p["cost"] for p in points]
    assert costs == sorted(costs), "what fits into less memory never costs less than what was chosen for more"
    assert points[0]["slowdown_percent"] == points[0]["measured_slowdown_percent"] == 0
    assert points[-1]["measured"] > points[0]["measured"] and result["measured"]["unit"] == "instructions"
    assert all(p["equal"] for p in points)
    assert "wide" in {again["source"] for p in points for again in p["recomputed"]}
    assert all(max(p["live"]) >= p["arena_bytes"] for p in points)
    assert result["below"].startswith(f"the smallest that was found needs {result['smallest_bytes']} ")


def test_the_command_writes_a_page_and_json(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explore", str(model), "-t", "x86-64", "--ram", "--points", "2", "--no-measure"]
    app([*words, "-o", str(tmp_path), "--json"], standalone_mode=False)
    result = json.loads(capsys.readouterr().out)
    assert result == json.loads((tmp_path / "explore.json").read_text())
    assert result["measured"] is None and "equal" not in result["points"][0]
    page = (tmp_path / "explore.html").read_text()
    assert all(f"{p['arena_bytes']:,}" in page for p in result["points"])


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ([], "give --ram"),
        (["--ram", "--points", "1"], "ask for 2 or more"),
        (["--ram", "--ram-budget", "32K"], "is what is explored here"),
        (["--ram", "--emulator", "no"], "no"),
        (["--ram", "--memory", "ram=1K"], "net.onnx on cortex-m4: no program fits into 1024 bytes"),
    ],
)
def test_what_cannot_be_explored_is_refused(
    arguments: list[str], what: str, model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["edgec", "explore", str(model), "-t", "cortex-m4", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert what in capsys.readouterr().err
