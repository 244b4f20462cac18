"""Is what was emitted right? Build it, run it, and compare with onnxruntime and with the interpreter."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgec.driver import CompiledModel, import_model
from edgec.errors import EdgecError
from edgec.frontend import load_constants, parse_constants
from edgec.ir import Array
from edgec.ir.interp import run_samples
from edgec.progress import Progress
from edgec.samples import Samples, input_types, load_samples, random_samples

TOLERANCE = 1e-4
"""Largest difference allowed in floats, as a share of the range of the reference's output."""


def verify(
    compiled: CompiledModel,
    inputs: str | Path | None = None,
    *,
    toolchain: str | None = None,
    emulator: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Build and run a compiled model, compare it, and record the figures in ``compiled.measured``.

    ``inputs`` is an npz (see ``edgec.samples``); seeded random samples without one. ``max_abs_error`` is against
    onnxruntime; ``passed`` says that for each output of floats it is at most TOLERANCE of the reference's range, that
    integers are equal, that the interpreter is as close, and that the accuracy, where there are labels, is exactly
    onnxruntime's.
    """
    graph = compiled.model.graph
    ports = input_types(graph)
    samples = random_samples(ports) if inputs is None else load_samples(Path(inputs), ports)
    constants = load_constants(compiled.path, parse_constants(compiled.options.bind))
    states = {p.name: (o, np.zeros(p.value.shape, p.value.type.dtype.numpy)) for p, o in compiled.model.states}
    reference = run_onnxruntime(compiled.path, samples.inputs, progress, constants, states)
    # The graph as imported, before any pass: what the model means, not what the passes made of it.
    meaning = run_samples(import_model(compiled.path, compiled.options), samples.inputs)
    device = compiled.device(toolchain, emulator)
    run, flash_bytes = compiled.run_on(device, samples.inputs, progress)
    first = {name: array[:1] for name, array in samples.inputs.items()}
    profile, _ = compiled.run_on(device, first, profile=True)

    reference = {name: reference[name] for name in meaning}
    errors = {name: _error(run.outputs[name], reference[name]) for name in reference}
    close = all(
        errors[name] <= _tolerated(reference[name])
        and _error(run.outputs[name], meaning[name]) <= _tolerated(reference[name])
        for name in reference
    )
    accuracy = reference_accuracy = None
    if samples.labels is not None:
        accuracy = _accuracy(run.outputs, samples)
        reference_accuracy = _accuracy(reference, samples)
    measured = {
        "passed": close and accuracy == reference_accuracy,
        "max_abs_error": max(errors.values()),
        "output_range": max(_range(a) for a in reference.values()),
        "instructions": run.instructions,
        "step_instructions": profile.step_instructions,
        "macs": graph.macs(),
        "ram_bytes": compiled.model.plan.arena_bytes,
        "stack_bytes": run.stack_bytes,
        "flash_bytes": flash_bytes,
        "samples": samples.count,
        "accuracy": accuracy,
        "reference_accuracy": reference_accuracy,
        "toolchain": device.toolchain,
        "emulator": device.emulator,
    }
    compiled.measured.update(measured)
    return measured


def run_onnxruntime(
    path: Path,
    inputs: Mapping[str, Array],
    progress: Progress | None = None,
    constants: Mapping[str, Array] | None = None,
    states: Mapping[str, tuple[str, Array]] | None = None,
) -> dict[str, Array]:
    """Run S samples ``[S, *shape]`` through onnxruntime one by one; outputs ``[S, *shape]`` by name.

    ``constants`` are inputs that stay the same for all; ``states`` maps inputs to the outputs that they become and
    to their first values.
    """
    import onnxruntime  # only here: compiling does without it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Each node by itself, as the model says: what onnxruntime fuses around quantization it rounds otherwise.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = [o.name for o in session.get_outputs()]
        states = states or {}
        kept = {name: zero for name, (_, zero) in states.items()}
        count = len(next(iter(inputs.values()), ()))
        rows = []
        for sample in range(count):
            fed = {name: np.asarray(array[sample]) for name, array in inputs.items()}
            rows.append(session.run(names, {**(constants or {}), **kept, **fed}))
            kept = {name: rows[-1][names.index(output)] for name, (output, _) in states.items()}
            if progress is not None:
                progress("onnxruntime", sample + 1, count)
    except Exception as error:  # onnxruntime's exceptions have no common base but Exception
        hint = "see whether the model runs in onnxruntime at all; `edgec compile` does not need it"
        raise EdgecError(str(path), f"onnxruntime refuses the model: {error}", hint) from error
    return {name: np.stack([row[i] for row in rows]) for i, name in enumerate(names)}


def _error(result: Array, reference: Array) -> float:
    """Largest absolute difference; NaN against NaN and equal infinities are no difference."""
    a, b = result.astype(np.float64), reference.astype(np.float64).reshape(result.shape)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    difference = np.where(same, 0.0, np.abs(np.where(same, 0.0, a) - np.where(same, 0.0, b)))
    return float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0))


def _tolerated(reference: Array) -> float:
    """The largest difference allowed: none in integers and truth values."""
    return 0.0 if reference.dtype.kind in "iub" else TOLERANCE * _range(reference)


def _range(reference: Array) -> float:
    """Largest minus smallest finite value, or the magnitude where all are equal."""
    finite = reference[np.isfinite(reference)].astype(np.float64)
    if not finite.size:
        return 0.0
    return float(finite.max() - finite.min()) or float(np.abs(finite).max())


def _accuracy(outputs: Mapping[str, Array], samples: Samples) -> float:
    """Share of samples whose largest element of the first output stands at the label's index."""
    first = next(iter(outputs.values()))
    assert samples.labels is not None
    return float((first.reshape(samples.count, -1).argmax(axis=1) == samples.labels).mean())
