"""Pack hard instances and real networks for docs/benchmarks-packing.md: ``python benchmarks/packing.py [--networks]``.

Instances come from packing_instances.py, which knows a perfect answer of each; every packing passes the checker.
"""

import sys
from time import process_time

from mcu import PRECISIONS, TOPOLOGIES, compiled
from packing_instances import CAPACITY, Instance, cut_rectangle
from results import ROOT, Row, table

from edgec.schedule.packing import check_packing, pack
from edgec.schedule.packing.greedy import BY_SIZE, first_fit, greedy
from edgec.schedule.packing.items import rectangles
from edgec.schedule.packing.search import is_compiled

TARGET = "cortex-m4"
COUNTS = range(150, 451, 30)
SEEDS = (0, 1)
LOOSE = (0.02, 0.1, 0.3)
"""Shares of the sizes of what is not alive at one moment, up to which they are smaller, in the second table."""
NODES = 10_000_000
"""Work at most, not time: the same answer on every machine."""
LOOSE_NODES = 2_000_000
"""The same for the second table, in which it is not always enough."""
NETWORKS = f"""## Networks

Arenas in bytes of the default builds for {TARGET} (`--io int8` for int8).

"""


def instances(slack: float = 0.0, counts: range = COUNTS) -> list[Instance]:
    """As many steps of time as buffers; cuts halve pieces, or make pinwheels of them, by turns in all shares."""
    shares = (0.3, 1.0, 0.0)
    return [
        cut_rectangle(seed, n, n, pinwheels=shares[k % 3], slack=slack)
        for k, (n, seed) in enumerate((n, seed) for n in counts for seed in SEEDS)
    ]


def measure(instance: Instance, nodes: int) -> Row:
    """One row: how far above the perfect height first fit and the exact packer are, and the packer's CPU time."""
    items, perfect = instance.items, instance.capacity
    check_packing(items, instance.offsets, perfect)
    r = rectangles(items, 1, {})
    began = process_time()
    packing = pack(items, nodes=nodes)
    seconds = process_time() - began
    check_packing(items, packing.offsets, packing.height)
    row = {
        "instance": instance.name,
        "buffers": str(len(items)),
        "alive at most": str(max(len(section.alive) for section in r.sections)),
        "first fit by size": _above(r.height(first_fit(r, BY_SIZE)) * r.unit, perfect),
        "best of five orders": _above(r.height(greedy(r)) * r.unit, perfect),
        "exact": _above(packing.height, perfect),
        "seconds": f"{seconds:.2f}",
    }
    print(*row.values(), file=sys.stderr, flush=True)
    return row


def _above(height: int, perfect: int) -> str:
    return "perfect" if height == perfect else f"+{100 * (height / perfect - 1):.1f} %"


def networks() -> list[Row]:
    """Arenas of the default builds."""
    rows = []
    for name in TOPOLOGIES:
        for precision in PRECISIONS:
            model = compiled(name, precision, TARGET).model
            plan = model.plan
            rows.append(
                {
                    "model": name,
                    "precision": precision,
                    "buffers": str(len(model.problem.buffers)),
                    "arena": f"{plan.arena_bytes:,}",
                    "proven bound": f"{plan.lower_bound:,}",
                    "": "minimal for its order" if plan.optimal else _above(plan.arena_bytes, plan.lower_bound),
                }
            )
    return rows


def main() -> None:
    """Write docs/benchmarks-packing.md; with ``--networks`` only its last table."""
    file = ROOT / "docs" / "benchmarks-packing.md"
    if "--networks" in sys.argv:
        kept = file.read_text().partition(NETWORKS)[0]
        file.write_text(f"{kept}{NETWORKS}{table(networks())}\n")
        return
    if not is_compiled():
        sys.exit("there is no C compiler: the search would run in Python")
    full = [measure(instance, NODES) for instance in instances()]
    loose = {slack: [measure(i, LOOSE_NODES) for i in instances(slack, range(150, 451, 150))] for slack in LOOSE}
    worst = max(float(row["seconds"]) for row in full)
    perfect = sum(row["exact"] == "perfect" for row in full)
    loosened = "\n\n".join(f"Up to {100 * slack:g} % smaller:\n\n{table(rows)}" for slack, rows in loose.items())
    text = f"""# Packing, measured

Written by `python benchmarks/packing.py` (`make bench-packing`). Percentages are above the perfect height. Seconds are
CPU time of one process on one core, all of `edgec.schedule.packing.pack`, which is limited by nodes, not by time. Every
packing passes the checker, which shares no code with the packer.

## Full rectangles

A rectangle of {CAPACITY:,} bytes by as many steps of time as buffers, cut at random (benchmarks/packing_instances.py):
guillotine cuts in time or bytes, and pinwheels, which no guillotine cut makes. A perfect packing exists and wastes not
a byte. {perfect} of {len(full)} are packed perfectly, the slowest in {worst:.1f} s.

{table(full)}

## Rectangles with room

The same, but what is not alive at one random moment is smaller by a random share. The perfect height is the same, as
that moment needs all of it; but elsewhere there is room to go wrong without seeing it at once.
{LOOSE_NODES:,} nodes each.

{loosened}

{NETWORKS}{table(networks())}
"""
    file.write_text(text)


if __name__ == "__main__":
    main()
