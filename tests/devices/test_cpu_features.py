"""Hosts have other instructions from machine to machine: what `host` is, and what happens where some are missing."""

import ctypes
import subprocess
from pathlib import Path

import numpy as np
import pytest

import edgec
from edgec import cpu
from edgec.devices import open_device
from edgec.errors import EdgecError
from edgec.target import Target

DIGITS = Path(__file__).parent.parent.parent / "examples/digits/digits.onnx"
LEVELS = ("x86-64", "x86-64-v3", "x86-64-v4", "x86-64-vnni", "x86-64-vbmi", "x86-64-amx")
ERROR_CPU = -5


def pretend(monkeypatch: pytest.MonkeyPatch, machine: str, *features: str) -> None:
    found = cpu.Cpu(machine, frozenset(features))
    monkeypatch.setattr(cpu, "this_cpu", lambda: found)


def test_features_are_those_that_all_processors_have() -> None:
    text = "processor\t: 0\nflags\t\t: fpu avx avx2\n\nprocessor\t: 1\nflags\t\t: fpu avx fma\n"
    assert cpu.features_in(text) == {"fpu", "avx"}
    assert cpu.features_in("Features\t: fp asimd asimddp\n") == {"fp", "asimd", "asimddp"}
    assert cpu.features_in("") == frozenset()


@pytest.mark.parametrize("level", LEVELS)
def test_the_host_is_the_best_level_that_the_cpu_has(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target.load(level)
    pretend(monkeypatch, "x86_64", *target.features, "erms")
    host = Target.load("host")
    assert (host.inherits, host.name) == (level, "host")
    assert (host.kernels, host.features) == (target.kernels, target.features)
    assert [host.flags(kind) for kind in ("gcc", "clang", "zig")] == [
        target.flags(kind) for kind in ("gcc", "clang", "zig")
    ]


def test_the_host_on_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "aarch64", "fp", "asimd")
    assert Target.load("host").kernels == ("i8x4", "f32x4")
    pretend(monkeypatch, "aarch64", "fp", *cpu.FEATURES["aarch64"])
    assert Target.load("host").kernels == ("sdot", "f32x4")
    pretend(monkeypatch, "riscv64")
    assert (Target.load("host").kernels, Target.load("host").inherits) == ((), "")


def test_devices_are_refused_that_the_cpu_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "x86_64", "avx", "avx2")
    with pytest.raises(EdgecError, match="needs a CPU with fma, f16c"):
        open_device(Target.load("x86-64-v3"))
    pretend(monkeypatch, "aarch64", "asimd")
    with pytest.raises(EdgecError, match="runs on x86_64, this machine is aarch64"):
        open_device(Target.load("x86-64"))


def library(compiled: edgec.CompiledModel, folder: Path, *options: str) -> ctypes.CDLL:
    compiled.save(folder / "model")
    flags = [*compiled.target.flags("gcc"), "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    command = ["gcc", *flags, *options, "-shared", "-fPIC", "-Iinclude", "-I.", "digits.c", "-o", "digits.so"]
    subprocess.run(command, cwd=folder / "model", check=True)
    return ctypes.CDLL(str(folder / "model/digits.so"))


def called(library: ctypes.CDLL, compiled: edgec.CompiledModel) -> int:
    """``digits_run`` after ``digits_bind``, or the first error code."""
    bytes_ = compiled.manifest["arena_bytes"]
    memory = np.zeros(bytes_ + 64, np.uint8)
    arena = ctypes.c_void_p(memory.ctypes.data + -memory.ctypes.data % 64)
    places = [(ctypes.c_void_p * 8)() for _ in range(2)]
    code = library.digits_bind(arena, ctypes.c_size_t(bytes_), *places)
    return int(code or library.digits_run(arena, ctypes.c_size_t(bytes_), *places))


@pytest.mark.parametrize("level", LEVELS)
def test_programs_test_the_cpu_first(level: str, tmp_path: Path) -> None:
    """An error code at the first call, whichever feature is missing."""
    if not cpu.fits("x86_64", Target.load(level).features):
        pytest.skip(f"this CPU does not run {level}")
    compiled = edgec.compile(DIGITS, level)
    assert called(library(compiled, tmp_path / "here"), compiled) == 0
    if not compiled.target.features:
        return
    elsewhere = library(compiled, tmp_path / "elsewhere", "-DEDGEC_CPU_HAS=EDGEC_CPU_KNOWN")
    assert called(elsewhere, compiled) == ERROR_CPU
    for lacking in compiled.target.features:
        name = f"EDGEC_CPU_{lacking.upper()}"
        less = library(compiled, tmp_path / lacking, f"-DEDGEC_CPU_HAS=(0x7fffffff & ~{name})")
        assert called(less, compiled) == ERROR_CPU, lacking


def test_what_tests_the_cpu_has_no_wide_instructions(tmp_path: Path) -> None:
    level = "x86-64-vnni"
    compiled = edgec.compile(DIGITS, level)
    compiled.save(tmp_path / "model")
    flags = [*compiled.target.flags("gcc"), "-Iinclude", "-I."]
    subprocess.run(["gcc", *flags, "-c", "digits.c"], cwd=tmp_path / "model", check=True)
    text = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", "digits.o"],
        cwd=tmp_path / "model",
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    functions = {part.partition(">:")[0].rpartition("<")[2]: part for part in text.split("\n\n")}
    first = [functions[name] for name in functions if "cpu" in name or name in ("digits_check", "digits_bind")]
    assert len(first) >= 3
    # Of the run what comes before the test's result is known.
    first.append(functions["digits_run"].partition("test ")[0])
    for code in first:
        assert "%xmm" not in code and "%ymm" not in code and "%zmm" not in code and "\tv" not in code


def test_the_manifest_names_the_features() -> None:
    assert edgec.compile(DIGITS, "x86-64-v3").manifest["cpu_features"] == list(Target.load("x86-64-v3").features)
    assert "cpu_features" not in edgec.compile(DIGITS, "cortex-m4").manifest
