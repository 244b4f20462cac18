"""``--quantize auto``: the cheapest precisions, layer by layer, that keep the accuracy.

Losses of single layers do not say exactly what a model of several of them loses, and noise does not say how many
decisions it turns. So the loss that the constraint program allows itself is found by trying: each assignment is built,
run and compared with the float model; where it loses too much the next budget is smaller, else larger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt

from edgec.calibration import Batch, Calibration, Source
from edgec.errors import EdgecError
from edgec.ir import Graph
from edgec.ir.interp import run_samples
from edgec.precision.assignment import NO_LIMITS, assign
from edgec.precision.costs import MEASURED, Build, Costs, Measure, estimated_costs, measured_costs, problem_of
from edgec.precision.layers import Node, find_layers, of_operators
from edgec.precision.problem import FLOAT, Limits, Problem
from edgec.precision.sensitivity import SAMPLES, Loss, Tally, measure_sensitivity, uniform
from edgec.progress import Progress

ACCURACY_DROP = 0.005
"""Allowed by default: half a point."""

TRIALS = 10
"""Budgets that are tried."""

LEAST_BUDGET = 1e-6
"""The smallest budget, as a share of what all layers lose in int8."""


@dataclass(frozen=True)
class Trial:
    """An assignment that was built and run: what was allowed and expected (as noise), what it costs and really loses.

    ``budget``, ``expected`` and ``cost`` are None where no constraint program had a part in it.
    """

    precisions: Mapping[str, str]
    loss: Loss
    holds: bool
    budget: float | None = None
    expected: float | None = None
    cost: int | None = None


@dataclass(frozen=True)
class Choice:
    """Layer name -> precision, what that loses on the calibration data, and why it was chosen.

    ``operators`` says the same of each operator that a layer determines, as the pass ``quantize`` takes it beside
    ``dtype="float32"``.
    """

    precisions: Mapping[str, str]
    operators: Mapping[str, str]
    loss: Loss
    reason: str
    trials: tuple[Trial, ...]


def choose(
    graph: Graph,
    calibration: Calibration,
    build: Build,
    measure: Measure,
    accuracy_drop: float = ACCURACY_DROP,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Choice:
    """Precisions for the layers of a float graph, such that at most ``accuracy_drop`` (0.005: half a point) is lost.

    The graph is as ``prepared`` gives it. Accuracy is measured on the whole calibration data. Without labels the noise
    of the outputs may be at most that share of their power. If all layers can be int8 they are; if nothing else holds,
    all stay float. Mixtures keep ``limits`` (what memory the target has), as far as activations and weights tell.
    """
    nodes = find_layers(graph, calibration)
    judge = _Judge(graph, nodes, calibration.source, build, accuracy_drop, progress)
    if not nodes:
        return judge.choice({}, judge.exact, "no operator has a quantized form", [])
    first = judge.trial(uniform(nodes, "int8"))
    if first.holds:
        return judge.choice(first.precisions, first.loss, f"all layers in int8: {judge.verdict(first)}", [first])

    sensitivity = measure_sensitivity(graph, calibration, SAMPLES, progress)
    noise = {layer.node.name: {p: loss.noise for p, loss in layer.alone.items()} for layer in sensitivity.layers}
    costs = measured_costs(graph, nodes, build, measure) or estimated_costs(nodes)
    problem = problem_of(graph, nodes, noise, costs)
    trials = [first, *_search(problem, limits, judge)]
    holding = [trial for trial in trials[1:] if trial.holds and set(trial.precisions.values()) != {FLOAT}]
    if not holding:
        reason = f"all layers in float32: {judge.verdict(first)} in int8, and no mixture that was tried was good enough"
        return judge.choice(uniform(nodes, FLOAT), judge.exact, reason, trials)
    best = min(holding, key=lambda trial: trial.cost or 0)
    return judge.choice(best.precisions, best.loss, _reason(best, first, judge, costs), trials)


def _search(problem: Problem, limits: Limits, judge: "_Judge") -> list[Trial]:
    """Bisect the loss that is allowed, between that of all layers in int8 and next to nothing."""
    most = sum(layer.loss.get("int8", 0.0) for layer in problem.layers)
    low, high = most * LEAST_BUDGET, most
    tried: dict[tuple[tuple[str, str], ...], Trial] = {}
    for _ in range(TRIALS):
        budget = sqrt(low * high)
        try:
            found = assign(problem, "cost", replace(limits, loss=budget))
        except EdgecError:  # there is not enough memory for so little loss
            low = budget
            continue
        key = tuple(found.precisions.items())
        if key not in tried:
            tried[key] = judge.trial(found.precisions, budget, found.figures.loss, found.figures.cost)
        if tried[key].holds:
            low = budget
        else:
            high = budget
    return list(tried.values())


def _reason(best: Trial, first: Trial, judge: "_Judge", costs: Costs) -> str:
    counts: dict[str, int] = {}
    for precision in best.precisions.values():
        counts[precision] = counts.get(precision, 0) + 1
    mixture = ", ".join(f"{count} in {precision}" for precision, count in sorted(counts.items()))
    by = "instructions counted on the target" if costs.unit == MEASURED else "bytes read and written (no counts)"
    return f"{mixture}: {judge.verdict(best)}; all in int8: {judge.verdict(first)}; the cheapest by {by}"


class _Judge:
    """Runs what was built on all calibration data, and compares it with the float graph."""

    def __init__(
        self,
        graph: Graph,
        nodes: list[Node],
        source: Source,
        build: Build,
        accuracy_drop: float,
        progress: Progress | None,
    ) -> None:
        self._graph, self._nodes, self._source, self._build = graph, nodes, source, build
        self._drop, self._progress, self._count = accuracy_drop, progress, 0
        self.exact = self._loss(graph)

    def trial(
        self,
        precisions: Mapping[str, str],
        budget: float | None = None,
        expected: float | None = None,
        cost: int | None = None,
    ) -> Trial:
        """Build and run an assignment."""
        loss = self._loss(self._build(of_operators(self._graph, self._nodes, precisions)))
        if self.exact.accuracy is not None and loss.accuracy is not None:
            holds = self.exact.accuracy - loss.accuracy <= self._drop + 1e-12
        else:
            holds = loss.noise <= self._drop
        return Trial(precisions, loss, holds, budget, expected, cost)

    def choice(self, precisions: Mapping[str, str], loss: Loss, reason: str, trials: list[Trial]) -> Choice:
        """Say what was chosen."""
        operators = of_operators(self._graph, self._nodes, precisions)
        return Choice(precisions, operators, loss, reason, tuple(trials))

    def verdict(self, trial: Trial) -> str:
        """What a trial showed, in words."""
        if self.exact.accuracy is not None and trial.loss.accuracy is not None:
            here, exact = 100 * trial.loss.accuracy, 100 * self.exact.accuracy
            return f"accuracy {here:.2f} % of {exact:.2f} %, at most {100 * self._drop:.4g} points may be lost"
        noise = f"noise {100 * trial.loss.noise:.3g} % of the signal, as there are no labels"
        return f"{noise}, at most {100 * self._drop:.4g} % are allowed"

    def _loss(self, graph: Graph) -> Loss:
        tally, done = Tally(), 0
        states: tuple[Batch, Batch] = {}, {}
        self._count += 1
        for batch in self._source.batches():
            count = len(next(iter(batch.values())))
            labels = None if self._source.labels is None else self._source.labels[done : done + count]
            reference = run_samples(self._graph, batch, states=states[0])
            outputs = reference if graph is self._graph else run_samples(graph, batch, states=states[1])
            tally.add(outputs, reference, labels)
            done += count
            if self._progress is not None:
                self._progress(f"trial {self._count}", done, self._source.count)
        return tally.loss
