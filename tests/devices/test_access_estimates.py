"""The bytes that placement believes a run to access, against those that the emulated core does."""

from dataclasses import replace
from pathlib import Path

from memories import GUARD_BYTES, Place, constants, counted

import edgec
from edgec.codegen.source import emit_model
from edgec.devices import elf
from edgec.driver import CompiledModel
from edgec.memories import constants_of
from edgec.schedule import accesses, plan_memory


def test_estimates_are_near_what_a_core_accesses() -> None:
    """Convolutions, pointwise ones and depthwise ones of bytes: within a factor of 3, depthwise constants within 8."""
    compiled = edgec.compile(Path(__file__).parent.parent / "models/dscnn_qdq.onnx", "cortex-m4")
    model = compiled.model
    count = len(model.problem.buffers)
    # No two buffers share addresses.
    alive = tuple(replace(b, first=0, last=1) for b in model.problem.buffers)
    model = replace(model, plan=plan_memory(replace(model.problem, buffers=alive, distances={})))
    apart = CompiledModel(compiled.path, compiled.target, compiled.options, model, emit_model(model))

    def places(path: Path) -> list[Place]:
        base = elf.address_of(path, "memory_arena") + GUARD_BYTES
        buffers = enumerate(zip(model.plan.offsets, alive, strict=True))
        own = [(base + offset, b.bytes, number) for number, (offset, b) in buffers]
        return [*own, *constants(apart, path, range(count, count + len(model.kernels)))]

    found = counted(apart, places)
    estimates = [*accesses(model.schedule, model.problem), *(c.accesses for c in constants_of(model))]
    depthwise = [count + i for i, kernel in enumerate(model.kernels) if "depthwise" in kernel.name]
    large = [number for number in range(len(estimates)) if found[number] > 1000]
    assert len(large) > 20
    for number in large:
        assert 1 / 3 < estimates[number] / found[number] < (8 if number in depthwise else 3), number
