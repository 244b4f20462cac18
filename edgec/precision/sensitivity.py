"""How much the output of a model loses when a layer computes in integers: each alone, and all others but it.

Every variant is the float graph with the pairs that the pass ``quantize`` puts around the layers, run by the
interpreter on calibration samples and compared with the float graph.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import log10

import numpy as np

from edgec.calibration import Batch, Calibration, Source
from edgec.errors import EdgecError
from edgec.ir import Array, Const, Graph
from edgec.passes.quantize import QuantizePass, without_divisions
from edgec.precision.evaluation import Evaluator
from edgec.precision.layers import INTEGER, Node, find_layers, of_operators
from edgec.precision.problem import FLOAT
from edgec.progress import Progress

SAMPLES = 64
"""So many are enough: noise is measured on all elements of the output, and accuracy only for show."""

HELD_BYTES = 256 << 20
"""Of values of the float and the int8 graph, which are held for a batch."""


@dataclass(frozen=True)
class Loss:
    """What a variant's output loses: noise power over signal power, and the share of samples that it gets right.

    Of several outputs ``noise`` is the mean; ``accuracy`` is None without labels.
    """

    noise: float
    accuracy: float | None

    @property
    def sqnr_db(self) -> float | None:
        """Signal-to-quantization-noise ratio; None where there is no noise."""
        return -10 * log10(self.noise) if self.noise > 0 else None


@dataclass(frozen=True)
class LayerLoss:
    """Of a layer: the loss if it ``alone`` has a precision, and if it alone has not, all ``others`` being int8."""

    node: Node
    alone: Mapping[str, Loss]
    others: Loss


@dataclass(frozen=True)
class Sensitivity:
    """Of all layers, and of the model if all have one precision (float32 among them), on so many samples."""

    layers: tuple[LayerLoss, ...]
    uniform: Mapping[str, Loss]
    samples: int


def measure_sensitivity(
    graph: Graph, calibration: Calibration, samples: int = SAMPLES, progress: Progress | None = None
) -> Sensitivity:
    """Measure each layer of a float graph, as ``prepared`` gives it, on the first ``samples`` of its calibration data.

    Raises EdgecError for a graph in which nothing can be quantized, and as ``Source.batches``.
    """
    nodes = find_layers(graph, calibration)
    if not nodes:
        hint = "see `edgec inspect` for its operators; a quantized model is compiled as it is"
        raise EdgecError("sensitivity", "no operator of the model has a quantized form", hint)
    alone = [(node.name, p) for node in nodes for p in node.precisions if p != FLOAT]
    choices: dict[object, dict[str, str]] = {p: uniform(nodes, p) for p in INTEGER}
    choices |= {(name, p): uniform(nodes, FLOAT) | {name: p} for name, p in alone}
    choices |= {node.name: uniform(nodes, "int8") | {node.name: FLOAT} for node in nodes}

    variants = {key: of_operators(graph, nodes, precisions) for key, precisions in choices.items()}

    bases = [graph, quantized(graph, calibration, variants["int8"])]
    evaluator, tallies, exact = Evaluator(bases), {key: Tally() for key in choices}, Tally()
    most = min(samples, calibration.source.count or samples) * len(choices)
    taken = done = 0
    for batch, labels in _parts(calibration.source, bases, samples):
        evaluator.begin(batch)
        reference = evaluator.outputs(graph, FLOAT)
        exact.add(reference, reference, labels)
        taken += len(next(iter(batch.values())))
        for key, precisions in variants.items():
            outputs = evaluator.outputs(quantized(graph, calibration, precisions), key)
            tallies[key].add(outputs, reference, labels)
            done += len(next(iter(batch.values())))
            if progress is not None:
                progress("sensitivity", done, most)
    layers = []
    for node in nodes:
        each = {p: tallies[node.name, p].loss for p in node.precisions if p != FLOAT}
        layers.append(LayerLoss(node, {**each, FLOAT: exact.loss}, tallies[node.name].loss))
    return Sensitivity(tuple(layers), {**{p: tallies[p].loss for p in INTEGER}, FLOAT: exact.loss}, taken)


def prepared(graph: Graph) -> Graph:
    """A copy of a float graph whose operators are those that the pass ``quantize`` finds; names are the same."""
    copy = graph.copy()
    without_divisions(copy)
    return copy


def uniform(nodes: list[Node], precision: str) -> dict[str, str]:
    """One precision for all layers that can have it, float for the rest."""
    return {node.name: precision if precision in node.precisions else FLOAT for node in nodes}


def quantized(graph: Graph, calibration: Calibration, precisions: Mapping[str, str]) -> Graph:
    """A copy of a float graph in QDQ form, with these precisions of its operators by the names of their results."""
    variant = graph.copy()
    QuantizePass(calibration, dtype=FLOAT, layers=precisions).run(variant, None)
    return variant


def _parts(source: Source, bases: list[Graph], samples: int) -> Iterator[tuple[Batch, Array | None]]:
    """The first samples of a source, so many at a time that all values of the bases find room, with their labels."""
    held = sum(v.type.bytes for graph in bases for v in graph.values() if not isinstance(v.producer, Const))
    rows = max(1, HELD_BYTES // max(1, held))
    taken = 0
    for batch in source.batches():
        count = min(len(next(iter(batch.values()))), samples - taken)
        for start in range(0, count, rows):
            stop = min(start + rows, count)
            labels = None if source.labels is None else source.labels[taken + start : taken + stop]
            yield {name: array[start:stop] for name, array in batch.items()}, labels
        taken += count
        if taken == samples:
            return


@dataclass
class Tally:
    """Sums over batches: of squares of each output and of what is off of it; and of what is right."""

    signal: dict[str, float] = field(default_factory=dict)
    noise: dict[str, float] = field(default_factory=dict)
    right: int | None = 0
    samples: int = 0

    def add(self, outputs: Mapping[str, Array], reference: Mapping[str, Array], labels: Array | None) -> None:
        """Add a batch ``[S, *shape]`` by output name. What is not finite in the reference does not count.

        EdgecError for labels that are no index of the first output.
        """
        for name, wanted in reference.items():
            expected, found = wanted.astype(np.float64), outputs[name].astype(np.float64)
            finite = np.isfinite(expected)
            expected = np.where(finite, expected, 0.0)
            off = np.nan_to_num(np.where(finite, found, 0.0) - expected)
            self.signal[name] = self.signal.get(name, 0.0) + float(np.sum(np.square(expected)))
            self.noise[name] = self.noise.get(name, 0.0) + float(np.sum(np.square(off)))
        first = next(iter(outputs.values()))
        self.samples += len(first)
        if labels is None:
            self.right = None
        elif self.right is not None:
            scores = first.reshape(len(first), -1)
            if not np.isin(labels, np.arange(scores.shape[1])).all():
                what = f"{labels.min()} .. {labels.max()} are no classes of an output of {scores.shape[1]} elements"
                raise EdgecError("calibration labels", what, "give the index of each sample's class, from 0 on")
            self.right += int(np.sum(scores.argmax(axis=1) == labels))

    @property
    def loss(self) -> Loss:
        """Their ratios."""
        # An output that is all 0 has no signal to compare noise with; any noise of it counts as much as a signal.
        noises = [n / s if (s := self.signal[name]) > 0 else float(n > 0) for name, n in self.noise.items()]
        accuracy = None if self.right is None else self.right / max(1, self.samples)
        return Loss(float(np.mean(noises)), accuracy)
