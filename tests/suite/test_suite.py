"""ONNX's backend suite, compiled to C and run under sanitizers: what passed must pass, and nothing may be wrong."""

from pathlib import Path

import pytest
from suite_cases import collect
from suite_outcome import Status
from suite_record import read_record
from suite_running import Runner

PARTS = 24


@pytest.mark.parametrize("part", range(PARTS))
def test_suite(part: int, tmp_path: Path) -> None:
    """Of every 24th case none is wrong, crashes or breaks the compiler, and what is on the record passes."""
    record = read_record()
    failures = []
    for outcome in Runner(tmp_path, sanitize=True).run(collect()[part::PARTS]):
        name, free = outcome.case.name, record.get(outcome.case.name)
        if outcome.defect or (outcome.status is not Status.PASSED and free is not None):
            failures.append(f"{name}: {outcome.status.value}: {outcome.detail}")
        elif free is not None and not set(outcome.bound) <= free:
            failures.append(f"{name}: passes only with {', '.join(outcome.bound)} bound")
    assert not failures, "\n".join(failures)


def test_record_names_cases() -> None:
    assert set(read_record()) <= {c.name for c in collect()}
