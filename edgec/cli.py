"""The command line: each subcommand a few lines over the driver."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from edgec.cli_options import (
    BindOpt,
    DumpOpt,
    EmulatorOpt,
    InputsOpt,
    JsonOpt,
    Kernels,
    KernelsOpt,
    LoadOpt,
    Method,
    MethodOpt,
    ModelArg,
    ShapeOpt,
    StateOpt,
    TargetOpt,
    ToolchainOpt,
    compiling,
)
from edgec.errors import EdgecError, UnsupportedModelError

app = typer.Typer(
    help="Compile ONNX models to C for small devices.", no_args_is_help=True, pretty_exceptions_enable=False
)
out, err = Console(), Console(stderr=True)


def main() -> None:
    """Entry point: EdgecError becomes a message on stderr and exit code 2."""
    from edgec.ir import IRError

    try:
        app()
    except EdgecError as error:
        _fail(error)
    except IRError as error:
        _fail(EdgecError("edgec", f"internal: {error}", "this is a defect of edgec: please report it with the model"))


def _fail(error: EdgecError) -> None:
    if "--json" in sys.argv:
        problems = [asdict(p) for p in error.problems] if isinstance(error, UnsupportedModelError) else []
        told = {"where": error.where, "what": error.what, "hint": error.hint}
        print(json.dumps({"error": told | ({"problems": problems} if problems else {})}))
    err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar per stage, on stderr; gone when done."""
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report


def _dumper(directory: Path | None) -> Callable[[int, str, Any], None] | None:
    from edgec.rewriting import dump_to

    return None if directory is None else dump_to(directory)


def _table(title: str, rows: dict[str, Any]) -> None:
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in rows.items():
        table.add_row(name, _figure(value))
    out.print(table)


def _summary(title: str, manifest: dict[str, Any]) -> None:
    """The figures that the report has on top, as far as they are known."""
    from edgec.report import describe_fit, summarize

    table = Table(title=title, title_justify="left", show_header=False)
    for figure in summarize(manifest).figures:
        if figure.value is not None:
            table.add_row(figure.label, figure.value, figure.remark)
    out.print(table)
    if (fit := manifest.get("ram_budget")) is not None:
        out.print(describe_fit(fit), soft_wrap=True, markup=False)
    for note in manifest.get("notes", ()):
        out.print(f"note: {note}", soft_wrap=True, markup=False)


def _figure(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if isinstance(value, float) else str(value)


@app.command()
@compiling
def compile(
    model: ModelArg,
    output: Annotated[Path, typer.Option("--output", "-o", help="Directory to write.", show_default=False)],
    options: dict[str, Any],
    target: TargetOpt = "host",
    dump_ir: DumpOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Compile a model to C."""
    from edgec import driver

    with _progress(as_json) as report:
        compiled = driver.compile(model, target, dump=_dumper(dump_ir), progress=report, **options)
    compiled.save(output)
    manifest = compiled.manifest
    if as_json:
        print(json.dumps(manifest))
        return
    _summary(f"{manifest['name']} for {manifest['target']}", manifest)
    out.print(f"wrote {output}", soft_wrap=True, markup=False)


@app.command()
@compiling
def verify(
    model: ModelArg,
    options: dict[str, Any],
    target: TargetOpt = "host",
    inputs: InputsOpt = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the output directory, too.")] = None,
    toolchain: ToolchainOpt = None,
    emulator: EmulatorOpt = None,
    cycles: Annotated[bool, typer.Option("--cycles", help="Estimate cycles, too, by the core's timing table.")] = False,
    dump_ir: DumpOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Compile, build and run a model; compare it with onnxruntime and with the interpreter (exit code 1 if wrong)."""
    from edgec import driver, verification

    with _progress(as_json) as report:
        compiled = driver.compile(model, target, dump=_dumper(dump_ir), progress=report, **options)
        result = verification.verify(
            compiled, inputs, toolchain=toolchain, emulator=emulator, progress=report, cycles=cycles
        )
    if output is not None:
        compiled.save(output)
    if as_json:
        print(json.dumps(result))
    else:
        verdict = "passed" if result["passed"] else "FAILED"
        built = f"built by {result['toolchain']}, run by {result['emulator']}"
        _summary(f"{compiled.model.name} on {target}: {verdict} ({built})", compiled.manifest)
        if output is not None:
            out.print(f"report: {(output / 'report.html').absolute()}", soft_wrap=True, markup=False)
    if not result["passed"]:
        raise typer.Exit(1)


@app.command()
def run(
    directory: Annotated[Path, typer.Argument(help="An output directory of `edgec compile`.", show_default=False)],
    inputs: Annotated[Path, typer.Option("--inputs", "-i", help="npz of samples.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="npz to write.", show_default=False)],
    toolchain: ToolchainOpt = None,
    emulator: EmulatorOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Build an output directory and run samples through it on its target."""
    from edgec import tools

    with _progress(as_json) as report:
        result = tools.run_directory(directory, inputs, output, toolchain, emulator, report)
    if as_json:
        print(json.dumps(result))
    else:
        _table(f"{directory} on {result['target']}", result)


@app.command()
def inspect(
    model: ModelArg,
    shape: ShapeOpt = None,
    bind: BindOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Show a model as edgec reads it: inputs, outputs, operators, sizes; or all that is in the way (exit code 2)."""
    from edgec import tools
    from edgec.options import Options

    result = tools.inspect(model, Options(shape=tuple(shape or ()), bind=tuple(bind or ())))
    if as_json:
        print(json.dumps(result))
    elif result["problems"]:
        table = Table("operator", "problem", "what to do", "nodes", title=result["name"], title_justify="left")
        for problem in result["problems"]:
            cells = (problem["operator"], problem["reason"], problem["hint"], ", ".join(problem["nodes"]))
            table.add_row(*map(escape, cells))
        out.print(table)
    else:
        _table(result["name"], {k: v for k, v in result.items() if k not in ("operators", "name", "problems")})
        table = Table("operator", "count", "MACs")
        for op in result["operators"]:
            table.add_row(op["op"], str(op["count"]), f"{op['macs']:,}")
        out.print(table)
    if result["problems"]:
        raise typer.Exit(2)


@app.command()
def sensitivity(
    model: ModelArg,
    calibration: Annotated[
        Path, typer.Option("--calibration", "-c", help="Samples: an npz or a directory of npy.", show_default=False)
    ],
    target: TargetOpt = "host",
    samples: Annotated[int, typer.Option(help="Measure on the first so many samples.")] = 64,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a page with table and plot, and JSON, there.")
    ] = None,
    shape: ShapeOpt = None,
    bind: BindOpt = None,
    state: StateOpt = None,
    calibration_method: MethodOpt = Method.minmax,
    as_json: JsonOpt = False,
) -> None:
    """Measure how much each layer of a float model loses in integers, and what it costs on a target that counts."""
    from edgec import tools
    from edgec.options import Options
    from edgec.report import render_sensitivity, tabulate_sensitivity

    options = Options(
        target=target,
        calibration=str(calibration),
        shape=tuple(shape or ()),
        bind=tuple(bind or ()),
        state=tuple(state or ()),
        calibration_method=calibration_method.value,
    )
    with _progress(as_json) as report:
        result = tools.sensitivity(model, options, samples, report)
    _show(result, "sensitivity", render_sensitivity, tabulate_sensitivity, output, as_json)


def _show(
    result: dict[str, Any],
    name: str,
    render: Callable[[Mapping[str, Any], str], str],
    tabulate: Callable[[Mapping[str, Any]], Table],
    directory: Path | None,
    as_json: bool,
) -> None:
    """Figures as a page and JSON in a directory, if one is named, and as JSON or as a table on stdout."""
    from edgec import tools

    page = None
    if directory is not None:
        page = tools.write_page(directory, name, render(result, shlex.join(["edgec", *sys.argv[1:]])), result)
    if as_json:
        print(json.dumps(result))
        return
    out.print(tabulate(result))
    if page is not None:
        out.print(f"wrote {page}", soft_wrap=True, markup=False)


@app.command()
@compiling
def explore(
    model: ModelArg,
    options: dict[str, Any],
    target: TargetOpt = "host",
    ram: Annotated[
        bool, typer.Option("--ram", help="RAM against slowdown: a program for each of many budgets.")
    ] = False,
    points: Annotated[int, typer.Option(help="How many budgets, from the default build to the smallest program.")] = 10,
    measure: Annotated[
        bool | None,
        typer.Option(help="Build and run each program; by default where the tools are there.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a page with table and plot, and JSON, there.")
    ] = None,
    toolchain: ToolchainOpt = None,
    emulator: EmulatorOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Compute a whole trade curve of a model on a target: --ram from the RAM that it may have to what that costs."""
    from edgec.exploration import explore_ram
    from edgec.report import render_exploration, tabulate_exploration

    if not ram:
        raise EdgecError("edgec explore", "does not know what to explore", "give --ram")
    tools: dict[str, Any] = {"measure": measure, "toolchain": toolchain, "emulator": emulator}
    with _progress(as_json) as report:
        result = explore_ram(model, target, points, **tools, progress=report, **options)
    _show(result, "explore", render_exploration, tabulate_exploration, output, as_json)


@app.command()
def targets(as_json: JsonOpt = False) -> None:
    """List the targets: cores, then boards."""
    from edgec.target import available

    found = available()
    if as_json:
        print(json.dumps({"targets": [target.summary() for target in found]}))
        return
    table = Table(Column("target", no_wrap=True), "description", "flash", "RAM", "clock")
    for target in found:
        sizes = (f"{region.bytes >> 10:,} KiB" if region else "" for region in (target.flash, target.ram))
        clock = f"{target.clock_hz / 1e6:g} MHz" if target.clock_hz else ""
        table.add_row(target.name, target.description, *sizes, clock)
    out.print(table)


@app.command()
def doctor(
    target: Annotated[str | None, typer.Argument(help="A target's name or file; all without it.")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Tell which toolchains and emulators each target finds here, and the command that brings each missing one."""
    from edgec.devices.toolchain import examine
    from edgec.target import Target, available

    result = [examine(t) for t in ([Target.load(target)] if target is not None else available())]
    if as_json:
        print(json.dumps({"targets": result}))
        return
    table = Table(Column("target", no_wrap=True), "ready", "toolchains", "emulators")
    for row in result:
        marks: dict[str, list[str]] = {"toolchain": [], "emulator": []}
        for tool in row["tools"]:
            marks[tool["role"]].append(f"{'[green]✓' if tool['present'] else '[red]✗'} {tool['kind']}[/]")
        table.add_row(row["name"], _figure(row["ready"]), *map("  ".join, marks.values()))
    out.print(table)
    missing = {tool["install"]: tool for row in result for tool in row["tools"] if not tool["present"]}
    for install, tool in missing.items():
        out.print(f"{tool['command'] or tool['kind']} is missing: {install}", markup=False, soft_wrap=True)


@app.command()
def tune(
    model: Annotated[
        Path | None, typer.Argument(help="Time this model's layers on this machine, beside layers of all kinds.")
    ] = None,
    target: TargetOpt = "host",
    toolchain: ToolchainOpt = None,
    kernels: KernelsOpt = Kernels.own,
    trials: Annotated[
        int, typer.Option(min=0, help="With --kernels tvm: schedules that are tried for a layer; 0: that by rule.")
    ] = 64,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the table here, not where the target's is read from.")
    ] = None,
    as_json: JsonOpt = False,
) -> None:
    """Measure what kernels cost on a target; the compiler chooses by it.

    With --kernels tvm: search schedules for a model's layers, and keep what they cost beside edgec's own kernels.
    """
    if kernels is Kernels.tvm:
        for name, given in (("--output", output), ("--toolchain", toolchain)):
            if given is not None:
                what = "is not for --kernels tvm: its records are files of the cache, by the first toolchain installed"
                raise EdgecError(name, what, f"leave out {name}, or --kernels tvm")
        _tune_layers(model, target, trials, as_json)
        return
    from edgec import tuning
    from edgec.cached_costs import cached_costs_file
    from edgec.costs import UNITS
    from edgec.target import Target, costs_file

    loaded = Target.load(target)
    with _progress(as_json) as report:
        if model is None:
            costs = tuning.tune(loaded, toolchain, report)
        else:
            costs = tuning.time_layers(model, loaded, toolchain, progress=report)
    file = output or (cached_costs_file(loaded) if loaded.arch == "host" else costs_file(target))
    tuning.write(costs, file)
    if as_json:
        print(json.dumps({"file": str(file), **asdict(costs)}))
        return
    units = [unit for unit in UNITS if any(getattr(c, unit) for c in costs.kernels.values())]
    columns = [Column(f"{what} of {unit}", justify="right") for unit in units for what in ("median error", "largest")]
    table = Table("kernel", Column("layers", justify="right"), *columns)
    for name, cost in costs.kernels.items():
        fits = [getattr(cost, unit) for unit in units]
        errors = [f"{100 * error:.1f} %" for fit in fits for error in (fit.median_error, fit.largest_error)]
        table.add_row(name, str(cost.layers), *errors)
    out.print(table)
    out.print(f"measured with {costs.toolchain} ({costs.version}); wrote {file}", soft_wrap=True, markup=False)


def _tune_layers(model: Path | None, target: str, trials: int, as_json: bool) -> None:
    from edgec.options import Options
    from edgec.target import Target
    from edgec.tuning.tvm_schedules import tune_layers

    if model is None:
        raise EdgecError("--kernels tvm", "tunes the layers of a model", "name one: edgec tune MODEL --kernels tvm")
    with _progress(as_json) as report:
        found = list(tune_layers(model, Target.load(target), trials, Options(target=target), report))
    if as_json:
        rows = [
            {"op": t.op.opname, "name": t.op.results[0].name, **(asdict(t.record) if t.record else {})} for t in found
        ]
        print(json.dumps({"layers": rows}))
        return
    table = Table("layer", "operator", *(Column(c, justify="right") for c in ("own", "TVM", "own / TVM")), "schedule")
    for tuned in found:
        record = tuned.record
        shown = (
            ["-", "-", "-", "cannot be linked"]
            if record is None
            else [
                f"{record.own:,.0f}",
                f"{record.cost:,.0f}",
                f"{record.own / record.cost:.2f}",
                "by rule" if record.trace is None else f"of {record.trials} trials",
            ]
        )
        table.add_row(tuned.op.results[0].name, tuned.op.opname, *shown)
    out.print(table)
    unit = next((t.record.unit for t in found if t.record), "")
    out.print(f"{unit}; compile with --kernels tvm takes TVM's kernel where it is the cheaper one", soft_wrap=True)


@app.command()
def passes(load: LoadOpt = None, as_json: JsonOpt = False) -> None:
    """List the passes and the default pipeline."""
    from edgec import tools

    _listing(tools.list_passes(tuple(map(str, load or ()))), as_json)


def _listing(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for key, rows in result.items():
        if isinstance(rows, str):
            out.print(f"{key}: {rows}", markup=False, soft_wrap=True)
            continue
        table = Table("name", "description")
        for row in rows:
            table.add_row(row["name"], row["description"])
        out.print(table)


@app.command()
def schedule(
    graph: Annotated[Path, typer.Argument(help="A graph as JSON: nodes, edges, order.", show_default=False)],
    budget: Annotated[int, typer.Option(help="What live values may need at most.", show_default=False)],
    joint: Annotated[bool, typer.Option("--joint", help="Search for the order, too.")] = False,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 0,
    intervals: Annotated[int, typer.Option(help="How often a node may be computed at most.")] = 2,
    as_json: JsonOpt = False,
) -> None:
    """Find the fastest schedule of a graph under a memory budget, computing again what is cheaper than kept."""
    from edgec.schedule.remat import RematProblem, solve

    try:
        told = json.loads(graph.read_text())
    except (OSError, ValueError) as error:
        raise EdgecError(str(graph), f"cannot be read as JSON: {error}", "name a graph's JSON file") from None
    answer = solve(RematProblem.from_json(told, budget, joint, intervals), time_limit, seed)
    if as_json:
        print(json.dumps(answer.to_json()))
    if answer.status == "infeasible":
        if as_json:
            raise typer.Exit(2)
        first, *others = answer.holds
        raise EdgecError(
            "--budget",
            f"nothing fits into {budget}, and nothing below {answer.minimum}, which the step of {first!r} needs with "
            f"{', '.join(map(repr, others)) or 'nothing else'} live",
            f"give {answer.fits}, for which a schedule is known",
        )
    if as_json:
        return
    for note in answer.notes:
        err.print(note, markup=False, soft_wrap=True)
    _table(str(graph), {k: v for k, v in answer.to_json().items() if k not in ("steps", "notes")})


@app.command()
def pack(
    buffers: Annotated[
        Path, typer.Argument(help="A CSV file with the columns id,lower,upper,size.", show_default=False)
    ],
    capacity: Annotated[str | None, typer.Option(help="Bytes that suffice; as few as can be without it.")] = None,
    alignment: Annotated[int, typer.Option(min=1, help="Offsets are multiples of it.")] = 1,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the CSV here, not to stdout.")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Give buffers of known lifespans (half open) and sizes their offsets, exactly: a CSV with a column offset."""
    from edgec.schedule.packing import pack_table
    from edgec.sizes import parse_bytes

    bytes = None if capacity is None else parse_bytes(capacity)
    if capacity is not None and bytes is None:
        raise EdgecError("--capacity", f"is {capacity!r}", "give bytes: 32768, 32K or 32KiB")
    packed = pack_table(buffers, bytes, alignment=alignment, time_limit=time_limit, seed=seed)
    for note in packed.packing.notes:
        err.print(note, markup=False, soft_wrap=True)
    if output is not None:
        _write(output, packed.to_csv())
    if as_json:
        print(json.dumps(packed.to_json()))
    elif output is None:
        print(packed.to_csv(), end="")
    else:
        rows = packed.to_json()
        _table(str(buffers), {"buffers": len(packed.items), **{k: rows[k] for k in ("status", "height", "bound")}})


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text)
    except OSError as error:
        raise EdgecError(str(file), f"cannot be written: {error.strerror}", "name a file that can") from None


@app.command()
def opt(
    file: Annotated[Path, typer.Argument(help="A graph as .eir text.", show_default=False)],
    passes: Annotated[str, typer.Option("--passes", "-p", help="Pipeline to run: a,b{option=1},c.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")] = None,
    target: TargetOpt = "host",
    load: LoadOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Run passes on a graph in .eir text (constants from FILE.npz beside it, or seeded random ones)."""
    from edgec import tools

    text, arrays = tools.opt(file, passes, target, tuple(map(str, load or ())))
    if output is not None:
        tools.write_eir(output, text, arrays)
    if as_json:
        print(json.dumps({"eir": text}))
    elif output is None:
        print(text, end="")
