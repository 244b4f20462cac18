"""From a float graph to one in QDQ form: what happens for ``--quantize``, before integers are computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edgec import passes
from edgec.calibration import Calibration, Source, calibrate
from edgec.errors import EdgecError
from edgec.ir import Graph
from edgec.ir.ops import Quantize
from edgec.options import Options
from edgec.passes.quantize import QuantizePass
from edgec.precision import ACCURACY_DROP, FLOAT, Choice, Limits, choose, prepared
from edgec.precision.costs import Measure
from edgec.progress import Progress
from edgec.rewriting import Pipeline, parse_pipeline
from edgec.target import Target

Dump = Callable[[int, str, Graph], None]


@dataclass(frozen=True)
class Quantized:
    """The float graph that was quantized, with the samples, and which precisions were chosen if that was asked for."""

    reference: Graph
    source: Source
    choice: Choice | None


@dataclass(frozen=True)
class FloatModel:
    """A float graph as the pass ``quantize`` takes it, and the ranges of its values on the calibration data."""

    graph: Graph
    calibration: Calibration
    target: Target
    options: Options

    def quantizing(self, dtype: str, operators: Mapping[str, str], progress: Progress | None = None) -> QuantizePass:
        """The pass that gives all operators a precision, but some (by the names of their results) another one."""
        return QuantizePass(
            self.calibration,
            dtype=dtype,
            layers=operators,
            rounding=self.options.rounding,
            correct_bias=True,
            progress=progress,
        )

    def build(self, operators: Mapping[str, str]) -> Graph:
        """The graph in integers, with these precisions of operators; all others stay float."""
        mixed = self.graph.copy()
        Pipeline([self.quantizing(FLOAT, operators), *parse_pipeline(passes.INTEGERS)]).run(mixed, self.target)
        return mixed


def calibrated(
    graph: Graph, target: Target, options: Options, dump: Dump | None, progress: Progress | None
) -> tuple[FloatModel, int]:
    """Run the float pipeline on a graph, in place, and calibrate the result; also returns how many passes ran.

    Raises EdgecError for calibration data that cannot be read, does not fit, or is nothing but 0.
    """
    first = Pipeline([*parse_pipeline(passes.FLOAT), *parse_pipeline("equalize-layers")])
    done = len(first.run(graph, target, dump=dump))
    reference = prepared(graph)
    calibration = calibrate(reference, options.calibration, options.calibration_method, progress)
    for name, value in reference.given.items():
        spread = calibration.spreads.get(value.name)
        if spread is not None and spread.low == spread.high == 0:
            hint = "give samples as the model will see them"
            raise EdgecError(calibration.source.where, f"input {name} is 0 in all samples", hint)
    return FloatModel(reference, calibration, target, options), done


def quantize(
    graph: Graph,
    target: Target,
    options: Options,
    dump: Dump | None,
    measure: Measure | None,
    progress: Progress | None,
) -> tuple[Quantized, int]:
    """Run the float pipeline on a graph and bring it into QDQ form, in place; also returns how many passes ran.

    Raises EdgecError for calibration data that cannot be read or does not fit, for a quantized model, and for one of
    which nothing can be quantized.
    """
    model, done = calibrated(graph, target, options, dump, progress)
    choice = None
    if options.quantize == "auto":
        drop = ACCURACY_DROP if options.accuracy_drop is None else options.accuracy_drop
        memory = target.memory
        limits = Limits() if memory is None else Limits(ram_bytes=memory.ram.bytes, weight_bytes=memory.flash.bytes)
        counted = measure or (lambda graph: None)
        choice = choose(model.graph, model.calibration, model.build, counted, drop, limits, progress)
        last = model.quantizing(FLOAT, choice.operators, progress)
    else:
        last = model.quantizing(str(options.quantize), {}, progress)
    numbered = None if dump is None else (lambda index, name, graph: dump(index + done, name, graph))
    Pipeline([last]).run(graph, target, dump=numbered)
    if choice is None and not any(isinstance(op, Quantize) for op in graph):
        what = "no operator of the model has a quantized form: all would stay float"
        raise EdgecError("option quantize", what, "leave it out; what has one are float32 operators that compute")
    return Quantized(model.graph, model.calibration.source, choice), done + 1
