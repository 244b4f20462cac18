"""The bytes that placement believes a run to access, against those that the emulated core does."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import edgec
from edgec.codegen.source import emit_model, step_codes
from edgec.devices import elf, unicorn_core
from edgec.devices.execution import Job, Outcome
from edgec.driver import CompiledModel
from edgec.memories import constants_of
from edgec.samples import input_types, random_samples
from edgec.schedule import accesses, plan_memory

GUARD_BYTES = 64


class Watched(unicorn_core._Core):
    """Counts the bytes that are read and written of each place (address, bytes), named by its number."""

    def __init__(self, job: Job, names: dict[str, tuple[int, int]], arena: Sequence[tuple[int, int]]) -> None:
        super().__init__(job)
        path = job.binary.path
        base = elf.address_of(path, "memory_arena") + GUARD_BYTES
        places = [(base + offset, size, number) for number, (offset, size) in enumerate(arena)]
        places += [(elf.address_of(path, name), size, number) for name, (size, number) in names.items()]
        self.places = sorted(places)
        self.starts = [start for start, _, _ in self.places]
        self.bytes = Counter[int]()

    def _load(self) -> int:
        entry = super()._load()
        for start, size, _ in self.places:
            kinds = unicorn_core.unicorn.UC_HOOK_MEM_READ | unicorn_core.unicorn.UC_HOOK_MEM_WRITE
            self.core.hook_add(kinds, self._on_access, begin=start, end=start + size - 1)
        return entry

    def _on_access(self, core: Any, kind: int, address: int, size: int, value: int, data: Any) -> None:
        if self.counting:
            self.bytes[self.places[bisect_right(self.starts, address) - 1][2]] += size


def counted(compiled: CompiledModel, monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """Bytes of each buffer, then of each step's constants, in a run in which no two buffers share addresses."""
    model = compiled.model
    buffers = tuple(replace(b, first=0, last=1) for b in model.problem.buffers)
    model = replace(model, plan=plan_memory(replace(model.problem, buffers=buffers, distances={})))
    emitted = emit_model(model, optimize=compiled.options.optimize)
    apart = CompiledModel(compiled.path, compiled.target, compiled.options, model, emitted)
    arena = [(offset, b.bytes) for offset, b in zip(model.plan.offsets, buffers, strict=True)]
    kernels = enumerate(step_codes(model), start=len(buffers))
    # A constant of which nothing is read is in no program.
    names = {a.name: (a.data.nbytes, number) for number, code in kernels for a in code.weights if a.data.nbytes > 64}
    found: list[Watched] = []

    def run(job: Job) -> Outcome:
        found.append(Watched(job, names, arena))
        return found[0].run()

    monkeypatch.setattr(unicorn_core, "run", run)
    device = apart.device("gcc", "unicorn")
    apart.run_on(device, random_samples(input_types(model.graph), 1).inputs)
    return found[0].bytes


def test_estimates_are_near_what_a_core_accesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions, pointwise ones and depthwise ones of bytes: within a factor of 3, depthwise constants within 8."""
    compiled = edgec.compile(Path(__file__).parent.parent / "models/dscnn_qdq.onnx", "cortex-m4")
    model = compiled.model
    found = counted(compiled, monkeypatch)
    estimates = [*accesses(model.schedule, model.problem), *(c.accesses for c in constants_of(model))]
    depthwise = [len(model.problem.buffers) + i for i, k in enumerate(model.kernels) if "depthwise" in k.name]
    large = [number for number, bytes in found.items() if bytes > 1000]
    assert len(large) > 20
    for number in large:
        assert 1 / 3 < estimates[number] / found[number] < (8 if number in depthwise else 3), number
