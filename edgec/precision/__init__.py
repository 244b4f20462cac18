"""Mixed precision: what each layer loses in integers, and which precision each shall have."""

from edgec.precision.assignment import Assignment, Objective, assign, check
from edgec.precision.choice import ACCURACY_DROP, Choice, Trial, choose
from edgec.precision.costs import Build, Costs, Measure, estimated_costs, measured_costs, problem_of
from edgec.precision.layers import Node, find_layers
from edgec.precision.problem import FLOAT, Figures, Layer, Limits, Problem, Read, Tensor, figures
from edgec.precision.sensitivity import SAMPLES, LayerLoss, Loss, Sensitivity, measure_sensitivity, prepared

__all__ = [
    "ACCURACY_DROP",
    "FLOAT",
    "SAMPLES",
    "Assignment",
    "Build",
    "Choice",
    "Costs",
    "Figures",
    "Layer",
    "LayerLoss",
    "Limits",
    "Loss",
    "Measure",
    "Node",
    "Objective",
    "Problem",
    "Read",
    "Sensitivity",
    "Tensor",
    "Trial",
    "assign",
    "check",
    "choose",
    "estimated_costs",
    "figures",
    "find_layers",
    "measure_sensitivity",
    "measured_costs",
    "prepared",
    "problem_of",
]
