"""What C is compiled for: a processor with its memory, and the toolchains and emulators that serve it.

A target is a TOML file: those that come with edgec lie in ``targets/`` (cores) and ``targets/boards/``, a user's own is
named by its path. A file with ``inherits`` holds only what differs from its parent. The merged result passes the rules
at the end of this module before it becomes a ``Target``. docs/targets.md shows how to write one.
"""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import edgec.targets
from edgec import cpu
from edgec.errors import EdgecError

DIRECTORY = Path(edgec.targets.__path__[0])
"""Where the targets that come with edgec lie, and what devices build with."""

_PLACES = (DIRECTORY, DIRECTORY / "boards")
_COMMON = DIRECTORY / "common"
"""What several targets share, and is none itself."""

BASE_FLAGS = ("-std=c99", "-O2", "-ffreestanding", "-ffunction-sections", "-fdata-sections", "-ffp-contract=off")
"""Flags of every compile: without contraction to fused multiply-add all targets compute the same float32 bits."""

KIND_FLAGS = {
    "gcc": (),
    "clang": (),
    # zig adds run-time checks by default.
    "zig": ("-fno-sanitize=undefined",),
}
ARCHITECTURES = ("host", "linux", "arm", "riscv")
KERNELS = (
    *("armv6m", "armv7m", "dsp", "mve", "rv32im", "rvv", "vfp", "vmla"),
    *("amx", "vbmi", "vnni", "i8x16", "i8x8", "sdot", "i8x4", "f32x16", "f32x8", "f32x4"),
)
"""Families of kernels for instructions that not every core has."""

FUSING = ("f32x16", "f32x8", "f32x4")
"""Those of float32 on hosts: they fuse products and sums and choose their order, so that last bits differ."""

EMULATORS = {"host": ("host",), "unicorn": ("arm", "riscv"), "qemu": ("arm", "riscv", "linux")}
"""Kinds of emulator, and the architectures that each can run. ``host`` runs the program as a process."""


@dataclass(frozen=True)
class Region:
    """A range of addresses: the first one, and how many bytes."""

    origin: int
    bytes: int

    @property
    def end(self) -> int:
        """The first address behind the region."""
        return self.origin + self.bytes


@dataclass(frozen=True)
class Memory:
    """Where code and constants lie, and where the arena, other variables and the stack.

    ``more`` are further regions by name: RAM that generated code does not use, and ``vectors``, where a core starts
    that does not start at the beginning of its flash.
    """

    flash: Region
    ram: Region
    more: tuple[tuple[str, Region], ...] = ()


@dataclass(frozen=True)
class Cycles:
    """What instructions of an M-profile core take, in cycles without wait states, and the ``source`` of that.

    ``names`` are beginnings of mnemonics, the longest one counts, and ``counts`` their cycles; all others take 1.
    Several registers loaded or stored at once take 1 + N. A branch that is taken costs ``taken`` more. Where loads and
    stores are ``pipelined``, one of 2 cycles behind another one takes 1.
    """

    source: str
    names: tuple[str, ...]
    counts: tuple[int, ...]
    taken: int
    pipelined: int = 0


@dataclass(frozen=True)
class Toolchain:
    """A compiler for a target: ``command`` is looked up in PATH and comes with the Debian ``package``.

    Kind ``zig`` has neither: it is the Python package ziglang.
    """

    kind: str
    command: str = ""
    package: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Emulator:
    """Something that runs a target's programs.

    ``command``, its Debian ``package`` and ``arguments`` are qemu's; ``cpu`` is the name of unicorn's model;
    ``defines`` are macros for the test driver, which say how it counts instructions (targets/counter.h);
    ``memory`` is that of the emulated machine where it differs from the target's.
    """

    kind: str
    command: str = ""
    package: str = ""
    arguments: tuple[str, ...] = ()
    cpu: str = ""
    defines: tuple[str, ...] = ()
    memory: Memory | None = None


@dataclass(frozen=True)
class Target:
    """A processor with its memory; toolchains and emulators in order of preference.

    ``arch`` names the start-up code: ``arm`` (M profile) or ``riscv`` on bare metal; ``linux`` is a process under an
    emulated kernel, ``host`` one of this machine. Only bare metal has ``memory``. ``kernels`` are the families of
    kernels for its instructions, the best first; portable ones come after them. ``features`` are those of the CPU
    (``edgec.cpu``) that programs test before they run, and ``machine`` its architecture, where ``arch`` is ``host``.
    ``inherits`` is the parent's name. A board has a ``clock_hz``, the highest, and a ``source``: the data sheet of
    its figures. ``memories`` are those that buffers are placed in where ``--memory`` names none. ``costs`` is the file
    with what kernels cost on it (``edgec.costs``): its own, or that of the target that it inherits from.
    """

    name: str
    description: str
    arch: str
    toolchains: tuple[Toolchain, ...]
    emulators: tuple[Emulator, ...]
    kernels: tuple[str, ...] = ()
    machine: str = ""
    features: tuple[str, ...] = ()
    inherits: str = ""
    memory: Memory | None = None
    cycles: Cycles | None = None
    clock_hz: int | None = None
    source: str = ""
    costs: Path | None = None
    memories: str = ""

    @classmethod
    def load(cls, name: str | Path) -> "Target":
        """The target of that name, or of that TOML file. EdgecError if there is none or it breaks a rule."""
        return _parse(_path(str(name)))

    @property
    def same_bits(self) -> bool:
        """Whether float32 results are those of the portable kernels, bit for bit; integers always are."""
        return not set(self.kernels) & set(FUSING)

    @property
    def flash(self) -> Region | None:
        """Where code and constants lie, on bare metal."""
        return self.memory.flash if self.memory else None

    @property
    def ram(self) -> Region | None:
        """Where the arena, other variables and the stack lie, on bare metal."""
        return self.memory.ram if self.memory else None

    @property
    def regions(self) -> dict[str, int]:
        """Bytes of the regions of RAM by name, on bare metal."""
        if self.memory is None:
            return {}
        return {"ram": self.memory.ram.bytes, **{n: r.bytes for n, r in self.memory.more if n != "vectors"}}

    def memory_in(self, emulator: Emulator) -> Memory | None:
        """The memory that a program is linked for: the emulated machine's addresses, and no more than both have."""
        if self.memory is None or emulator.memory is None:
            return self.memory
        machine, own = emulator.memory, self.memory
        return Memory(
            Region(machine.flash.origin, min(machine.flash.bytes, own.flash.bytes)),
            Region(machine.ram.origin, min(machine.ram.bytes, own.ram.bytes)),
            machine.more,
        )

    def summary(self) -> dict[str, Any]:
        """What there is to know of it at a glance, as JSON; sizes in bytes."""
        return {
            "name": self.name,
            "description": self.description,
            "arch": self.arch,
            "inherits": self.inherits,
            "flash_bytes": self.flash.bytes if self.flash else None,
            "ram_bytes": self.ram.bytes if self.ram else None,
            "clock_hz": self.clock_hz,
            "source": self.source,
            "toolchains": [toolchain.kind for toolchain in self.toolchains],
            "emulators": [emulator.kind for emulator in self.emulators],
        }

    def flags(self, toolchain: str | None = None) -> tuple[str, ...]:
        """The compiler flags for generated C, with the toolchain of that kind; the first one by default."""
        chosen = next(t for t in self.toolchains if toolchain in (None, t.kind))
        return (*chosen.flags, *BASE_FLAGS, *KIND_FLAGS[chosen.kind])

    @property
    def library_compiler(self) -> str:
        """The command that compiles generated C outside of edgec."""
        return self.toolchains[0].command or "zig cc"

    @property
    def library_flags(self) -> str:
        """The flags for it."""
        return " ".join(self.flags())


def available() -> list[Target]:
    """The targets that come with edgec: cores by name, then boards by name."""
    return [_parse(path) for path in _paths()]


def costs_file(target: str | Path) -> Path:
    """Where a target's own table of costs lies, or would: in ``costs/`` beside its file, a board's beside the cores."""
    path = _path(str(target))
    place = DIRECTORY if path.parent in _PLACES else path.parent
    return place / "costs" / f"{path.stem}.toml"


def _paths() -> list[Path]:
    return [path for place in _PLACES for path in sorted(place.glob("*.toml"), key=lambda path: path.stem)]


def _path(text: str) -> Path:
    path = Path(text) if text.endswith(".toml") else _find(text, _PLACES)
    if path is None or not path.is_file():
        names = ", ".join(p.stem for p in _paths())
        raise EdgecError(f"target {text}", "does not exist", f"use one of {names}, or the path of a .toml file")
    return path


def _find(name: str, places: Sequence[Path]) -> Path | None:
    found = (place / f"{name}.toml" for place in places)
    return next((path for path in found if path.is_file() and path.name == f"{name}.toml"), None)


# --- from file to target ---------------------------------------------------------------------------------------------


def _parse(path: Path) -> Target:
    data = _merged(path, ())
    for name, rule in RULES.items():
        broken = rule(data)
        if broken is not None:
            raise EdgecError(str(path), f"rule {name}: {broken[0]}", broken[1])
    return Target(
        name=path.stem,
        description=data["description"],
        arch=data["arch"],
        toolchains=tuple(Toolchain(kind, **_values(table)) for kind, table in data["toolchains"].items()),
        emulators=tuple(Emulator(kind, **_values(table)) for kind, table in data["emulators"].items()),
        costs=_costs(path),
        **_values({key: data[key] for key in _OPTIONAL if key in data}),
    )


_OPTIONAL = ("kernels", "machine", "features", "inherits", "memory", "cycles", "clock_hz", "source", "memories")


def _costs(path: Path) -> Path | None:
    """The table of costs of the file's target, or of the nearest one that it inherits from."""
    while not (found := costs_file(path)).is_file():
        name = _heritage(path, tomllib.loads(path.read_text()).get("inherits"))
        parent = None if name is None else _parent(path, name)
        if parent is None:
            return None
        path = parent
    return found


def _parent(path: Path, name: str) -> Path | None:
    return path.parent / name if name.endswith(".toml") else _find(name, (*_PLACES, _COMMON))


def _heritage(path: Path, inherits: Any) -> Any:
    """The name to inherit from: of a list the first one whose machine and features this CPU has, None without any."""
    if not isinstance(inherits, list):
        return inherits
    for name in inherits:
        parent = _parent(path, str(name))
        if parent is not None:
            data = _merged(parent, (path.resolve(),))
            if cpu.fits(data.get("machine", ""), data.get("features", ())):
                return name
    return None


def _merged(path: Path, heirs: tuple[Path, ...]) -> dict[str, Any]:
    """The file's tables over those of the file that it inherits from, and of that one's parent, and so on."""
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EdgecError(str(path), f"rule toml: {error}", "correct the file; docs: https://toml.io") from None
    name = _heritage(path, data.pop("inherits", None))
    if name is None:
        return data
    data["inherits"] = name
    if not isinstance(name, str):
        raise EdgecError(str(path), "rule inherits: inherits is not text", "write the name of a target or of a file")
    line = (*heirs, path.resolve())
    parent = _parent(path, name)
    if parent is None or not parent.is_file():
        names = ", ".join(p.stem for p in (*_paths(), *sorted(_COMMON.glob("*.toml"))))
        hint = f"use one of {names}, or the path of a .toml file from here"
        raise EdgecError(str(path), f"rule inherits: there is no target {name!r}", hint)
    if parent.resolve() in line:
        circle = " -> ".join(p.stem for p in (*line, parent))
        raise EdgecError(str(path), f"rule inherits: goes round in a circle: {circle}", "inherit from another target")
    return _over(data, _merged(parent, line))


def _over(data: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged; any other value replaces the parent's."""
    result = dict(parent)
    for key, value in data.items():
        old = result.get(key)
        result[key] = _over(value, old) if isinstance(value, dict) and isinstance(old, dict) else value
    return result


def _values(table: dict[str, Any]) -> dict[str, Any]:
    """A table that keeps the rules as keyword arguments of its class."""
    made: dict[str, Callable[[dict[str, Any]], Any]] = {"memory": _memory_of, "cycles": _cycles_of}
    return {k: made[k](v) if k in made else tuple(v) if isinstance(v, list) else v for k, v in table.items()}


def _cycles_of(table: dict[str, Any]) -> Cycles:
    return Cycles(**_values(table))


def _memory_of(table: dict[str, Any]) -> Memory:
    regions = {name: Region(**region) for name, region in table.items()}
    return Memory(regions.pop("flash"), regions.pop("ram"), tuple(regions.items()))


# --- rules -----------------------------------------------------------------------------------------------------------
# Each takes the merged file and returns what is wrong and what to do, or None. They run in order: a rule may rely on
# those before it.

Broken = tuple[str, str] | None

_TYPES: dict[Any, tuple[type, str]] = {
    str: (str, "text"),
    int: (int, "an integer"),
    int | None: (int, "an integer"),
    tuple[str, ...]: (list, "a list of texts"),
    tuple[int, ...]: (list, "a list of integers"),
    tuple[Toolchain, ...]: (dict, "a table of tables"),
    tuple[Emulator, ...]: (dict, "a table of tables"),
    Memory | None: (dict, "a table of regions"),
    Cycles | None: (dict, "a table"),
}


def _check_class(where: str, table: Any, of: type, *given: str) -> Broken:
    """One table against the fields of its class but the ``given`` ones: all known, none missing, each of its type."""
    if not isinstance(table, dict):
        return f"{where} is not a table", "write it as a TOML table"
    known = {f.name: f for f in fields(of) if f.name not in given}
    for key, value in table.items():
        if key not in known:
            return f"{where} has an unknown field {key!r}", f"its fields are {', '.join(known)}"
        type, words = _TYPES[known[key].type]
        element = int if known[key].type == tuple[int, ...] else str
        alike = not isinstance(value, list) or all(isinstance(v, element) for v in value)
        if not isinstance(value, type) or isinstance(value, bool) or not alike:
            return f"{where}.{key} is not {words}", f"write {words}"
    missing = [name for name, f in known.items() if f.default is MISSING and name not in table]
    return (f"{where} lacks the field {missing[0]!r}", "add it") if missing else None


def _check_memory(where: str, table: dict[str, Any]) -> Broken:
    broken: Broken = None
    for name, region in table.items():
        broken = broken or _check_class(f"{where}.{name}", region, Region)
    missing = sorted({"flash", "ram"} - table.keys())
    return broken or ((f"{where} lacks the region {missing[0]!r}", "add it") if missing else None)


def _fields(data: dict[str, Any]) -> Broken:
    """Every table has the fields that it needs, each of its type, and no others."""
    broken = _check_class("the file", data, Target, "name", "costs")
    if not broken and "cycles" in data:
        broken = _check_class("cycles", data["cycles"], Cycles)
    if not broken and "memory" in data:
        broken = _check_memory("memory", data["memory"])
    for key, of in (("toolchains", Toolchain), ("emulators", Emulator)):
        for kind, table in {} if broken else data[key].items():
            broken = broken or _check_class(f"{key}.{kind}", table, of, "kind")
            if not broken and "memory" in table:
                broken = _check_memory(f"{key}.{kind}.memory", table["memory"])
    return broken


def _arch(data: dict[str, Any]) -> Broken:
    """There is start-up code for the architecture."""
    if data["arch"] not in ARCHITECTURES:
        return f"no architecture {data['arch']!r}", f"use one of {', '.join(ARCHITECTURES)}"
    return None


def _memory(data: dict[str, Any]) -> Broken:
    """Bare metal has memory; a process's is not described."""
    process = data["arch"] in ("host", "linux")
    if process and ("memory" in data or any("memory" in table for table in data["emulators"].values())):
        return f"{data['arch']} has regions of memory", "remove the memory tables"
    if not process and "memory" not in data:
        return "no memory", "add [memory.flash] and [memory.ram], each with origin and bytes"
    return None


def _regions(data: dict[str, Any]) -> Broken:
    """Regions are not empty, within 32 bits of address, aligned for any data, and apart from each other."""
    tables = {"memory": data.get("memory", {})}
    tables |= {f"emulators.{kind}.memory": table.get("memory", {}) for kind, table in data["emulators"].items()}
    for where, table in tables.items():
        before: tuple[str, Region] | None = None
        for name, region in sorted(((n, Region(**r)) for n, r in table.items()), key=lambda item: item[1].origin):
            if region.bytes <= 0 or region.origin < 0 or region.end > 1 << 32:
                return f"{where}.{name} is empty or leaves the addresses of 32 bits", "correct its origin and bytes"
            if region.origin % 16 or region.bytes % 16:
                return f"{where}.{name} is not aligned", "use an origin and a size that are multiples of 16"
            if before is not None and region.origin < before[1].end:
                return f"{where}: {before[0]} and {name} overlap", "correct their origins and bytes"
            before = name, region
    return None


def _kernels(data: dict[str, Any]) -> Broken:
    """There are kernels of that name."""
    unknown = sorted(set(data.get("kernels", ())) - set(KERNELS))
    return (f"no kernels {unknown[0]!r}", f"use some of {', '.join(KERNELS)}, or none") if unknown else None


def _features(data: dict[str, Any]) -> Broken:
    """Programs can test each of them, on the CPUs of the machine."""
    machine, features = data.get("machine", ""), data.get("features", ())
    if machine not in ("", *cpu.FEATURES):
        return f"no machine {machine!r}", f"use one of {', '.join(cpu.FEATURES)}"
    known = [name for each in cpu.FEATURES if machine in ("", each) for name in cpu.FEATURES[each]]
    unknown = [name for name in features if name not in known]
    return (f"no feature {unknown[0]!r}", f"use some of {', '.join(known)}, or none") if unknown else None


def _cycles(data: dict[str, Any]) -> Broken:
    """Each mnemonic has its cycles."""
    names, counts = (data.get("cycles", {}).get(key, ()) for key in ("names", "counts"))
    if len(names) != len(counts):
        return f"cycles has {len(names)} names and {len(counts)} counts", "give each name its count"
    return None


def _clock(data: dict[str, Any]) -> Broken:
    """A clock ticks."""
    if data.get("clock_hz", 1) <= 0:
        return f"clock_hz is {data['clock_hz']}", "give the core's frequency in Hz"
    return None


def _toolchains(data: dict[str, Any]) -> Broken:
    """At least one toolchain, each of a known kind, with a command unless it is zig."""
    kinds = list(data["toolchains"])
    if not kinds or not set(kinds) <= set(KIND_FLAGS):
        return f"toolchains are {kinds}", f"give one or more of {', '.join(f'[toolchains.{k}]' for k in KIND_FLAGS)}"
    for kind, table in data["toolchains"].items():
        if (kind == "zig") != ("command" not in table):
            return f"toolchain {kind} and its command", "name a command for gcc and clang, none for zig"
    return None


def _emulators(data: dict[str, Any]) -> Broken:
    """At least one emulator, each of a kind that runs the architecture, with what it needs."""
    kinds = list(data["emulators"])
    fit = [kind for kind, archs in EMULATORS.items() if data["arch"] in archs]
    if not kinds or not set(kinds) <= set(fit):
        return f"emulators are {kinds}", f"give one or more of {', '.join(f'[emulators.{kind}]' for kind in fit)}"
    for kind, table in data["emulators"].items():
        for key in {"host": (), "unicorn": ("cpu",), "qemu": ("command", "arguments")}[kind]:
            if key not in table:
                return f"emulator {kind} lacks {key!r}", "add it"
    return None


RULES: dict[str, Callable[[dict[str, Any]], Broken]] = {
    "fields": _fields,
    "arch": _arch,
    "memory": _memory,
    "regions": _regions,
    "kernels": _kernels,
    "features": _features,
    "cycles": _cycles,
    "clock": _clock,
    "toolchains": _toolchains,
    "emulators": _emulators,
}
"""The rules that a target file is checked against, in order."""
