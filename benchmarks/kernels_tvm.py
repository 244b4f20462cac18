"""Time the layers of models by TVM's kernels and by edgec's own, on this machine, and write the tables of docs/tvm.md.

    python benchmarks/kernels_tvm.py [TRIALS]

TRIALS (64 by default) schedules are searched for each layer, with 0 there are those by rule alone; a layer takes some
minutes. Records are kept in the user's cache directory as ``edgec tune --kernels tvm`` keeps them.
"""

import sys
from pathlib import Path

from results import ROOT, table

from edgec.options import Options
from edgec.target import Target
from edgec.tuning.tvm_schedules import tune_layers

MODELS = ("resnet8", "dscnn")
MARKER = "<!-- benchmarks/kernels_tvm.py -->\n"


def rows(path: Path, trials: int) -> list[dict[str, str]]:
    """A row for each distinct layer."""
    found = []
    for tuned in tune_layers(path, Target.load("host"), trials, Options()):
        record = tuned.record
        print(path.stem, tuned.op.results[0].name, record and (record.own, record.cost), file=sys.stderr, flush=True)
        if record is not None:
            found.append(
                {
                    "model": path.stem,
                    "operator": tuned.op.opname,
                    "result": "x".join(map(str, tuned.op.results[0].shape)),
                    "edgec": f"{record.own:,.0f}",
                    "TVM": f"{record.cost:,.0f}",
                    "edgec / TVM": f"{record.own / record.cost:.2f}",
                    "schedule": "by rule" if record.trace is None else "searched",
                }
            )
    return found


def main() -> None:
    """Measure and write."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    made = [row for name in MODELS for row in rows(ROOT / "tests" / "models" / f"{name}.onnx", trials)]
    page = ROOT / "docs" / "tvm.md"
    before = page.read_text().partition(MARKER)[0]
    schedules = f"The better one of the schedule by rule and {trials} searched" if trials else "Schedules by rule"
    how = f"{schedules} (`python benchmarks/kernels_tvm.py {trials}`)."
    page.write_text(f"{before}{MARKER}\n{how}\n\n{table(made)}\n")


if __name__ == "__main__":
    main()
