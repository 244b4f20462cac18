"""What was tuned and measured: a schedule's trace and both kernels' costs, a file for each layer on each CPU."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgec.cache import cache_directory
from edgec.providers.tvm.target import tvm_version
from edgec.providers.tvm.workloads import Workload
from edgec.target import Target


@dataclass(frozen=True)
class Record:
    """``trace``: the schedule that tuning found, as TVM's JSON, None for the one by rule.

    ``cost`` and ``own``: of TVM's kernel and of edgec's own, measured in the same run, in ``unit``.
    """

    workload: str
    target: str
    features: tuple[str, ...]
    version: str
    trials: int
    trace: Any
    cost: float
    own: float
    unit: str

    @property
    def wins(self) -> bool:
        """Whether TVM's kernel is the cheaper one."""
        return self.cost < self.own


class Records:
    """Those of one target, in the user's cache directory; of another version of TVM or another CPU there are none."""

    def __init__(self, target: Target, directory: Path | None = None) -> None:
        self.target = target
        self.directory = directory or cache_directory() / "tvm"

    def _file(self, workload: Workload) -> Path:
        key = hashlib.sha256(f"{self.target.name} {workload!r}".encode()).hexdigest()[:24]
        return self.directory / f"{key}.json"

    def find(self, workload: Workload) -> Record | None:
        """The layer's record; None without one that holds here."""
        try:
            data = json.loads(self._file(workload).read_text())
            record = Record(**{**data, "features": tuple(data["features"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError):
            return None
        here = (repr(workload), tvm_version(), tuple(self.target.features))
        return record if (record.workload, record.version, record.features) == here else None

    def keep(self, workload: Workload, trials: int, trace: Any, cost: float, own: float, unit: str) -> Record:
        """Write a record, over an older one."""
        features = tuple(self.target.features)
        record = Record(repr(workload), self.target.name, features, tvm_version(), trials, trace, cost, own, unit)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file(workload).write_text(json.dumps(asdict(record)))
        return record


def ignored_records(target: Target) -> str:
    """A word on the records of a target that are of another version of TVM or another CPU; none where all hold."""
    count = 0
    for file in Records(target).directory.glob("*.json"):
        try:
            data = json.loads(file.read_text())
            count += data["target"] == target.name and (
                data["version"] != tvm_version() or data["features"] != list(target.features)
            )
        except (OSError, ValueError, TypeError, KeyError):
            count += 1
    if not count:
        return ""
    again = "tune again: edgec tune MODEL --kernels tvm"
    return f"{count} records of TVM's kernels are ignored: they are of another version or CPU; {again}"


@contextmanager
def quiet() -> Iterator[None]:
    """TVM logs to files and to the standard error as it tunes; nobody reads that."""
    import logging

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
