"""``--ram-budget``: what fits computes the same bits, what can't be is refused, and costs are told."""

import json
from pathlib import Path

import numpy as np
import pytest

from edgec import driver
from edgec.codegen.source import emit_model
from edgec.driver import CompiledModel
from edgec.errors import EdgecError
from edgec.ir import Graph, Value, f32
from edgec.ir.ops import Conv2d, Mul
from edgec.options import Options
from edgec.sizes import parse_bytes
from edgec.target import Target

HOST, M4 = Target.load("x86-64"), Target.load("cortex-m4")


class Net(Graph):
    """Convolutions of random weights, and two cheap branches that are used again at the end."""

    def __init__(self) -> None:
        super().__init__("net")
        self.rng = np.random.default_rng(0)

    def conv(self, x: Value, name: str, channels: int, size: int = 1) -> Value:
        w = self.const(self.rng.normal(0, 0.2, (channels, size, size, x.shape[3])).astype(np.float32), f"{name}_w")
        bias = self.const(self.rng.normal(size=channels).astype(np.float32), f"{name}_b")
        pad = size // 2
        return self.insert(Conv2d(x, w, bias, (1, 1), (pad,) * 4, (1, 1)), names=[name]).result


def branches() -> Net:
    """``wide`` is cheap and large, and read at both ends of an expensive middle that needs much memory itself."""
    net = Net()
    x = net.input("x", f32(1, 8, 8, 2))
    wide = net.conv(x, "wide", 16)
    narrow = net.conv(wide, "narrow", 4)
    middle = net.conv(net.conv(narrow, "spread", 24, 3), "gather", 16, 3)
    net.returns({"out": net.conv(net.insert(Mul(middle, wide), names=["gate"]).result, "end", 2)})
    return net


def compiled(graph: Graph, target: Target, budget: float, tmp_path: Path, optimize: str = "balanced") -> CompiledModel:
    """As the graph is, within a share of what the default build needs."""
    chosen = Options(target=target.name, passes="", optimize=optimize)
    driver.optimize(graph, target, chosen)
    default = driver.lower(graph, target, chosen, "net")
    model = driver.lower_within(graph, target, chosen, "net", int(budget * default.plan.arena_bytes))
    file = tmp_path / "net.onnx"
    file.write_bytes(b"")
    emitted = emit_model(model, optimize=chosen.optimize)
    return CompiledModel(file, target, chosen, model, emitted)


@pytest.mark.parametrize(("target", "optimize"), [(HOST, "speed"), (M4, "balanced")])
def test_what_fits_computes_the_same_bits(target: Target, optimize: str, tmp_path: Path) -> None:
    inputs = {"x": np.random.default_rng(1).normal(size=(2, 1, 8, 8, 2)).astype(np.float32)}
    runs = []
    for share in (1.0, 0.9):
        one = compiled(branches(), target, share, tmp_path, optimize)
        runs.append(one.run_on(one.device(), inputs)[0].outputs["out"])
    fit = one.model.fit
    assert fit is not None
    assert one.model.plan.arena_bytes == fit.arena_bytes <= fit.budget < fit.default_bytes
    assert [again.of for again in fit.recomputed] == ["wide"]
    np.testing.assert_array_equal(runs[0], runs[1])


def test_weights_of_what_is_computed_again_stand_once(tmp_path: Path) -> None:
    weights = [compiled(branches(), HOST, share, tmp_path).manifest["weights_bytes"] for share in (1.0, 0.9)]
    assert weights[0] == weights[1]


def test_a_default_build_that_fits_is_left_alone(tmp_path: Path) -> None:
    graph = branches()
    plain = driver.lower(graph, HOST, Options(passes=""), "net")
    within = driver.lower_within(graph, HOST, Options(passes=""), "net", plain.plan.arena_bytes)
    assert within.fit is not None
    assert (within.fit.cost, within.fit.recomputed) == (within.fit.default_cost, ())
    assert emit_model(plain) == emit_model(within)


def test_the_manifest_tells_what_it_costs(tmp_path: Path) -> None:
    one = compiled(branches(), M4, 0.9, tmp_path)
    told = json.loads(json.dumps(one.manifest))["ram_budget"]
    assert told["default_bytes"] > told["budget"] >= told["arena_bytes"] >= told["minimum"]
    (again,) = told["recomputed"]
    assert one.manifest["steps"][again["step"]]["name"] == again["name"] == "wide.again"
    assert again["cost"] == told["cost"] - told["default_cost"] or told["cost"] > told["default_cost"]
    assert max(told["live_after"]) == told["live_after"][told["critical_after"]] == told["arena_bytes"]
    assert max(told["live_before"]) == told["live_before"][told["critical_before"]] == told["default_bytes"]
    assert 0 < told["slowdown_percent"] < 5


def test_a_budget_below_the_minimum_is_refused_with_figures(tmp_path: Path) -> None:
    with pytest.raises(EdgecError) as refused:
        compiled(branches(), HOST, 0.3, tmp_path)
    needed = int(str(refused.value).split("at least ")[1].split()[0])
    assert "holding" in refused.value.what
    graph = branches()
    default = driver.lower(graph, HOST, Options(passes=""), "net")
    assert compiled(branches(), HOST, needed / default.plan.arena_bytes, tmp_path).model.plan.arena_bytes == needed


@pytest.mark.parametrize(
    ("text", "bytes"),
    [
        *(("32768", 32768), ("32K", 32768), ("32KB", 32768), ("32 KiB", 32768), ("1.5m", 1572864)),
        *((text, None) for text in ("0.1K", "", "-1", "32 apples", "1e3", "K")),
    ],
)
def test_sizes(text: str, bytes: int | None) -> None:
    assert parse_bytes(text) == bytes


@pytest.mark.parametrize("budget", ["much", "0", 0, -5, 2.5, True, "9" * 30])
def test_what_is_no_budget_is_refused(budget: object) -> None:
    with pytest.raises(EdgecError, match="ram_budget"):
        driver.compile("no.onnx", "x86-64", ram_budget=budget)
