"""compile(): the whole data flow, from the ONNX file to the output directory, readable from top to bottom."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from edgec import frontend, passes
from edgec.cached_costs import cached_costs
from edgec.calibration.noise import signal_to_noise
from edgec.codegen.example import example_main
from edgec.codegen.model import Model, Port, c_identifier
from edgec.codegen.output import cmakelists, makefile, runtime_files, write_directory
from edgec.codegen.source import Emitted, emit_model
from edgec.costs import NANOSECONDS, Costs
from edgec.devices import Binary, Device, Run, Session, open_device
from edgec.devices.library import RunOne, Timing
from edgec.errors import EdgecError
from edgec.ir import Array, Graph, Op, print_op
from edgec.ir.ops import Dequantize, Quantize
from edgec.ir.ops.quantized import is_activation
from edgec.lowering import costs_of, lower, lower_to_fit, predictions
from edgec.memories import buffers_told, memories_of, told
from edgec.options import WEIGHTS, Options, check_options
from edgec.precision import Choice
from edgec.precision.costs import Measure
from edgec.progress import Progress
from edgec.providers.tvm.records import ignored_records
from edgec.quantization import Dump, Quantized, quantize
from edgec.report import render_report
from edgec.rewriting import Pipeline, load_file, parse_pipeline
from edgec.samples import fit_inputs, input_types, random_samples
from edgec.target import Target
from edgec.version import VERSION


def import_model(path: str | Path, options: Options) -> Graph:
    """ONNX file -> verified graph with static shapes, as the model has it: no pass has run."""
    shapes, dims = frontend.parse_shape_bindings(list(options.shape))
    graph = frontend.load(Path(path), shapes, dims, frontend.parse_constants(options.bind))
    frontend.keep_states(graph, options.state)
    return graph


def optimize(
    graph: Graph,
    target: Target,
    options: Options,
    dump: Dump | None = None,
    measure: Measure | None = None,
    progress: Progress | None = None,
) -> Quantized | None:
    """Run the pipeline on the graph, in place, verified after each pass; ``measure`` counts for ``quantize="auto"``.

    Returns what quantization began with and found, None where it was not asked for.
    """
    for file in options.load:
        load_file(Path(file))
    found, done = None, 0
    if options.quantize is not None:
        found, done = quantize(graph, target, options, dump, measure, progress)
        text = passes.INTEGERS
    else:
        text = passes.DEFAULT if options.passes is None else options.passes
    numbered = None if dump is None else (lambda index, name, graph: dump(index + done, name, graph))
    Pipeline([*parse_pipeline(text), *parse_pipeline(_last(options))]).run(graph, target, dump=numbered)
    return found


def _last(options: Options) -> str:
    """What code generation takes for granted, whatever pipeline was asked for."""
    border = "" if options.io == "model" else f"integer-io{{dtype={options.io}}},"
    return f"{border}signed-bytes,own-outputs,in-place{{inputs={str(not options.caller_io).lower()}}}"


def compile(
    model: str | Path,
    target: str = "host",
    *,
    dump: Dump | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> "CompiledModel":
    """Compile an ONNX file for a target. Keyword options are the fields of ``Options``.

    Raises EdgecError, with where, what and what to do, for anything wrong with the model or the options.
    """
    return prepare(model, target, dump=dump, progress=progress, **options).compiled()


@dataclass(frozen=True)
class Prepared:
    """A model's graph after all passes, for a target: what is left is to choose kernels, order and addresses."""

    path: Path
    target: Target
    options: Options
    graph: Graph
    noise: Mapping[str, float]
    choice: Choice | None

    def compiled(self, budget: int | None = None) -> "CompiledModel":
        """The program; ``budget``: bytes of arena, in place of the option ``ram_budget``."""
        options = self.options if budget is None else replace(self.options, ram_budget=budget)
        lowered, short = lower_to_fit(self.graph, self.target, options, c_identifier(options.name or self.graph.name))
        work = predictions(lowered, costs_of(self.target))
        command, binary = options.command(self.path.name), WEIGHTS[options.weights]
        emitted = emit_model(lowered, command, binary, options.optimize, work, self.target.features)
        _check_flash(lowered, self.target, emitted)
        notes = (*_notes(self.target, options), *short)
        return CompiledModel(self.path, self.target, options, lowered, emitted, self.noise, self.choice, notes)


def prepare(
    model: str | Path,
    target: str = "host",
    *,
    dump: Dump | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Prepared:
    """What ``compile`` does first, and once for all budgets: import, quantize, run the passes."""
    several = [k for k, v in options.items() if isinstance(v, list) and k != "calibration"]
    given: dict[str, Any] = {k: tuple(v) if k in several else v for k, v in options.items()}
    known = [f.name for f in fields(Options) if f.name != "target"]
    if unknown := sorted(given.keys() - set(known)):
        raise EdgecError(f"option {unknown[0]}", "is no option", f"the options are {', '.join(known)}")
    chosen = Options(target=target, **given)
    check_options(chosen)
    path = Path(model)
    device = Target.load(chosen.target)
    memories_of(device, chosen.memory)  # what is wrong with the option is said before the model is read
    graph = import_model(path, chosen)
    counted = partial(count_instructions, path, device, chosen)
    quantized = optimize(graph, device, chosen, dump, counted, progress)
    noise = {} if quantized is None else signal_to_noise(quantized.reference, graph, quantized.source)
    return Prepared(path, device, chosen, graph, noise, None if quantized is None else quantized.choice)


def _notes(target: Target, options: Options) -> tuple[str, ...]:
    """Of tables and records that are ignored."""
    word = cached_costs(target)[1] if target.arch == "host" else ""
    return tuple(filter(None, (word, "" if options.kernels == "own" else ignored_records(target))))


def count_instructions(path: Path, target: Target, options: Options, graph: Graph) -> dict[str, int] | None:
    """Instructions of each step of a model's graph on the target, by its result's name.

    None where they are not counted: without compiler or emulator, or where the graph is too large for the target.
    """
    built = graph.copy()
    Pipeline(parse_pipeline(_last(replace(options, io="model")))).run(built, target)
    try:
        lowered = lower(built, target, options, "counted", fused=False)
        emitted = emit_model(lowered, optimize=options.optimize, features=target.features)
        compiled = CompiledModel(path, target, options, lowered, emitted)
        run, _ = compiled.run_on(compiled.device(), random_samples(input_types(built), 1).inputs, profile=True)
    except EdgecError:
        return None
    if run.step_instructions is None:
        return None
    return {step.results[0].name: n for step, n in zip(lowered.schedule.steps, run.step_instructions, strict=True)}


@dataclass(frozen=True)
class CompiledModel:
    """A model compiled for a target: look at ``manifest``, ``save`` it, or ``run`` it on the target."""

    path: Path
    target: Target
    options: Options
    model: Model
    emitted: Emitted
    noise: Mapping[str, float] = field(default_factory=dict)
    """Name of a quantized value -> its signal-to-quantization-noise ratio in dB, against the float model."""
    choice: Choice | None = None
    """The precisions that ``quantize="auto"`` chose, and why."""
    notes: tuple[str, ...] = ()
    """What was measured on this machine once and is not used now, and why."""
    measured: dict[str, Any] = field(default_factory=dict)
    """What building and running showed: filled by ``edgec.verification``."""

    @cached_property
    def costs(self) -> Costs | None:
        """What kernels cost on the target, where it was measured."""
        return costs_of(self.target)

    @cached_property
    def sources(self) -> dict[str, str | bytes]:
        """Path in the output directory -> content, for all that is C, or included by it, or builds it."""
        name, flags = self.model.name, self.target.library_flags
        contents = {**self.emitted.files, **runtime_files(self.emitted.headers)}
        assembled = sorted(file for file in contents if file.endswith(".S"))
        contents["Makefile"] = makefile(name, self.target.library_compiler, flags, assembled)
        contents["CMakeLists.txt"] = cmakelists(name, flags, assembled)
        if self.options.main:
            contents["main.c"] = example_main(self.model)
        return contents

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Path in the output directory -> SHA-256 of its content."""
        contents = {n: c.encode() if isinstance(c, str) else c for n, c in sorted(self.sources.items())}
        return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}

    @property
    def manifest(self) -> dict[str, Any]:
        """What ``manifest.json`` holds: sizes in bytes, counts, options, versions and hashes."""
        model, plan = self.model, self.model.plan
        steps = [_step(i, self) for i in range(len(self.emitted.steps))]
        return {
            "name": model.name,
            "edgec": VERSION,
            "target": self.target.name,
            **({"board": _board(self.target)} if self.target.clock_hz else {}),
            **({"cpu_features": list(self.target.features)} if self.target.features else {}),
            "options": {k: _plain(v) for k, v in vars(self.options).items()},
            "model": self.path.name,
            "model_sha256": hashlib.sha256(self.path.read_bytes()).hexdigest(),
            "files": self.hashes,
            "inputs": [_port(p) for p in model.inputs],
            "outputs": [_port(p) for p in model.outputs],
            "states": [{"input": _port(p), "output": o} for p, o in model.states],
            "arena_bytes": plan.arena_bytes,
            "lower_bound": plan.lower_bound,
            # The emitted C writes no static: all RAM but the stack is the arena (the build checks it).
            "ram_bytes": plan.ram_bytes,
            "weights_bytes": sum(s.weights_bytes for s in self.emitted.steps),
            "macs": model.graph.macs(),
            "flash_bytes": self.measured.get("flash_bytes"),
            "stack_bytes": self.measured.get("stack_bytes"),
            "steps": steps,
            "buffers": buffers_told(model),
            **told(model),
            "peak_step": model.problem.peak[1],
            "live_bytes": [model.problem.live_bytes(index) for index, _ in enumerate(steps)],
            **({} if model.fit is None else {"ram_budget": model.fit.to_json()}),
            **self._predicted(steps),
            **({"precisions": dict(self.choice.precisions), "reason": self.choice.reason} if self.choice else {}),
            **({"notes": list(self.notes)} if self.notes else {}),
            **({"measured": self.measured} if self.measured else {}),
        }

    def _predicted(self, steps: list[dict[str, Any]]) -> dict[str, Any]:
        """All steps' instructions by the target's table, None unless all are known, and what that was measured with."""
        if self.costs is None or self.costs.unit == NANOSECONDS:
            return {}
        counts = [step["predicted_instructions"] for step in steps]
        made = {"target": self.costs.target, "toolchain": self.costs.toolchain, "version": self.costs.version}
        return {"predicted_instructions": None if None in counts else sum(counts), "costs": made}

    def save(self, directory: str | Path) -> Path:
        """Write the output directory, whole or not at all; returns its path."""
        manifest = self.manifest
        write_directory(
            Path(directory),
            {
                **self.sources,
                "manifest.json": json.dumps(manifest, indent=1) + "\n",
                "report.html": render_report(manifest, self.options.command(self.path.name)),
            },
        )
        return Path(directory)

    def device(self, toolchain: str | None = None, emulator: str | None = None) -> Device:
        """The first toolchain and emulator of the target that this machine has, or the named ones."""
        return open_device(self.target, toolchain, emulator)

    def run_on(
        self,
        device: Device,
        inputs: Mapping[str, Array],
        progress: Progress | None = None,
        profile: bool = False,
        cycles: bool = False,
    ) -> tuple[Run, Binary]:
        """Build in a temporary directory, which is gone afterwards, and run samples ``[S, *shape]``."""
        with tempfile.TemporaryDirectory(prefix="edgec-") as work:
            write_directory(Path(work, "model"), {**self.sources, "manifest.json": json.dumps(self.manifest)})
            binary = device.build(Path(work, "model"), Path(work), profile=profile)
            report = None if progress is None else (lambda done, total: progress("running", done, total))
            return device.run(binary, dict(inputs), report, cycles), binary

    def session(self, toolchain: str | None = None, profile: bool = False) -> Session:
        """The model loaded into this process, with an arena of its own: where the target is this machine.

        EdgecError where it isn't, or where nothing builds it.
        """
        with tempfile.TemporaryDirectory(prefix="edgec-") as work:
            write_directory(Path(work, "model"), {**self.sources, "manifest.json": json.dumps(self.manifest)})
            return self.device(toolchain).session(Path(work, "model"), Path(work), profile)

    @cached_property
    def _session(self) -> Session:
        return self.session()

    @cached_property
    def run(self) -> RunOne:
        """``run(inputs, out=None)``: run on the target, in this process where that is this machine, else emulated.

        ``inputs``: input name -> one sample of the input's shape, or S of them, stacked before that shape or, where
        its first extent is 1, along that axis; outputs alike. On this machine a sample of exactly the inputs' dtypes
        and shapes takes the shortest way (``Session.run``): it is not searched for NaN, and ``out`` are arrays for its
        results.
        """
        return self._session.shortest(self._run) if self._alike else self._run

    @cached_property
    def _alike(self) -> bool:
        """Whether results of single samples, run in this process, have the outputs' own form."""
        batched = all(type.shape[:1] == (1,) for type in input_types(self.model.graph).values())
        leading = all(value.shape[:1] == (1,) for value in self.model.graph.returned.values())
        return self.target.arch == "host" and (leading or not batched)

    def _run(self, inputs: Mapping[str, Array], out: Mapping[str, Array] | None = None) -> dict[str, Array]:
        if self._alike and (found := self._session.run(inputs, out)) is not None:
            return found
        samples = fit_inputs(inputs, input_types(self.model.graph))
        if out is not None:
            hint = "leave out `out`, or give one sample on this machine, of exactly the inputs' dtypes and shapes"
            raise EdgecError("out", "does not fit these inputs", hint)
        if self.target.arch == "host":
            return samples.as_given(self._session.run_samples(samples.inputs))
        run, _ = self.run_on(self.device(), samples.inputs)
        return samples.as_given(run.outputs)

    def benchmark(self, inputs: Mapping[str, Array] | None = None, repeats: int = 100) -> Timing:
        """Time single runs on this machine, on one sample or seeded random numbers: minimum, median, and ``run``'s."""
        ports = input_types(self.model.graph)
        samples = random_samples(ports, 1) if inputs is None else fit_inputs(inputs, ports)
        self._session.run_samples({name: array[:1] for name, array in samples.inputs.items()})
        return self._session.time(repeats, self.run)


def _plain(option: Any) -> Any:
    """An option as JSON has it; calibration data given in Python is named only."""
    if isinstance(option, tuple) and all(isinstance(part, str) for part in option):
        return list(option)
    return option if option is None or isinstance(option, str | int | float) else type(option).__name__


def _board(target: Target) -> dict[str, Any]:
    """What a board has, to set the model's needs against."""
    summary = target.summary()
    return {key: summary[key] for key in ("flash_bytes", "ram_bytes", "clock_hz")}


def _port(port: Port) -> dict[str, Any]:
    type = port.value.type
    stored = {"name": port.name, "c_name": port.c_name, "dtype": type.dtype.value, "shape": list(type.shape)}
    return stored if port.quant is None else {**stored, "scale": port.quant.scale[0], "zero_point": port.quant.zero}


def _step(index: int, compiled: CompiledModel) -> dict[str, Any]:
    info = compiled.emitted.steps[index]
    step = info.step
    last = step.results[0].name
    return {
        "index": index,
        "op": step.opname,
        "name": last,
        "ir": "\n".join(print_op(op, compiled.model.graph) for op in step.ops),
        "macs": step.macs,
        "weights_bytes": info.weights_bytes,
        "read_bytes": sum(v.type.bytes for v in step.operands if v.data is None),
        "written_bytes": sum(v.type.bytes for v in step.results),
        "kernel": info.kernel,
        "predicted_instructions": predictions(compiled.model, compiled.costs)[index],
        "function": info.function,
        "source": ", ".join(op.source for op in step.ops if op.source),
        "arithmetic": _arithmetic(step.ops[-1]),
        "sqnr_db": compiled.noise.get(last),
        **({"overlaps": overlaps} if (overlaps := compiled.model.overlaps(index)) else {}),
    }


def _arithmetic(op: Op) -> str:
    """``conversion`` between integers and floats, or the type computed in: ``i8``, ``i16``, ``f32``, ..."""
    if isinstance(op, Quantize | Dequantize):
        return "conversion"
    values = [v.type for v in (*op.operands, *op.results)]
    quantized = [type.dtype for type in values if is_activation(type)]
    return max(quantized or [op.results[0].type.dtype], key=lambda dtype: dtype.bytes).value


def _check_flash(model: Model, target: Target, emitted: Emitted) -> None:
    """Constants alone can be too much; with its code a program is checked when it is linked."""
    weights = sum(s.weights_bytes for s in emitted.steps)
    if target.flash is not None and weights > target.flash.bytes:
        raise EdgecError(
            f"{model.name} on {target.name}",
            f"the constants need {weights} bytes, the target has {target.flash.bytes} bytes of flash",
            "use a smaller model, or a target with more flash",
        )
