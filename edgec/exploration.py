"""What a model costs by the RAM that it may have: the trade curve of ``edgec explore --ram``."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgec import driver
from edgec.devices import Device
from edgec.driver import CompiledModel, Prepared
from edgec.errors import BudgetError, EdgecError
from edgec.ir import Array
from edgec.progress import Progress
from edgec.samples import input_types, random_samples
from edgec.schedule import ALIGN
from edgec.schedule.fit import Fit

POINTS = 10
SAMPLES = 2
"""Random ones that each program runs when it is measured."""
UNLIMITED = 1 << 40
"""A budget that every program fits into."""
REPEATS = 30
"""Runs on this machine, of which the shortest counts."""


@dataclass(frozen=True)
class Run:
    """What a program did: ``work`` in instructions, on this machine in nanoseconds; None where nothing counts."""

    work: int | None
    stack_bytes: int | None
    flash_bytes: int | None
    outputs: Mapping[str, Array]


def explore_ram(
    model: str | Path,
    target: str = "host",
    points: int = POINTS,
    *,
    measure: bool | None = None,
    toolchain: str | None = None,
    emulator: str | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """The cheapest program found for each of ``points`` budgets, from the default build's arena to the smallest one.

    ``options`` are those of ``edgec.compile`` but ``ram_budget``. ``measure``: build and run each program, and compare
    its outputs with the default build's to the bit; by default where the target's tools are there. Slowdowns are in
    percent of the default build, predicted and measured. Raises EdgecError as compiling does.
    """
    if points < 2:
        raise EdgecError("option points", f"is {points}", "ask for 2 or more: from the default build to the smallest")
    if options.get("ram_budget") is not None:
        raise EdgecError("option ram_budget", "is what is explored here", "leave it out")
    prepared = driver.prepare(model, target, progress=progress, **options)
    programs, below = _programs(prepared, points, progress)
    default = programs[0]
    device = None if measure is False else _device(default, measure is None, toolchain, emulator)
    runs: list[Run | None] = [None] * len(programs)
    for number, program in enumerate(programs):
        if device is not None:
            runs[number] = _run(program, device)
            if progress is not None:
                progress("measuring", number + 1, len(programs))
    least = min(_bytes(program) for program in programs)
    first, *others = _budgets(_bytes(default), least, points)
    chosen = [(first, 0), *((budget, _best(programs, budget)) for budget in others)]
    return {
        "name": default.model.name,
        "model": default.path.name,
        "target": default.target.name,
        "unit": _fit(default).unit,
        "default_bytes": _fit(default).default_bytes,
        "smallest_bytes": least,
        "below": below,
        "measured": None if device is None else _how(device, runs),
        "points": [
            {"budget": budget, **_told(programs[index]), **_compared(runs[index], runs[0])} for budget, index in chosen
        ],
    }


def _programs(prepared: Prepared, points: int, progress: Progress | None) -> tuple[list[CompiledModel], str]:
    """The default build, then what smaller budgets gave, and what is in the way of still less memory."""

    def tell(done: int) -> None:
        if progress is not None:
            progress("exploring", done, points)

    try:
        found = [prepared.compiled(UNLIMITED)]
    except BudgetError as error:
        hint = "use a smaller model or input (--shape), or a target with more RAM"
        where = f"{prepared.path.name} on {prepared.target.name}"
        raise BudgetError(where, error.what, hint, error.least) from None
    tell(1)
    try:
        # No program has no memory: the error tells which is the smallest.
        prepared.compiled(1)
    except BudgetError as error:
        least, below = error.least, error.what.partition(": ")[2] or error.what
    budgets = _budgets(_bytes(found[0]), least, points)
    for number, budget in enumerate(budgets):
        # What is the cheapest within more memory, and fits, is the cheapest here.
        if _bytes(found[-1]) > budget:
            # So few bytes may be enough in one memory, and not in several.
            with suppress(BudgetError):
                found.append(prepared.compiled(budget))
        tell(number + 1)
    return found, below


def _budgets(default: int, least: int, points: int) -> list[int]:
    """From the default build's bytes down to the least, evenly, in multiples of the alignment, each once."""
    evenly = (default - (default - least) * i // (points - 1) for i in range(points))
    return list(dict.fromkeys(max(least, bytes // ALIGN * ALIGN) for bytes in evenly))


def _best(programs: Sequence[CompiledModel], budget: int) -> int:
    """The index of the cheapest one that fits: the search may find a cheaper one within a smaller budget."""
    fitting = [index for index, program in enumerate(programs) if _bytes(program) <= budget]
    return min(fitting, key=lambda index: (_fit(programs[index]).cost, _bytes(programs[index])))


def _bytes(program: CompiledModel) -> int:
    return _fit(program).arena_bytes


def _fit(program: CompiledModel) -> Fit:
    assert program.model.fit is not None, "a budget was given"
    return program.model.fit


def _told(program: CompiledModel) -> dict[str, Any]:
    fit, model = _fit(program), program.model
    return {
        "arena_bytes": fit.arena_bytes,
        "cost": fit.cost,
        "slowdown_percent": round(fit.slowdown_percent, 3),
        "recomputed": [asdict(one) for one in fit.recomputed],
        "steps": [f"{step.opname} {step.results[0].name}" for step in model.schedule.steps],
        "live": list(fit.live_after),
    }


def _device(program: CompiledModel, optional: bool, toolchain: str | None, emulator: str | None) -> Device | None:
    """What builds and runs programs; ``optional``: None where it is not there, but for tools that were named."""
    try:
        return program.device(toolchain, emulator)
    except EdgecError:
        if optional and toolchain is None and emulator is None:
            return None
        raise


def _run(program: CompiledModel, device: Device) -> Run:
    samples = random_samples(input_types(program.model.graph), SAMPLES).inputs
    run, binary = program.run_on(device, samples)
    work = run.instructions
    if work is None and program.target.arch == "host":
        work = round(1e9 * program.benchmark(repeats=REPEATS).minimum)
    return Run(work, run.stack_bytes, binary.flash_bytes, run.outputs)


def _how(device: Device, runs: Sequence[Run | None]) -> dict[str, Any]:
    counted = all(run is not None and run.work is not None for run in runs)
    unit = "nanoseconds" if device.target.arch == "host" else "instructions"
    return {
        "toolchain": device.toolchain,
        "emulator": device.emulator,
        "unit": unit if counted else None,
        "samples": SAMPLES,
    }


def _compared(run: Run | None, default: Run | None) -> dict[str, Any]:
    """A run beside the default build's; ``equal``: to the bit."""
    if run is None or default is None:
        return {}
    both = None if run.work is None or not default.work else 100 * (run.work / default.work - 1)
    return {
        "measured": run.work,
        "measured_slowdown_percent": None if both is None else round(both, 3),
        "equal": all(run.outputs[n].tobytes() == default.outputs[n].tobytes() for n in default.outputs),
        "stack_bytes": run.stack_bytes,
        "flash_bytes": run.flash_bytes,
    }
