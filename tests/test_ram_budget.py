"""``--ram-budget``: what fits computes the same bits, what can't be is refused, and costs are told."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgec import cli, driver, lowering
from edgec.budget import search
from edgec.budget.descent import dropped, parted
from edgec.budget.program import steps_of
from edgec.codegen.fusion import join
from edgec.codegen.source import emit_model
from edgec.driver import CompiledModel
from edgec.errors import BudgetError, EdgecError
from edgec.ir import DType, Graph, TensorType, Value, f32
from edgec.ir.ops import Conv2d, Gather, Mul, Relu, Reshape, Sigmoid, TopK
from edgec.ir.verify import verify
from edgec.options import Options
from edgec.sizes import parse_bytes
from edgec.target import Target

HOST, M4 = Target.load("x86-64"), Target.load("cortex-m4")


@pytest.fixture(autouse=True)
def short_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small graphs need no more."""
    monkeypatch.setattr(search, "MOVES", 5_000)


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
    default = lowering.lower(graph, target, chosen, "net")
    model = lowering.lower_within(graph, target, chosen, "net", int(budget * default.plan.arena_bytes))
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
    plain = lowering.lower(graph, HOST, Options(passes=""), "net")
    within = lowering.lower_within(graph, HOST, Options(passes=""), "net", plain.plan.arena_bytes)
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
    assert max(told["live_after"]) == told["live_after"][told["critical_after"]] <= told["arena_bytes"]
    assert max(told["live_before"]) == told["live_before"][told["critical_before"]] <= told["default_bytes"]
    assert 0 < told["slowdown_percent"] < 5


def test_several_memories_are_filled_by_what_the_budget_finds() -> None:
    """Into 8 KiB and 1 KiB only a program fits that computes ``wide`` again, and into 6 KiB and 1 KiB none."""
    graph = branches()
    chosen = Options(passes="", memory="large=8K,small=1K@fast")
    driver.optimize(graph, HOST, chosen)
    model, notes = lowering.lower_to_fit(graph, HOST, chosen, "net")
    assert model.fit is not None
    assert [again.of for again in model.fit.recomputed] == ["wide"]
    assert "11,264 bytes and was made to fit" in notes[0]
    placement = model.plan.placement
    assert placement is not None
    assert placement.used[0] <= 8192
    assert placement.used[1] <= 1024
    with pytest.raises(BudgetError, match="large needs 7168 bytes") as refused:
        lowering.lower_to_fit(graph, HOST, replace(chosen, memory="large=6K,small=1K@fast"), "net")
    assert refused.value.least == 7168


def test_the_targets_memory_is_the_budget_of_what_is_too_large_for_it(tmp_path: Path) -> None:
    graph, options = branches(), Options(passes="")
    driver.optimize(graph, M4, options)
    default = lowering.lower(graph, M4, options, "net").plan.arena_bytes
    file = tmp_path / "small.toml"
    file.write_text(f'inherits = "cortex-m4"\n[memory.ram]\norigin = 0x20000000\nbytes = {default - 16}\n')
    target = Target.load(str(file))
    with pytest.raises(EdgecError, match=f"the arena needs {default} bytes"):
        lowering.lower(graph, target, options, "net")
    model, notes = lowering.lower_to_fit(graph, target, options, "net")
    assert model.plan.arena_bytes <= default - 16
    assert "was made to fit" in notes[0]


def test_a_budget_below_the_minimum_is_refused_with_figures(tmp_path: Path) -> None:
    with pytest.raises(EdgecError) as refused:
        compiled(branches(), HOST, 0.3, tmp_path)
    needed = int(str(refused.value).split("at least ")[1].split()[0])
    assert "holding" in refused.value.what
    graph = branches()
    default = lowering.lower(graph, HOST, Options(passes=""), "net")
    share = (needed + 0.5) / default.plan.arena_bytes
    assert compiled(branches(), HOST, share, tmp_path).model.plan.arena_bytes == needed


def drawn(seed: int) -> Graph:
    """A graph of operators with one and two results, in place and not, views, several outputs, one of them a state."""
    rng = np.random.default_rng(seed)
    net = Net()
    wide, narrow = f32(1, 4, 4, 8), f32(1, 4, 4, 2)
    values = [net.input("x", narrow), net.input("y", wide), net.input("h", wide)]

    def add(x: Value, y: Value, kind: int) -> Value:
        if kind == 0:
            return net.conv(x, "conv", 10 - x.shape[3])
        if kind == 1:
            flat = net.insert(Reshape(x, (1, 1, 16, x.shape[3]))).result
            return net.insert(Reshape(net.insert(Sigmoid(flat)).result, x.shape)).result
        if kind == 2:
            return net.insert(TopK(x, 3, x.shape[3])).results[0]
        return net.insert(Mul(x, y) if x.shape == y.shape else Relu(x)).results[0]

    for _ in range(10):
        x, y = (values[int(i)] for i in rng.integers(0, len(values), 2))
        values.append(add(x, y, int(rng.integers(5))))
    kept = next((v for v in reversed(values[3:]) if v.type == wide), values[1])
    # What nobody reads goes into the last value.
    last = values[-1]
    for value in values[3:-1]:
        if not value.uses:
            last = add(last, value if value.shape == last.shape else add(value, value, 0), 3)
    net.returns({"kept": net.insert(Sigmoid(kept)).result, "out": last, "other": values[-2]})
    net.states = {values[2]: "kept"}
    return net


@pytest.mark.parametrize(("seed", "caller_io"), [(0, True), (2, False), (4, False), (5, True)])
def test_drawn_graphs_keep_their_bits(seed: int, caller_io: bool) -> None:
    options = Options(passes="drop-dead-code", caller_io=caller_io)
    graph = drawn(seed)
    driver.optimize(graph, HOST, options)
    with pytest.raises(BudgetError) as refused:
        lowering.lower_within(graph, HOST, options, "drawn", 1)
    # It runs both programs in the interpreter, on two samples, and compares.
    model = lowering.lower_within(graph, HOST, options, "drawn", refused.value.least)
    verify(model.graph)
    fit = model.fit
    assert fit is not None
    assert fit.minimum <= model.plan.arena_bytes == refused.value.least < fit.default_bytes
    names = [value.name for step in model.schedule.steps for op in step.ops for value in op.results]
    assert {one.of for one in fit.recomputed} < {*names}
    again = lowering.lower_within(graph, HOST, options, "drawn", refused.value.least)
    assert emit_model(again).files == emit_model(model).files


def test_what_lives_through_the_fullest_step_is_dropped_with_what_it_needs() -> None:
    net = Net()
    top = net.conv(net.input("x", f32(1, 4, 4, 2)), "top", 16)
    middle = net.conv(net.insert(Relu(top), names=["relu"]).result, "middle", 4)
    fullest = net.conv(net.conv(middle, "low", 64), "fullest", 64)
    net.returns({"out": net.insert(Mul(net.conv(fullest, "narrow", 4), middle), names=["gate"]).result})
    model = lowering.lower(net, HOST, Options(passes=""), "net", fused=False)
    assert model.problem.peak[1] == 4
    # The middle one again, with and without those that nobody keeps until then.
    assert list(dropped(steps_of(model))) == [
        [0, 1, 2, 3, 4, 5, 2, 6],
        [0, 1, 2, 3, 4, 5, 0, 1, 2, 6],
    ]


def test_a_step_of_several_operators_is_parted() -> None:
    graph, options = branches(), Options(passes="")
    driver.optimize(graph, M4, options)
    choose = lowering.chooser(M4, options)
    joined = join(steps_of(lowering.lower(graph, M4, options, "net", fused=False)), 3, 4, choose)
    assert joined is not None
    assert [len(step.ops) for step in joined.schedule.steps] == [1, 1, 1, 2, 1]
    assert not [*parted(joined, 2, choose)]
    (steps,) = parted(joined, 3, choose)
    model = lowering.plan(steps, "net")  # which is checked
    assert [step.opname for step in model.schedule.steps] == ["conv2d"] * 4 + ["mul", "conv2d"]


def test_a_step_is_not_parted_where_what_lies_inside_is_read_behind() -> None:
    net, options = Net(), Options(passes="")
    a = net.conv(net.input("x", f32(1, 16, 16, 4)), "a", 4)
    net.returns({"out": net.insert(Mul(net.conv(a, "b", 4, 3), a)).result})
    driver.optimize(net, M4, options)
    choose = lowering.chooser(M4, options)
    steps = steps_of(lowering.lower(net, M4, options, "net", fused=False))
    for first, second in ((1, 2), (0, 1)):
        joined = join(steps, first, second, choose)
        assert joined is not None
        steps = joined
    assert [step.opname for step in steps.schedule.steps] == ["conv2d + conv2d + mul"]
    (parts,) = parted(steps, 0, choose)
    assert [len(step.ops) for step in lowering.plan(parts, "net").schedule.steps] == [1, 2]


def test_a_model_that_random_indices_lead_astray_is_run_on_zeros() -> None:
    net = branches()
    indices = net.input("indices", TensorType(DType.I64, (8,)))  # random ones are 0 and 1
    (out,) = net.outputs
    last, end = net.insert(Gather(out, indices, 0), net.end).result, net.end
    net.returns({"out": last})
    net.erase(end)
    options = Options(passes="")
    driver.optimize(net, HOST, options)
    default = lowering.lower(net, HOST, options, "net").plan.arena_bytes
    model = lowering.lower_within(net, HOST, options, "net", default - 1)
    assert model.fit is not None and model.fit.changed


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


def test_the_command_line_keeps_a_budget_or_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kws10 = Path(__file__).parent.parent / "examples/kws10/kws10.onnx"

    def edgec(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["edgec", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return int(exit_.value.code or 0), *capsys.readouterr()

    code, out, _ = edgec("compile", kws10, "-t", "x86-64", "-o", tmp_path / "out", "--ram-budget", "98KiB", "--json")
    assert code == 0
    manifest = json.loads(out)
    assert manifest["arena_bytes"] <= manifest["ram_budget"]["budget"] == 98 << 10
    assert "--ram-budget 98KiB" in (tmp_path / "out/kws10.c").read_text()
    code, out, _ = edgec("compile", kws10, "-t", "x86-64", "-o", tmp_path / "out", "--ram-budget", "98K")
    assert code == 0
    assert "budget of 100,352 B" in out
    code, _, err = edgec("compile", kws10, "-t", "x86-64", "-o", tmp_path / "none", "--ram-budget", "1K")
    assert code == 2
    assert "no program fits into 1024 bytes" in err
    assert not (tmp_path / "none").exists()
