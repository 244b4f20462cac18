"""The score: every case of ONNX's backend suite, compiled to C and run on this machine."""

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from suite_cases import collect
from suite_outcome import Outcome, Status
from suite_record import write_record
from suite_report import operators_page, score
from suite_running import Runner

PAGE = Path(__file__).parents[2] / "docs" / "operators.md"


def main() -> int:
    """Run what ``--filter`` chooses; the exit code is 1 if a case is wrong, crashed or an internal error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", default="", metavar="REGEX", help="cases that it is found in, or whole operators")
    parser.add_argument("--sanitize", action="store_true", help="under the address and undefined behaviour sanitizers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write each case's outcome there")
    parser.add_argument("--update", action="store_true", help="write the record and docs/operators.md")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the C there")
    parser.add_argument("--quiet", action="store_true", help="only the score")
    options = parser.parse_args()
    if options.update and options.filter:
        parser.error("--update needs every case: leave --filter out")
    wanted = re.compile(options.filter)
    cases = [c for c in collect() if wanted.search(c.name) or wanted.fullmatch(c.operator)]
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="suite-") as temporary:
        work = (options.keep or Path(temporary)).absolute()
        work.mkdir(parents=True, exist_ok=True)
        runner = Runner(work, options.sanitize)
        for outcome in runner.run(cases):
            outcomes.append(outcome)
            if not options.quiet and outcome.status is not Status.PASSED:
                print(_line(outcome))
    print("; ".join(f"{stage} {seconds:.1f} s" for stage, seconds in runner.seconds.items()))
    print(f"all: {score(outcomes)}")
    print(f"static numeric: {score([o for o in outcomes if o.case.outside is None])}")
    if options.json:
        options.json.write_text(json.dumps([_entry(o) for o in outcomes], indent=1) + "\n")
    if options.update:
        write_record(outcomes)
        PAGE.write_text(operators_page(outcomes))
    return int(any(o.defect for o in outcomes))


def _line(outcome: Outcome) -> str:
    bound = f" (bound: {', '.join(outcome.bound)})" if outcome.bound else ""
    status = f"{outcome.status.value} ({outcome.reason})" if outcome.reason else outcome.status.value
    detail = outcome.detail.partition("\n  -> ")[0]
    return f"{outcome.case.name}{bound}: {status}: {detail}"


def _entry(outcome: Outcome) -> dict[str, Any]:
    return {
        "case": outcome.case.name,
        "operator": outcome.case.operator,
        "static numeric": outcome.case.outside is None,
        "status": outcome.status.value,
        "bound": outcome.bound,
        "reason": outcome.reason,
        "detail": outcome.detail,
    }


if __name__ == "__main__":
    sys.exit(main())
