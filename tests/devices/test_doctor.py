"""Which tools there are: edgec doctor, edgec targets, and what a missing tool costs."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mini_model import N, write_mini

from edgec import cli
from edgec.devices import open_device
from edgec.target import Target, available


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["edgec", *words])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    captured = capsys.readouterr()
    return int(exit_.value.code or 0), captured.out, captured.err


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PATH is one folder, without any tool."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def tool(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def test_doctor_tells_what_is_missing_and_what_brings_it(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool(empty_path, "clang-19")
    code, out, _ = call(monkeypatch, capsys, "doctor", "rv64gcv", "--json")
    assert code == 0
    (target,) = json.loads(out)["targets"]
    tools = {(t["role"], t["kind"]): t for t in target["tools"]}
    assert tools["toolchain", "clang"]["present"]
    assert not tools["emulator", "qemu"]["present"]
    assert tools["emulator", "qemu"]["install"] == "apt-get install qemu-system-misc"
    assert tools["toolchain", "clang"]["install"] == "apt-get install clang-19 lld-19"
    assert tools["toolchain", "zig"]["install"] == "pip install ziglang"
    assert not target["ready"]
    tool(empty_path, "qemu-system-riscv64")
    assert json.loads(call(monkeypatch, capsys, "doctor", "rv64gcv", "--json")[1])["targets"][0]["ready"]


def test_doctor_shows_every_target(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    code, out, _ = call(monkeypatch, capsys, "doctor")
    assert code == 0
    for target in available():
        assert target.name in out
    for package in ("gcc-arm-none-eabi", "gcc-aarch64-linux-gnu", "qemu-user", "clang-19 lld-19", "qemu-system-arm"):
        assert out.count(f"apt-get install {package}\n") == 1 or package == "qemu-user"
    assert json.loads(call(monkeypatch, capsys, "doctor", "--json")[1])["targets"][0]["name"] == "cortex-a53"


def test_doctor_of_an_unknown_target(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(monkeypatch, capsys, "doctor", "cortex-m99")
    assert code == 2
    assert "cortex-m99" in err


def test_targets_shows_sizes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    rows: dict[str, Any] = {
        row["name"]: row for row in json.loads(call(monkeypatch, capsys, "targets", "--json")[1])["targets"]
    }
    assert (rows["pico"]["ram_bytes"], rows["pico"]["clock_hz"]) == (264 << 10, 133_000_000)
    assert rows["pico"]["inherits"] == "cortex-m0plus"
    assert rows["host"]["flash_bytes"] is None
    monkeypatch.setenv("COLUMNS", "120")
    _, out, _ = call(monkeypatch, capsys, "targets")
    (line,) = (line for line in out.splitlines() if " pico " in line)
    assert "264 KiB" in line
    assert "133 MHz" in line


@pytest.mark.parametrize(("target", "toolchain", "emulator"), [("cortex-a53", "gcc", "qemu")])
def test_without_a_host_compiler_instructions_are_not_counted(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["edgec.devices.build"], "_counter", lambda folder: None)
    device = open_device(Target.load(target), toolchain, emulator)
    binary = device.build(write_mini(tmp_path / "mini"), tmp_path)
    inputs = {"in/x": np.ones((1, 1, N), np.float32), "mask": np.ones((1, N), bool)}
    run = device.run(binary, inputs)
    assert run.instructions is None
    np.testing.assert_array_equal(run.outputs["out/y"], np.full((1, 1, N), 3, np.float32))
    assert device.run(device.build(tmp_path / "mini", tmp_path, profile=True), inputs).step_instructions is None
