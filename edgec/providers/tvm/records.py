"""What was tuned and measured: a schedule's trace and both kernels' costs, a file for each layer on each CPU."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgec.cache import cache_directory
from edgec.cpu import this_cpu
from edgec.providers.tvm.target import tvm_version
from edgec.providers.tvm.workloads import Workload
from edgec.target import Target


@dataclass(frozen=True)
class Record:
    """``trace``: the schedule that tuning found, as TVM's JSON, None for the one by rule.

    ``cost`` and ``own``: of TVM's kernel and of edgec's own, measured in the same run, in ``unit``. ``cpu`` is the name
    of the one that they were timed on; empty where they are executed instructions, which are the same on any.
    """

    workload: str
    target: str
    features: tuple[str, ...]
    cpu: str
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
        except (OSError, ValueError, TypeError, KeyError):
            return None
        holds = (record.features, record.cpu, record.version) == _here(self.target)
        return record if record.workload == repr(workload) and holds else None

    def keep(self, workload: Workload, trials: int, trace: Any, cost: float, own: float, unit: str) -> Record:
        """Write a record, over an older one."""
        record = Record(repr(workload), self.target.name, *_here(self.target), trials, trace, cost, own, unit)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file(workload).write_text(json.dumps(asdict(record)))
        return record


def _here(target: Target) -> tuple[tuple[str, ...], str, str]:
    """What a record holds for: the target's features, the CPU where costs are times, the version of TVM."""
    return tuple(target.features), this_cpu().name if target.arch == "host" else "", tvm_version()


def ignored_records(target: Target) -> str:
    """A word on the records of a target that are of another version of TVM or another CPU; none where all hold."""
    count = 0
    for file in Records(target).directory.glob("*.json"):
        try:
            data = json.loads(file.read_text())
            holds = (tuple(data["features"]), data["cpu"], data["version"]) == _here(target)
            count += data["target"] == target.name and not holds
        except (OSError, ValueError, TypeError, KeyError):
            count += 1
    if not count:
        return ""
    again = "tune again: edgec tune MODEL --kernels tvm"
    return f"{count} records of TVM's kernels are ignored: they are of another version or CPU; {again}"
