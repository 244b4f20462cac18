"""A program that was found, and what is said of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from edgec.budget.bound import held
from edgec.budget.durations import Durations
from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps
from edgec.codegen.model import Model
from edgec.ir import Op, Value
from edgec.schedule import Step
from edgec.schedule.fit import Fit, Recomputed

Select = Callable[[Op], Kernel]


@dataclass(frozen=True)
class Program:
    """Steps with their plan; ``fits``: into the room; ``twins``: what is computed again -> what was computed first."""

    model: Model
    cost: int
    fits: bool
    twins: Mapping[Value, Value] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Of the arena."""
        return self.model.plan.arena_bytes

    def told(self, default: "Program", budget: int, minimum: int, durations: Durations, choose: Select) -> Fit:
        """Beside the default one; ``minimum``: what steps need by themselves."""
        return Fit(
            budget,
            default.bytes,
            self.bytes,
            minimum,
            durations.unit,
            default.cost,
            self.cost,
            tuple(self._again(durations, choose)),
            _live(default.model),
            _live(self.model),
        )

    def _again(self, durations: Durations, choose: Select) -> Iterator[Recomputed]:
        """What is computed again, step by step: some of its operators, at their own cost, or all of it."""
        for index, (step, kernel) in enumerate(zip(self.model.schedule.steps, self.model.kernels, strict=True)):
            twins = [op for op in step.ops if any(value in self.twins for value in op.results)]
            if not twins:
                continue
            whole = len(twins) == len(step.ops)
            cost = durations(step, kernel) if whole else sum(durations(Step.of(op), choose(op)) for op in twins)
            value = twins[-1].results[0]
            ops = " + ".join(op.opname for op in twins)
            yield Recomputed(index, value.name, self.twins[value].name, ops, cost, twins[-1].source)


def steps_of(model: Model) -> Steps:
    """Those of a model."""
    return Steps(model.graph, model.schedule, model.kernels, model.io_in_arena)


def _live(model: Model) -> tuple[int, ...]:
    steps = steps_of(model)
    return tuple(held(steps, index).bytes for index in range(len(model.schedule.steps)))
