"""How far the values of a quantized graph are from those of the float graph that it was made of."""

from collections.abc import Iterator, Mapping
from itertools import islice
from math import log10

import numpy as np

from edgec.calibration.sources import Batch, Data, Source, open_source
from edgec.ir import Array, Graph, Value
from edgec.ir.interp import run_samples
from edgec.ir.ops.quantized import is_activation
from edgec.ir.requantization import numbers, to_codes
from edgec.samples import input_types

SAMPLES = 64
"""At most so many are looked at: the ratios hardly change with more."""


def signal_to_noise(reference: Graph, graph: Graph, data: Data | Source) -> dict[str, float]:
    """Name of a quantized value -> ``10 log10(sum of x^2 / sum of (x - y)^2)`` in dB over calibration samples.

    x are the numbers of the float graph's value of that name and shape, y those that the integers stand for; left out
    where one of the sums is 0. Raises EdgecError as ``open_source``.
    """
    twins = {v.name: v for v in reference.values() if v.data is None}
    compared = {
        v: twins[v.name]
        for v in graph.values()
        if is_activation(v.type) and v.data is None and v.name in twins and twins[v.name].shape == v.shape
    }
    signal, noise = dict.fromkeys(compared, 0.0), dict.fromkeys(compared, 0.0)
    for inputs in _single_samples(open_source(data, input_types(reference))):
        exact, approximate = _values(reference, inputs), _values(graph, to_codes(inputs, graph.given))
        for value, twin in compared.items():
            x = exact[twin].astype(np.float64)
            signal[value] += float(np.square(x).sum())
            noise[value] += float(np.square(x - numbers(approximate[value], value.type)).sum())
    return {v.name: 10 * log10(signal[v] / noise[v]) for v in compared if signal[v] > 0 and noise[v] > 0}


def _values(graph: Graph, inputs: Mapping[str, Array]) -> dict[Value, Array]:
    """Every value of a run that is no constant."""
    found: dict[Value, Array] = {}

    def keep(value: Value, array: Array) -> None:
        found[value] = array

    run_samples(graph, inputs, keep)
    return found


def _single_samples(source: Source) -> Iterator[Batch]:
    """The first SAMPLES samples, one by one, so that all values of a large graph fit into memory."""
    batches = source.batches()
    one_by_one = ({n: a[i : i + 1] for n, a in batch.items()} for batch in batches for i in range(_count(batch)))
    return islice(one_by_one, SAMPLES)


def _count(batch: Batch) -> int:
    return len(next(iter(batch.values())))
