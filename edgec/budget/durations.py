"""What steps cost, in one unit for all of them."""

from dataclasses import dataclass

from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps
from edgec.codegen.kernels import predicted
from edgec.costs import Costs
from edgec.schedule import Step

OPERATIONS = "operations"
"""MACs, and elements of results: the unit where no table knows better."""


@dataclass(frozen=True)
class Durations:
    """By the target's table. ``rate`` is what an operation takes: steps that the table does not know are told by it."""

    costs: Costs | None
    unit: str
    rate: float

    @classmethod
    def of(cls, steps: Steps, costs: Costs | None) -> "Durations":
        """From steps most of which the table is to know: their mean operation stands for that of the others."""
        if costs is None:
            return cls(None, OPERATIONS, 1.0)
        pairs = zip(steps.schedule.steps, steps.kernels, strict=True)
        found = [(predicted((kernel,), costs, costs.unit), operations(step)) for step, kernel in pairs]
        known = [(cost, work) for cost, work in found if cost is not None]
        if not known:
            return cls(None, OPERATIONS, 1.0)
        return cls(costs, costs.unit, sum(cost for cost, _ in known) / sum(work for _, work in known))

    def __call__(self, step: Step, kernel: Kernel) -> int:
        """What one step takes: at least 1, as nothing is computed again for nothing."""
        found = None if self.costs is None else predicted((kernel,), self.costs, self.unit)
        return max(round(operations(step) * self.rate if found is None else found), 1)

    def total(self, steps: Steps) -> int:
        """What all take."""
        return sum(self(step, kernel) for step, kernel in zip(steps.schedule.steps, steps.kernels, strict=True))


def operations(step: Step) -> int:
    """Multiply-accumulates, and a move for each element that is computed."""
    return step.macs + sum(value.type.elements for op in step.ops for value in op.results)
