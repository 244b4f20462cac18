"""The problem of mixed precision: what each layer loses and costs in each precision, and what passes between layers.

The loss of a model is taken to be the sum of its layers' losses: noise powers add as long as noises are small and
independent of each other. That is a model of first order; what it chooses is to be measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from edgec.ir import IRError
from edgec.schedule.problem import aligned

FLOAT = "float32"
ELEMENT_BYTES = {"int8": 1, "uint8": 1, "int16x8": 2, FLOAT: 4}
"""Precision -> bytes of an activation's element."""


@dataclass(frozen=True)
class Layer:
    """A layer and the precisions that it can have: the keys of ``loss``, of ``cost`` and of ``weight_bytes``.

    ``loss`` is what the model's output suffers if this layer alone has that precision, as noise power over signal
    power; ``cost`` is in instructions or any other unit of time.
    """

    name: str
    loss: Mapping[str, float]
    cost: Mapping[str, int]
    weight_bytes: Mapping[str, int]


@dataclass(frozen=True)
class Read:
    """A step that reads a tensor in the precision of a layer; None: in float."""

    step: int
    by: str | None


@dataclass(frozen=True)
class Tensor:
    """An activation, in the precision of the layer that makes it (None: float). Others read converted copies.

    It is made in step ``born`` (-1: before the first one, by the caller) and converted right after that, once for each
    other precision in which it is read.
    """

    name: str
    elements: int
    made_by: str | None
    born: int
    reads: tuple[Read, ...]

    def bytes(self, precision: str) -> int:
        """Size in memory."""
        return aligned(self.elements * ELEMENT_BYTES[precision])


@dataclass(frozen=True)
class Problem:
    """Layers, and the tensors between them in a fixed order of steps.

    ``conversion`` maps (from, to) -> cost of an element; what is not there costs nothing. ``fixed_cost`` is what does
    not depend on the choice.
    """

    layers: tuple[Layer, ...]
    tensors: tuple[Tensor, ...] = ()
    conversion: Mapping[tuple[str, str], float] = field(default_factory=dict)
    fixed_cost: int = 0

    def conversion_cost(self, tensor: Tensor, source: str, result: str) -> int:
        """Cost of a converted copy of a tensor."""
        return round(tensor.elements * self.conversion.get((source, result), 0.0))


@dataclass(frozen=True)
class Limits:
    """What an assignment may cost at most. ``ram_bytes`` are those of live activations in the fullest step."""

    loss: float = inf
    cost: float = inf
    ram_bytes: float = inf
    weight_bytes: float = inf


@dataclass(frozen=True)
class Figures:
    """What an assignment costs, in the terms of ``Limits``."""

    loss: float
    cost: int
    ram_bytes: int
    weight_bytes: int

    def exceeds(self, limits: Limits) -> list[str]:
        """The names of the limits that do not hold; of a loss up to rounding of its sum."""
        allowed = {**vars(limits), "loss": limits.loss * (1 + 1e-9)}
        return [name for name, value in vars(self).items() if value > allowed[name]]


def figures(problem: Problem, precisions: Mapping[str, str]) -> Figures:
    """Replay an assignment, layer name -> precision, tensor by tensor and copy by copy.

    Raises IRError where it leaves out a layer or gives it a precision that it does not have.
    """
    loss, cost, weights = 0.0, problem.fixed_cost, 0
    if set(precisions) != {layer.name for layer in problem.layers}:
        raise IRError(f"an assignment to {sorted(precisions)} is none to the problem's layers")
    for layer in problem.layers:
        chosen = precisions[layer.name]
        if chosen not in layer.loss:
            raise IRError(f"layer {layer.name} has no precision {chosen}")
        loss += layer.loss[chosen]
        cost += layer.cost[chosen]
        weights += layer.weight_bytes[chosen]

    held: dict[int, int] = {}  # moment -> bytes; a step is two moments: it runs, then its results are converted
    for tensor in problem.tensors:
        own = FLOAT if tensor.made_by is None else precisions[tensor.made_by]
        last = {own: 2 * tensor.born + 1}
        for read in tensor.reads:
            wanted = FLOAT if read.by is None else precisions[read.by]
            last[wanted] = max(last.get(wanted, 0), 2 * read.step)
        for precision, end in last.items():
            if precision != own:
                cost += problem.conversion_cost(tensor, own, precision)
            for moment in range(2 * tensor.born + (precision != own), end + 1):
                held[moment] = held.get(moment, 0) + tensor.bytes(precision)
    return Figures(loss, cost, max(held.values(), default=0), weights)
