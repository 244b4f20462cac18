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
SHOWN = 2000
"""Characters of what a compiler or sanitizer says that are kept."""
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
        with self._timed("C to a program"):
            broken = self._objects(compiled)
            built = [e for e in compiled if e.case not in broken]
            if self._link(built):
                # One at a time shows which.
                broken |= {e.case: said for e in built if (said := self._link([e]))}
                built = [e for e in built if e.case not in broken]
                if said := self._link(built):
                    raise RuntimeError(f"what links on its own does not link together:\n{said}")
        outcomes |= {e.case: e.outcome(Status.INTERNAL, broken[e.case]) for e in compiled if e.case in broken}
        with self._timed("run"):
            outcomes |= {o.case: o for o in self._execute(built)}
        return [outcomes[case] for case in cases]

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - start

    def _objects(self, compiled: Sequence[_Compiled]) -> dict[Case, str]:
        """Compile each model with its entry; what the compiler says of those that it refuses."""
        for entry in compiled:
            for path, content in entry.model.emitted.files.items():
                (self.work / path).write_bytes(content if isinstance(content, bytes) else content.encode())
            (self.work / f"{entry.name}_entry.c").write_text(
                f'#include "{entry.name}.c"\n#define MODEL {entry.name}\n#define MODEL_UPPER {entry.name.upper()}\n'
                '#include "suite_entry.h"\n'
            )
            (self.work / f"{entry.name}_entry.o").unlink(missing_ok=True)
        # One call compiles them all, and goes on behind a file that it refuses.
        self._compiler("-c", *(f"{e.name}_entry.c" for e in compiled))
        refused = [e for e in compiled if not (self.work / f"{e.name}_entry.o").exists()]
        return {e.case: f"the C does not compile:\n{self._compiler('-c', f'{e.name}_entry.c')}" for e in refused}

    def _link(self, built: Sequence[_Compiled]) -> str:
        """Link the objects to the program ``batch``; what the linker says against it."""
        if not built:
            return ""
        names = [f"{e.name}_suite_entry" for e in built]
        table = ['#include "suite_batch.h"', *(f"extern const suite_entry {n};" for n in names)]
        table += ["extern const suite_entry *const suite_entries[];", "extern const size_t suite_count;"]
        table += [f"const suite_entry *const suite_entries[] = {{{', '.join('&' + n for n in names)}}};"]
        table += [f"const size_t suite_count = {len(names)};", ""]
        (self.work / "table.c").write_text("\n".join(table))
        objects = [f"{e.name}_entry.o" for e in built]
        return self._compiler("table.c", str(HERE / "suite_batch.c"), *objects, "-o", "batch")

    def _compiler(self, *arguments: str) -> str:
        """Call the compiler; what it says, empty if it succeeds."""
        flags = ["-std=c99", "-O1", "-pipe", "-ffp-contract=off", *WARNINGS, "-Werror", f"-I{HERE}", f"-I{INCLUDE}"]
        command = ["gcc", *flags, *(SANITIZE if self.sanitize else ()), "-I.", *arguments]
        done = subprocess.run(command, cwd=self.work, capture_output=True, text=True, errors="replace")
        return done.stderr[:SHOWN] or f"it ends with {done.returncode}" if done.returncode else ""

    def _execute(self, built: Sequence[_Compiled]) -> Iterator[Outcome]:
        """Run ``batch``, and compare."""
        if not built:
            return
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
            [str(self.work / "batch"), "sizes", "inputs", "outputs", str(SECONDS)],
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
                yield entry.outcome(status, f"{what}\n{words[:SHOWN]}".rstrip())
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
