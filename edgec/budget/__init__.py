"""``--ram-budget``: the cheapest program whose arena fits, by another order, by recomputation and by joined steps."""

from edgec.budget.search import fit

__all__ = ["fit"]
