"""The record of cases that pass: one a line, behind a colon the inputs that have to be bound for it."""

from collections.abc import Iterable
from pathlib import Path

from suite_outcome import Outcome, Status

RECORD = Path(__file__).parent / "passed.txt"


def read_record() -> dict[str, frozenset[str]]:
    """Name of the case -> inputs that are bound."""
    record = {}
    for line in RECORD.read_text().splitlines():
        name, _, bound = line.partition(":")
        record[name] = frozenset(bound.split())
    return record


def write_record(outcomes: Iterable[Outcome]) -> None:
    """Record what passes, in the suite's order."""
    lines = []
    for outcome in outcomes:
        if outcome.status is Status.PASSED:
            bound = f": {' '.join(sorted(outcome.bound))}" if outcome.bound else ""
            lines.append(f"{outcome.case.name}{bound}\n")
    RECORD.write_text("".join(lines))
