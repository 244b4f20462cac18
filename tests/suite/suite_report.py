"""The score in one line."""

from collections import Counter
from collections.abc import Sequence

from suite_outcome import Outcome, Status


def score(outcomes: Sequence[Outcome]) -> str:
    """Passed (of these with bound inputs), refused by reason, wrong, crashed, internal errors: in one line."""
    counts = Counter(o.status for o in outcomes)
    bound = sum(o.status is Status.PASSED and bool(o.bound) for o in outcomes)
    percent = 100 * counts[Status.PASSED] / max(1, len(outcomes))
    reasons = Counter(o.reason for o in outcomes if o.status is Status.REFUSED)
    listed = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    return (
        f"{counts[Status.PASSED]} of {len(outcomes)} passed ({percent:.1f} %; {bound} with inputs bound), "
        f"{counts[Status.REFUSED]} refused{f' ({listed})' if listed else ''}, "
        f"{counts[Status.WRONG]} wrong, {counts[Status.CRASHED]} crashed, {counts[Status.INTERNAL]} internal errors"
    )
