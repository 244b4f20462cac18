"""Measure every model of the repository on every target and write docs/results.md.

    python benchmarks/results.py [--quick]

``--quick`` runs at most 16 samples per model. Instruction counts are executed instructions on an emulated core, not
cycles; times are whole processes, start of Python included, the smallest of three.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import edgec
from edgec.driver import CompiledModel

ROOT = Path(__file__).parent.parent
TARGETS = ("host", "cortex-m4", "cortex-m0", "rv32imc")
Row = dict[str, str]
"""Column -> text."""

TRAINED = ("digits", "kws10", "gunpoint", "italy_power")
TOPOLOGIES = ("resnet8", "dscnn", "mobilenetv1_025_96", "autoencoder")


def measure(path: Path, target: str, inputs: Path | None) -> tuple[CompiledModel, dict[str, Any]]:
    """Compile and verify one model on one target."""
    compiled = edgec.compile(path, target)
    print(f"{path.name} on {target} ...", file=sys.stderr, flush=True)
    return compiled, edgec.verify(compiled, inputs)


def largest_layer(compiled: CompiledModel) -> int:
    """Bytes of input and output of the layer that has the most, all distinct tensors counted once."""
    return max(
        sum(v.type.bytes for v in dict.fromkeys([*step.operands, *step.results]) if v.data is None)
        for step in compiled.model.schedule.steps
    )


def compile_seconds(path: Path) -> float:
    """Seconds of `edgec compile` as a process of its own."""
    with tempfile.TemporaryDirectory() as work:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            command = [sys.executable, "-m", "edgec", "compile", str(path), "-t", "cortex-m4", "-o", f"{work}/out"]
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        return min(times)


def subset(npz: Path, count: int, work: Path) -> Path:
    """The first ``count`` samples of an npz, but for those that are for calibration."""
    path = work / npz.name
    with np.load(npz) as data:
        np.savez(path, **{n: data[n][:count] for n in data.files if not n.startswith("calibration")})
    return path


def trained_rows(quick: bool) -> list[Row]:
    """One row per trained model and target."""
    rows = []
    with tempfile.TemporaryDirectory() as work:
        for name in TRAINED:
            folder = ROOT / "examples" / name
            inputs = subset(folder / f"{name}.npz", 16, Path(work)) if quick else folder / f"{name}.npz"
            for target in TARGETS:
                _, m = measure(folder / f"{name}.onnx", target, inputs)
                row = {
                    "model": name,
                    "target": target,
                    "built and run by": f"{m['toolchain']}, {m['emulator']}",
                    "samples": _count(m["samples"]),
                    "accuracy": f"{m['accuracy']:.4f}",
                    "onnxruntime's": f"{m['reference_accuracy']:.4f}",
                }
                rows.append({**row, **_figures(m)})
    return rows


def topology_rows() -> list[Row]:
    """One row per topology, exporter and target."""
    rows = []
    for name in TOPOLOGIES:
        for suffix in ("", "_dynamo"):
            path = ROOT / "tests" / "models" / f"{name}{suffix}.onnx"
            seconds = compile_seconds(path)
            for target in ("host", "cortex-m4"):
                compiled, m = measure(path, target, None)
                largest = {"largest layer in + out": _count(largest_layer(compiled)), "ONNX to C, s": f"{seconds:.2f}"}
                rows.append({"model": path.stem, "target": target, **_figures(m), **largest})
    return rows


def _figures(measured: Mapping[str, Any]) -> Row:
    """What both tables show of a verification."""
    instructions, macs = measured["instructions"], measured["macs"]
    return {
        "largest error / range": f"{measured['max_abs_error'] / measured['output_range']:.1e}",
        "MACs": _count(macs),
        "instructions": _count(instructions),
        "per MAC": "-" if instructions is None else f"{instructions / macs:.2f}",
        "RAM": _count(measured["ram_bytes"]),
        "stack": _count(measured["stack_bytes"]),
        "flash": _count(measured["flash_bytes"]),
    }


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def table(rows: Sequence[Row]) -> str:
    """A Markdown table of rows that all have the same columns."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Write docs/results.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="at most 16 samples per model")
    quick = parser.parse_args().quick
    trained, topologies = table(trained_rows(quick)), table(topology_rows())
    text = f"""# Results

Written by `python benchmarks/results.py`; edgec float32. Bytes everywhere. Instructions are executed instructions of
one inference on an emulated core (not cycles). RAM is the arena, inputs and outputs included; stack beside it.

## Trained models, whole test sets

{trained}

## MLPerf Tiny topologies, random weights, as both PyTorch exporters write them

{topologies}
"""
    (ROOT / "docs" / "results.md").write_text(text)


if __name__ == "__main__":
    main()
