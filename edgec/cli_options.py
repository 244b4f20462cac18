"""The options of ``edgec compile`` and ``edgec verify``, told once."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from edgec.errors import EdgecError


class Weights(StrEnum):
    """How constants are written."""

    auto = "auto"
    text = "text"
    binary = "binary"


class Precision(StrEnum):
    """What is computed in."""

    int8 = "int8"
    uint8 = "uint8"
    int16x8 = "int16x8"
    auto = "auto"


class Method(StrEnum):
    """How ranges are chosen."""

    minmax = "minmax"
    percentile = "percentile"
    entropy = "entropy"
    mse = "mse"


class Rounding(StrEnum):
    """How weights are rounded."""

    nearest = "nearest"
    adaround = "adaround"


class Optimize(StrEnum):
    """What the emitted code is chosen for."""

    speed = "speed"
    balanced = "balanced"
    size = "size"


class Kernels(StrEnum):
    """Who makes the kernels."""

    own = "own"
    tvm = "tvm"


class Io(StrEnum):
    """What the inputs and outputs are."""

    model = "model"
    int8 = "int8"
    uint8 = "uint8"
    int16 = "int16"


ModelArg = Annotated[Path, typer.Argument(help="The ONNX model.", show_default=False)]
TargetOpt = Annotated[str, typer.Option("--target", "-t", help="A target's name (see `edgec targets`) or file.")]
ShapeOpt = Annotated[
    list[str] | None, typer.Option(help="Bind dynamic dimensions: x=1x3x96x96, or N=1. May be repeated.")
]
BindOpt = Annotated[
    list[str] | None, typer.Option(help="Make an input a constant: size=2,3 or size=@file.npy. May be repeated.")
]
StateOpt = Annotated[
    list[str] | None,
    typer.Option(help="Keep a state between runs: OUTPUT=INPUT, in the model's memory. May be repeated."),
]
PassesOpt = Annotated[str | None, typer.Option(help="Pipeline in place of the default: a,b{option=1},c.")]
LoadOpt = Annotated[list[Path] | None, typer.Option(help="Take passes from a Python file. May be repeated.")]
NameOpt = Annotated[str | None, typer.Option(help="C name of the model; the file's name by default.")]
CallerIoOpt = Annotated[bool, typer.Option("--caller-io", help="Inputs and outputs in the caller's own buffers.")]
MainOpt = Annotated[bool, typer.Option("--main", help="Write a main.c, too.")]
WeightsOpt = Annotated[
    Weights, typer.Option(help="Constants as C text, or as a binary file that the assembler includes (auto: if large).")
]
OptimizeOpt = Annotated[
    Optimize, typer.Option(help="Kernels made for each layer, for speed, or shared, for size; or what pays of both.")
]
KernelsOpt = Annotated[
    Kernels, typer.Option(help="tvm: float32 products by Apache TVM's kernels, where they were not measured slower.")
]
QuantizeOpt = Annotated[
    Precision | None, typer.Option("--quantize", "-q", help="Compute in integers; auto chooses layer by layer.")
]
CalibrationOpt = Annotated[
    Path | None, typer.Option("--calibration", "-c", help="Representative samples: an npz, or a directory of npy.")
]
MethodOpt = Annotated[Method, typer.Option("--calibration-method", help="How ranges are chosen from the samples.")]
RoundingOpt = Annotated[Rounding, typer.Option(help="How weights are rounded; adaround looks at the samples.")]
DropOpt = Annotated[
    str | None, typer.Option(help="How much accuracy quantization may cost: 0.5% of the samples, or as a share.")
]
IoOpt = Annotated[Io, typer.Option(help="Inputs and outputs as in the model, or as the integers that stand for them.")]
MemoryOpt = Annotated[
    str | None, typer.Option(help="Place buffers in several memories by cost: sram1=128K,sram2=32K@fast.")
]
BudgetOpt = Annotated[
    str | None, typer.Option("--ram-budget", help="The most bytes of arena: 32768, 32K, 32KiB; slower if that takes.")
]
DumpOpt = Annotated[Path | None, typer.Option(help="Write the IR after each pass into this directory.")]
ToolchainOpt = Annotated[str | None, typer.Option(help="gcc, clang or zig; the first present one by default.")]
EmulatorOpt = Annotated[str | None, typer.Option(help="unicorn or qemu; the first present one by default.")]
InputsOpt = Annotated[
    Path | None, typer.Option("--inputs", "-i", help="npz of samples; seeded random ones without it.")
]
JsonOpt = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else.")]


def _choices(
    shape: ShapeOpt = None,
    bind: BindOpt = None,
    state: StateOpt = None,
    passes: PassesOpt = None,
    load: LoadOpt = None,
    name: NameOpt = None,
    caller_io: CallerIoOpt = False,
    main: MainOpt = False,
    weights: WeightsOpt = Weights.auto,
    quantize: QuantizeOpt = None,
    calibration: CalibrationOpt = None,
    calibration_method: MethodOpt = Method.minmax,
    rounding: RoundingOpt = Rounding.nearest,
    accuracy_drop: DropOpt = None,
    optimize: OptimizeOpt = Optimize.balanced,
    kernels: KernelsOpt = Kernels.own,
    memory: MemoryOpt = None,
    io: IoOpt = Io.model,
    ram_budget: BudgetOpt = None,
) -> dict[str, Any]:
    """What was given, as the keyword options of ``edgec.compile``."""
    return {
        "shape": tuple(shape or ()),
        "bind": tuple(bind or ()),
        "state": tuple(state or ()),
        "passes": passes,
        "load": tuple(map(str, load or ())),
        "name": name,
        "caller_io": caller_io,
        "main": main,
        "weights": weights.value,
        "quantize": quantize and quantize.value,
        "calibration": calibration and str(calibration),
        "calibration_method": calibration_method.value,
        "rounding": rounding.value,
        "accuracy_drop": None if accuracy_drop is None else _share(accuracy_drop),
        "optimize": optimize.value,
        "kernels": kernels.value,
        "memory": memory,
        "io": io.value,
        "ram_budget": ram_budget,
    }


def compiling(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options of a compilation; it gets them as its parameter ``options``."""
    shared = inspect.signature(_choices).parameters
    own = {n: p for n, p in inspect.signature(command).parameters.items() if n != "options"}
    required = [p for p in own.values() if p.default is inspect.Parameter.empty]
    others = [p for p in own.values() if p.default is not inspect.Parameter.empty]

    @wraps(command)
    def wrapper(**given: Any) -> None:
        options = _choices(**{name: given.pop(name) for name in shared})
        command(**given, options=options)

    merged = [*required, *others[:-1], *shared.values(), *others[-1:]]
    # What typer reads: the parameters in the order in which its help shows them, and their types.
    wrapper.__signature__ = inspect.Signature(merged)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: p.annotation for p in merged}
    return wrapper


def _share(text: str) -> float:
    """``0.5%`` or ``0.005`` -> 0.005."""
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise EdgecError("--accuracy-drop", f"{text!r} is no share", "write 0.5% or 0.005")
    return share
