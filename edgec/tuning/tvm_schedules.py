"""``edgec tune MODEL --kernels tvm``: schedules for the layers of a model, and what these cost beside edgec's own."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels import select
from edgec.codegen.source import emit_model
from edgec.driver import CompiledModel
from edgec.errors import EdgecError
from edgec.ir import Graph, Op
from edgec.lowering import costs_of, lower
from edgec.options import Options
from edgec.progress import Progress
from edgec.providers.tvm import Layer, Provider, layer_of
from edgec.providers.tvm.records import Record
from edgec.providers.tvm.search import search
from edgec.samples import input_types, random_samples
from edgec.target import Target
from edgec.tuning.layers import copy_into, distinct_layers


@dataclass(frozen=True)
class Tuned:
    """A layer of the model and its record; None where TVM has no kernel for it that can be linked."""

    op: Op
    record: Record | None


def tune_layers(
    model: Path, target: Target, trials: int, options: Options, progress: Progress | None = None
) -> Iterator[Tuned]:
    """Each distinct layer that TVM can compute: search, measure both kernels, keep a record. Known ones are kept.

    EdgecError without TVM, for a target that it is not for, and for trials where schedules can't be run: on the host
    alone. A record of as many trials or more is reused.
    """
    provider = Provider(target)
    if trials and target.arch != "host":
        what = "is not this machine: schedules can't be timed on it"
        raise EdgecError(f"target {target.name}", what, "give --trials 0: schedules by rule, in executed instructions")
    layers: dict[object, tuple[Op, Layer]] = {}
    for op in distinct_layers(model, target, options):
        if (layer := layer_of(op)) is not None:
            layers.setdefault(layer.workload, (op, layer))
    for done, (op, layer) in enumerate(layers.values(), 1):
        known = provider.records.find(layer.workload)
        reused = known is not None and known.trials >= trials
        yield Tuned(op, known if reused else _tune(provider, op, layer, trials))
        if progress is not None:
            progress("tuning", done, len(layers))


def _tune(provider: Provider, op: Op, layer: Layer, trials: int) -> Record | None:
    """The better one of the schedules by rule and by search."""
    target = provider.target
    graph = Graph("layer")
    alone = copy_into(graph, op)
    graph.returns({"y": alone.results[0]})
    own, unit = _cost(graph, select(alone, target.kernels, costs_of(target)), target)
    best, found = math.inf, None
    for trace in [None, *([search(layer.workload, target, trials)] if trials else [])]:
        kernel = provider.build(alone, layer, trace)
        if kernel is not None and (cost := _cost(graph, kernel, target)[0]) < best:
            best, found = cost, trace
    return None if best == math.inf else provider.records.keep(layer.workload, trials, found, best, own, unit)


def _cost(graph: Graph, kernel: Kernel, target: Target) -> tuple[float, str]:
    """What the graph takes by that kernel: nanoseconds on the host, elsewhere executed instructions."""
    options = Options(target=target.name)
    model = lower(graph, target, options, "layer", fused=False, choose=lambda op: kernel)
    emitted = emit_model(model, optimize="speed", features=target.features)
    compiled = CompiledModel(Path(__file__), target, options, model, emitted)
    if target.arch == "host":
        return compiled.benchmark().minimum * 1e9, "nanoseconds"
    run, _ = compiled.run_on(compiled.device(), random_samples(input_types(graph), 1).inputs)
    if run.instructions is None:
        raise EdgecError(f"target {target.name}", "its emulator counts no instructions", "tune another target")
    return run.instructions, "instructions"
