"""Verify models on every target that edgec ships, boards aside, and print the largest errors as a table.

    python benchmarks/everywhere.py [--samples N] [--write] [MODEL.onnx ...]

Without models: those of the repository; ``--write`` then writes docs/everywhere.md. A cell is the largest difference
from onnxruntime as a share of the output's range, or the reason why the model does not run there. Samples are the first
of the npz beside a model, seeded random ones where there is none.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from results import ROOT, TRAINED, Row, subset, table

import edgec
from edgec.errors import EdgecError
from edgec.target import available

MODELS = [
    *(ROOT / "examples" / name / f"{name}.onnx" for name in TRAINED),
    *sorted((ROOT / "tests" / "models").glob("*.onnx")),
]


def verdict(model: Path, target: str, inputs: Path | None) -> str:
    """The largest error of a model on a target, or why there is none."""
    try:
        measured = edgec.verify(edgec.compile(model, target), inputs)
    except EdgecError as error:
        too_large = any(word in error.what for word in ("flash", "RAM", "arena"))
        return "too large" if too_large else f"refused: {error.what}"
    error_share = measured["max_abs_error"] / (measured["output_range"] or 1.0)
    same = measured["accuracy"] == measured["reference_accuracy"]
    return f"{error_share:.1e}" if measured["passed"] and same else f"WRONG {error_share:.1e}"


def rows(models: list[Path], samples: int) -> list[Row]:
    """A row per model, a column per target."""
    targets = [t.name for t in available() if not t.clock_hz]
    found = []
    with tempfile.TemporaryDirectory() as work:
        for model in models:
            npz = model.with_suffix(".npz")
            inputs = subset(npz, samples, Path(work)) if npz.exists() else None
            row = {"model": model.stem}
            for target in targets:
                row[target] = verdict(model, target, inputs)
                print(f"{model.stem} on {target}: {row[target]}", file=sys.stderr, flush=True)
            found.append(row)
    return found


def main() -> None:
    """Print the table, or write docs/everywhere.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--samples", type=int, default=4, help="samples of each npz")
    parser.add_argument("--write", action="store_true", help="write docs/everywhere.md")
    arguments = parser.parse_args()
    found = table(rows(arguments.models or MODELS, arguments.samples))
    if not arguments.write or arguments.models:
        print(found)
        return
    text = f"""# Every model on every target

Written by `python benchmarks/everywhere.py --write`. Each cell: a model of the repository compiled for a target, built
by the first toolchain and run by the first emulator that are installed, on {arguments.samples} samples (8 seeded random
ones where a model has no data). The figure is the largest difference from onnxruntime, a share of the output's range.

{found}
"""
    (ROOT / "docs" / "everywhere.md").write_text(text)


if __name__ == "__main__":
    main()
