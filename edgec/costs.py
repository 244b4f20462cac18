"""What kernels cost on a target, as measured: tables that ``edgec tune`` makes (targets/costs/*.toml).

A kernel says how often each of its loops turns for a layer (``Kernel.work``); the table has what a turn of each takes:
executed instructions and, where the target has a table of cycles, estimated cycles. A prediction is their sum.
docs/costs.md tells more.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from edgec.errors import EdgecError

INSTRUCTIONS, CYCLES, NANOSECONDS = UNITS = "instructions", "cycles", "nanoseconds"

HINT = "make it again: `edgec tune --target {}`"


@dataclass(frozen=True)
class Fit:
    """``each``: what a turn of each loop takes. Errors are shares of what was measured: their median, the largest."""

    each: Mapping[str, float]
    median_error: float
    largest_error: float

    def predict(self, work: Mapping[str, float]) -> float | None:
        """What that work takes; None for work that lacks a loop, as that of another version of the kernel may."""
        if not self.each.keys() <= work.keys():
            return None
        return sum(each * work[loop] for loop, each in self.each.items())


@dataclass(frozen=True)
class Cost:
    """Of a kernel, from as many measured ``layers``: in executed instructions, or on this machine in nanoseconds."""

    layers: int
    instructions: Fit | None = None
    cycles: Fit | None = None
    nanoseconds: Fit | None = None


@dataclass(frozen=True)
class Costs:
    """A target's table, and what it was measured with; ``kernels`` by the names of their functions.

    Of a table of times, ``cpu`` is what they hold for (``edgec.cached_costs``), and ``layers`` are those of models that
    were timed themselves: by their keys, nanoseconds of each kernel, by its identity (``edgec.codegen.emitter``).
    """

    target: str
    toolchain: str
    version: str
    kernels: Mapping[str, Cost]
    cpu: str = ""
    layers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @cached_property
    def unit(self) -> str:
        """What kernels are chosen by: times or estimated cycles where they are known, else instructions."""
        known = (unit for unit in (NANOSECONDS, CYCLES) if all(getattr(c, unit) for c in self.kernels.values()))
        return next(known, INSTRUCTIONS)

    def predict(self, kernel: str, work: Mapping[str, float], unit: str = INSTRUCTIONS) -> float | None:
        """What a kernel takes for that work; None where that is not known."""
        fit = getattr(self.kernels[kernel], unit) if kernel in self.kernels else None
        return None if fit is None else fit.predict(work)

    def largest_error(self, kernel: str) -> float:
        """The largest share by which a prediction for a kernel was off, in the unit that kernels are chosen by."""
        fit: Fit = getattr(self.kernels[kernel], self.unit)
        return fit.largest_error

    def text(self) -> str:
        """The file that ``load_costs`` reads."""
        lines = [
            f"# Made by `edgec tune --target {self.target}`: what a turn of each loop of a kernel takes.",
            *(
                f'{key} = "{getattr(self, key)}"'
                for key in ("target", "toolchain", "version", "cpu")
                if getattr(self, key)
            ),
        ]
        for name, cost in sorted(self.kernels.items()):
            lines += ["", f"[kernels.{name}]", f"layers = {cost.layers}"]
            for unit in UNITS:
                if (fit := getattr(cost, unit)) is not None:
                    each = ", ".join(f"{loop} = {value:.6g}" for loop, value in fit.each.items())
                    lines.append(f"{unit} = {{ {each} }}")
                    lines.append(f"{unit}_errors = [{fit.median_error:.4f}, {fit.largest_error:.4f}]")
        for key, timed in sorted(self.layers.items()):
            lines += ["", f"[layers.{key}]", *(f'"{kernel}" = {value:g}' for kernel, value in sorted(timed.items()))]
        return "\n".join(lines) + "\n"


def load_costs(path: Path) -> Costs:
    """The table in a file. EdgecError where it is none."""
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EdgecError(str(path), f"is no table of costs: {error}", HINT.format(path.stem)) from None
    check = _Checker(path)
    keys = {"target": str, "toolchain": str, "version": str, "cpu": str, "kernels": dict, "layers": dict}
    top = check.table(data, "the file", keys, ("cpu", "kernels", "layers"))
    top["layers"] = {key: check.numbers(timed, f"layers.{key}") for key, timed in top.get("layers", {}).items()}
    kernels = {name: check.cost(table, f"kernels.{name}") for name, table in top.get("kernels", {}).items()}
    for unit in UNITS:
        if len({getattr(cost, unit) is None for cost in kernels.values()}) > 1:
            check.refuse(f"some kernels have {unit} and some have none")
    return Costs(**{**top, "kernels": kernels})


@dataclass(frozen=True)
class _Checker:
    path: Path

    def refuse(self, what: str) -> None:
        raise EdgecError(str(self.path), what, HINT.format(self.path.stem))

    def table(self, data: Any, where: str, keys: Mapping[str, type], optional: tuple[str, ...] = ()) -> dict[str, Any]:
        """A table of these keys and types, and no others."""
        if not isinstance(data, dict):
            self.refuse(f"{where} is no table")
        if unknown := sorted(data.keys() - keys.keys()):
            self.refuse(f"{where} has an unknown key {unknown[0]!r}")
        if missing := [key for key in keys if key not in data and key not in optional]:
            self.refuse(f"{where} lacks {missing[0]!r}")
        for key, value in data.items():
            if not isinstance(value, keys[key]) or isinstance(value, bool):
                self.refuse(f"{where}: {key} is {value!r}")
        return dict(data)

    def cost(self, data: Any, where: str) -> Cost:
        keys = {"layers": int, **{f"{u}{end}": t for u in UNITS for end, t in _UNIT.items()}}
        table = self.table(data, where, keys, tuple(key for key in keys if key != "layers"))
        found = [unit for unit in UNITS if unit in table or f"{unit}_errors" in table] or [INSTRUCTIONS]
        for key in (f"{unit}{end}" for unit in found for end in _UNIT):
            if key not in table:
                self.refuse(f"{where} lacks {key!r}")
        fits = {unit: self._fit(table, unit, where) for unit in found}
        return Cost(table["layers"], **fits)

    def _fit(self, table: dict[str, Any], unit: str, where: str) -> Fit:
        errors = table.get(f"{unit}_errors", [])
        if len(errors) != 2:
            self.refuse(f"{where}: {unit}_errors are {errors!r}, not the median and the largest")
        self.numbers({**table[unit], **{f"error {i}": e for i, e in enumerate(errors)}}, f"{where}: {unit}")
        return Fit(table[unit], *errors)

    def numbers(self, table: Any, where: str) -> dict[str, float]:
        """A table of numbers from 0 on."""
        if not isinstance(table, dict):
            self.refuse(f"{where} is no table")
        for key, value in table.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                self.refuse(f"{where}: {key} is {value!r}, not a number from 0 on")
        return dict(table)


_UNIT = {"": dict, "_errors": list}
