"""``--ram-budget``: the cheapest program whose arena fits, by another order, by recomputation and by joined steps."""

from edgec.budget.proof import prove
from edgec.budget.room import Room, too_small
from edgec.budget.search import fit

__all__ = ["Room", "fit", "prove", "too_small"]
