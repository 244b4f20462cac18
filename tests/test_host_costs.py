"""Kernels timed on this machine: where the table lies, when it holds, and what is chosen by it."""

from dataclasses import replace
from pathlib import Path

import pytest

import edgec
from edgec import lowering, tuning
from edgec.cached_costs import cached_costs, cached_costs_file, holds_for
from edgec.codegen.kernels import candidates, select
from edgec.codegen.kernels.registry import layer_key
from edgec.costs import NANOSECONDS, Costs, load_costs
from edgec.errors import EdgecError
from edgec.ir import DType
from edgec.ir.ops import Conv2d
from edgec.target import Target
from edgec.tuning.layers import copy_into, distinct_layers
from edgec.tuning.spread import Spread

DIGITS = Path(__file__).parents[1] / "examples" / "digits" / "digits.onnx"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write(costs: Costs) -> Path:
    file = cached_costs_file(Target.load("host"))
    tuning.write(costs, file)
    return file


def test_the_least_time_decides_for_a_layer() -> None:
    spread = Spread()
    spread.linear(Conv2d, spread.x(DType.F32, 1, 12, 12, 16), (32, 3, 3, 16), stride=(1, 1), pad=(1, 1, 1, 1))
    (op,) = spread.layers
    families = ("f32x16", "f32x8")
    first, second, *_ = list(candidates(op, families))
    for times, chosen in (((10.0, 5.0), second), ((5.0, 10.0), first), ((5.1, 5.0), first)):
        timed = {kernel.identity: time for kernel, time in zip((first, second), times, strict=True)}
        table = Costs("host", "gcc", "12", {}, holds_for(), {layer_key(op): timed})
        assert select(op, families, table).identity == chosen.identity
        assert load_costs(write(table)) == table
    unknown = Costs("host", "gcc", "12", {}, holds_for(), {layer_key(op): {"of another version": 1.0}})
    assert select(op, families, unknown).identity == first.identity


def test_a_table_of_another_machine_or_version_is_ignored_with_a_word() -> None:
    target = Target.load("host")
    assert cached_costs(target) == (None, "")
    table = Costs("host", "gcc", "12", {}, holds_for())
    file = write(table)
    assert cached_costs(target) == (table, "")
    for text in (replace(table, cpu="an 8086; edgec 0.0").text(), "kernels = 1"):
        file.write_text(text)
        costs, word = cached_costs(target)
        assert costs is None and "is ignored" in word and "edgec tune --target host" in word
        assert edgec.compile(DIGITS, "host").notes == (word,)
    other = replace(target, features=(*target.features, "more"))
    assert cached_costs_file(other) != file


def test_kernels_are_timed_and_fitted() -> None:
    spread = Spread()
    for pixels in range(1, 1 + tuning.LEAST_TIMED):
        spread.linear(Conv2d, spread.x(DType.F32, 1, pixels, 8, 8), (16, 1, 1, 8), stride=(1, 1), pad=(0, 0, 0, 0))
    costs = tuning.tune(Target.load("host"), spreads=[spread])
    assert costs.cpu == holds_for() and costs.unit == NANOSECONDS
    assert load_costs(write(costs)) == costs
    (cost, *_) = costs.kernels.values()
    assert cost.instructions is None and cost.nanoseconds is not None
    assert "costs" not in edgec.compile(DIGITS, "host").manifest  # it has times, not instructions


def test_layers_of_a_model_are_timed_and_added() -> None:
    target = Target.load("host")
    layers = distinct_layers(DIGITS, target, edgec.Options())
    several = [op for op in layers if len(list(candidates(op, target.kernels))) > 1]
    costs = tuning.time_layers(DIGITS, target)
    assert set(costs.layers) == {layer_key(op) for op in several}
    for op in several:
        known = {kernel.identity for kernel in candidates(op, target.kernels)}
        assert costs.layers[layer_key(op)].keys() <= known
        assert layer_key(copy_into(Spread().graph, op)) == layer_key(op)
    write(replace(costs, layers={"0123456789abcdef": {"one": 1.0}}))
    assert set(tuning.time_layers(DIGITS, target).layers) == {*costs.layers, "0123456789abcdef"}
    assert lowering.costs_of(target) is not None


def test_models_are_not_timed_on_emulated_targets() -> None:
    with pytest.raises(EdgecError, match="is not this machine"):
        tuning.time_layers(DIGITS, Target.load("cortex-m4"))
