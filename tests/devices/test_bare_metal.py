"""Building and running on bare metal: each toolchain with each emulator, on a model of a few lines."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from mini_model import N, write_mini

from edgec.devices import Binary, Device, open_device
from edgec.errors import EdgecError
from edgec.target import Memory, Region, Target

EMULATORS = ("qemu", "unicorn")

COUNTER_INSTRUCTIONS = 10
"""Two emulators' counts differ by what surrounds the reading of their counters: a constant, at most this."""

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "caller": {"in_arena": False},
    "long": {"prologue": "for (volatile int i = 0; i < 20000; ++i) {}"},
    "stack": {"prologue": "volatile char used[2000]; for (int i = 0; i < 2000; ++i) { used[i] = 1; }"},
    "below": {"prologue": "((volatile uint8_t *)arena)[-3] = 1;"},
    "behind": {"prologue": "((volatile uint8_t *)arena)[MINI_ARENA_BYTES + 4] = 1;"},
    "buffer": {"in_arena": False, "prologue": f"((volatile float *)outputs->y)[{N}] = 1;"},
    "flash": {"prologue": "*(volatile float *)(uintptr_t)&factor[1] = 3;"},
    "outside": {"prologue": "*(volatile int *)(uintptr_t)0x60000000u = 1;"},
    "hang": {"prologue": "for (volatile int i = 0;; ++i) {}"},
    "status": {"prologue": "return -7;"},
    "recursion": {
        "extra": "static int down(volatile int n) { volatile int a[64]; a[n & 63] = n; return down(n + 1) + a[n]; }",
        "prologue": "if (down(0) == 3) { return -1; }",
    },
    "large-flash": {
        "extra": "const char table[6 << 20] = {1};",
        "prologue": "if (((const volatile char *)table)[arena_bytes] == 2) { return -1; }",
    },
    "large-ram": {"arena": 6 << 20},
}

Build = Callable[..., tuple[Device, Binary]]


class Samples(NamedTuple):
    inputs: dict[str, np.ndarray]
    expected: np.ndarray


@pytest.fixture(scope="module")
def samples() -> Samples:
    """Three samples of the mini model and what it makes of them."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 1, N)).astype(np.float32)
    mask = rng.integers(0, 2, (3, N)).astype(bool)
    return Samples({"in/x": x, "mask": mask}, 2 * x + mask[:, None].astype(np.float32))


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build one of the VARIANTS of the mini model; once for all tests that ask for the same."""
    built: dict[tuple[str, str, str, str, bool], tuple[Device, Binary]] = {}

    def make(
        target: str, toolchain: str, emulator: str, variant: str = "plain", profile: bool = False
    ) -> tuple[Device, Binary]:
        key = (target, toolchain, emulator, variant, profile)
        if key not in built:
            work = tmp_path_factory.mktemp("mini")
            device = open_device(Target.load(target), toolchain, emulator)
            built[key] = device, device.build(write_mini(work / "model", **VARIANTS[variant]), work, profile)
        return built[key]

    return make


pytestmark = [
    pytest.mark.usefixtures("need_tools"),
    pytest.mark.parametrize("target", ["cortex-m4", "cortex-m0", "rv32imc"]),
    pytest.mark.parametrize("toolchain", ["gcc", "zig"]),
]
each_emulator = pytest.mark.parametrize("emulator", EMULATORS)


@each_emulator
@pytest.mark.parametrize("variant", ["plain", "caller"])
def test_outputs(variant: str, target: str, toolchain: str, emulator: str, build: Build, samples: Samples) -> None:
    device, binary = build(target, toolchain, emulator, variant)
    seen: list[tuple[int, int]] = []
    run = device.run(binary, samples.inputs, lambda done, total: seen.append((done, total)))
    np.testing.assert_array_equal(run.outputs["out/y"], samples.expected)
    assert seen[-1] == (3, 3)
    assert binary.flash_bytes > 4 * N  # at least its constants
    assert binary.static_ram_bytes == 0


@each_emulator
def test_instructions_repeat_exactly(
    target: str, toolchain: str, emulator: str, build: Build, samples: Samples
) -> None:
    device, binary = build(target, toolchain, emulator)
    counts = {device.run(binary, samples.inputs).instructions for _ in range(3)}
    assert len(counts) == 1
    assert None not in counts


@pytest.mark.parametrize("emulator", ["qemu+unicorn"])
def test_emulators_count_the_same(target: str, toolchain: str, emulator: str, build: Build, samples: Samples) -> None:
    """Their counts differ by a constant: what surrounds reading the counter. A model's own instructions are equal."""
    counts = {}
    for kind in EMULATORS:
        for variant in ("plain", "long"):
            device, binary = build(target, toolchain, kind, variant)
            counts[kind, variant] = device.run(binary, samples.inputs).instructions or 0
    for variant in ("plain", "long"):
        assert abs(counts["qemu", variant] - counts["unicorn", variant]) <= COUNTER_INSTRUCTIONS
    longer = [counts[kind, "long"] - counts[kind, "plain"] for kind in EMULATORS]
    assert min(longer) > 20000 * 4
    assert abs(longer[0] - longer[1]) <= 1  # qemu's timer ticks 1.6 times an instruction


@each_emulator
def test_a_profile_counts_each_step(target: str, toolchain: str, emulator: str, build: Build, samples: Samples) -> None:
    device, binary = build(target, toolchain, emulator, profile=True)
    run = device.run(binary, samples.inputs)
    whole = device.run(build(target, toolchain, emulator)[1], samples.inputs)
    assert run.instructions is None
    assert run.step_instructions is not None
    assert whole.instructions is not None
    assert len(run.step_instructions) == 2
    assert all(steps > N for steps in run.step_instructions)
    # The hooks keep the compiler from fusing the two loops, and cost what is around them.
    assert sum(run.step_instructions) <= 1.5 * whole.instructions
    assert device.run(binary, samples.inputs).step_instructions == run.step_instructions


@each_emulator
def test_stack_bytes(target: str, toolchain: str, emulator: str, build: Build, samples: Samples) -> None:
    plain, used = (
        device.run(binary, samples.inputs).stack_bytes or 0
        for device, binary in (build(target, toolchain, emulator, variant) for variant in ("plain", "stack"))
    )
    assert 0 < plain < 200
    assert 2000 <= used < 2000 + 200


@each_emulator
@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("below", "sample 0: the model wrote 3 bytes below"),
        ("behind", "sample 0: the model wrote 5 bytes above"),
        ("buffer", "sample 0: the model wrote 1 bytes above"),
        ("flash", "the core faulted at pc 0x"),
        ("outside", "the core faulted at pc 0x"),
        ("status", "sample 0: mini_run returned the error code -7"),
        ("recursion", "the model used up all"),
        ("hang", "sample 0 did not end within 0.5 s"),
    ],
)
def test_a_defect_is_one_clear_error(
    variant: str, words: str, target: str, toolchain: str, emulator: str, build: Build, samples: Samples
) -> None:
    device, binary = build(target, toolchain, emulator, variant)
    with pytest.raises(EdgecError) as caught:
        replace(device, time_limit=0.5 if variant == "hang" else 60).run(binary, samples.inputs)
    assert caught.value.what.startswith(words)
    assert "\n" not in caught.value.what
    assert caught.value.where == f"mini on {target} ({toolchain}, {emulator})"
    if "faulted" in words:
        assert caught.value.what.endswith("in mini_run")


@pytest.mark.parametrize("emulator", ["unicorn"])
@pytest.mark.parametrize(("variant", "region"), [("large-flash", "flash"), ("large-ram", "RAM")])
def test_a_program_larger_than_memory(
    variant: str, region: str, target: str, toolchain: str, emulator: str, tmp_path: Path
) -> None:
    smaller = replace(Target.load(target), memory=Memory(Region(0x80000000, 4 << 20), Region(0x90000000, 4 << 20)))
    model = write_mini(tmp_path / "model", **VARIANTS[variant])
    with pytest.raises(EdgecError) as caught:
        open_device(smaller, toolchain, emulator).build(model, tmp_path, False)
    assert f"bytes of {region} more than the {4 << 20} bytes that it has" in caught.value.what


@pytest.mark.parametrize("emulator", ["unicorn"])
def test_ram_is_too_small_where_only_the_stack_does_not_fit(
    target: str, toolchain: str, emulator: str, tmp_path: Path
) -> None:
    device = open_device(Target.load(target), toolchain, emulator)
    assert device.target.ram is not None
    model = write_mini(tmp_path / "model", arena=device.target.ram.bytes - 2048)
    with pytest.raises(EdgecError, match="bytes of RAM more than"):
        device.build(model, tmp_path, False)
