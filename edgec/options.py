"""How to compile: the same names on the command line and in ``edgec.compile``."""

from dataclasses import dataclass
from typing import Any

from edgec.errors import EdgecError
from edgec.sizes import parse_bytes

WEIGHTS = {"auto": None, "text": False, "binary": True}
"""Forms of constants -> whether they are a binary file; None: if they are large."""


OPTIMIZE = ("speed", "balanced", "size")
"""What the emitted code is chosen for."""

MOST_BYTES = 1 << 53


@dataclass(frozen=True)
class Options:
    """The choices of one compilation."""

    target: str = "host"
    """Name of a target, or path of a target file."""
    name: str | None = None
    """C name of the model; the file's name by default."""
    shape: tuple[str, ...] = ()
    """Bindings of dynamic dimensions: ``x=1x3x96x96`` or ``N=1``."""
    bind: tuple[str, ...] = ()
    """Inputs that are constants: ``size=2,3`` or ``size=@file.npy``."""
    state: tuple[str, ...] = ()
    """Recurrent states that the model keeps between runs: ``h_out=h_in``, an output and the input that it becomes."""
    passes: str | None = None
    """The pipeline in place of the default one."""
    load: tuple[str, ...] = ()
    """Python files with passes."""
    caller_io: bool = False
    """Inputs and outputs in the caller's own buffers, not in the arena."""
    main: bool = False
    """Write a ``main.c``, too."""
    weights: str = "auto"
    """Constants as C ``text``, or as a ``binary`` file that the assembler includes; ``auto``: binary if large."""
    quantize: str | None = None
    """Compute in integers: ``int8``, ``uint8``, ``int16x8`` (activations of 16 bits), or ``auto``: layer by layer."""
    calibration: Any = None
    """Representative samples for ``quantize``: an npz, a directory of npy, or what ``edgec.calibration`` takes."""
    calibration_method: str = "minmax"
    """How ranges are chosen from what was seen: ``minmax``, ``percentile``, ``entropy`` or ``mse``."""
    rounding: str = "nearest"
    """How weights are rounded: ``nearest``, or ``adaround``, by what a layer makes of the samples."""
    accuracy_drop: float | None = None
    """The share of accuracy that quantization may cost: 0.005 are half a point."""
    optimize: str = "balanced"
    """Code made for each layer, for ``speed``, or shared by layers, for ``size``; ``balanced``: what pays."""
    kernels: str = "own"
    """``tvm``: float32 products by Apache TVM's kernels, where they were not measured slower than edgec's ``own``."""
    memory: str | None = None
    """Memories that buffers are placed in by cost: ``sram1=128K,sram2=32K@fast``; one arena without it."""
    io: str = "model"
    """Inputs and outputs as the ``model`` has them, or as the integers that stand for them: ``int8``, ``uint8``, ..."""

    ram_budget: int | str | None = None
    """The most bytes of arena: 32768, ``32K``, ``32KiB``, ...; values are computed again where that takes."""

    @property
    def budget(self) -> int | None:
        """``ram_budget`` in bytes. EdgecError for what is no number of bytes above 0."""
        given = self.ram_budget
        if given is None:
            return None
        bytes = parse_bytes(given) if isinstance(given, str) else given
        if isinstance(bytes, bool) or not isinstance(bytes, int) or not 0 < bytes <= MOST_BYTES:
            raise EdgecError("option ram_budget", f"is {given!r}", "give bytes: 32768, 32K or 32KiB")
        return bytes

    def command(self, model: str) -> str:
        """The command line that does the same."""
        words = ["edgec", "compile", model, "--target", self.target]
        words += ["--name", self.name] if self.name else []
        words += [w for s in self.shape for w in ("--shape", s)]
        words += [w for b in self.bind for w in ("--bind", b)]
        words += [w for s in self.state for w in ("--state", s)]
        words += ["--passes", self.passes] if self.passes is not None else []
        words += [w for path in self.load for w in ("--load", path)]
        words += ["--caller-io"] if self.caller_io else []
        words += ["--main"] if self.main else []
        words += ["--weights", self.weights] if self.weights != "auto" else []
        words += ["--quantize", self.quantize] if self.quantize is not None else []
        words += ["--calibration", str(self.calibration)] if self.calibration is not None else []
        words += ["--calibration-method", self.calibration_method] if self.calibration_method != "minmax" else []
        words += ["--rounding", self.rounding] if self.rounding != "nearest" else []
        words += ["--accuracy-drop", f"{self.accuracy_drop:.6g}"] if self.accuracy_drop is not None else []
        words += ["--optimize", self.optimize] if self.optimize != "balanced" else []
        words += ["--kernels", self.kernels] if self.kernels != "own" else []
        words += ["--memory", self.memory] if self.memory is not None else []
        words += ["--io", self.io] if self.io != "model" else []
        words += ["--ram-budget", str(self.ram_budget)] if self.ram_budget is not None else []
        return " ".join(words)


def check_options(options: Options) -> None:
    """EdgecError for options that are none, or that do not go together."""
    choices = {
        "weights": WEIGHTS,
        "optimize": OPTIMIZE,
        "kernels": ("own", "tvm"),
        "quantize": (None, "int8", "uint8", "int16x8", "auto"),
        "io": ("model", "int8", "uint8", "int16"),
    }
    _ = options.budget
    drop = options.accuracy_drop
    if drop is not None and not (isinstance(drop, int | float) and 0 <= drop <= 1):
        raise EdgecError("option accuracy_drop", f"is {drop!r}", "give a share: 0.005 is half a point")
    for name, known in choices.items():
        if (value := getattr(options, name)) not in known:
            raise EdgecError(f"option {name}", f"is {value!r}", f"use one of {', '.join(map(str, known))}")
    if options.quantize is None:
        given = {
            "calibration": options.calibration is not None,
            "calibration_method": options.calibration_method != Options.calibration_method,
            "rounding": options.rounding != Options.rounding,
            "accuracy_drop": drop is not None,
        }
        for name, is_given in given.items():
            if is_given:
                raise EdgecError(f"option {name}", "does nothing without quantization", "give --quantize, too")
    elif options.calibration is None:
        hint = "give representative samples: --calibration samples.npz"
        raise EdgecError("option quantize", "needs to know what numbers the model meets", hint)
    elif options.passes is not None:
        hint = "leave one of them out; the pass quantize can stand in a pipeline, too"
        raise EdgecError("option quantize", "chooses the pipeline, as passes does", hint)
