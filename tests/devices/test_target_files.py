"""Target files: a user's own, and each rule that files are checked against."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from edgec.errors import EdgecError
from edgec.target import RULES, Memory, Region, Target, available

GOOD = """
description = "mine"
arch = "arm"
[memory.flash]
origin = 0x08000000
bytes = 0x10000
[memory.ram]
origin = 0x20000000
bytes = 0x4000
[toolchains.gcc]
command = "arm-none-eabi-gcc"
flags = ["-mcpu=cortex-m3"]
[toolchains.zig]
flags = ["-mcpu=cortex_m3"]
[emulators.unicorn]
cpu = "CORTEX_M3"
[emulators.qemu]
command = "qemu-system-arm"
arguments = ["-machine", "x"]
"""
HOST = 'description = "mine"\narch = "host"\n[toolchains.zig]\n[emulators.host]\n'
RANGE = "{ origin = 0, bytes = 32 }"
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
    cores = [target.name for target in available() if not target.source]
    assert cores == [
        *(
            "cortex-a53",
            "cortex-a7",
            "cortex-a76",
            "cortex-m0",
            "cortex-m0plus",
            "cortex-m3",
            "cortex-m33",
            "cortex-m4",
        ),
        *("cortex-m55", "cortex-m7"),
        *("host", "rv32imac", "rv32imafc", "rv32imc", "rv64gc", "rv64gcv", "rv64gcv-256"),
        *("x86-64", "x86-64-amx", "x86-64-v3", "x86-64-v4", "x86-64-vbmi", "x86-64-vnni"),
    ]


def test_boards_are_described_in_full() -> None:
    boards = [target for target in available() if target.source]
    assert len(boards) >= 12
    assert [board.name for board in boards] == sorted(board.name for board in boards)
    for board in boards:
        assert board.memory is not None
        assert board.clock_hz is not None
        assert 8_000_000 <= board.clock_hz <= 1_000_000_000
        # Sizes of real parts: whole KiB, and flash larger than RAM.
        assert board.memory.flash.bytes % 1024 == board.memory.ram.bytes % 1024 == 0
        assert board.memory.flash.bytes > board.memory.ram.bytes >= 16 << 10


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
        ("fields", "[memory.ram]\norigin = 0x20000000\nbytes = 0x4000\n", "", "memory lacks the region 'ram'"),
        ("fields", "bytes = 0x4000", "bytes = 0x4000\nspeed = 1", "memory.ram has an unknown field 'speed'"),
        ("fields", "bytes = 0x4000", "bytes = true", "memory.ram.bytes is not an integer"),
        ("fields", "bytes = 0x4000", "", "memory.ram lacks the field 'bytes'"),
        ("fields", "[toolchains.zig]", "[[toolchains.zig]]", "toolchains.zig is not a table"),
        ("fields", '["-mcpu=cortex-m3"]', '"-mcpu=cortex-m3"', "gcc.flags is not a list of texts"),
        ("fields", '["-mcpu=cortex-m3"]', "[3]", "gcc.flags is not a list of texts"),
        ("fields", 'cpu = "CORTEX_M3"', 'core = "CORTEX_M3"', "emulators.unicorn has an unknown field 'core'"),
        ("fields", "[emulators.qemu]", "[emulators.qemu]\nmemory.ram = 3", "qemu.memory.ram is not a table"),
        ("fields", "[emulators.qemu]", f"[emulators.qemu]\nmemory.flash = {RANGE}", "lacks the region 'ram'"),
        ("arch", 'arch = "arm"', 'arch = "z80"', "no architecture 'z80'"),
        ("memory", None, HOST + MEMORY, "host has regions of memory"),
        ("memory", None, HOST.replace("host", "linux", 1) + MEMORY, "linux has regions of memory"),
        ("memory", None, HOST.replace("host", "arm", 1), "no memory"),
        ("regions", "bytes = 0x4000", "bytes = 0", "memory.ram is empty"),
        ("regions", "bytes = 0x4000", "bytes = 0x7000000000", "leaves the addresses of 32 bits"),
        ("regions", "bytes = 0x4000", "bytes = 0x4001", "memory.ram is not aligned"),
        ("regions", "origin = 0x20000000", "origin = 0x0800fff0", "memory: flash and ram overlap"),
        ("regions", "[memory.ram]", f"[memory]\nccm = {RANGE}\ntcm = {RANGE}\n[memory.ram]", "ccm and tcm overlap"),
        (
            "regions",
            "[emulators.qemu]",
            f"[emulators.qemu]\nmemory = {{ flash = {RANGE}, ram = {RANGE} }}",
            "emulators.qemu.memory: flash and ram overlap",
        ),
        ("kernels", 'arch = "arm"', 'arch = "arm"\nkernels = ["vax"]', "no kernels 'vax'"),
        ("features", 'arch = "arm"', 'arch = "arm"\nfeatures = ["mmx"]', "no feature 'mmx'"),
        ("features", None, HOST.replace("[", 'machine = "x86_64"\nfeatures = ["asimd"]\n[', 1), "no feature 'asimd'"),
        ("features", None, HOST.replace("[", 'machine = "vax"\n[', 1), "no machine 'vax'"),
        (
            "cycles",
            'arch = "arm"',
            'arch = "arm"\ncycles = { source = "s", names = ["ldr"], counts = [], taken = 1 }',
            "cycles has 1 names and 0 counts",
        ),
        ("clock", 'arch = "arm"', 'arch = "arm"\nclock_hz = 0', "clock_hz is 0"),
        ("toolchains", "[toolchains.zig]", "[toolchains.tcc]", "toolchains are ['gcc', 'tcc']"),
        ("toolchains", "[toolchains.zig]", '[toolchains.zig]\ncommand = "zig"', "toolchain zig and its command"),
        ("toolchains", 'command = "arm-none-eabi-gcc"\n', "", "toolchain gcc and its command"),
        ("emulators", "[emulators.unicorn]", "[emulators.host]", "emulators are ['host', 'qemu']"),
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


# --- inheritance -----------------------------------------------------------------------------------------------------


def test_a_file_holds_what_differs_from_its_parent(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD)
    (tmp_path / "child.toml").write_text(
        'inherits = "mine.toml"\ndescription = "child"\nmemory.ram.bytes = 0x8000\n'
        'memory.ccm = { origin = 0x10000000, bytes = 0x1000 }\ntoolchains.gcc.flags = ["-mcpu=cortex-m4"]\n'
    )
    parent, child = Target.load(tmp_path / "mine.toml"), Target.load(tmp_path / "child.toml")
    assert parent.memory is not None
    assert (child.name, child.description) == ("child", "child")
    assert child.memory == Memory(
        parent.memory.flash, Region(0x20000000, 0x8000), (("ccm", Region(0x10000000, 0x1000)),)
    )
    assert child.toolchains == (replace(parent.toolchains[0], flags=("-mcpu=cortex-m4",)), parent.toolchains[1])
    assert child.emulators == parent.emulators


def test_a_users_target_inherits_from_one_of_edgecs(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('inherits = "nucleo-l4r5zi"\nmemory.ram.bytes = 0x8000\n')
    mine, board, core = Target.load(path), Target.load("nucleo-l4r5zi"), Target.load("cortex-m4")
    assert mine.memory is not None
    assert mine.memory.ram.bytes == 0x8000
    assert mine.flash == board.flash
    assert mine.toolchains == board.toolchains == core.toolchains
    assert mine.clock_hz == board.clock_hz


def test_rules_see_the_merged_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('inherits = "cortex-m4"\nmemory.ram.bytes = 7\n')
    with pytest.raises(EdgecError, match=re.escape("rule regions: memory.ram is not aligned")) as caught:
        Target.load(path)
    assert caught.value.where == str(path)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a": "cortex-m99"}, "there is no target 'cortex-m99'"),
        ({"a": "b.toml"}, "there is no target 'b.toml'"),
        ({"a": "a.toml"}, "circle: a -> a"),
        ({"a": "b.toml", "b": "c.toml", "c": "b.toml"}, "circle: a -> b -> c -> b"),
        ({"a": 3}, "inherits is not text"),
    ],
)
def test_wrong_parents(files: dict[str, object], says: str, tmp_path: Path) -> None:
    for name, parent in files.items():
        (tmp_path / f"{name}.toml").write_text(f"inherits = {parent!r}\n")
    with pytest.raises(EdgecError, match=re.escape(says)) as caught:
        Target.load(tmp_path / "a.toml")
    assert caught.value.what.startswith("rule inherits: ")
    assert "Traceback" not in str(caught.value)


def test_a_program_gets_the_emulated_machines_addresses_and_the_parts_sizes() -> None:
    board = Target.load("nucleo-l4r5zi")
    qemu, unicorn = (next(e for e in board.emulators if e.kind == kind) for kind in ("qemu", "unicorn"))
    assert board.memory == board.memory_in(unicorn)
    assert board.flash == Region(0x08000000, 2 << 20)
    assert board.memory_in(qemu) == Memory(Region(0, 2 << 20), Region(0x20000000, 640 << 10))
