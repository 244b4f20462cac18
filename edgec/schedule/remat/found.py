"""What a search hands to ``solve``."""

from typing import NamedTuple


class Found(NamedTuple):
    """Steps (the budget may be exceeded if nothing better was found), a bound on the duration, remarks."""

    steps: list[int]
    bound: int
    notes: tuple[str, ...] = ()
    infeasible: bool = False  # that no schedule keeps the budget is proven


CUT = "the time limit cut the search short: another run or machine may find another answer"
