"""An output directory -> a program for a machine, with the test driver; and how much of it is the model."""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edgec.devices import elf
from edgec.devices.toolchain import compiler_command, present
from edgec.errors import EdgecError
from edgec.ir.types import DType, TensorType
from edgec.target import DIRECTORY, Emulator, Memory, Target, Toolchain

GUARDS = 128
"""Bytes that targets/driver.c has around each memory."""

STACK_MINIMUM = 4096
"""Bytes of RAM that a program leaves for the stack at least."""

# What replaces start-up files and libraries by ours, on anything but the host. zig brings its runtime library
# (compiler-rt) on its own, and leaves it out with -nostdlib.
_LINK_FLAGS = {
    "gcc": ("-static", "-nostartfiles", "-nostdlib"),
    "clang": ("-static", "-nostartfiles", "-nostdlib", "-fuse-ld=lld"),
    "zig": (),
}
_LIBRARIES = {"gcc": ("-lgcc",), "clang": (), "zig": ()}
_COUNTING = {"unicorn": ("EDGEC_COUNTER_SEMIHOSTING",)}
_MACHINES = {
    "host": ("platform_host.c",),
    "linux": ("platform_linux.c",),
    "arm": ("platform_device.c", "start_arm.c"),
    "riscv": ("platform_device.c", "start_riscv.c"),
}
_OVERFLOW = re.compile(r"region [`'](\w+)':? overflowed by (\d+) bytes")
_SHOWN_LINES = 10


@dataclass(frozen=True)
class Port:
    """An input or output: its name in the model, and the type of one sample."""

    name: str
    type: TensorType


@dataclass(frozen=True)
class Binary:
    """A program that runs a batch of samples through a model on one machine.

    ``model`` are the files of the model alone: one linked ELF without start-up and driver but with the parts of the
    compiler's runtime library that it pulls in; on the host, or where it was built for profiling, its objects.
    ``counts`` says whether the machine counts instructions, ``counter`` is the plugin with which qemu-user does.
    ``flash_bytes`` is their text + data and ``static_ram_bytes`` their data + bss, both as ``size`` says;
    ``code_bytes`` are those of each of their functions.
    """

    path: Path
    model: tuple[Path, ...]
    target: Target
    toolchain: Toolchain
    emulator: Emulator
    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    steps: int
    profile: bool
    counts: bool
    counter: Path | None
    flash_bytes: int
    static_ram_bytes: int
    code_bytes: Mapping[str, int]

    @property
    def where(self) -> str:
        """The model and the machine, for errors."""
        return f"{self.name} on {self.target.name} ({self.toolchain.kind}, {self.emulator.kind})"


def build(
    target: Target, toolchain: Toolchain, emulator: Emulator, directory: Path, work: Path, profile: bool
) -> Binary:
    """Compile and link ``directory`` in a folder of its own below ``work``.

    EdgecError if a compiler fails, or if the program is larger than the target's memory.
    """
    manifest = _manifest(directory)
    name = manifest["name"]
    folder = work / "-".join([target.name, toolchain.kind, emulator.kind, *(["profile"] if profile else [])])
    folder.mkdir(parents=True, exist_ok=True)
    memory = _used(target.memory_in(emulator), manifest)
    compiler = _Compiler(target, toolchain, memory, folder, f"{name} on {target.name} ({toolchain.kind})")
    objects, include = _objects(compiler, directory, name, profile)
    counter = _counter(folder) if target.arch == "linux" else None
    counting = [*emulator.defines, *_COUNTING.get(emulator.kind, ()), *(["EDGEC_COUNTER_PLUGIN"] if counter else [])]
    model = objects
    if target.arch != "host" and not profile:
        model = [
            compiler.link("model.elf", objects, [f"-Wl,-e,{name}_run", f"-Wl,-u,{name}_bind", f"-Wl,-u,{name}_reset"])
        ]
    defines = [*_defines(name, profile), *(f"-D{d}" for d in counting)]
    driver = [DIRECTORY / source for source in ("driver.c", *_MACHINES[target.arch])]
    program = compiler.link("program.elf", [*objects, *driver], [*include, *defines])
    if memory is not None:
        used = elf.bytes_in(program, memory.ram.origin, memory.ram.end)
        compiler.check_room("RAM", used + STACK_MINIMUM - memory.ram.bytes)
    found = elf.sizes(*model)
    return Binary(
        path=program,
        model=tuple(model),
        target=target,
        toolchain=toolchain,
        emulator=emulator,
        name=name,
        inputs=_ports(manifest["inputs"]),
        outputs=_ports(manifest["outputs"]),
        steps=len(manifest["steps"]),
        profile=profile,
        counts=any(d.startswith("EDGEC_COUNTER_") for d in counting),
        counter=counter,
        flash_bytes=found.flash,
        static_ram_bytes=found.ram,
        code_bytes=elf.functions(*model),
    )


@dataclass(frozen=True)
class Library:
    """A model as a shared library of this machine, with the functions of targets/library.c."""

    path: Path
    where: str
    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    arena_bytes: int
    io_in_arena: bool
    has_states: bool
    steps: int


def build_library(target: Target, toolchain: Toolchain, directory: Path, work: Path, profile: bool) -> Library:
    """Compile and link ``directory`` as a shared library, in a folder below ``work``; EdgecError if that fails."""
    manifest = _manifest(directory)
    name = manifest["name"]
    folder = work / ("library-profile" if profile else "library")
    folder.mkdir(parents=True, exist_ok=True)
    compiler = _Compiler(target, toolchain, None, folder, f"{name} on {target.name} ({toolchain.kind})")
    objects, include = _objects(compiler, directory, name, profile, "-fPIC")
    options = ["-shared", "-fPIC", *include, *_defines(name, profile)]
    return Library(
        path=compiler.link("library.so", [*objects, DIRECTORY / "library.c"], options),
        where=compiler.where,
        name=name,
        inputs=_ports(manifest["inputs"]),
        outputs=_ports(manifest["outputs"]),
        arena_bytes=manifest["arena_bytes"],
        io_in_arena=not manifest["options"]["caller_io"],
        has_states=bool(manifest["states"]),
        steps=len(manifest["steps"]),
    )


def _objects(
    compiler: "_Compiler", directory: Path, name: str, profile: bool, *flags: str
) -> tuple[list[Path], list[str]]:
    """The compiled sources of an output directory, and the options with which its headers are found."""
    include = [f"-I{directory.resolve()}", f"-I{directory.resolve() / 'include'}"]
    hook = ["-include", str(DIRECTORY / "profile.h")] if profile else []
    sources = (directory / f"{name}.c", *sorted(directory.glob("*.S")), *sorted((directory / "src").glob("*.c")))
    return [compiler.compile(source.resolve(), [*include, *hook, *flags]) for source in sources], include


def _defines(name: str, profile: bool) -> list[str]:
    """What targets/driver.c and targets/library.c know of the model."""
    known = [f'-DEDGEC_MODEL_HEADER="{name}.h"', f"-DEDGEC_MODEL={name}", f"-DEDGEC_MODEL_UPPER={name.upper()}"]
    return [*known, *(["-DEDGEC_PROFILE"] if profile else [])]


@dataclass(frozen=True)
class _Compiler:
    """Calls of one compiler in one folder."""

    target: Target
    toolchain: Toolchain
    memory: Memory | None
    folder: Path
    where: str

    def compile(self, source: Path, options: Sequence[str]) -> Path:
        """Source -> object."""
        result = self.folder / f"{source.stem}.o"
        self._call(["-c", str(source), "-o", str(result), *options])
        return result

    def link(self, name: str, sources: Sequence[Path], options: Sequence[str]) -> Path:
        """Objects and sources -> program."""
        result = self.folder / name
        flags: list[str] = []
        libraries: tuple[str, ...] = ()
        if self.target.arch != "host":
            flags = [*_LINK_FLAGS[self.toolchain.kind], "-Wl,--gc-sections"]
            libraries = _LIBRARIES[self.toolchain.kind]
        if self.target.arch == "linux" and self.toolchain.kind == "gcc":
            # libgcc's 64-bit division calls it for a divisor of zero, which kernels never have.
            flags.append("-Wl,--defsym=raise=0")
        if self.memory is not None:
            script = self.folder / "link.ld"
            script.write_text(_regions(self.memory) + _text("device.ld"))
            flags += ["-T", str(script)]
        self._call([*flags, *options, *map(str, sources), *libraries, "-o", str(result)])
        return result

    def check_room(self, region: str, lacking: int) -> None:
        """EdgecError if ``lacking`` bytes of a region of memory is more than none."""
        if lacking > 0:
            assert self.memory is not None  # without it there is no such region
            has = {"FLASH": self.memory.flash, "RAM": self.memory.ram}[region].bytes
            raise EdgecError(
                self.where,
                f"needs {lacking} bytes of {region.replace('FLASH', 'flash')} more than the {has} bytes that it has",
                "use a smaller model or input (--shape), or a target with more memory",
            )

    def _call(self, arguments: Sequence[str]) -> None:
        command = [*compiler_command(self.toolchain), *self.target.flags(self.toolchain.kind), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode == 0:
            return
        overflows = [(int(size), region) for region, size in _OVERFLOW.findall(done.stderr)]
        if overflows:
            size, region = max(overflows)
            self.check_room(region, size)
        said = "\n".join(done.stderr.strip().splitlines()[:_SHOWN_LINES])
        hint = "try another --toolchain; if generated C is at fault, please report it with the model"
        raise EdgecError(self.where, f"the compiler fails ({' '.join(command[:4])} ...):\n{said}", hint)


def _counter(folder: Path) -> Path | None:
    """Compile the plugin with which qemu-user counts instructions; None where no compiler of this machine can."""
    plugin = folder / "counter.so"
    for toolchain in Target.load("host").toolchains:
        if present(toolchain):
            command = [*compiler_command(toolchain), "-O2", "-shared", "-fPIC", "-Wl,-z,lazy"]
            command += [str(DIRECTORY / "qemu_counter.c"), "-o", str(plugin)]
            if subprocess.run(command, cwd=folder, capture_output=True).returncode == 0:
                return plugin
    return None


def _manifest(directory: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text())
    except (OSError, ValueError) as error:
        hint = "name a directory that `edgec compile` wrote"
        raise EdgecError(str(directory), f"has no readable manifest.json: {error}", hint) from None
    return manifest


def _ports(entries: Sequence[dict[str, Any]]) -> tuple[Port, ...]:
    return tuple(Port(e["name"], TensorType(DType(e["dtype"]), tuple(e["shape"]))) for e in entries)


def _used(memory: Memory | None, manifest: Mapping[str, Any]) -> Memory | None:
    """Of the further regions those that programs use: by name memories that a model's buffers are placed in.

    Other memories of a model lie in the RAM, as those do that leave no room for guards in their region.
    """
    if memory is None:
        return None
    needed = {m["name"]: m["bytes"] + GUARDS for m in manifest.get("memories", ()) if m["bytes"]}
    more = [(n, r) for n, r in memory.more if n == "vectors" or needed.get(n, r.bytes + 1) <= r.bytes]
    return replace(memory, more=tuple(more))


def _regions(memory: Memory) -> str:
    regions = {"FLASH": memory.flash, "RAM": memory.ram}
    regions |= {name.upper(): region for name, region in memory.more}
    vectors = regions.get("VECTORS")
    lines = [f"  {name} : ORIGIN = {r.origin:#x}, LENGTH = {r.bytes:#x}" for name, r in regions.items()]
    alias = ['REGION_ALIAS("VECTORS", FLASH)'] if vectors is None else []
    own = [name for name, _ in memory.more if name != "vectors"]
    sections = [f"  .memory.{name} (NOLOAD) : {{ *(.bss.memory.{name}) }} > {name.upper()}" for name in own]
    return "\n".join(["MEMORY", "{", *lines, "}", *alias, *(["SECTIONS", "{", *sections, "}"] if sections else []), ""])


def _text(name: str) -> str:
    return (DIRECTORY / name).read_text()
