"""Order and rematerialization of random layered graphs: what is added at 90, 80 and 70 % of the order's peak.

    python benchmarks/schedule.py [--quick] [--kind joint] [--sizes 100 250] [--seeds 2]

Prints a table for each kind of problem and writes it into docs/benchmarks-schedule.md (not with ``--quick``, nor for
part of the sizes). Every answer is replayed by the checker. A problem after the other: each may use two cores; where
the order is fixed the solver uses one, and the plain constraint program runs beside it on the other one.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import mean
from time import monotonic, process_time

from layered import SHAPES, layered

from edgec.errors import EdgecError
from edgec.schedule.remat import RematAnswer, RematProblem, best_square_root, replay, solve
from edgec.schedule.remat.bound import EFFORT
from edgec.schedule.remat.cp import prove

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks-schedule.md"
SHARES = (90, 80, 70)
LIMITS = {
    "fixed": {100: 10.0, 250: 60.0, 500: 30.0, 1000: 60.0},
    "joint": {100: 5.0, 250: 10.0, 500: 15.0, 1000: 60.0},
}
QUICK = 2.0
HEAD = "| n | seed | budget % | status | added % | bound % | gap % | s | core s | Chen: added %, peak % |"
PLAIN = " plain CP-SAT: added % |"


def main() -> None:
    """Print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=("fixed", "joint"), action="append", help="both without")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help=f"one seed, {QUICK:g} s a problem")
    parser.add_argument("--patience", type=float, default=1.0, help="for joint problems on a busy machine: see solve")
    given = parser.parse_args()
    for kind in given.kind or ("fixed", "joint"):
        lines = []
        for line in table(kind, given):
            print(line, flush=True)
            lines.append(line)
        if not given.quick and given.sizes == list(SHAPES):
            write(kind, lines)


def table(kind: str, given: argparse.Namespace) -> Iterator[str]:
    """Lines of Markdown, as they come."""
    began, sizes = monotonic(), given.sizes
    limits = ", ".join(f"{QUICK if given.quick else LIMITS[kind][n]:g} s for n = {n}" for n in sizes)
    yield f"The work of at most {limits}, {os.cpu_count()} cores{busy(given.patience)}."
    yield ""
    head = HEAD + PLAIN * (kind == "fixed")
    yield head
    yield "|" + "---|" * (head.count("|") - 1)
    added: dict[tuple[int, int], list[float]] = {}
    cut = 0
    problems = [
        (n, seed, share) for n in sizes for seed in range(1 if given.quick else given.seeds) for share in SHARES
    ]
    with ProcessPoolExecutor(1) as other:
        for n, seed, share in problems:
            plain = layered(n, seed)
            peak = plain.budget
            problem = replace(plain, budget=peak * share // 100, joint=kind == "joint")
            limit = QUICK if given.quick else LIMITS[kind][n]
            beside = other.submit(plain_program, problem, limit) if kind == "fixed" else None
            start, work = monotonic(), process_time()
            try:
                answer = solve(problem, limit, patience=given.patience)
            except EdgecError as error:
                told = missed(problem, error)
            else:
                told = summary(problem, answer)
                if answer.status != "infeasible":
                    added.setdefault((n, share), []).append(answer.added_percent)
                cut += any("time limit" in note for note in answer.notes)
            took = f"{monotonic() - start:.1f} | {process_time() - work:.1f}"
            last = "" if beside is None else f" {beside.result()} |"
            yield f"| {n} | {seed} | {share} | {told} | {took} | {chen(problem, peak)} |{last}"
    yield ""
    for n in sizes:
        means = [f"{mean(added[n, share]):.2f} at {share} %" for share in SHARES if (n, share) in added]
        yield f"- n = {n}, mean added %: {', '.join(means) or 'none'}"
    yield ""
    yield (
        f"{(monotonic() - began) / 60:.0f} minutes in all; load of the machine at the end {os.getloadavg()[0]:.1f}. "
        f"The clock cut {cut} searches short: with more time these may find more."
    )


def busy(patience: float) -> str:
    """What patience means."""
    return "" if patience == 1 else f", the clock having {patience:g} times as long: this machine was busy"


def summary(problem: RematProblem, answer: RematAnswer) -> str:
    """Status, added %, bound % and gap % of an answer that was replayed; or what the least budget is known to be."""
    if answer.status == "infeasible":
        shares = (100 * figure / (problem.budget or 1) for figure in (answer.minimum, answer.fits))
        return "infeasible: needs {:.1f} %, {:.1f} % of the budget fits | | | ".format(*shares)
    check(problem, answer.steps, answer.duration)
    bound = 100 * (answer.bound - problem.base) / problem.base
    gap = 100 * (answer.duration - answer.bound) / answer.bound
    return f"{answer.status} | {answer.added_percent:.3f} | {bound:.3f} | {gap:.3f}"


def missed(problem: RematProblem, error: EdgecError) -> str:
    """How much of the budget the least of what was found needs."""
    print(error, file=sys.stderr)
    needs = re.search(r"the smallest needs (\d+)", str(error))
    return (
        f"none found: the least needs {100 * int(needs[1]) / problem.budget:.1f} % | | | "
        if needs
        else f"{error} | | | "
    )


def plain_program(problem: RematProblem, limit: float) -> str:
    """What the constraint program alone comes to in the same time: one worker, no hint, no rows of the bound."""
    start = monotonic()
    proof = prove(problem, None, limit, EFFORT, rows=False)
    took = f"{monotonic() - start:.1f} s"
    if proof.infeasible:
        return f"infeasible, {took}"
    if proof.steps is None:
        return f"none, {took}"
    duration = replay(problem, proof.steps)[0]
    optimal = "optimal, " if duration == proof.bound else ""
    return f"{100 * (duration - problem.base) / problem.base:.3f}, {optimal}{took}"


def check(problem: RematProblem, steps: tuple[str, ...], duration: int) -> None:
    """Replay the answer: nothing that a solver says of itself is printed."""
    place = {name: i for i, name in enumerate(problem.names)}
    replayed, peak = replay(problem, [place[name] for name in steps])
    if replayed != duration or peak > problem.budget:
        raise SystemExit(f"an answer is wrong: {replayed} instead of {duration}, {peak} of {problem.budget}")


def chen(problem: RematProblem, peak: int) -> str:
    """What the square-root strategy adds with the number of segments that fits cheapest, or has the least peak."""
    duration, needs = best_square_root(problem)
    return f"{100 * (duration - problem.base) / problem.base:.1f}, {100 * needs / peak:.0f}"


def write(kind: str, lines: list[str]) -> None:
    """Put a table between its marks."""
    text = PAGE.read_text()
    before, rest = text.split(f"<!-- {kind} -->\n")
    _, after = rest.split(f"<!-- end of {kind} -->\n")
    body = "\n".join(lines)
    PAGE.write_text(f"{before}<!-- {kind} -->\n\n{body}\n\n<!-- end of {kind} -->\n{after}")


if __name__ == "__main__":
    main()
