"""Target files: a user's own, and each rule that files are checked against."""

from pathlib import Path

import pytest

from edgec.errors import EdgecError
from edgec.target import RULES, Region, Target, available

GOOD = """
description = "mine"
arch = "arm"
[memory.flash]
origin = 0x08000000
bytes = 0x10000
[memory.ram]
origin = 0x20000000
bytes = 0x4000
[[toolchains]]
kind = "gcc"
command = "arm-none-eabi-gcc"
flags = ["-mcpu=cortex-m3"]
[[toolchains]]
kind = "zig"
[[emulators]]
kind = "unicorn"
cpu = "CORTEX_M3"
[[emulators]]
kind = "qemu"
command = "qemu-system-arm"
arguments = ["-machine", "x"]
"""
HOST = 'description = "mine"\narch = "host"\n[[toolchains]]\nkind = "zig"\n[[emulators]]\nkind = "host"\n'
MEMORY = "[memory.flash]\norigin = 0\nbytes = 16\n[memory.ram]\norigin = 16\nbytes = 16\n"


def test_a_users_own_target(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    target = Target.load(path)
    assert (target.name, target.arch, target.ram) == ("mine", "arm", Region(0x20000000, 0x4000))
    assert [t.kind for t in target.toolchains] == ["gcc", "zig"]
    assert target.flags("gcc")[0] == "-mcpu=cortex-m3"
    assert target.emulators[1].arguments == ("-machine", "x")
    assert Target.load(str(path)) == target


def test_targets_that_come_with_edgec_are_valid() -> None:
    names = [target.name for target in available()]
    assert names == sorted(names)
    assert {"host", "cortex-m4", "cortex-m0", "rv32imc"} <= set(names)


@pytest.mark.parametrize("name", ["cortex-m99", "no/such/file.toml"])
def test_no_such_target(name: str) -> None:
    with pytest.raises(EdgecError, match="does not exist") as caught:
        Target.load(name)
    assert "cortex-m4" in caught.value.hint


@pytest.mark.parametrize(
    ("rule", "old", "new", "says"),
    [
        ("toml", 'description = "mine"', "description = mine", "line 2"),
        ("fields", 'arch = "arm"', "", "lacks the field 'arch'"),
        ("fields", 'arch = "arm"', "arch = 7", "arch is not text"),
        ("fields", 'arch = "arm"', 'arch = "arm"\ncolour = "red"', "unknown field 'colour'"),
        ("fields", "[memory.ram]\norigin = 0x20000000\nbytes = 0x4000\n", "", "lacks the field 'ram'"),
        ("fields", "bytes = 0x4000", "bytes = 0x4000\nspeed = 1", "memory.ram has an unknown field 'speed'"),
        ("fields", "bytes = 0x4000", "bytes = true", "memory.ram.bytes is not an integer"),
        ("fields", "bytes = 0x4000", "", "memory.ram lacks the field 'bytes'"),
        ("fields", 'kind = "zig"', "kind = 3", "toolchains[1].kind is not text"),
        ("fields", 'kind = "zig"', "", "toolchains[1] lacks the field 'kind'"),
        ("fields", '["-mcpu=cortex-m3"]', '"-mcpu=cortex-m3"', "flags is not a list"),
        ("fields", '["-mcpu=cortex-m3"]', "[3]", "flags is not a list of texts"),
        ("fields", 'cpu = "CORTEX_M3"', 'core = "CORTEX_M3"', "emulators[0] has an unknown field 'core'"),
        ("arch", 'arch = "arm"', 'arch = "z80"', "no architecture 'z80'"),
        ("memory", None, HOST + MEMORY, "the host has regions of memory"),
        ("memory", None, HOST.replace("host", "arm"), "no memory"),
        ("regions", "bytes = 0x4000", "bytes = 0", "memory.ram is empty"),
        ("regions", "bytes = 0x4000", "bytes = 0x7000000000", "leaves the addresses of 32 bits"),
        ("regions", "bytes = 0x4000", "bytes = 0x4001", "memory.ram is not aligned"),
        ("regions", "origin = 0x20000000", "origin = 0x0800fff0", "flash and ram overlap"),
        ("toolchains", 'kind = "zig"', 'kind = "tcc"', "toolchains are ['gcc', 'tcc']"),
        ("toolchains", 'kind = "zig"', 'kind = "gcc"\ncommand = "gcc"', "toolchains are ['gcc', 'gcc']"),
        ("toolchains", 'kind = "zig"', 'kind = "zig"\ncommand = "zig"', "toolchain zig and its command"),
        ("toolchains", 'command = "arm-none-eabi-gcc"\n', "", "toolchain gcc and its command"),
        ("emulators", 'kind = "unicorn"', 'kind = "host"', "emulators are ['host', 'qemu']"),
        ("emulators", 'cpu = "CORTEX_M3"', "", "emulator unicorn lacks 'cpu'"),
        ("emulators", 'arguments = ["-machine", "x"]', "", "emulator qemu lacks 'arguments'"),
    ],
)
def test_each_rule(rule: str, old: str | None, new: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(new if old is None else GOOD.replace(old, new, 1))
    with pytest.raises(EdgecError) as caught:
        Target.load(path)
    assert caught.value.where == str(path)
    assert caught.value.what.startswith(f"rule {rule}: ")
    assert says in caught.value.what
    assert caught.value.hint


def test_every_rule_has_a_test() -> None:
    marks = test_each_rule.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == {"toml", *RULES}
