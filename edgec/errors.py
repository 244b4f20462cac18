"""The one error that a user sees: where it is, what is wrong, what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass


class EdgecError(Exception):
    """A problem with the user's input or machine, to be shown without a traceback (exit code 2).

    ``where`` names the file, node or option; ``what`` says what is wrong; ``hint`` says what to do.
    """

    def __init__(self, where: str, what: str, hint: str) -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n  -> {self.hint}"


class BudgetError(EdgecError):
    """No program fits into a memory budget. ``least``: the bytes of the smallest one that was found."""

    def __init__(self, where: str, what: str, hint: str, least: int) -> None:
        super().__init__(where, what, hint)
        self.least = least


@dataclass(frozen=True)
class Problem:
    """Why nodes of a model cannot be compiled: nodes of one ``operator`` that share a ``reason`` and a ``hint``."""

    operator: str
    reason: str
    nodes: tuple[str, ...]
    hint: str

    @property
    def subject(self) -> str:
        """Operator and nodes, of many the first."""
        shown, more = self.nodes[:_SHOWN], len(self.nodes) - _SHOWN
        return f"{self.operator} {', '.join(map(repr, shown))}" + (f" and {more} more" if more > 0 else "")


_SHOWN = 3


class UnsupportedModelError(EdgecError):
    """All problems of a model at once. Of a single one, ``where`` names the node; of several, the file."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        if len(problems) == 1:
            (problem,) = problems
            super().__init__(f"{file}: {problem.subject}", problem.reason, problem.hint)
            return
        listed = "".join(f"\n  {p.subject}: {p.reason}\n    -> {p.hint}" for p in problems)
        super().__init__(file, f"{len(problems)} problems:{listed}", "`edgec inspect` shows the same list")
