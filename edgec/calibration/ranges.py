"""From calibration data to the range of every value."""

from dataclasses import dataclass

from edgec.calibration.methods import METHODS, PERCENTILE, Range, minmax, percentile
from edgec.calibration.observation import Spread, observe
from edgec.calibration.sources import Data, Source, open_source
from edgec.errors import EdgecError
from edgec.ir import DType, Graph, Value
from edgec.progress import Progress
from edgec.samples import input_types


@dataclass(frozen=True)
class Calibration:
    """What the f32 values of a graph, constants left out, took on calibration data, and how ranges follow from it.

    It goes by the names of values, so that it serves copies of the graph, too.
    """

    source: Source
    spreads: dict[str, Spread]
    method: str
    percentile: float = PERCENTILE

    def range(self, value: Value, dtype: DType = DType.I8) -> Range:
        """Low and high of what integers of that type shall cover, with 0."""
        spread = self.spreads[value.name]
        if dtype.bytes > 1 or not spread.low < spread.high:
            return minmax(spread)
        return percentile(spread, self.percentile) if self.method == "percentile" else METHODS[self.method](spread)

    def is_finite(self, value: Value) -> bool:
        """Whether the value never was infinite or NaN: else it has no integers."""
        return self.spreads[value.name].finite


def calibrate(
    graph: Graph,
    data: Data | Source,
    method: str = "minmax",
    progress: Progress | None = None,
    percentile: float = PERCENTILE,
) -> Calibration:
    """Run the graph on calibration data and choose ranges by a method of METHODS.

    Raises EdgecError for a method that is none, a percentile not above 50 and at most 100, and as ``Source.batches``.
    """
    if method not in METHODS:
        raise EdgecError("calibration", f"{method!r} is no method", f"use one of {', '.join(METHODS)}")
    if not 50 < percentile <= 100:
        raise EdgecError("calibration", f"a percentile of {percentile:g}", "give one above 50, at most 100")
    source = open_source(data, input_types(graph))
    spreads = observe(graph, source, method != "minmax", progress)
    return Calibration(source, {value.name: spread for value, spread in spreads.items()}, method, percentile)
