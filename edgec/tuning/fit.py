"""Measured counts -> what a turn of each loop takes: the linear function with the least relative errors."""

from collections.abc import Mapping, Sequence

import numpy as np
from ortools.linear_solver import pywraplp

from edgec.costs import Fit

DIGITS = 6
"""Of a coefficient."""


def fit(works: Sequence[Mapping[str, float]], measured: Sequence[int]) -> Fit:
    """The coefficients, none below 0, with the least sum of relative errors: a linear program, the same each time.

    What not all works tell, as those of different operators may differ, has none.
    """
    loops = [loop for loop in works[0] if all(loop in work for work in works) and any(work[loop] for work in works)]
    shares = np.array([[work[loop] / count for loop in loops] for work, count in zip(works, measured, strict=True)])
    scales = shares.mean(axis=0)
    solver = pywraplp.Solver.CreateSolver("GLOP")
    each = [solver.NumVar(0, solver.infinity(), loop) for loop in loops]
    for row in shares / scales:
        error = solver.NumVar(0, solver.infinity(), "")
        total = solver.Sum(float(share) * variable for share, variable in zip(row, each, strict=True) if share)
        solver.Add(total - 1 <= error)
        solver.Add(1 - total <= error)
        solver.Objective().SetCoefficient(error, 1.0)
    solver.Objective().SetMinimization()
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        raise ArithmeticError("the fit has no optimum")
    found = {v.name(): float(f"{v.solution_value() / s:.{DIGITS}g}") for v, s in zip(each, scales, strict=True)}
    kept = {loop: value for loop, value in found.items() if value > 0}
    errors = np.abs(shares @ np.array([kept.get(loop, 0.0) for loop in loops]) - 1)
    return Fit(kept, round(float(np.median(errors)), 4), round(float(errors.max()), 4))
