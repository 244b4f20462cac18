"""``edgec tune``: what kernels cost on a target, measured on its emulator, or on this machine (docs/costs.md)."""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from edgec.cached_costs import cached_costs, holds_for
from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels import candidates
from edgec.codegen.kernels.registry import layer_key
from edgec.codegen.source import emit_model
from edgec.costs import CYCLES, INSTRUCTIONS, NANOSECONDS, Cost, Costs
from edgec.devices import Device, open_device
from edgec.devices.toolchain import compiler_command
from edgec.driver import CompiledModel
from edgec.errors import EdgecError
from edgec.ir import Graph, Op
from edgec.lowering import lower
from edgec.options import Options
from edgec.progress import Progress
from edgec.samples import input_types, random_samples
from edgec.schedule import program_order
from edgec.target import Target
from edgec.tuning.fit import fit
from edgec.tuning.layers import copy_into, distinct_layers
from edgec.tuning.spread import Spread, spreads_of_all

REPEATS = 200
"""Runs of which the least time of a step counts."""

LEAST = 3
"""Layers that a kernel is measured on at least; of fewer nothing is said."""

LEAST_TIMED = 12
"""The same where times are measured, which are less regular than counts."""

TOGETHER = 12
"""Layers of a model that are timed in one program."""


@dataclass(frozen=True)
class Measured:
    """One layer by one kernel: what it took, by unit."""

    layer: Op
    kernel: Kernel
    spent: Mapping[str, int]


def tune(
    target: Target,
    toolchain: str | None = None,
    progress: Progress | None = None,
    spreads: Iterable[Spread] | None = None,
) -> Costs:
    """Run layers of a spread by each kernel that serves them, and fit what was counted, or timed on this machine.

    EdgecError where the target's emulator does not count, or a tool is missing.
    """
    device = open_device(target, toolchain)
    estimator = None if target.cycles is None else open_device(target, toolchain, "unicorn")
    found: dict[str, list[Measured]] = {}
    chosen = list(spreads_of_all() if spreads is None else spreads)
    for done, spread in enumerate(chosen, 1):
        for measured in _measure(spread, device, estimator):
            found.setdefault(measured.kernel.name, []).append(measured)
        if progress is not None:
            progress("measuring", done, len(chosen))
    least = LEAST_TIMED if target.arch == "host" else LEAST
    kernels = {name: _cost(layers) for name, layers in sorted(found.items()) if len(layers) >= least}
    cpu = holds_for() if target.arch == "host" else ""
    return Costs(target.name, device.toolchain, version(target, device.toolchain), kernels, cpu)


def time_layers(
    model: Path,
    target: Target,
    toolchain: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Costs:
    """The table of this machine, with the layers of a model: each timed by itself, by all kernels that serve it.

    EdgecError for a target that is not this machine.
    """
    if target.arch != "host":
        hint = "leave the model out: kernels of emulated targets are counted on layers of all kinds"
        raise EdgecError(f"target {target.name}", "is not this machine: layers of a model can't be timed on it", hint)
    device = open_device(target, toolchain)
    layers = distinct_layers(model, target, options or Options(target=target.name))
    several = [op for op in layers if len(_candidates(op, target)) > 1]
    found: dict[str, dict[str, float]] = {}
    for begin in range(0, len(several), TOGETHER):
        spread = Spread()
        spread.layers += [copy_into(spread.graph, op) for op in several[begin : begin + TOGETHER]]
        for measured in _measure(spread, device, None):
            timed = found.setdefault(layer_key(measured.layer), {})
            timed[measured.kernel.identity] = measured.spent[NANOSECONDS]
        if progress is not None:
            progress("timing", min(begin + TOGETHER, len(several)), len(several))
    known, _ = cached_costs(target)
    table = known or Costs(target.name, device.toolchain, version(target, device.toolchain), {}, holds_for())
    return replace(table, layers={**table.layers, **found})


def write(costs: Costs, file: Path) -> None:
    """Write the table. EdgecError where that can't be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(costs.text())
    except OSError as error:
        raise EdgecError(str(file), f"cannot be written: {error.strerror}", "name another file (-o)") from None


def _cost(layers: list[Measured]) -> Cost:
    works = [layer.kernel.work for layer in layers]
    return Cost(len(layers), **{unit: fit(works, [layer.spent[unit] for layer in layers]) for unit in layers[0].spent})


def _measure(spread: Spread, device: Device, estimator: Device | None) -> list[Measured]:
    """Each layer by each of its kernels, all in one program."""
    graph, twins, kernels = spread.graph, [], []
    # What a kernel reads is in the caches if another one just read it: each has inputs of its own where time counts.
    timed = device.target.arch == "host"
    for op in spread.layers:
        for number in range(len(_candidates(op, device.target))):
            twin = copy_into(graph, op) if timed else graph.insert(replace(op), op, types=[v.type for v in op.results])
            twins.append(twin)
            kernels.append(_candidates(twin, device.target)[number])
        graph.erase(op)
    if not kernels:
        return []
    graph.returns({"y": twin.results[0]})
    compiled = _compiled(graph, kernels, device)
    if timed:
        spent = {NANOSECONDS: compiled.session(device.toolchain, profile=True).time_steps(REPEATS)}
    else:
        spent = {INSTRUCTIONS: _count(compiled, device, cycles=False)}
    if estimator is not None:
        spent[CYCLES] = _count(compiled, estimator, cycles=True)
    each = zip(twins, kernels, *spent.values(), strict=True)
    found = [Measured(twin, kernel, dict(zip(spent, counts, strict=True))) for twin, kernel, *counts in each]
    # Compilers may leave out a step whose result nobody reads.
    return [layer for layer in found if all(layer.spent.values())]


def _candidates(op: Op, target: Target) -> list[Kernel]:
    """None for what no kernel serves."""
    try:
        return list(candidates(op, target.kernels))
    except EdgecError:
        return []


def _compiled(graph: Graph, kernels: list[Kernel], device: Device) -> CompiledModel:
    target, options = device.target, Options(target=device.target.name)
    given = dict(zip((op for step in program_order(graph).steps for op in step.ops), kernels, strict=True))
    model = lower(graph, target, options, "layers", fused=False, choose=given.__getitem__)
    emitted = emit_model(model, optimize="speed", features=target.features)
    return CompiledModel(Path(__file__), target, options, model, emitted)


def _count(compiled: CompiledModel, device: Device, cycles: bool) -> list[int]:
    samples = random_samples(input_types(compiled.model.graph), 1)
    run, _ = compiled.run_on(device, samples.inputs, profile=True, cycles=cycles)
    if run.step_instructions is None:
        raise EdgecError(f"target {device.target.name}", "its emulator counts no instructions", "tune another target")
    return run.step_instructions


def version(target: Target, toolchain: str) -> str:
    """What the compiler says of itself, in a line."""
    (chosen,) = (t for t in target.toolchains if t.kind == toolchain)
    said = subprocess.run([*compiler_command(chosen), "--version"], capture_output=True, text=True).stdout
    return said.partition("\n")[0].strip().replace('"', "'")
