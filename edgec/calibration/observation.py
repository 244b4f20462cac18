"""What numbers the values of a graph take on calibration data."""

from dataclasses import dataclass, field

import numpy as np

from edgec.calibration.sources import Batch, Source
from edgec.errors import EdgecError
from edgec.ir import Array, DType, Graph, IRError, Value
from edgec.ir.interp import Observer, run_samples
from edgec.progress import Progress

BINS = 8192


@dataclass
class Spread:
    """The numbers that a value took: their extremes, and how many of them fell into equal bins between these."""

    low: float = np.inf
    high: float = -np.inf
    finite: bool = True
    """False where infinity or NaN were among them; the rest then do not count them."""
    counts: Array = field(default_factory=lambda: np.zeros(BINS, np.int64))

    @property
    def range(self) -> tuple[float, float]:
        """The extremes, widened so as to hold 0."""
        return min(self.low, 0.0), max(self.high, 0.0)

    def edges(self) -> Array:
        """The borders of the bins, f64 ``[BINS + 1]``."""
        return np.linspace(self.low, self.high, BINS + 1)

    def meet(self, array: Array) -> None:
        """Widen the extremes."""
        with np.errstate(invalid="ignore"):
            low, high = float(array.min()), float(array.max())
        if not np.isfinite(high - low):
            self.finite = self.finite and bool(np.isfinite(array).all())
            array = array[np.isfinite(array)]
            low, high = float(array.min(initial=np.inf)), float(array.max(initial=-np.inf))
        self.low, self.high = min(self.low, low), max(self.high, high)

    def count(self, array: Array) -> None:
        """Fill the bins; what lies beyond the extremes goes to the last ones."""
        if not self.low < self.high:
            return
        places = (array[np.isfinite(array)].astype(np.float64) - self.low) * (BINS / (self.high - self.low))
        self.counts += np.bincount(np.clip(places, 0, BINS - 1).astype(np.intp), minlength=BINS)


def observe(graph: Graph, source: Source, histograms: bool, progress: Progress | None = None) -> dict[Value, Spread]:
    """Run the graph on all samples, twice with ``histograms``: the spread of each f32 value that is no constant.

    States go on from sample to sample, and start anew for the second time. Raises EdgecError as ``Source.batches``,
    and for samples that the graph cannot be run on.
    """
    spreads = {v: Spread() for v in graph.values() if v.type.dtype is DType.F32 and v.data is None}

    def meet(value: Value, array: Array) -> None:
        if value in spreads:
            spreads[value].meet(array)

    def count(value: Value, array: Array) -> None:
        if value in spreads:
            spreads[value].count(array)

    _run_all(graph, source, meet, "ranges", progress)
    if histograms:
        _run_all(graph, source, count, "histograms", progress)
    return spreads


def _run_all(graph: Graph, source: Source, observer: Observer, stage: str, progress: Progress | None) -> None:
    states: Batch = {}
    done = 0
    for batch in source.batches():
        try:
            run_samples(graph, batch, observer, states)
        except IRError as error:
            hint = "give samples that the model takes: indices within what they index"
            raise EdgecError(source.where, f"the model does not run on it: {error}", hint) from error
        done += len(next(iter(batch.values())))
        if progress is not None:
            progress(stage, done, source.count)
