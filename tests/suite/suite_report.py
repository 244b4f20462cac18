"""The score in one line, and the page that tells it for each operator."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import onnx
from suite_cases import GROUPS
from suite_outcome import Outcome, Status

HEAD = """\
# Operators

The score in the backend suite of onnx {version}: each of its node tests, and its groups of small models, is compiled to
C, built and run on the host; element type, shape and elements of each output must be the suite's own, floats within its
tolerances, all else exactly. *Bound* are cases in which inputs that C has to know when it is compiled (the shape of a
Reshape, the axes of a Slice, weights that a kernel packs) were made constants, as `--bind` does; *evaluated* are those
of them in which all are, so that edgec computed the result. *Static numeric* are those whose inputs and outputs are
dense tensors of numbers or truth values, of operators in the standard's own domain, and whose output shapes do not
depend on data; chance and training are left out, too.

`make suite` writes this page, and `tests/suite/passed.txt`, the record that the tests hold.

| | Cases | Passed | of them bound | of these evaluated | Refused | Wrong | Crashed | Internal errors |
|---|---|---|---|---|---|---|---|---|
{totals}

## By operator

| Operator | Element types | Cases | Passed | Bound | What the others are refused for |
|---|---|---|---|---|---|
{operators}

## What does not pass

{reasons}
"""


def score(outcomes: Sequence[Outcome]) -> str:
    """Passed (of these with bound inputs), refused by reason, wrong, crashed, internal errors: in one line."""
    counts = Counter(o.status for o in outcomes)
    reasons = _reasons([o for o in outcomes if o.status is Status.REFUSED])
    return (
        f"{_passed(outcomes)} passed ({_percent(outcomes)}; {_bound(outcomes)} bound, "
        f"{_evaluated(outcomes)} of these evaluated), "
        f"{counts[Status.REFUSED]} refused{f' ({reasons})' if reasons else ''}, "
        f"{counts[Status.WRONG]} wrong, {counts[Status.CRASHED]} crashed, {counts[Status.INTERNAL]} internal errors, "
        f"of {len(outcomes)}"
    )


def operators_page(outcomes: Sequence[Outcome]) -> str:
    """``docs/operators.md``."""
    static = [o for o in outcomes if o.case.outside is None]
    return HEAD.format(
        version=onnx.__version__,
        totals="\n".join([_totals("all", outcomes), _totals("static numeric", static)]),
        operators="\n".join(_row(name, chosen) for name, chosen in _by_operator(outcomes)),
        reasons="\n\n".join(_section(*group) for group in _by_reason(outcomes)),
    )


def _totals(title: str, outcomes: Sequence[Outcome]) -> str:
    counts = Counter(o.status for o in outcomes)
    return _cells(
        title,
        len(outcomes),
        f"{_passed(outcomes)} ({_percent(outcomes)})",
        _bound(outcomes),
        _evaluated(outcomes),
        *(counts[s] for s in (Status.REFUSED, Status.WRONG, Status.CRASHED, Status.INTERNAL)),
    )


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    dtypes = sorted({d for o in outcomes if o.status is Status.PASSED for d in o.case.dtypes})
    return _cells(name, ", ".join(dtypes), len(outcomes), _passed(outcomes), _bound(outcomes), _reasons(outcomes))


def _section(reason: str, outcomes: Sequence[Outcome]) -> str:
    lines = [f"### {reason}", ""]
    for operator, chosen in _by_operator(outcomes):
        names = ", ".join(o.case.name.rpartition("/")[2].removeprefix("test_") for o in chosen)
        lines.append(f"- {operator}: {names}")
    return "\n".join(lines)


def _by_operator(outcomes: Iterable[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """Operators by name, the groups of models behind them."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        found[outcome.case.operator].append(outcome)
    return sorted(found.items(), key=lambda entry: (entry[0] in GROUPS, entry[0]))


def _by_reason(outcomes: Iterable[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """Reasons, the most frequent first."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.status is not Status.PASSED:
            found[outcome.label].append(outcome)
    return sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))


def _reasons(outcomes: Iterable[Outcome]) -> str:
    return ", ".join(f"{reason} {len(chosen)}" for reason, chosen in _by_reason(outcomes))


def _passed(outcomes: Iterable[Outcome]) -> int:
    return sum(o.status is Status.PASSED for o in outcomes)


def _bound(outcomes: Iterable[Outcome]) -> int:
    return sum(o.status is Status.PASSED and bool(o.bound) for o in outcomes)


def _evaluated(outcomes: Iterable[Outcome]) -> int:
    return sum(o.status is Status.PASSED and o.evaluated for o in outcomes)


def _percent(outcomes: Sequence[Outcome]) -> str:
    return f"{100 * _passed(outcomes) / max(1, len(outcomes)):.1f} %"


def _cells(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
