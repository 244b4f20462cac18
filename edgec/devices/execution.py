"""One start of a program: what it is given, what it gives back, and how its failures read."""

import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgec.devices.build import Binary
from edgec.devices.cycles import Timing
from edgec.devices.elf import function_at
from edgec.errors import EdgecError

Progress = Callable[[int, int], None]
"""Called with the samples that are done and all samples."""

_POLL_SECONDS = 0.05
_WORDS = re.compile(r"edgec-failure ([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8})")
_DEFECT = "this is a defect of edgec or of the toolchain: please report it with the model; try another --toolchain"


@dataclass(frozen=True)
class Job:
    """A batch for a program: ``input`` is the whole of input.bin, ``sample_bytes`` what one sample's outputs take.

    ``time_limit`` are the seconds that one sample may take. With ``timing`` the counter counts estimated cycles, which
    unicorn alone does.
    """

    binary: Binary
    input: bytes
    samples: int
    sample_bytes: int
    progress: Progress
    time_limit: float
    timing: Timing | None = None

    def done(self, output_bytes: int) -> int:
        """Samples that are complete when that much output was written."""
        return min(output_bytes // max(self.sample_bytes, 1), self.samples)

    def hangs(self, done: int) -> EdgecError:
        """The error of a program that makes no progress."""
        what = f"sample {done} did not end within {self.time_limit:g} s"
        return EdgecError(
            self.binary.where, what, "use a smaller model, or a faster target, if this is no endless loop"
        )


@dataclass(frozen=True)
class Outcome:
    """How a program ended: exit code (negative: a signal), what it said, and output.bin."""

    code: int
    words: str
    output: bytes


def run_process(job: Job, command: Sequence[str]) -> Outcome:
    """Run a command in a folder with input.bin, where it writes output.bin; progress is the size of that file."""
    with tempfile.TemporaryDirectory(prefix="edgec-run-") as folder:
        Path(folder, "input.bin").write_bytes(job.input)
        output = Path(folder, "output.bin")
        with (
            Path(folder, "words").open("w+b") as words,
            subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=words, stderr=words) as process,
        ):
            try:
                _watch(job, process, output)
            finally:
                process.kill()
            process.wait()
            words.seek(0)
            said = words.read().decode(errors="replace")
        return Outcome(process.returncode, said, output.read_bytes() if output.exists() else b"")


def _watch(job: Job, process: "subprocess.Popen[bytes]", output: Path) -> None:
    """Wait for the end, reporting progress; EdgecError if there is none for too long."""
    done, since = 0, time.monotonic()
    while True:
        try:
            process.wait(_POLL_SECONDS)
            return
        except subprocess.TimeoutExpired:
            now = job.done(output.stat().st_size if output.exists() else 0)
            if now > done:
                done, since = now, time.monotonic()
                job.progress(done, job.samples)
            elif time.monotonic() - since > job.time_limit:
                raise job.hangs(done) from None


def check(job: Job, outcome: Outcome) -> None:
    """EdgecError unless the program ended well."""
    if outcome.code == 0:
        return
    binary, found = job.binary, _WORDS.search(outcome.words)
    if found is None:
        how = f"exit code {outcome.code}" if outcome.code > 0 else f"signal {signal.Signals(-outcome.code).name}"
        said = outcome.words.strip()[-500:]
        raise EdgecError(binary.where, f"the program ended with {how}{': ' if said else ''}{said}", _DEFECT)
    code, sample, detail = (int(word, 16) for word in found.groups())
    at = "" if sample == 0xFFFFFFFF else f"sample {sample}: "
    if code == STATUS:
        raise returned(binary.where, binary.name, detail - (1 << 32) if detail >> 31 else detail, at)
    raise EdgecError(binary.where, at + _FAILURES[code](binary, detail), _DEFECT)


def returned(where: str, name: str, status: int, at: str = "") -> EdgecError:
    """The error of a model that returned a code; ``at`` says of which sample."""
    symbol, what, hint = _RETURNED.get(status, (f"the error code {status}", "", _DEFECT))
    return EdgecError(where, f"{at}{name}_run returned {symbol}{what}", hint)


def _fault(binary: Binary, detail: int) -> str:
    function = function_at(binary.path, detail)
    return f"the core faulted at pc {detail:#x}" + (f" in {function}" if function else "")


# The codes of targets/platform.h.
STATUS, STACK, FAULT = 65, 68, 69
# Of edgec/core.h: those that are not the program's fault.
_RETURNED = {
    -4: (
        "EDGEC_ERROR_INDEX",
        ": an index leaves the tensor that it indexes",
        "check the inputs that are indices, or that indices are computed from",
    ),
    -5: (
        "EDGEC_ERROR_CPU",
        ": this CPU lacks features that it was compiled for",
        "compile it for a target that this CPU can run: host, or x86-64",
    ),
}
_FAILURES: dict[int, Callable[[Binary, int], str]] = {
    64: lambda binary, detail: "the test driver cannot read its samples or write its results",
    66: lambda binary, detail: f"the model wrote {detail} bytes below its arena or a buffer (guard violation)",
    67: lambda binary, detail: f"the model wrote {detail} bytes above its arena or a buffer (guard violation)",
    STACK: lambda binary, detail: f"the model used up all {detail} bytes of stack",
    FAULT: _fault,
}
