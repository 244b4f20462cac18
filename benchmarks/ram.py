"""What less RAM costs, and what real networks need: writes docs/benchmarks-ram.md and a plot (``make bench-ram``).

    python benchmarks/ram.py

Two models of examples/ in int8 within five budgets each, on an emulated Cortex-M4: every program is run, its
instructions are counted, and its outputs compared with the default build's. The MLPerf Tiny topologies by their default
arenas, each run with exactly that many bytes and compared with the interpreter, and by the smallest that was found.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from mcu import PRECISIONS, TOPOLOGIES, options_of, path_of
from results import ROOT, Row, table

from edgec import driver
from edgec.errors import BudgetError
from edgec.exploration import explore_ram
from edgec.ir.interp import run_samples
from edgec.samples import input_types, random_samples

TARGET = "cortex-m4"
EXAMPLES = ("unet", "densenet")
BUDGETS = 5
"""Beside the default build."""


def explore(name: str) -> dict[str, Any]:
    """The trade curve of an example in int8, measured."""
    path = ROOT / "examples" / name / f"{name}.onnx"
    data = str(path.with_suffix(".npz"))
    result = explore_ram(path, TARGET, BUDGETS + 1, measure=True, quantize="int8", calibration=data, io="int8")
    assert all(point["equal"] for point in result["points"]), "a program computes something else"
    print(name, [(p["arena_bytes"], p["measured"]) for p in result["points"]], file=sys.stderr, flush=True)
    return result


def budget_rows(result: dict[str, Any]) -> list[Row]:
    """A row for each budget."""
    return [
        {
            "budget": f"{p['budget']:,}",
            "arena": f"{p['arena_bytes']:,}",
            "of the default's": f"{100 * p['arena_bytes'] / result['default_bytes']:.1f} %",
            "instructions": f"{p['measured']:,}",
            "more": f"{round(p['measured_slowdown_percent'], 2) + 0.0:+.2f} %",
            f"{result['unit']}, predicted": f"{p['slowdown_percent']:+.2f} %",
            "outputs": "equal" if p["equal"] else "differ",
            "computed again": ", ".join(f"{a['op']} {a['source']}" for a in p["recomputed"]) or "-",
        }
        for p in result["points"]
    ]


def arena_row(name: str, precision: str) -> Row:
    """What the default build of a topology needs, and the smallest program."""
    prepared = driver.prepare(path_of(name), TARGET, **options_of(path_of(name), precision))
    compiled = prepared.compiled()
    plan, graph = compiled.model.plan, compiled.model.graph
    row = {
        "model": name,
        "precision": precision,
        "arena": f"{plan.arena_bytes:,}",
        "proven bound": f"{plan.lower_bound:,}",
        "for its order": "minimal"
        if plan.optimal
        else f"at most {plan.arena_bytes / plan.lower_bound - 1:.2%} too large",
    }
    samples = random_samples(input_types(graph), 1).inputs
    run, _ = compiled.run_on(compiled.device(), samples)
    same = all(np.array_equal(run.outputs[n], a) for n, a in run_samples(graph, samples).items())
    row["run in it"] = ("equal" if same else "DIFFERS") if precision == "int8" else "runs"
    try:
        prepared.compiled(1)
    except BudgetError as error:
        smallest = prepared.compiled(error.least).model.fit
        assert smallest is not None
        row["smallest found"] = f"{smallest.arena_bytes:,}"
        row[f"{smallest.unit}, predicted"] = f"{smallest.slowdown_percent:+.2f} %"
    print(*row.values(), file=sys.stderr, flush=True)
    return row


def plot(results: list[dict[str, Any]], path: Path) -> None:
    """Instructions against RAM, both as shares of the default build's."""
    mpl.rcParams["svg.hashsalt"] = "edgec"
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for result in results:
        points = result["points"]
        x = [100 * p["arena_bytes"] / result["default_bytes"] for p in points]
        y = [p["measured_slowdown_percent"] for p in points]
        axes.plot(x, y, "o-", drawstyle="steps-pre", label=result["name"])
    axes.set_xlabel("arena, % of the default build's")
    axes.set_ylabel("more instructions, %")
    axes.grid(True, linewidth=0.5)
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Write docs/benchmarks-ram.md and its plot."""
    with ProcessPoolExecutor(2) as pool:
        curves = [pool.submit(explore, name) for name in EXAMPLES]
        arenas = [pool.submit(arena_row, name, precision) for name in TOPOLOGIES for precision in PRECISIONS]
        results, rows = ([future.result() for future in futures] for futures in (curves, arenas))
    docs = ROOT / "docs"
    plot(results, docs / "benchmarks-ram.svg")
    sections = "\n".join(
        f"### {r['name']}\n\n{table(budget_rows(r))}\n\nLess was not found: {r['below']}.\n" for r in results
    )
    text = f"""# RAM, measured

Written by `python benchmarks/ram.py` (`make bench-ram`). Bytes are those of the arena, inputs and outputs included.

## What less RAM costs

A U-Net and a DenseNet ([examples/unet](../examples/unet), [examples/densenet](../examples/densenet)), int8 from end to
end, for {TARGET}: the default build, and the cheapest program that was found within each of {BUDGETS} budgets down to
the smallest (`edgec explore MODEL -t {TARGET} --ram`). Instructions are executed ones of one inference on the emulated
core. Outputs are compared with the default build's to the bit. A program that needs less than its budget is listed with
what it needs.

![Instructions against RAM](benchmarks-ram.svg)

{sections}
## What the MLPerf Tiny topologies need

Default builds for {TARGET}. The bound is proven for the order of steps that was chosen. Each is built and run on the
emulated core with exactly so many bytes, guarded on both sides; int8 is compared with the interpreter to the bit.
Beside it the smallest program that was found, and what it costs by the target's table (negative: less).

{table(rows)}
"""
    (docs / "benchmarks-ram.md").write_text(text)


if __name__ == "__main__":
    main()
