"""What kernels cost on this machine: the table of times that ``edgec tune --target host`` makes, in the cache."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from edgec import cpu
from edgec.cache import cache_directory
from edgec.costs import Costs, load_costs
from edgec.errors import EdgecError
from edgec.target import Target
from edgec.version import VERSION


def cached_costs_file(target: Target) -> Path:
    """Where the table of a target that this machine runs lies, or would: one for each set of CPU features."""
    key = hashlib.sha256(" ".join(sorted(target.features)).encode()).hexdigest()[:12]
    return cache_directory() / "costs" / f"{target.name}-{key}.toml"


@cache
def holds_for() -> str:
    """What times hold for: this CPU, and these kernels."""
    digest = hashlib.sha256()
    for header in sorted(files("edgec.runtime_c").joinpath("include", "edgec").iterdir(), key=lambda file: file.name):
        digest.update(header.read_bytes())
    return f"{cpu.this_cpu().name}; edgec {VERSION}, kernels {digest.hexdigest()[:12]}"


def cached_costs(target: Target) -> tuple[Costs | None, str]:
    """The table for a target that is this machine, None without one; and why one that is there is not used."""
    file = cached_costs_file(target)
    again = f"make it again: edgec tune --target {target.name}"
    if not file.is_file():
        return None, ""
    try:
        costs = load_costs(file)
    except EdgecError as error:
        return None, f"{file} is ignored: {error.what}; {again}"
    if costs.cpu != holds_for():
        return None, f"{file} is ignored: it is of another machine or version ({costs.cpu}); {again}"
    return costs, ""
