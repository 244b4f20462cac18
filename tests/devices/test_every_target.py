"""Every core with each of its toolchains and emulators: real models give the host's bits."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from mini_model import N, write_mini

import edgec
from edgec import cpu
from edgec.devices import open_device
from edgec.errors import EdgecError
from edgec.samples import fit_inputs, input_types
from edgec.target import Target, available

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
# x86-64-v3 and the like are levels of the host: on a machine that lacks one there is nothing to run it.
CORES = [t for t in available() if not t.source and (t.arch != "host" or cpu.fits(t.machine, t.features))]
BOARDS = [target for target in available() if target.source]


KINDS = ("plain", "profile")


class Reference(NamedTuple):
    inputs: dict[str, np.ndarray]
    outputs: np.ndarray


@cache
def on_the_host(name: str) -> Reference:
    """Two samples of an example, and what the host makes of them by portable kernels."""
    compiled = edgec.compile(EXAMPLES / name / f"{name}.onnx", "x86-64")
    with np.load(EXAMPLES / name / f"{name}.npz") as data:
        x = data["test"][:2].astype(np.float32)
    inputs = fit_inputs({"x": x}, input_types(compiled.model.graph)).inputs
    run, _ = compiled.run_on(compiled.device(), inputs)
    return Reference(inputs, run.outputs["y"])


@cache
def compiled_for(name: str, target: str) -> edgec.CompiledModel:
    return edgec.compile(EXAMPLES / name / f"{name}.onnx", target)


@pytest.mark.parametrize("name", ["italy_power", "digits"])
@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [(t.name, toolchain.kind, emulator.kind) for t in CORES for toolchain in t.toolchains for emulator in t.emulators],
)
def test_devices_give_the_hosts_bits(name: str, target: str, toolchain: str, emulator: str, need_tools: None) -> None:
    """Float32 without contraction, summed in a stated order: what a target computes is what the host computes.

    Families of hosts fuse and reorder: there it is that but for last bits.
    """
    inputs, expected = on_the_host(name)
    compiled = compiled_for(name, target)
    run, binary = compiled.run_on(compiled.device(toolchain, emulator), inputs)
    if compiled.target.same_bits:
        np.testing.assert_array_equal(run.outputs["y"].view(np.uint32), expected.view(np.uint32))
    else:
        np.testing.assert_allclose(run.outputs["y"], expected, rtol=0, atol=1e-5 * np.ptp(expected))
    assert (run.instructions is None) == (compiled.target.arch == "host")
    assert run.stack_bytes
    assert binary.flash_bytes > compiled.manifest["weights_bytes"]


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [(t.name, t.toolchains[0].kind, e.kind) for t in BOARDS for e in t.emulators],
)
def test_boards_give_the_hosts_bits(target: str, toolchain: str, emulator: str, need_tools: None) -> None:
    """With no more memory than the part has, in unicorn at the part's own addresses."""
    inputs, expected = on_the_host("italy_power")
    compiled = compiled_for("italy_power", target)
    run, _ = compiled.run_on(compiled.device(toolchain, emulator), inputs)
    np.testing.assert_array_equal(run.outputs["y"].view(np.uint32), expected.view(np.uint32))


def test_a_boards_memory_decides_what_fits(tmp_path: Path) -> None:
    with pytest.raises(EdgecError, match="no program fits into 20480 bytes of RAM"):
        compiled_for("kws10", "blue-pill")
    assert compiled_for("kws10", "nrf52840-dk").manifest["arena_bytes"] > 20480
    # The core's emulated machine has more; the program still gets the part's share.
    device = open_device(Target.load("blue-pill"))
    with pytest.raises(EdgecError, match="bytes of RAM more than the 20480 bytes"):
        device.build(write_mini(tmp_path / "ram", arena=18 << 10), tmp_path)
    table = "const char table[70000] = {1};"
    model = write_mini(
        tmp_path / "flash", extra=table, prologue="if (((const volatile char *)table)[arena_bytes] == 2) { return -1; }"
    )
    with pytest.raises(EdgecError, match="bytes of flash more than the 65536 bytes"):
        device.build(model, tmp_path)


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [(t.name, t.toolchains[0].kind, e.kind) for t in CORES if t.arch != "host" for e in t.emulators],
)
def test_counts_repeat_and_do_not_depend_on_the_number_of_samples(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    device = open_device(Target.load(target), toolchain, emulator)
    plain, profiled = (device.build(write_mini(tmp_path / k), tmp_path / k, k == "profile") for k in KINDS)
    rng = np.random.default_rng(0)
    inputs = {"in/x": rng.standard_normal((3, 1, N)).astype(np.float32), "mask": np.ones((3, N), bool)}
    first = {name: array[:1] for name, array in inputs.items()}
    runs = [device.run(plain, batch) for batch in (inputs, inputs, first)]
    assert len({run.instructions for run in runs}) == len({run.stack_bytes for run in runs}) == 1
    steps = [device.run(profiled, batch).step_instructions for batch in (inputs, inputs, first)]
    assert steps[0] == steps[1] == steps[2]
    assert steps[0] is not None
    assert len(steps[0]) == 2
    assert min(steps[0]) > 0
    # The hooks keep the compiler from fusing the two loops, and cost what is around them.
    assert sum(steps[0]) <= 2 * (runs[0].instructions or 0)


STACK = """
static int down(volatile int n)
{
  volatile int used[64];
  used[n & 63] = n;
  return down(n + 1) + used[n];
}
"""


@pytest.mark.parametrize(
    ("defect", "bare_metal", "process"),
    [
        ({"prologue": "*(volatile float *)(uintptr_t)&factor[1] = 3;"}, "the core faulted at pc", "SIGSEGV"),
        ({"prologue": "if (down(0) == 3) { return -1; }", "extra": STACK}, "used up all", "SIGSEGV"),
    ],
    ids=["flash", "stack"],
)
@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [(t.name, t.toolchains[0].kind, e.kind) for t in CORES if t.arch != "host" for e in t.emulators],
)
def test_a_write_to_constants_and_an_endless_recursion_are_caught(
    defect: dict[str, Any],
    bare_metal: str,
    process: str,
    target: str,
    toolchain: str,
    emulator: str,
    need_tools: None,
    tmp_path: Path,
) -> None:
    device = open_device(Target.load(target), toolchain, emulator)
    binary = device.build(write_mini(tmp_path / "mini", **defect), tmp_path)
    with pytest.raises(EdgecError, match=process if device.target.arch == "linux" else bare_metal):
        device.run(binary, {"in/x": np.ones((1, 1, N), np.float32), "mask": np.ones((1, N), bool)})


HALVE = """
static __attribute__((noinline)) void halve(float *restrict y, const float *restrict x)
{
  for (int i = 0; i < 64; ++i) {
    y[i] = x[i] * 0.5f;
  }
}
"""
HALVES = """
float a[64], b[64];
for (int i = 0; i < 64; ++i) {
  a[i] = inputs->x[i % MINI_N];
}
halve(b, a);
for (int i = 0; i < 64; ++i) {
  if (!(b[i] > 0.0f)) {
    return -9;
  }
}
"""


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [(t.name, toolchain.kind, t.emulators[0].kind) for t in CORES for toolchain in t.toolchains],
)
def test_vectors_keep_subnormal_numbers(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    """Where a compiler makes vectors of a loop, they must not flush to zero what scalar code does not."""
    device = open_device(Target.load(target), toolchain, emulator)
    model = write_mini(tmp_path / "mini", extra=HALVE, prologue=HALVES.replace("MINI_N", str(N)))
    x = np.full((1, 1, N), np.finfo(np.float32).tiny * 1.5, np.float32)
    device.run(device.build(model, tmp_path), {"in/x": x, "mask": np.zeros((1, N), bool)})
