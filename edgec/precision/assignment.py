"""Which precision each layer gets: solved as a constraint program, and checked without trusting the solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any, Literal

from edgec.errors import EdgecError
from edgec.ir import IRError
from edgec.precision.problem import FLOAT, Figures, Limits, Problem, Tensor, figures

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

CP_SAT_WORK = 20.0
"""Deterministic time that CP-SAT may spend (about seconds, but the same work on every machine)."""

LOSS_STEPS = 2**40
"""Integers that losses are counted in, up to the limit or to all that could be lost."""

Objective = Literal["cost", "loss"]


@dataclass(frozen=True)
class Assignment:
    """Layer name -> precision, what that costs, and what is known of the optimum.

    ``status`` is ``optimal`` or ``feasible``; no assignment within the limits has less of the objective than ``bound``.
    """

    precisions: Mapping[str, str]
    figures: Figures
    status: str
    bound: float


NO_LIMITS = Limits()


def assign(problem: Problem, minimize: Objective, limits: Limits = NO_LIMITS) -> Assignment:
    """The assignment within the limits with the least cost, of several the one that loses least; or the reverse.

    The same problem always gets the same answer. EdgecError if there is none.
    """
    program = _Program(problem, limits)
    objectives: dict[Objective, Any] = {"cost": program.cost, "loss": program.loss}
    other: Objective = "loss" if minimize == "cost" else "cost"
    solution = program.solve(objectives[minimize])
    if solution is None:
        asked = ", ".join(f"{name} {value:g}" for name, value in vars(limits).items() if value < inf)
        raise EdgecError("mixed precision", f"no assignment keeps {asked or 'to the problem'}", "allow more of it")
    status, least, bound, _ = solution
    program.model.add(objectives[minimize] <= least)
    refined = program.solve(objectives[other], start=solution[3]) or solution
    if minimize == "loss":  # each was rounded up before they were added
        bound = max(0.0, (bound - len(problem.layers)) * program.loss_unit)
    found = Assignment(refined[3], figures(problem, refined[3]), status, bound)
    check(problem, found, minimize, limits)
    return found


def check(problem: Problem, found: Assignment, minimize: Objective, limits: Limits) -> None:
    """IRError unless an assignment keeps the limits, costs what it says, and is not better than its own bound."""
    replayed = figures(problem, found.precisions)
    if replayed != found.figures:
        raise IRError(f"an assignment of {replayed} claims to be one of {found.figures}")
    if broken := replayed.exceeds(limits):
        raise IRError(f"an assignment of {replayed} exceeds its limits of {', '.join(broken)}")
    value = replayed.cost if minimize == "cost" else replayed.loss
    if found.bound > value + 1e-9 * abs(value):  # the solver's bound is a float
        raise IRError(f"an assignment of {minimize} {value} is better than its own bound {found.bound}")


class _Program:
    """The constraint program: a truth value for each layer and precision, for each conversion, for each live copy."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        from ortools.sat.python import cp_model  # three quarters of a second to import

        self.problem, self.model = problem, cp_model.CpModel()
        most = sum(max(layer.loss.values(), default=0.0) for layer in problem.layers)
        self.loss_unit = (min(limits.loss, most) or 1.0) / LOSS_STEPS
        self.chosen: dict[str, dict[str, cp_model.IntVar]] = {}
        for layer in problem.layers:
            of_layer = {p: self.model.new_bool_var(f"{layer.name}.{p}") for p in layer.loss}
            self.model.add_exactly_one(of_layer.values())
            self.chosen[layer.name] = of_layer
        self.fixed = {FLOAT: self.model.new_constant(1)}  # what no layer decides
        picks = [(layer, p, var) for layer in problem.layers for p, var in self.chosen[layer.name].items()]
        self.loss = sum(self._steps(layer.loss[p]) * var for layer, p, var in picks)
        self.cost = sum(layer.cost[p] * var for layer, p, var in picks) + problem.fixed_cost + self._conversions()
        if limits.loss < most:  # rounding up must not forbid what is just within the limit
            self.model.add(self.loss <= floor(limits.loss / self.loss_unit) + len(problem.layers) * (limits.loss > 0))
        if limits.cost < inf:
            self.model.add(self.cost <= floor(limits.cost))
        if limits.weight_bytes < inf:
            self.model.add(sum(layer.weight_bytes[p] * v for layer, p, v in picks) <= floor(limits.weight_bytes))
        if limits.ram_bytes < inf:
            for held in self._moments().values():
                self.model.add(sum(held) <= floor(limits.ram_bytes))

    def solve(
        self, objective: Any, start: Mapping[str, str] | None = None
    ) -> tuple[str, int, float, dict[str, str]] | None:
        """Status, value, bound and precisions; None if nothing was found."""
        from ortools.sat.python import cp_model

        self.model.minimize(objective)
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for name, precision in (start or {}).items():
            for other, var in self.chosen[name].items():
                self.model.add_hint(var, other == precision)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.max_deterministic_time = CP_SAT_WORK
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        picked = {n: next(p for p, var in of.items() if solver.value(var)) for n, of in self.chosen.items()}
        name = "optimal" if status == cp_model.OPTIMAL else "feasible"
        return name, round(solver.objective_value), solver.best_objective_bound, picked

    def _steps(self, loss: float) -> int:
        return min(ceil(loss / self.loss_unit), 2 * LOSS_STEPS)

    def _of(self, layer: str | None) -> dict[str, cp_model.IntVar]:
        return self.fixed if layer is None else self.chosen[layer]

    def _conversions(self) -> Any:
        """The cost of all converted copies: one for each precision that a tensor is read but not made in."""
        terms = []
        for number, tensor in enumerate(self.problem.tensors):
            readers = dict.fromkeys(read.by for read in tensor.reads)
            for own, made in self._of(tensor.made_by).items():
                wanted = sorted({p for by in readers for p in self._of(by)} - {own})
                for precision in wanted:
                    cost = self.problem.conversion_cost(tensor, own, precision)
                    if not cost:
                        continue
                    needed = self.model.new_bool_var(f"{number}.{own}.{precision}")
                    for by in readers:
                        if by != tensor.made_by and (read := self._of(by).get(precision)) is not None:
                            self.model.add_bool_or([made.negated(), read.negated(), needed])
                    terms.append(cost * needed)
        return sum(terms)

    def _moments(self) -> dict[int, list[Any]]:
        """What is held while a step runs (moment 2 * step) and while its results are converted (the moment after)."""
        held: dict[int, list[Any]] = {}
        for number, tensor in enumerate(self.problem.tensors):
            own = self._of(tensor.made_by)
            runs, converts = 2 * tensor.born, 2 * tensor.born + 1
            held.setdefault(runs, []).extend(var * tensor.bytes(p) for p, var in own.items())
            for precision in sorted(
                {p for by in (tensor.made_by, *(r.by for r in tensor.reads)) for p in self._of(by)}
            ):
                size, copies = tensor.bytes(precision), self._copies(number, tensor, precision)
                made = [own[precision]] if precision in own else []
                first = [copies[0][1]] if copies else []
                held.setdefault(converts, []).append(size * self._any(made + first, f"{number}.{precision}.made"))
                begin = converts + 1
                for step, alive in copies:
                    for moment in range(begin, 2 * step + 1):
                        held.setdefault(moment, []).append(size * alive)
                    begin = 2 * step + 1
        return held

    def _copies(self, number: int, tensor: Tensor, precision: str) -> list[tuple[int, cp_model.IntVar]]:
        """Of each step that may read the tensor in a precision: whether that or a later one does; first step first."""
        found: list[tuple[int, cp_model.IntVar]] = []
        for step in sorted({read.step for read in tensor.reads}, reverse=True):
            readers = [self._of(read.by).get(precision) for read in tensor.reads if read.step == step]
            later = [alive for _, alive in found[-1:]]
            if known := [var for var in readers if var is not None]:
                found.append((step, self._any(known + later, f"{number}.{precision}.{step}")))
        return found[::-1]

    def _any(self, literals: list[cp_model.IntVar], name: str) -> cp_model.IntVar:
        """A truth value that is true if one of these is."""
        if len(literals) == 1:
            return literals[0]
        result = self.model.new_bool_var(name)
        for literal in literals:
            self.model.add_implication(literal, result)
        return result
