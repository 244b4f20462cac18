"""Tables of costs: what they predict, what is chosen by them, what is refused, and how they are made."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from edgec import driver, lowering, tuning
from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels import candidates, select
from edgec.codegen.kernels.blocks_dsp import Streams
from edgec.costs import Cost, Costs, Fit, load_costs
from edgec.errors import EdgecError
from edgec.ir import DType
from edgec.ir.ops import Dense, Softmax
from edgec.target import Target, available, costs_file
from edgec.tuning.fit import fit
from edgec.tuning.spread import Spread
from edgec.verification import verify

MODELS = Path(__file__).parent / "models"
machine = pytest.mark.parametrize(("target", "toolchain", "emulator"), [("cortex-m4", "gcc", "qemu+unicorn")])
GOOD = """
target = "mine"
toolchain = "gcc"
version = "gcc 12"
[kernels.edgec_dense]
layers = 3
instructions = { layer = 5, outputs = 2.5 }
instructions_errors = [0.01, 0.1]
cycles = { outputs = 4.0 }
cycles_errors = [0.0, 0.0]
"""


def _layer() -> tuple[Spread, list[Kernel]]:
    spread = Spread()
    spread.linear(Dense, spread.x(DType.I8, 4, 32), (24, 32))
    return spread, list(candidates(spread.layers[0], ("dsp",)))


def _table(*prices: tuple[str, float]) -> Costs:
    kernels = {name: Cost(1, Fit({"layer": price}, 0, 0), Fit({"layer": price}, 0, 0)) for name, price in prices}
    return Costs("mine", "gcc", "12", kernels)


def test_the_table_decides() -> None:
    spread, found = _layer()
    first, *_, last = found
    op = spread.layers[0]
    assert select(op, ("dsp",)).name == first.name
    assert select(op, ("dsp",), _table((first.name, 5), (last.name, 4))).name == last.name
    assert select(op, ("dsp",), _table((first.name, 4), (last.name, 5))).name == first.name
    # What it doesn't know it doesn't prefer, and without the first there is nothing to compare with.
    assert select(op, ("dsp",), _table((first.name, 4))).name == first.name
    assert select(op, ("dsp",), _table((last.name, 4))).name == first.name


def test_of_equal_kernels_the_one_with_less_scratch() -> None:
    spread, found = _layer()
    small = min(found, key=lambda kernel: kernel.scratch)
    prices = [(kernel.name, 1.0) for kernel in found]
    assert select(spread.layers[0], ("dsp",), _table(*prices)).scratch == small.scratch


def test_unknown_kernels_have_no_prediction() -> None:
    table = _table(("known", 3))
    assert table.predict("known", {"layer": 2}) == 6
    assert table.predict("unknown", {"layer": 2}) is None
    assert table.predict("known", {"rows": 2}) is None  # of another version


@pytest.mark.parametrize("loop", ["plain16", "positive16"])
def test_loops_of_halfwords_count_whatever_they_saturate_at(loop: str) -> None:
    work = Streams({}, {f"edgec_{loop}_3x2_dsp": 3}).work(blocks=5, calls=1, steps=4, unrolled=8, clamped=0)
    assert (work["plain"], work["plain_steps"], work["pairs"], work["pairs_steps"]) == (15, 60, 0, 0)


def test_a_table_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD)
    costs = load_costs(file)
    assert costs.unit == "cycles"
    assert costs.predict("edgec_dense", {"layer": 1, "outputs": 4}) == 15
    assert costs.predict("edgec_dense", {"layer": 1, "outputs": 4}, "cycles") == 16
    file.write_text(costs.text())
    assert load_costs(file) == costs


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("layers = 3", "layers = 3\nlevel = 4", "kernels.edgec_dense has an unknown key 'level'"),
        ("outputs = 2.5", "outputs = -2.5", "instructions: outputs is -2.5, not a number from 0 on"),
        ("outputs = 2.5", "outputs = nan", "instructions: outputs is nan"),
        ("outputs = 2.5", 'outputs = "2"', "instructions: outputs is '2'"),
        ("[0.01, 0.1]", "[0.01]", "instructions_errors are [0.01]"),
        ("[0.01, 0.1]", "[0.01, -1]", "error 1 is -1"),
        ('version = "gcc 12"', "version = 12", "version is 12"),
        ('version = "gcc 12"', "", "the file lacks 'version'"),
        ("instructions_errors = [0.01, 0.1]", "", "kernels.edgec_dense lacks 'instructions_errors'"),
        ("instructions = {", "instruction = {", "unknown key 'instruction'"),
        ("[kernels.edgec_dense]", "[kernels.edgec_dense", "is no table of costs"),
        ("layers = 3", "layers = true", "layers is True"),
    ],
)
def test_bad_tables_are_refused(old: str, new: str, what: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(EdgecError, match=re.escape(what)) as refused:
        load_costs(file)
    assert "edgec tune --target mine" in refused.value.hint


def test_half_of_the_kernels_without_cycles_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f"{GOOD}[kernels.other]\nlayers = 3\ninstructions = {{}}\ninstructions_errors = [0, 0]\n")
    with pytest.raises(EdgecError, match="some have none"):
        load_costs(file)


def test_the_fit_finds_the_coefficients() -> None:
    rng = np.random.default_rng(1)
    works = [{"layer": 1, "rows": float(rng.integers(1, 50)), "outputs": float(rng.integers(1, 999))} for _ in range(9)]
    counts = [round(40 + 7 * work["rows"] + 3 * work["outputs"]) for work in works]
    found = fit(works, counts)
    assert found.each == {"layer": 40, "rows": 7, "outputs": 3}
    assert found.largest_error < 1e-6
    # What would have to be negative is not there.
    assert "rows" not in fit(works, [round(5000 - 50 * work["rows"] + 3 * work["outputs"]) for work in works]).each


def test_heirs_use_the_table_of_their_core(tmp_path: Path) -> None:
    m4 = Target.load("cortex-m4")
    assert m4.costs == costs_file("cortex-m4")
    assert Target.load("nucleo-f446re").costs == m4.costs
    mine = tmp_path / "mine.toml"
    mine.write_text('inherits = "nucleo-f446re"\ndescription = "mine"\n')
    assert Target.load(mine).costs == m4.costs
    own = costs_file(mine)
    assert own == tmp_path / "costs/mine.toml"
    own.parent.mkdir()
    own.write_text(GOOD)
    assert Target.load(mine).costs == own


@pytest.mark.parametrize("target", [target for target in available() if target.costs], ids=lambda target: target.name)
def test_tables_of_this_repository_are_sound(target: Target) -> None:
    costs = lowering.costs_of(target)
    assert costs is not None
    assert len(costs.kernels) > 40
    assert (costs.unit == "cycles") == (target.cycles is not None)


@machine
def test_tuning_from_end_to_end(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    spread = Spread()
    for pixels, channels, outs in ((1, 40, 8), (1, 16, 12), (1, 90, 5), (7, 8, 4), (9, 20, 4), (13, 24, 12)):
        spread.linear(Dense, spread.x(DType.I8, pixels, channels), (outs, channels))
    stages = []
    costs = tuning.tune(Target.load(target), toolchain, lambda *stage: stages.append(stage), [spread])
    assert stages == [("measuring", 1, 1)]
    assert costs.toolchain == "gcc"
    assert "gcc" in costs.version
    assert {"edgec_dense_dsp_i8", "edgec_pointwise_dsp_i8", "edgec_dense_i8_i8_i32_i8"} == costs.kernels.keys()
    assert costs.unit == "cycles"
    tuning.write(costs, tmp_path / "costs/mine.toml")
    assert load_costs(tmp_path / "costs/mine.toml") == costs


def test_what_does_not_count_is_not_tuned(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = SimpleNamespace(step_instructions=None), None
    monkeypatch.setattr(driver.CompiledModel, "run_on", lambda *_, **__: nothing)
    with pytest.raises(EdgecError, match="counts no instructions"):
        tuning.tune(Target.load("cortex-a53"), spreads=[_softmax()])


def _softmax() -> Spread:
    spread = Spread()
    spread.put(Softmax(spread.x(DType.F32, 4, 5), 1))
    return spread


@machine
@pytest.mark.parametrize("name", ["dscnn", "resnet8", "mobilenetv1_025_96", "autoencoder"])
def test_predictions_meet_measurements(name: str, target: str, toolchain: str, emulator: str, need_tools: None) -> None:
    """Of the whole network within 5 %, of steps that are a hundredth of it or more within 15 %."""
    compiled = driver.compile(MODELS / f"{name}_qdq.onnx", target)
    verify(compiled, toolchain=toolchain)
    manifest = compiled.manifest
    counted = manifest["measured"]["step_instructions"]
    assert manifest["predicted_instructions"] == pytest.approx(sum(counted), rel=0.05)
    for step, count in zip(manifest["steps"], counted, strict=True):
        if count > sum(counted) / 100:
            assert step["predicted_instructions"] == pytest.approx(count, rel=0.15), step["kernel"]
