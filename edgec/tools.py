"""What the command line offers beside compiling: look at a model, run an output directory, run passes on text."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from edgec import passes
from edgec.devices import open_device
from edgec.driver import count_instructions, import_model
from edgec.errors import EdgecError, UnsupportedModelError
from edgec.ir import Array, Const, DType, ParseError, Return, TensorType, parse_graph, print_graph
from edgec.ir.storage import portable
from edgec.options import Options
from edgec.precision import SAMPLES, Loss, measure_sensitivity, measured_costs
from edgec.progress import Progress
from edgec.quantization import calibrated
from edgec.rewriting import Pipeline, load_file, parse_pipeline
from edgec.samples import SEED, load_samples
from edgec.target import Target


def inspect(path: Path, options: Options) -> dict[str, Any]:
    """What a model holds, before any pass: inputs, outputs, MACs, parameters, operators with counts and MACs.

    Of a model that cannot be compiled, all that is in the way: operator, reason, nodes and what to do.
    """
    try:
        graph = import_model(path, options)
    except UnsupportedModelError as error:
        return {"name": path.stem, "problems": [asdict(problem) for problem in error.problems]}
    ops = [op for op in graph.ops if not isinstance(op, Const | Return)]
    macs: Counter[str] = Counter()
    for op in ops:
        macs[op.opname] += op.macs()
    counts = Counter(op.opname for op in ops)
    return {
        "name": graph.name,
        "inputs": {n: v.type.describe() for n, v in zip(graph.input_names, graph.inputs, strict=True)},
        "outputs": {n: v.type.describe() for n, v in zip(graph.output_names, graph.outputs, strict=True)},
        "macs": graph.macs(),
        "parameter_bytes": sum(op.data.nbytes for op in graph.ops if isinstance(op, Const)),
        "operators": [{"op": name, "count": n, "macs": macs[name]} for name, n in counts.most_common()],
        "problems": [],
    }


def run_directory(
    directory: Path,
    inputs: Path,
    output: Path,
    toolchain: str | None = None,
    emulator: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Build an output directory and run an npz of samples through it; writes an npz of outputs in the inputs' form."""
    try:
        manifest = json.loads((directory / "manifest.json").read_text())
        types = {p["name"]: TensorType(DType(p["dtype"]), tuple(p["shape"])) for p in manifest["inputs"]}
        target = Target.load(manifest["options"]["target"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "name a directory that `edgec compile` wrote"
        raise EdgecError(str(directory), f"has no readable manifest.json: {error}", hint) from None
    samples = load_samples(inputs, types)
    device = open_device(target, toolchain, emulator)
    report = None if progress is None else (lambda done, total: progress("running", done, total))
    with tempfile.TemporaryDirectory(prefix="edgec-") as work:
        binary = device.build(directory, Path(work))
        run = device.run(binary, samples.inputs, report)
    try:
        outputs = {name: portable(array) for name, array in samples.as_given(run.outputs).items()}
        np.savez(output, **outputs)  # type: ignore[arg-type]
    except OSError as error:
        raise EdgecError(str(output), f"cannot be written: {error.strerror}", "name another file") from None
    return {
        "target": target.name,
        "toolchain": device.toolchain,
        "emulator": device.emulator,
        "samples": samples.count,
        "instructions": run.instructions,
        "stack_bytes": run.stack_bytes,
        "flash_bytes": binary.flash_bytes,
        "output": str(output),
    }


def sensitivity(
    path: Path, options: Options, samples: int = SAMPLES, progress: Progress | None = None
) -> dict[str, Any]:
    """How much a model's output loses in integers, layer by layer, on the first ``samples`` of ``options.calibration``.

    Losses are ``noise`` (power of noise over power of the signal), ``sqnr_db`` (None without noise) and ``accuracy``
    (None without labels). Where the target's emulator counts instructions, those of each layer are there, too.
    """
    if samples < 1:
        raise EdgecError("option samples", f"is {samples}", "measure on at least one, better on 64")
    target = Target.load(options.target)
    model, _ = calibrated(import_model(path, options), target, options, None, progress)
    graph = model.graph
    found = measure_sensitivity(graph, model.calibration, samples, progress)
    nodes = [layer.node for layer in found.layers]
    costs = measured_costs(graph, nodes, model.build, partial(count_instructions, path, target, options))
    expected = sum(layer.alone["int8"].noise for layer in found.layers if "int8" in layer.alone)
    return {
        "name": graph.name,
        "model": path.name,
        "target": target.name,
        "method": options.calibration_method,
        "samples": found.samples,
        "uniform": {precision: _loss(loss) for precision, loss in found.uniform.items()},
        "expected": _loss(Loss(expected, None)),
        "layers": [
            {
                "name": layer.node.name,
                "op": layer.node.op.opname,
                "source": layer.node.op.source,
                "macs": layer.node.op.macs(),
                "weights_bytes": {p: layer.node.weight_bytes(p) for p in layer.node.precisions},
                "alone": {precision: _loss(loss) for precision, loss in layer.alone.items()},
                "others": _loss(layer.others),
                "instructions": None if costs is None else costs.layers[layer.node.name],
            }
            for layer in found.layers
        ],
    }


def _loss(loss: Loss) -> dict[str, Any]:
    return {"noise": loss.noise, "sqnr_db": loss.sqnr_db, "accuracy": loss.accuracy}


def write_page(directory: Path, name: str, page: str, result: dict[str, Any]) -> Path:
    """Write ``name.html`` and, of the figures in it, ``name.json``; returns the path of the page."""
    file = directory / f"{name}.html"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file.write_text(page)
        file.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    except OSError as error:
        raise EdgecError(str(directory), f"cannot be written: {error.strerror}", "name another directory") from None
    return file


def list_passes(load: tuple[str, ...] = ()) -> dict[str, Any]:
    """Names and first lines of all passes, those of ``load``ed files too, and the default pipeline."""
    for file in load:
        load_file(Path(file))
    return {"passes": passes.describe(), "default": passes.DEFAULT}


def opt(file: Path, pipeline: str, target: str, load: tuple[str, ...] = ()) -> tuple[str, dict[str, Array]]:
    """Run passes on a graph in ``.eir`` text; returns the new text and its arrays.

    Arrays come from the ``.npz`` beside the file; one that is missing there is made of seeded random numbers.
    """
    for name in load:
        load_file(Path(name))
    sidecar = file.with_suffix(".npz")
    try:
        text = file.read_text()
        known: dict[str, Array] = dict(np.load(sidecar, allow_pickle=False)) if sidecar.exists() else {}
    except (OSError, ValueError) as error:
        raise EdgecError(str(file), f"cannot be read: {error}", "name a readable .eir file") from None
    rng = np.random.default_rng(SEED)

    def arrays(name: str, type: TensorType) -> Array:
        if name not in known:
            known[name] = rng.standard_normal(type.shape).astype(type.dtype.numpy)
        return known[name]

    try:
        graph = parse_graph(text, arrays)
    except ParseError as error:
        raise EdgecError(str(file), str(error), "correct the text") from None
    Pipeline(parse_pipeline(pipeline)).run(graph, Target.load(target))
    return print_graph(graph)


def write_eir(path: Path, text: str, arrays: Mapping[str, Array]) -> None:
    """Write a graph's text and, beside it, its arrays."""
    try:
        path.write_text(text)
        if arrays:
            np.savez(path.with_suffix(".npz"), **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise EdgecError(str(path), f"cannot be written: {error.strerror}", "name another file") from None
