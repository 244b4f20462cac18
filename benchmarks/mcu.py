"""Count what models cost on every emulated microcontroller and write docs/benchmarks-mcu.md with a plot.

    python benchmarks/mcu.py [TARGET ...]

Executed instructions of one inference, everything included, which repeat exactly; not cycles. Estimated cycles are
these instructions weighed with the core's published timing table (targets/*.toml says which). Code is flash less
constants.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from results import ROOT, TRAINED, Row, table

import edgec
from edgec.devices import Device
from edgec.driver import CompiledModel, import_model
from edgec.errors import EdgecError
from edgec.options import OPTIMIZE
from edgec.samples import input_types, random_samples
from edgec.target import Target, available
from edgec.verification import code_bytes

TOPOLOGIES = ("dscnn", "resnet8", "mobilenetv1_025_96", "autoencoder")
MODELS = (*TOPOLOGIES, *TRAINED)
PRECISIONS = ("int8", "float32")
CORES = tuple(t.name for t in available() if t.memory is not None and not t.source)
FORMS = {"product and sum": "cortex-m4", "chained": str(ROOT / "benchmarks" / "cortex-m4-vmla.toml")}
"""Targets by how a float32 product is added to a sum."""

FLOATS_OF = "cortex-m4"
"""The core whose float32 layers are shown, too."""
SIZED = (("kws10", "int8"), ("mobilenetv1_025_96", "float32"))
"""What code is optimized for is shown with these."""
LONGEST = 100_000_000
"""Instructions of the longest run whose cycles are estimated: that takes a second per million blocks."""


@dataclass(frozen=True)
class Count:
    """One build of a model, run once."""

    toolchain: str
    model: str
    precision: str
    macs: int
    instructions: int
    cycles: int | None
    code: int

    def row(self) -> Row:
        """As a row of the core's table."""
        return {
            "model": self.model,
            "precision": self.precision,
            "toolchain": self.toolchain,
            "instructions": f"{self.instructions:,}",
            "per MAC": f"{self.instructions / self.macs:.3f}",
            "estimated cycles per MAC": "-" if self.cycles is None else f"{self.cycles / self.macs:.2f}",
            "code": f"{self.code:,}",
        }


@dataclass(frozen=True)
class Core:
    """All that was counted on one target."""

    target: str
    counts: list[Count] = field(default_factory=list)
    layers: list[Row] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def best(self, model: str, precision: str) -> Count | None:
        """The build with the fewest instructions."""
        found = [c for c in self.counts if (c.model, c.precision) == (model, precision)]
        return min(found, key=lambda c: c.instructions, default=None)


def path_of(name: str) -> Path:
    """The float32 model; edgec quantizes it."""
    return ROOT / ("examples/" + name if name in TRAINED else "tests/models") / f"{name}.onnx"


def compiled(name: str, precision: str, target: str, **options: Any) -> CompiledModel:
    """The model for a target, int8 from end to end or as it is."""
    path = path_of(name)
    return edgec.compile(path, target, **{**options_of(path, precision), **options})


def options_of(path: Path, precision: str) -> dict[str, Any]:
    """How a float32 model is compiled: int8 from end to end, with samples beside it or random ones, or as it is."""
    if precision == "float32":
        return {}
    data = path.with_suffix(".npz")
    return {"quantize": "int8", "calibration": str(data) if data.exists() else _random(path), "io": "int8"}


@cache
def _random(path: Path) -> dict[str, Any]:
    """Samples to calibrate a model of random weights with."""
    return random_samples(input_types(import_model(path, edgec.Options())), 16).inputs


def measure(model: CompiledModel, toolchain: str, precision: str) -> Count:
    """Instructions and code of one build, and cycles where there is a table."""
    first = random_samples(input_types(model.model.graph), 1).inputs
    run, binary = model.run_on(model.device(toolchain), first)
    assert run.instructions is not None
    cycles = None
    if model.target.cycles is not None and run.instructions <= LONGEST:
        estimated, _ = model.run_on(Device(model.target, *_unicorn(model.target, toolchain)), first, cycles=True)
        cycles = estimated.instructions
    code = binary.flash_bytes - model.manifest["weights_bytes"]
    name, macs = model.path.stem, model.manifest["macs"]
    return Count(toolchain, name, precision, macs, run.instructions, cycles, code)


def _unicorn(target: Target, toolchain: str) -> tuple[Any, Any]:
    tools = {t.kind: t for t in target.toolchains}
    return tools[toolchain], next(e for e in target.emulators if e.kind == "unicorn")


def count(target: str) -> Core:
    """Every model on one core, with each toolchain; by layer with the first."""
    core = Core(target)
    for name in MODELS:
        for precision in PRECISIONS:
            try:
                model = compiled(name, precision, target)
            except EdgecError as error:
                core.absent.append(f"{name} {precision}: {error.what}")
                continue
            for tool in Target.load(target).toolchains:
                core.counts.append(measure(model, tool.kind, precision))
                print(target, *core.counts[-1].row().values(), flush=True)
            if name in TOPOLOGIES and (precision == "int8" or target == FLOATS_OF):
                core.layers.extend(layers(model, precision))
    return core


def layers(model: CompiledModel, precision: str) -> list[Row]:
    """Instructions of each layer, and its code; that of layers that share a function stands at the first of them."""
    first = random_samples(input_types(model.model.graph), 1).inputs
    _, binary = model.run_on(model.device(), first)
    code = code_bytes(model, binary)["step_code_bytes"]
    run, _ = model.run_on(model.device(), first, profile=True)
    assert run.step_instructions is not None
    return [
        {
            "model": f"{model.path.stem} {precision}",
            "step": step["op"],
            "kernel": f"`{step['kernel']}`",
            "MACs": f"{step['macs']:,}",
            "instructions": f"{count:,}",
            "predicted": "-" if step["predicted_instructions"] is None else f"{step['predicted_instructions']:,}",
            "per MAC": f"{count / step['macs']:.2f}" if step["macs"] else "-",
            "code": f"{size:,}" if size else "shared",
        }
        for step, count, size in zip(model.manifest["steps"], run.step_instructions, code, strict=True)
    ]


def overview(cores: list[Core], precision: str) -> list[Row]:
    """Instructions per MAC of the topologies, a row a core, with the better toolchain of each."""
    rows = []
    for core in cores:
        found = [core.best(name, precision) for name in TOPOLOGIES]
        cells = ["-" if c is None else f"{c.instructions / c.macs:.3f} ({c.toolchain})" for c in found]
        rows.append({"core": core.target, **dict(zip(TOPOLOGIES, cells, strict=True))})
    return rows


def float_forms() -> list[Row]:
    """The topologies in float32 on Cortex-M4, in both forms."""
    rows = []
    for name in TOPOLOGIES:
        for form, target in FORMS.items():
            model = compiled(name, "float32", target)
            for tool in model.target.toolchains:
                row = {"form": form, **measure(model, tool.kind, "float32").row()}
                print(*row.values(), flush=True)
                rows.append(row)
    return rows


def sizes() -> list[Row]:
    """Models on Cortex-M4 by what their code is optimized for."""
    rows = []
    for name, precision in SIZED:
        for optimize in OPTIMIZE:
            model = compiled(name, precision, FLOATS_OF, optimize=optimize)
            for tool in model.target.toolchains:
                rows.append({"optimize": optimize, **measure(model, tool.kind, precision).row()})
    return rows


def plot(cores: list[Core], path: Path) -> None:
    """Instructions per MAC of the int8 topologies by core, with each core's better toolchain."""
    mpl.rcParams["svg.hashsalt"] = "edgec"
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / len(TOPOLOGIES)
    for number, name in enumerate(TOPOLOGIES):
        found = [core.best(name, "int8") for core in cores]
        places = [i + number * width for i in range(len(cores))]
        axes.bar(places, [0.0 if c is None else c.instructions / c.macs for c in found], width, label=name)
    axes.set_xticks(
        [i + 0.4 - width / 2 for i in range(len(cores))], [c.target for c in cores], rotation=30, ha="right"
    )
    axes.set_yscale("log")
    axes.set_ylabel("executed instructions per MAC, int8")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def section(core: Core) -> str:
    """What the page says of one core."""
    absent = "".join(f"- Not run: {line}\n" for line in core.absent)
    return f"""## {core.target}

{table([c.row() for c in core.counts])}
{absent}
<details><summary>By layer</summary>

{table(core.layers)}

</details>
"""


def main() -> None:
    """Write docs/benchmarks-mcu.md and its plot."""
    targets = tuple(sys.argv[1:]) or CORES
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with ProcessPoolExecutor() as pool:
        forms, sized = pool.submit(float_forms), pool.submit(sizes)
        cores = list(pool.map(count, targets))
    docs = ROOT / "docs"
    plot(cores, docs / "benchmarks-mcu.svg")
    sections = "\n".join(section(core) for core in cores)
    text = f"""# Microcontrollers, measured

Written by `python benchmarks/mcu.py`. Executed instructions of one inference in QEMU, everything included; they repeat
exactly and are not cycles. Estimated cycles are the same instructions weighed with the core's published timing (the
table and its source are in `targets/`), without wait states. Code is flash without constants, in bytes. int8 models
take and give int8 (`--io int8`). Random weights and inputs, but for {", ".join(TRAINED)}, which are trained.

![Instructions per MAC](benchmarks-mcu.svg)

Executed instructions per MAC, int8:

{table(overview(cores, "int8"))}

The same in float32 (where there is no FPU, it is computed in integers):

{table(overview(cores, "float32"))}

Float32 on cortex-m4 in both forms: a multiplication and an addition, which take 2 cycles by its table and are what is
used there, and one chained instruction, which takes 3 (`benchmarks/cortex-m4-vmla.toml`; cores without a table use it):

{table(forms.result())}

Code on cortex-m4 by `--optimize`:

{table(sized.result())}

{sections}"""
    (docs / "benchmarks-mcu.md").write_text(text)


if __name__ == "__main__":
    main()
