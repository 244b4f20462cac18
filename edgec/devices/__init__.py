"""Build what was emitted, and run it: on this machine, or on emulated cores and boards.

device = open_device(Target.load("cortex-m4"))
binary = device.build(Path("build/kws"), Path("work"))
run = device.run(binary, {"x": samples})
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgec import cpu
from edgec.devices import host, qemu
from edgec.devices.build import Binary, build, build_library
from edgec.devices.cycles import Timing
from edgec.devices.execution import Job, Outcome, Progress, check
from edgec.devices.library import Session
from edgec.devices.toolchain import pick
from edgec.errors import EdgecError
from edgec.ir import Array
from edgec.ir.storage import bits
from edgec.target import Emulator, Target, Toolchain

__all__ = ["Binary", "Device", "Run", "Session", "open_device"]


@dataclass(frozen=True)
class Run:
    """What a batch of S samples gave.

    ``outputs``: name -> ``[S, *shape]`` of the output's dtype. ``instructions`` of one inference (the first sample's)
    and ``stack_bytes`` below the caller's frame; a profiling build gives ``step_instructions`` instead, one per step
    of the manifest, without the cost of its hooks. None: not measured (the host does not count instructions, nor does
    qemu-user without its plugin).
    """

    outputs: dict[str, Array]
    instructions: int | None
    step_instructions: list[int] | None
    stack_bytes: int | None


@dataclass(frozen=True)
class Device:
    """A target with a toolchain and an emulator that are installed. ``time_limit``: seconds for one sample."""

    target: Target
    _toolchain: Toolchain
    _emulator: Emulator
    time_limit: float = 600.0

    @property
    def toolchain(self) -> str:
        """Which toolchain: gcc, clang or zig."""
        return self._toolchain.kind

    @property
    def emulator(self) -> str:
        """Which emulator: host, unicorn or qemu."""
        return self._emulator.kind

    def build(self, directory: Path, work: Path, profile: bool = False) -> Binary:
        """Compile and link an output directory with the test driver, in a folder of its own below ``work``.

        EdgecError if the compiler fails or the program is larger than the target's memory.
        """
        return build(self.target, self._toolchain, self._emulator, directory, work, profile)

    def session(self, directory: Path, work: Path, profile: bool = False) -> Session:
        """Compile and link an output directory as a shared library below ``work``, and load it into this process.

        EdgecError if the compiler fails, or if the target's programs are no processes of this machine.
        """
        if self.target.arch != "host":
            what = "is no machine that this process runs on"
            raise EdgecError(f"target {self.target.name}", what, "compile for the target host, or use `run`")
        return Session(build_library(self.target, self._toolchain, directory, work, profile))

    def run(
        self, binary: Binary, inputs: Mapping[str, Array], progress: Progress | None = None, cycles: bool = False
    ) -> Run:
        """Run S samples in one start of the device. ``inputs``: name -> ``[S, *shape]`` of the input's dtype.

        With ``cycles``, estimated cycles stand in the place of instructions: only of a target that has a table of them,
        by unicorn.

        EdgecError if an input does not fit, or if the program faults, hangs, fails, or writes beside its arena.
        """
        samples, data = _pack(binary, inputs)
        sample_bytes = sum(port.type.bytes for port in binary.outputs)
        timing = Timing(self.target.cycles) if cycles and self.target.cycles is not None else None
        quiet: Progress = lambda done, total: None  # noqa: E731 - a default of one line
        job = Job(binary, data, samples, sample_bytes, progress or quiet, self.time_limit, timing)
        outcome = _start(self._emulator.kind, job)
        check(job, outcome)
        job.progress(samples, samples)
        return _unpack(job, outcome.output)


def open_device(target: Target, toolchain: str | None = None, emulator: str | None = None) -> Device:
    """The target with its first toolchain and emulator that are installed, or with those of the named kinds.

    EdgecError, with the command that installs one, if there is none, or where programs of the target are processes and
    this machine's CPU can't run them.
    """
    own = cpu.this_cpu()
    if target.arch == "host" and target.machine not in ("", own.machine):
        what = f"runs on {target.machine}, this machine is {own.machine}"
        raise EdgecError(f"target {target.name}", what, "compile it there (edgec compile needs no device)")
    if target.arch == "host" and (lacking := [name for name in target.features if name not in own.features]):
        what = f"needs a CPU with {', '.join(lacking)}, which this one lacks"
        raise EdgecError(f"target {target.name}", what, "use --target host, or run it on another machine")
    return Device(
        target,
        pick(target, "toolchain", target.toolchains, toolchain),
        pick(target, "emulator", target.emulators, emulator),
    )


def _start(kind: str, job: Job) -> Outcome:
    if kind == "unicorn":
        from edgec.devices import unicorn_core  # only here: the package is optional

        return unicorn_core.run(job)
    return qemu.run(job) if kind == "qemu" else host.run(job)


def _pack(binary: Binary, inputs: Mapping[str, Array]) -> tuple[int, bytes]:
    """Number of samples, and input.bin as targets/driver.c reads it."""
    columns = []
    for port in binary.inputs:
        array = inputs.get(port.name)
        if array is None or array.shape[1:] != port.type.shape or array.dtype != port.type.dtype.numpy:
            what = "is missing" if array is None else f"is {array.dtype}{list(array.shape)}"
            shape = ", ".join(map(str, ("S", *port.type.shape)))
            hint = f"give {port.type.dtype.numpy}[{shape}]: S samples"
            raise EdgecError(f"input {port.name} of {binary.name}", what, hint)
        columns.append(np.ascontiguousarray(bits(array)).reshape(len(array), -1).view(np.uint8))
    counts = {len(c) for c in columns} or {1}
    if len(counts) > 1:
        raise EdgecError(f"inputs of {binary.name}", f"have {sorted(counts)} samples", "give each the same number")
    rows = np.concatenate(columns, axis=1).tobytes() if columns else b""
    samples = counts.pop()
    return samples, struct.pack("<I", samples) + rows


def _unpack(job: Job, output: bytes) -> Run:
    """Take output.bin apart as targets/driver.c writes it."""
    binary, size = job.binary, job.samples * job.sample_bytes
    words = 2 + (binary.steps if binary.profile else 0)
    if len(output) != size + 8 * words:
        what = f"the program wrote {len(output)} bytes of results, not {size + 8 * words}"
        raise EdgecError(binary.where, what, "please report this with the model: the driver and the manifest disagree")
    rows = np.frombuffer(output[:size], np.uint8).reshape(job.samples, job.sample_bytes)
    outputs, offset = {}, 0
    for port in binary.outputs:
        column = np.ascontiguousarray(rows[:, offset : offset + port.type.bytes])
        outputs[port.name] = column.view(port.type.dtype.numpy).reshape(job.samples, *port.type.shape)
        offset += port.type.bytes
    instructions, stack, *steps = struct.unpack(f"<{words}Q", output[size:])
    counted, measured = binary.counts, job.samples > 0
    return Run(
        outputs=outputs,
        instructions=instructions if counted and measured and not binary.profile else None,
        step_instructions=steps if counted and measured and binary.profile else None,
        stack_bytes=stack if measured and not binary.profile else None,
    )
