"""How a program was made to fit into a RAM budget, and what that costs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Recomputed:
    """What is computed again: the step, its name, whose twin it is, its operators, their cost, the ONNX node."""

    step: int
    name: str
    of: str
    op: str
    cost: int
    source: str = ""


@dataclass(frozen=True)
class Fit:
    """A budget and the two programs: the one that is built without it (``default``), and the one that was chosen.

    Bytes are those of the arena. Costs are predictions in ``unit``: ``cycles``, ``instructions`` or ``nanoseconds`` by
    the target's table, or ``operations`` (MACs and elements) where there is none. ``live``: bytes alive in each step.
    ``minimum``: what the fullest step needs by itself in whatever order, of the kinds of steps that were tried.
    """

    budget: int
    default_bytes: int
    arena_bytes: int
    minimum: int
    unit: str
    default_cost: int
    cost: int
    recomputed: tuple[Recomputed, ...]
    live_before: tuple[int, ...]
    live_after: tuple[int, ...]

    @property
    def changed(self) -> bool:
        """Whether the default build was too large."""
        return self.default_bytes > self.budget

    @property
    def slowdown_percent(self) -> float:
        """By how much it is predicted to be slower than the default build; less than 0 is faster."""
        return 100.0 * (self.cost - self.default_cost) / self.default_cost if self.default_cost else 0.0

    def to_json(self) -> dict[str, Any]:
        """As ``manifest.json`` has it under ``ram_budget``."""
        told = asdict(self)
        before, after = told.pop("live_before"), told.pop("live_after")
        return told | {
            "slowdown_percent": round(self.slowdown_percent, 3),
            "live_before": before,
            "critical_before": _fullest(before),
            "live_after": after,
            "critical_after": _fullest(after),
        }


def _fullest(live: Sequence[int]) -> int | None:
    """The first of the fullest steps; None without steps."""
    return max(range(len(live)), key=lambda step: (live[step], -step), default=None)
