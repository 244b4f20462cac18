"""Mixed precision: what each layer loses in integers, and which precision each shall have."""

from edgec.precision.assignment import Assignment, Objective, assign, check
from edgec.precision.problem import FLOAT, Figures, Layer, Limits, Problem, Read, Tensor, figures

__all__ = [
    "FLOAT",
    "Assignment",
    "Figures",
    "Layer",
    "Limits",
    "Objective",
    "Problem",
    "Read",
    "Tensor",
    "assign",
    "check",
    "figures",
]
