"""What C is compiled for: a processor with its memory, and the toolchains and emulators that serve it.

A target is a TOML file: those that come with edgec lie in ``targets/``, a user's own is named by its path. Every file
passes the rules at the end of this module before it becomes a ``Target``.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import edgec.targets
from edgec.errors import EdgecError

DIRECTORY = Path(edgec.targets.__path__[0])
"""Where the targets that come with edgec lie, and what devices build with."""

BASE_FLAGS = ("-std=c99", "-O2", "-ffreestanding", "-ffunction-sections", "-fdata-sections", "-ffp-contract=off")
"""Flags of every compile: without contraction to fused multiply-add all targets compute the same float32 bits."""

KIND_FLAGS = {
    # gcc would turn the loops of memcpy into calls of memcpy.
    "gcc": ("-fno-tree-loop-distribute-patterns",),
    "clang": (),
    # zig adds run-time checks by default.
    "zig": ("-fno-sanitize=undefined",),
}
EMULATORS = {"host": ("host",), "unicorn": ("arm", "riscv"), "qemu": ("arm", "riscv")}
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
    ``defines`` are macros for the test driver, which say how it counts instructions (targets/platform.h).
    """

    kind: str
    command: str = ""
    package: str = ""
    arguments: tuple[str, ...] = ()
    cpu: str = ""
    defines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """A processor with its memory; toolchains and emulators in order of preference.

    ``arch`` names the start-up code and linker script: ``arm`` (M profile) or ``riscv``; ``host`` is this machine,
    the only one without regions of memory.
    """

    name: str
    description: str
    arch: str
    toolchains: tuple[Toolchain, ...]
    emulators: tuple[Emulator, ...]
    flash: Region | None = None
    ram: Region | None = None

    @classmethod
    def load(cls, name: str | Path) -> "Target":
        """The target of that name, or of that TOML file. EdgecError if there is none or it breaks a rule."""
        text = str(name)
        path = Path(text) if text.endswith(".toml") else DIRECTORY / f"{text}.toml"
        if not path.is_file():
            names = ", ".join(_names())
            raise EdgecError(f"target {text}", "does not exist", f"use one of {names}, or the path of a .toml file")
        return _parse(path)

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
    """The targets that come with edgec, by name."""
    return [Target.load(name) for name in _names()]


def _names() -> list[str]:
    return sorted(p.stem for p in DIRECTORY.glob("*.toml"))


def _parse(path: Path) -> Target:
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EdgecError(str(path), f"rule toml: {error}", "correct the file; docs: https://toml.io") from None
    for name, rule in RULES.items():
        broken = rule(data)
        if broken is not None:
            raise EdgecError(str(path), f"rule {name}: {broken[0]}", broken[1])
    memory = data.get("memory", {})
    return Target(
        name=path.stem,
        description=data["description"],
        arch=data["arch"],
        toolchains=tuple(Toolchain(**_tuples(t)) for t in data["toolchains"]),
        emulators=tuple(Emulator(**_tuples(e)) for e in data["emulators"]),
        flash=Region(**memory["flash"]) if memory else None,
        ram=Region(**memory["ram"]) if memory else None,
    )


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}


# --- rules -----------------------------------------------------------------------------------------------------------
# Each takes the parsed file and returns what is wrong and what to do, or None. They run in order: a rule may rely on
# those before it.

Broken = tuple[str, str] | None

_TYPES: dict[Any, tuple[type, str]] = {str: (str, "text"), int: (int, "an integer"), tuple[str, ...]: (list, "a list")}
_TOP: dict[str, tuple[type, str]] = {
    "description": (str, "text"),
    "arch": (str, "text"),
    "toolchains": (list, "[[toolchains]] tables"),
    "emulators": (list, "[[emulators]] tables"),
    "memory": (dict, "a table"),
}


def _check_table(where: str, table: Any, known: Mapping[str, tuple[type, str]], required: set[str]) -> Broken:
    """One table of the file against its fields: all known, none missing, each of its type."""
    if not isinstance(table, dict):
        return f"{where} is not a table", "write it as a TOML table"
    for key, value in table.items():
        if key not in known:
            return f"{where} has an unknown field {key!r}", f"its fields are {', '.join(known)}"
        if not isinstance(value, known[key][0]) or isinstance(value, bool):
            return f"{where}.{key} is not {known[key][1]}", f"write {known[key][1]}"
        if isinstance(value, list) and key not in _TOP and not all(isinstance(v, str) for v in value):
            return f"{where}.{key} is not a list of texts", "quote each of its elements"
    missing = sorted(required - table.keys())
    return (f"{where} lacks the field {missing[0]!r}", "add it") if missing else None


def _check_class(where: str, table: Any, of: type) -> Broken:
    known = {f.name: _TYPES[f.type] for f in fields(of)}
    return _check_table(where, table, known, {f.name for f in fields(of) if f.default is MISSING})


def _fields(data: dict[str, Any]) -> Broken:
    """Every table has the fields that it needs, each of its type, and no others."""
    broken = _check_table("the file", data, _TOP, {"description", "arch", "toolchains", "emulators"})
    for region in ("flash", "ram") if not broken and "memory" in data else ():
        known: dict[str, tuple[type, str]] = {"flash": (dict, "a table"), "ram": (dict, "a table")}
        broken = broken or _check_table("memory", data["memory"], known, set(known))
        broken = broken or _check_class(f"memory.{region}", data["memory"][region], Region)
    for key, of in (("toolchains", Toolchain), ("emulators", Emulator)):
        for index, table in enumerate([] if broken else data[key]):
            broken = broken or _check_class(f"{key}[{index}]", table, of)
    return broken


def _arch(data: dict[str, Any]) -> Broken:
    """There is start-up code for the architecture."""
    if data["arch"] not in ("host", "arm", "riscv"):
        return f"no architecture {data['arch']!r}", "use host, arm or riscv"
    return None


def _memory(data: dict[str, Any]) -> Broken:
    """A device has memory; the host's is not described."""
    if data["arch"] == "host" and "memory" in data:
        return "the host has regions of memory", "remove [memory.*]"
    if data["arch"] != "host" and "memory" not in data:
        return "no memory", "add [memory.flash] and [memory.ram], each with origin and bytes"
    return None


def _regions(data: dict[str, Any]) -> Broken:
    """Regions are not empty, within 32 bits of address, aligned for any data, and apart from each other."""
    regions = {name: Region(**table) for name, table in data.get("memory", {}).items()}
    for name, region in regions.items():
        if region.bytes <= 0 or region.origin < 0 or region.end > 1 << 32:
            return f"memory.{name} is empty or leaves the addresses of 32 bits", "correct its origin and bytes"
        if region.origin % 16 or region.bytes % 16:
            return f"memory.{name} is not aligned", "use an origin and a size that are multiples of 16"
    if regions and max(r.origin for r in regions.values()) < min(r.end for r in regions.values()):
        return "flash and ram overlap", "correct their origins and bytes"
    return None


def _toolchains(data: dict[str, Any]) -> Broken:
    """At least one toolchain, each of a known kind, no kind twice, with a command unless it is zig."""
    kinds = [t["kind"] for t in data["toolchains"]]
    if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(KIND_FLAGS):
        return f"toolchains are {kinds}", f"list one or more of {', '.join(KIND_FLAGS)}, each once"
    for table in data["toolchains"]:
        if (table["kind"] == "zig") != ("command" not in table):
            return f"toolchain {table['kind']} and its command", "name a command for gcc and clang, none for zig"
    return None


def _emulators(data: dict[str, Any]) -> Broken:
    """At least one emulator, each of a kind that runs the architecture, no kind twice, with what it needs."""
    kinds = [e["kind"] for e in data["emulators"]]
    fit = [kind for kind, archs in EMULATORS.items() if data["arch"] in archs]
    if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(fit):
        return f"emulators are {kinds}", f"list one or more of {', '.join(fit)}, each once"
    for table in data["emulators"]:
        need = {"host": (), "unicorn": ("cpu",), "qemu": ("command", "arguments")}[table["kind"]]
        for key in need:
            if key not in table:
                return f"emulator {table['kind']} lacks {key!r}", "add it"
    return None


RULES: dict[str, Callable[[dict[str, Any]], Broken]] = {
    "fields": _fields,
    "arch": _arch,
    "memory": _memory,
    "regions": _regions,
    "toolchains": _toolchains,
    "emulators": _emulators,
}
"""The rules that a target file is checked against, in order."""
