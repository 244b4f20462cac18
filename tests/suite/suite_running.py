"""Compiled cases -> one program -> outputs, compared with those that the suite expects."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from time import perf_counter

import numpy as np
from suite_cases import Case
from suite_comparing import difference
from suite_compiling import compile_case
from suite_outcome import Outcome, Status

from edgec.driver import CompiledModel
from edgec.ir.storage import bits

HERE = Path(__file__).parent
INCLUDE = Path(str(files("edgec.runtime_c"))) / "include"
BATCH = 60
"""Cases in one program."""
SECONDS = 10
"""What one case may run: it runs microseconds."""
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Wdouble-promotion")
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
BROKEN = 99
"""Exit code of a process that a sanitizer stops."""

_ENDED = {
    1: (Status.CRASHED, "the model returned an error code"),
    2: (Status.INTERNAL, "the sizes in its header are not those of its types"),
    3: (Status.CRASHED, "it wrote outside of its arena"),
    4: (Status.WRONG, "the outputs depend on what was in the arena before"),
    5: (Status.INTERNAL, "no memory, or no file"),
    BROKEN: (Status.CRASHED, "stopped by a sanitizer"),
}


@dataclass(frozen=True)
class _Compiled:
    case: Case
    model: CompiledModel
    bound: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.model.model.name

    def outcome(self, status: Status, detail: str = "") -> Outcome:
        return Outcome(self.case, status, detail, bound=self.bound)


@dataclass(frozen=True)
class Runner:
    """Runs cases in batches below ``work``; ``seconds`` sums up what each stage takes."""

    work: Path
    sanitize: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Outcomes, in order, batch by batch."""
        for start in range(0, len(cases), BATCH):
            yield from self.batch(cases[start : start + BATCH])

    def batch(self, cases: Sequence[Case]) -> list[Outcome]:
        """Outcomes of the cases, which become one program."""
        outcomes: dict[Case, Outcome] = {}
        compiled: list[_Compiled] = []
        with self._timed("ONNX to C"):
            for case in cases:
                result, bound = compile_case(case, self.work)
                if isinstance(result, CompiledModel):
                    compiled.append(_Compiled(case, result, bound))
                else:
                    outcomes[case] = result
        with self._timed("C to objects"):
            built = []
            for entry, failure in zip(compiled, self._objects(compiled), strict=True):
                if failure is None:
                    built.append(entry)
                else:
                    outcomes[entry.case] = entry.outcome(Status.INTERNAL, failure)
        if built:
            program = self._link(built)
            with self._timed("run"):
                outcomes |= {o.case: o for o in self._execute(program, built)}
        return [outcomes[case] for case in cases]

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - start

    def _objects(self, compiled: Sequence[_Compiled]) -> list[str | None]:
        """Compile each model with its entry; None, or what the compiler says."""
        for entry in compiled:
            for path, text in entry.model.emitted.files.items():
                (self.work / path).write_text(text)
            (self.work / f"{entry.name}_entry.c").write_text(
                f'#include "{entry.name}.c"\n#define MODEL {entry.name}\n#define MODEL_UPPER {entry.name.upper()}\n'
                '#include "suite_entry.h"\n'
            )
            (self.work / f"{entry.name}_entry.o").unlink(missing_ok=True)
        # One call compiles them all, and goes on behind a file that it refuses.
        self._compiler("-c", *(f"{e.name}_entry.c" for e in compiled))
        return [
            None
            if (self.work / f"{e.name}_entry.o").exists()
            else "the C does not compile:\n" + self._compiler("-c", f"{e.name}_entry.c").stderr[:2000]
            for e in compiled
        ]

    def _link(self, built: Sequence[_Compiled]) -> Path:
        names = [f"{e.name}_suite_entry" for e in built]
        table = ['#include "suite_batch.h"', *(f"extern const suite_entry {n};" for n in names)]
        table += ["extern const suite_entry *const suite_entries[];", "extern const size_t suite_count;"]
        table += [f"const suite_entry *const suite_entries[] = {{{', '.join('&' + n for n in names)}}};"]
        table += [f"const size_t suite_count = {len(names)};", ""]
        (self.work / "table.c").write_text("\n".join(table))
        objects = [f"{e.name}_entry.o" for e in built]
        done = self._compiler("table.c", str(HERE / "suite_batch.c"), *objects, "-o", "batch")
        if done.returncode != 0:
            raise RuntimeError(f"the batch does not link:\n{done.stderr[:4000]}")
        return self.work / "batch"

    def _compiler(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        flags = ["-std=c99", "-O1", "-pipe", "-ffp-contract=off", *WARNINGS, "-Werror", f"-I{HERE}", f"-I{INCLUDE}"]
        command = ["gcc", *flags, *(SANITIZE if self.sanitize else ()), "-I.", *arguments]
        return subprocess.run(command, cwd=self.work, capture_output=True, text=True, errors="replace")

    def _execute(self, program: Path, built: Sequence[_Compiled]) -> Iterator[Outcome]:
        sizes, data = [], []
        for entry in built:
            model = entry.model.model
            taken, given = (sum(p.value.type.bytes for p in ports) for ports in (model.inputs, model.outputs))
            arrays = b"".join(bits(entry.case.inputs[p.name]).tobytes() for p in model.inputs)
            sizes.append((taken, len(arrays), given))
            data.append(arrays)
        (self.work / "sizes").write_text("".join(f"{taken} {length} {given}\n" for taken, length, given in sizes))
        (self.work / "inputs").write_bytes(b"".join(data))
        options = {"ASAN_OPTIONS": f"exitcode={BROKEN}:detect_leaks=0", "UBSAN_OPTIONS": f"exitcode={BROKEN}"}
        done = subprocess.run(
            [str(program), "sizes", "inputs", "outputs", str(SECONDS)],
            cwd=self.work,
            env={**os.environ, **options},
            capture_output=True,
            text=True,
            errors="replace",
        )
        ended = [int(line.split()[1]) for line in done.stdout.splitlines()]
        said = done.stderr.split("@@\n")[1:]
        if done.returncode != 0 or len(ended) != len(built):
            raise RuntimeError(f"the batch ends with {done.returncode}:\n{done.stderr[-4000:]}")
        outputs, at = (self.work / "outputs").read_bytes(), 0
        for entry, code, words, (_, _, given) in zip(built, ended, said, sizes, strict=True):
            if code == 0:
                yield _compare(entry, outputs[at : at + given])
            elif code < 0:
                yield entry.outcome(Status.CRASHED, f"signal {-code}\n{words}")
            else:
                status, what = _ENDED[code]
                yield entry.outcome(status, f"{what}\n{words[:2000]}".rstrip())
            at += given


def _compare(entry: _Compiled, raw: bytes) -> Outcome:
    case, ports = entry.case, entry.model.model.outputs
    if len(ports) != len(case.outputs):
        return entry.outcome(Status.WRONG, f"{len(ports)} outputs, expected {len(case.outputs)}")
    at = 0
    for port, expected in zip(ports, case.outputs, strict=True):
        got = np.frombuffer(raw[at : at + port.value.type.bytes], port.value.type.dtype.numpy)
        at += port.value.type.bytes
        if wrong := difference(got.reshape(port.value.shape), expected, case.rtol, case.atol):
            return entry.outcome(Status.WRONG, f"output {port.name!r} {wrong}")
    return entry.outcome(Status.PASSED)
