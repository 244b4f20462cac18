"""What was tuned and measured: a schedule's trace and both kernels' costs, a file for each layer on each CPU."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgec.cached_costs import cache_directory
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
        self.ignored = 0
        """Records that were found and are of another version or CPU."""

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
            self.ignored += 1
            return None
        made_here = (record.workload, record.version, record.features) == (
            repr(workload),
            tvm_version(),
            tuple(self.target.features),
        )
        self.ignored += not made_here
        return record if made_here else None

    def keep(self, workload: Workload, trials: int, trace: Any, cost: float, own: float, unit: str) -> Record:
        """Write a record, over an older one."""
        features = tuple(self.target.features)
        record = Record(repr(workload), self.target.name, features, tvm_version(), trials, trace, cost, own, unit)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file(workload).write_text(json.dumps(asdict(record)))
        return record


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
