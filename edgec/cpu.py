"""The CPU that edgec itself runs on: its architecture and the features that Linux reports."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FEATURES = {
    "x86_64": (
        *("abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "popcnt"),
        *("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni", "avx512vbmi"),
        *("amx_tile", "amx_int8"),
    ),
    "aarch64": ("asimd", "asimddp", "asimdrdm", "atomics", "crc32"),
}
"""Architecture (as ``uname -m`` has it) -> the features, as in /proc/cpuinfo, that the runtime's cpu.h tests."""


@dataclass(frozen=True)
class Cpu:
    """An architecture as ``uname -m`` names it, features as /proc/cpuinfo names them, and the model's name."""

    machine: str
    features: frozenset[str]
    name: str = ""


@cache
def this_cpu() -> Cpu:
    """The one that runs this process; without features where nothing reports them."""
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    try:
        text = Path("/proc/cpuinfo").read_text()
        name = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")
        return Cpu(machine, features_in(text), name)
    except OSError:
        return Cpu(machine, frozenset())


def features_in(cpuinfo: str) -> frozenset[str]:
    """The features that all processors of a /proc/cpuinfo have."""
    lines = (line.partition(":") for line in cpuinfo.splitlines())
    each = [frozenset(value.split()) for key, _, value in lines if key.strip() in ("flags", "Features")]
    return frozenset.intersection(*each) if each else frozenset()


def fits(machine: str, features: Iterable[str]) -> bool:
    """Whether this CPU runs programs for that architecture (any, if it is empty) that use those features."""
    own = this_cpu()
    return machine in ("", own.machine) and own.features.issuperset(features)
