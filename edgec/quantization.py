"""From a float graph to one in QDQ form: what happens for ``--quantize``, before integers are computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edgec import passes
from edgec.calibration import Source, calibrate, open_source
from edgec.ir import Graph
from edgec.options import Options
from edgec.passes.quantize import QuantizePass
from edgec.precision import ACCURACY_DROP, Choice, choose
from edgec.precision.costs import Measure
from edgec.precision.sensitivity import prepared
from edgec.progress import Progress
from edgec.rewriting import Pipeline, parse_pipeline
from edgec.samples import input_types
from edgec.target import Target

Dump = Callable[[int, str, Graph], None]


@dataclass(frozen=True)
class Quantized:
    """The float graph that was quantized, with the samples, and which precisions were chosen if that was asked for."""

    reference: Graph
    source: Source
    choice: Choice | None


def quantize(
    graph: Graph,
    target: Target,
    options: Options,
    dump: Dump | None,
    measure: Measure | None,
    progress: Progress | None,
) -> tuple[Quantized, int]:
    """Run the float pipeline on a graph and bring it into QDQ form, in place; also returns how many passes ran.

    Raises EdgecError for calibration data that cannot be read or does not fit, and for a quantized model.
    """
    first = Pipeline([*parse_pipeline(passes.FLOAT), *parse_pipeline("equalize-layers")])
    done = len(first.run(graph, target, dump=dump))
    reference = prepared(graph)
    source = open_source(options.calibration, input_types(graph))
    calibration = calibrate(reference, source, options.calibration_method, progress)

    def build(layers: Mapping[str, str]) -> Graph:
        mixed = reference.copy()
        steps = [QuantizePass(calibration, dtype="float32", layers=layers), *parse_pipeline(passes.INTEGERS)]
        Pipeline(steps).run(mixed, target)
        return mixed

    choice = None
    if options.quantize == "auto":
        drop = ACCURACY_DROP if options.accuracy_drop is None else options.accuracy_drop
        counted = measure or (lambda graph: None)
        choice = choose(reference, source, calibration, build, counted, drop, progress)
    last = QuantizePass(
        calibration,
        dtype=str(options.quantize) if choice is None else "float32",
        layers={} if choice is None else choice.operators,
        rounding=options.rounding,
        correct_bias=True,
        progress=progress,
    )
    numbered = None if dump is None else (lambda index, name, graph: dump(index + done, name, graph))
    Pipeline([last]).run(graph, target, dump=numbered)
    return Quantized(reference, source, choice), done + 1
