"""Is what was emitted right? Build it, run it, and compare with onnxruntime and with the interpreter."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgec.devices import Binary
from edgec.driver import CompiledModel, import_model
from edgec.errors import EdgecError
from edgec.frontend import load_constants, parse_constants
from edgec.ir import Array, Const, DType, Graph, Return, TensorType
from edgec.ir.interp import run_samples
from edgec.ir.ops import Dequantize
from edgec.ir.ops.quantized import is_quantized
from edgec.ir.requantization import numbers, to_codes
from edgec.ir.types import INTEGERS
from edgec.progress import Progress
from edgec.samples import Samples, input_types, load_samples, random_samples
from edgec.schedule import execute_plan

TOLERANCE = 1e-4
"""Largest difference allowed in floats, as a share of the range of the reference's output."""

QUANTIZED_TOLERANCE = 0.02
"""The same for the root mean square of differences, where onnxruntime rounds integers in other places than we do; one
step of the output's scale is allowed, too."""


EXECUTED = 2
"""Samples that the interpreter runs at the plan's addresses: one, and another on what that one left behind."""


def verify(
    compiled: CompiledModel,
    inputs: str | Path | None = None,
    *,
    toolchain: str | None = None,
    emulator: str | None = None,
    progress: Progress | None = None,
    cycles: bool = False,
) -> dict[str, Any]:
    """Build and run a compiled model, compare it, and record the figures in ``compiled.measured``.

    Before, the interpreter runs it at the memory plan's addresses on poisoned memory; IRError if that is not the same.

    ``inputs`` is an npz (see ``edgec.samples``); seeded random samples without one. ``max_abs_error`` is against
    onnxruntime. ``passed`` says of a model that computes in floats that for each output of floats it is at most
    TOLERANCE of the reference's range, that integers are equal, that the interpreter is as close, and that the
    accuracy, where there are labels, is exactly onnxruntime's. Of a model that computes in integers it says that the
    device agrees with the interpreter, to the bit if nothing is left in floats, else within one step of the output's
    scale or TOLERANCE of its range; that one that came quantized is within QUANTIZED_TOLERANCE of onnxruntime's run,
    and that one that edgec quantized keeps the accuracy, as far as ``accuracy_drop`` asks for it.

    ``cycles``: estimate the first sample's, too, by the target's table and unicorn (``edgec.devices.cycles``).
    """
    graph = compiled.model.graph
    ports = _float_ports(compiled)
    samples = random_samples(ports) if inputs is None else load_samples(Path(inputs), ports)
    constants = load_constants(compiled.path, parse_constants(compiled.options.bind))
    states = {p.name: (o, np.zeros(p.value.shape, p.value.type.dtype.numpy)) for p, o in compiled.model.states}
    in_integers = any(is_quantized(op) for op in graph.ops)
    reference = run_onnxruntime(compiled.path, samples.inputs, progress, constants, states, optimized=in_integers)
    device = compiled.device(toolchain, emulator)
    fed = to_codes(samples.inputs, graph.given)
    model = compiled.model
    few = {name: array[:EXECUTED] for name, array in fed.items()}
    execute_plan(graph, model.schedule, model.problem, model.plan, few)
    run, binary = compiled.run_on(device, fed, progress)
    first = {name: array[:1] for name, array in fed.items()}
    step_instructions = step_nanoseconds = None
    if compiled.target.arch == "host":
        step_nanoseconds = _step_nanoseconds(compiled, device.toolchain, first)
    else:
        step_instructions = compiled.run_on(device, first, profile=True)[0].step_instructions

    reference = {name: reference[name] for name in run.outputs}
    outputs = {name: _like(run.outputs[name], graph.returned[name].type, reference[name]) for name in reference}
    errors = {name: _error(outputs[name], reference[name]) for name in reference}
    accuracy = reference_accuracy = None
    if samples.labels is not None:
        accuracy = _accuracy(outputs, samples)
        reference_accuracy = _accuracy(reference, samples)
    if in_integers:
        expected = run_samples(graph, fed)
        close = all(_agrees(graph, name, run.outputs[name], expected[name]) for name in expected)
        if compiled.options.quantize is None:
            # Where scales are odd (0, or a bias of another one) only the plain run is what the model says.
            kept = _near(graph, outputs, reference) or _near(
                graph, outputs, run_onnxruntime(compiled.path, samples.inputs, progress, constants, states)
            )
        else:
            kept = _kept(compiled, accuracy, reference_accuracy)
    else:
        # The graph as imported, before any pass: what the model means, not what the passes made of it.
        meaning = run_samples(import_model(compiled.path, compiled.options), samples.inputs)
        close = all(
            errors[name] <= _tolerated(reference[name])
            and _error(run.outputs[name], meaning[name]) <= _tolerated(reference[name])
            for name in reference
        )
        kept = accuracy == reference_accuracy
    measured = {
        "passed": close and kept,
        "max_abs_error": max(errors.values()),
        "output_range": max(_range(a) for a in reference.values()),
        **(_in_steps(graph, outputs, reference) if in_integers and compiled.options.quantize is None else {}),
        "instructions": run.instructions,
        "step_instructions": step_instructions,
        "step_nanoseconds": step_nanoseconds,
        "estimated_cycles": _estimated_cycles(compiled, fed) if cycles else None,
        "macs": graph.macs(),
        "ram_bytes": compiled.model.plan.ram_bytes,
        "stack_bytes": run.stack_bytes,
        "flash_bytes": binary.flash_bytes,
        **code_bytes(compiled, binary),
        "samples": samples.count,
        "accuracy": accuracy,
        "reference_accuracy": reference_accuracy,
        "toolchain": device.toolchain,
        "emulator": device.emulator,
    }
    compiled.measured.update(measured)
    return measured


def code_bytes(compiled: CompiledModel, binary: Binary) -> dict[str, Any]:
    """Bytes of code: of each step, and of what steps have in common.

    A step has those of its own function; of steps that share one, the first has them, and the others none.
    ``other_code_bytes`` are those of all other functions by their names: kernels that are functions, ``<name>_run`` and
    its checks, the compiler's library.
    """
    left = dict(binary.code_bytes)
    steps = [left.pop(step.function, 0) for step in compiled.emitted.steps]
    return {"step_code_bytes": steps, "other_code_bytes": dict(sorted(left.items()))}


def _kept(compiled: CompiledModel, accuracy: float | None, reference: float | None) -> bool:
    """Whether quantization costs no more accuracy than was allowed. EdgecError where that is not known."""
    allowed = compiled.options.accuracy_drop
    if allowed is None:
        return True
    if accuracy is None or reference is None:
        hint = "give labelled samples (--inputs), or leave out --accuracy-drop"
        raise EdgecError(compiled.path.name, "there are no labels to measure the accuracy by", hint)
    return reference - accuracy <= allowed


def _step_nanoseconds(compiled: CompiledModel, toolchain: str, first: Mapping[str, Array]) -> list[int]:
    """The least time of each step in this process, on the first sample."""
    session = compiled.session(toolchain, profile=True)
    session.run_samples(first)
    return session.time_steps()


def _estimated_cycles(compiled: CompiledModel, fed: Mapping[str, Array]) -> int:
    """Executed instructions of the first sample, weighed. EdgecError for a target without a table."""
    if compiled.target.cycles is None:
        hint = "leave out --cycles, or add [cycles] to the target's file"
        raise EdgecError(f"target {compiled.target.name}", "has no table of cycles", hint)
    first = {name: array[:1] for name, array in fed.items()}
    run, _ = compiled.run_on(compiled.device(emulator="unicorn"), first, cycles=True)
    assert run.instructions is not None, "unicorn counts"
    return run.instructions


def _float_ports(compiled: CompiledModel) -> dict[str, TensorType]:
    """The inputs as the model has them, where ours may be the integers that stand for them."""
    ports = dict(input_types(compiled.model.graph))
    if compiled.options.io == "model":
        return ports
    return {n: TensorType(DType.F32, t.shape) if t.quant is not None else t for n, t in ports.items()}


def _like(array: Array, type: TensorType, reference: Array) -> Array:
    """An output as the model gives it: as the numbers that it stands for, unless the model itself gives integers."""
    return array if type.quant is None or reference.dtype.kind in "iu" else numbers(array, type)


def _step(graph: Graph, name: str) -> float | None:
    """The step between the numbers that an output can be, if it comes from integers."""
    value = graph.returned[name]
    if isinstance(value.producer, Dequantize):
        value = value.producer.x
    return None if value.type.quant is None else value.type.quant.scale[0]


def _step_like(graph: Graph, name: str, reference: Array) -> float | None:
    """The same in what the model itself gives: 1, if that is integers."""
    step = _step(graph, name)
    return 1.0 if step is not None and reference.dtype.kind in "iu" else step


def _agrees(graph: Graph, name: str, result: Array, expected: Array) -> bool:
    """Device and interpreter: to the bit, but where floats have a part in it."""
    if all(isinstance(op, Const | Dequantize | Return) or op.results[0].type.dtype in INTEGERS for op in graph.ops):
        return bool(np.array_equal(result, expected))
    step = _step(graph, name)
    if step is None:
        return _error(result, expected) <= _tolerated(expected)
    # A last bit of a float is a step of an integer after it; steps of 16 bits are finer than floats are held to.
    one = 1 if result.dtype.kind in "iu" else step
    return _error(result, expected) <= max(1.01 * one, TOLERANCE * _range(expected))


def _in_steps(graph: Graph, outputs: Mapping[str, Array], reference: Mapping[str, Array]) -> dict[str, float]:
    """The shares of outputs that equal onnxruntime's, and that are at most one step (LSB) away."""
    steps = {name: step for name, r in reference.items() if (step := _step_like(graph, name, r)) is not None}
    if not steps:
        return {}
    away = [np.rint(np.abs(outputs[n].astype(np.float64) - reference[n]) / s).reshape(-1) for n, s in steps.items()]
    distance = np.concatenate(away)
    return {"identical": float(np.mean(distance == 0)), "within_one_lsb": float(np.mean(distance <= 1))}


def _near(graph: Graph, outputs: Mapping[str, Array], reference: Mapping[str, Array]) -> bool:
    """Whether integers are as close to onnxruntime's run as QUANTIZED_TOLERANCE says."""
    return all(
        _rms(outputs[n], reference[n]) <= max(QUANTIZED_TOLERANCE * _range(r), _step_like(graph, n, r) or 0)
        for n, r in ((name, reference[name]) for name in outputs)
    )


def _rms(result: Array, reference: Array) -> float:
    """Root of the mean square of the differences."""
    return float(np.sqrt(np.mean(np.square(result.astype(np.float64) - reference.reshape(result.shape)))))


def run_onnxruntime(
    path: Path,
    inputs: Mapping[str, Array],
    progress: Progress | None = None,
    constants: Mapping[str, Array] | None = None,
    states: Mapping[str, tuple[str, Array]] | None = None,
    optimized: bool = False,
) -> dict[str, Array]:
    """Run S samples ``[S, *shape]`` through onnxruntime one by one; outputs ``[S, *shape]`` by name.

    ``constants`` are inputs that stay the same for all; ``states`` maps inputs to the outputs that they become and
    to their first values. ``optimized``: with onnxruntime's own fusions, by which it computes in integers.
    """
    import onnxruntime  # only here: compiling does without it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Else each node by itself, as the model says.
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimized else levels.ORT_DISABLE_ALL
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
