"""Count what models cost on every emulated microcontroller and write docs/benchmarks-mcu.md with a plot.

    python benchmarks/mcu.py [TARGET ...]

Executed instructions of one inference, everything included, which repeat exactly; not cycles. Estimated cycles are
these instructions weighed with the core's published timing table (targets/*.toml says which). Code is flash less
constants.
"""

import sys
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
from edgec.samples import input_types, random_samples
from edgec.target import Target, available

TOPOLOGIES = ("dscnn", "resnet8", "mobilenetv1_025_96", "autoencoder")
PRECISIONS = ("int8", "float32")
CORES = tuple(t.name for t in available() if t.memory is not None and not t.source)
LAYERS_OF = "cortex-m4"
LONGEST = 100_000_000
"""Instructions of the longest run whose cycles are estimated: that takes a second per million blocks."""


def models() -> dict[str, dict[str, Path]]:
    """Model -> precision -> file: edgec quantizes it."""
    found = {n: ROOT / "tests" / "models" / f"{n}.onnx" for n in TOPOLOGIES}
    found |= {n: ROOT / "examples" / n / f"{n}.onnx" for n in TRAINED}
    return {n: dict.fromkeys(PRECISIONS, path) for n, path in found.items()}


def compiled(name: str, precision: str, path: Path, target: str) -> CompiledModel | None:
    """The model for a target; None where it does not fit."""
    options: dict[str, Any] = {}
    if precision == "int8":
        data = str(path.with_suffix(".npz")) if name in TRAINED else _random(path)
        options = {"quantize": "int8", "calibration": data, "io": "int8"}
    try:
        return edgec.compile(path, target, **options)
    except EdgecError as error:
        print(f"{name} {precision} on {target}: {error.what}", file=sys.stderr)
        return None


@cache
def _random(path: Path) -> dict[str, Any]:
    """Samples to calibrate a model of random weights with."""
    return random_samples(input_types(import_model(path, edgec.Options())), 16).inputs


def measure(model: CompiledModel, toolchain: str) -> dict[str, Any]:
    """Instructions and code of one build, and cycles where there is a table."""
    first = random_samples(input_types(model.model.graph), 1).inputs
    run, flash_bytes = model.run_on(model.device(toolchain), first)
    assert run.instructions is not None
    cycles = None
    if model.target.cycles is not None and run.instructions <= LONGEST:
        estimated, _ = model.run_on(Device(model.target, *_unicorn(model.target, toolchain)), first, cycles=True)
        cycles = estimated.instructions
    return {
        "instructions": run.instructions,
        "cycles": cycles,
        "code": flash_bytes - model.manifest["weights_bytes"],
        "macs": model.manifest["macs"],
    }


def _unicorn(target: Target, toolchain: str) -> tuple[Any, Any]:
    tools = {t.kind: t for t in target.toolchains}
    return tools[toolchain], next(e for e in target.emulators if e.kind == "unicorn")


def rows(targets: tuple[str, ...]) -> list[Row]:
    """One row per target, toolchain, model and precision."""
    found = []
    for target in targets:
        for toolchain in (t.kind for t in Target.load(target).toolchains):
            for name, files in models().items():
                for precision, path in files.items():
                    model = compiled(name, precision, path, target)
                    if model is None:
                        continue
                    m = measure(model, toolchain)
                    found.append(
                        {
                            "target": target,
                            "toolchain": toolchain,
                            "model": name,
                            "precision": precision,
                            "instructions": f"{m['instructions']:,}",
                            "per MAC": f"{m['instructions'] / m['macs']:.3f}",
                            "estimated cycles per MAC": "-"
                            if m["cycles"] is None
                            else f"{m['cycles'] / m['macs']:.2f}",
                            "code": f"{m['code']:,}",
                        }
                    )
                    print(*found[-1].values(), flush=True)
    return found


def layer_rows() -> list[Row]:
    """Instructions per layer of the int8 topologies on one core."""
    found = []
    for name in TOPOLOGIES:
        model = compiled(name, "int8", models()[name]["int8"], LAYERS_OF)
        assert model is not None
        first = random_samples(input_types(model.model.graph), 1).inputs
        run, _ = model.run_on(model.device(), first, profile=True)
        assert run.step_instructions is not None
        for step, count in zip(model.manifest["steps"], run.step_instructions, strict=True):
            macs = step["macs"]
            found.append(
                {
                    "model": name,
                    "step": step["op"],
                    "kernel": f"`{step['kernel']}`",
                    "MACs": f"{macs:,}",
                    "instructions": f"{count:,}",
                    "per MAC": f"{count / macs:.2f}" if macs else "-",
                }
            )
    return found


def plot(measured: list[Row], path: Path) -> None:
    """Instructions per MAC of the int8 topologies by target, with each target's better toolchain."""
    best: dict[str, dict[str, float]] = {}
    for row in measured:
        if row["precision"] == "int8" and row["model"] in TOPOLOGIES:
            of_target = best.setdefault(row["target"], {})
            of_target[row["model"]] = min(float(row["per MAC"]), of_target.get(row["model"], float("inf")))
    mpl.rcParams["svg.hashsalt"] = "edgec"
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / len(TOPOLOGIES)
    for number, name in enumerate(TOPOLOGIES):
        places = [i + number * width for i in range(len(best))]
        axes.bar(places, [of.get(name, 0.0) for of in best.values()], width, label=name)
    axes.set_xticks([i + 0.4 - width / 2 for i in range(len(best))], list(best), rotation=30, ha="right")
    axes.set_yscale("log")
    axes.set_ylabel("executed instructions per MAC, int8")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Write docs/benchmarks-mcu.md and its plot."""
    targets = tuple(sys.argv[1:]) or CORES
    measured = rows(targets)
    docs = ROOT / "docs"
    plot(measured, docs / "benchmarks-mcu.svg")
    text = f"""# Microcontrollers, measured

Written by `python benchmarks/mcu.py`. Executed instructions of one inference in QEMU, everything included; they repeat
exactly and are not cycles. Estimated cycles are the same instructions weighed with the core's published timing (the
table and its source are in `targets/`), without wait states. Code is flash without constants, in bytes. int8 models
take and give int8 (`--io int8`). Random weights and inputs, but for {", ".join(TRAINED)}, which are trained.

![Instructions per MAC](benchmarks-mcu.svg)

{table(measured)}

## By layer: int8 on {LAYERS_OF}

{table(layer_rows())}
"""
    (docs / "benchmarks-mcu.md").write_text(text)


if __name__ == "__main__":
    main()
