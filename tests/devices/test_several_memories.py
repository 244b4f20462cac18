"""Models whose buffers lie in several memories: the same bits as in one arena, on this machine and on a core."""

from pathlib import Path

import numpy as np
import pytest

import edgec
from edgec.devices import Binary, Device, elf
from edgec.errors import BudgetError, EdgecError
from edgec.samples import input_types, random_samples

ROOT = Path(__file__).parent.parent.parent
DIGITS = ROOT / "examples/digits/digits.onnx"
RESNET = ROOT / "tests/models/resnet8_qdq.onnx"


@pytest.mark.parametrize(
    ("model", "target", "memory", "caller_io"),
    [
        (DIGITS, "x86-64", "int=64K,b=1K@fast,c=4K@1.5", True),
        (RESNET, "cortex-m4", "sram1=64K,sram2=32K@fast", False),
    ],
    ids=["caller", "cortex-m4"],
)
def test_the_bits_are_those_of_one_arena(model: Path, target: str, memory: str, caller_io: bool) -> None:
    one, several = (edgec.compile(model, target, memory=m, caller_io=caller_io, main=True) for m in (None, memory))
    manifest = several.manifest
    told = {m["name"]: m for m in manifest["memories"]}
    assert {b["memory"] for b in manifest["buffers"]} <= set(told)
    assert sum(m["bytes"] > 0 for m in told.values()) > 1
    for buffer in manifest["buffers"]:
        assert buffer["offset"] + buffer["bytes"] <= told[buffer["memory"]]["bytes"] <= told[buffer["memory"]]["size"]
    assert manifest["arena_bytes"] == sum(m["bytes"] for m in told.values())
    samples = random_samples(input_types(one.model.graph), 2).inputs
    (run, _), (again, binary) = (c.run_on(c.device(), samples) for c in (one, several))
    expected, found = run.outputs, again.outputs
    weights = sum(m["weights_bytes"] for m in told.values())
    assert manifest["ram_bytes"] == manifest["arena_bytes"] + weights
    if target == "cortex-m4":
        assert 0 < weights - 1024 < binary.static_ram_bytes <= weights
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


def built(compiled: edgec.CompiledModel, work: Path, old: str = "", new: str = "") -> tuple[Device, Binary]:
    """For unicorn, with ``old`` in the header replaced."""
    compiled.save(work / "model")
    header = work / "model/digits.h"
    assert old in header.read_text()
    header.write_text(header.read_text().replace(old, new))
    device = compiled.device(emulator="unicorn")
    return device, device.build(work / "model", work)


def test_memories_of_a_part_lie_at_its_addresses(tmp_path: Path) -> None:
    one, several = (edgec.compile(DIGITS, "nucleo-h743zi", memory=m) for m in (None, "ram,dtcm=8K@fast,sram4@1.5"))
    assert [m["bytes"] > 0 for m in several.manifest["memories"]] == [False, True, True]
    samples = random_samples(input_types(one.model.graph), 2).inputs
    device, binary = built(several, tmp_path)
    assert elf.address_of(binary.path, "memory_dtcm") == 0x20000000
    assert elf.address_of(binary.path, "memory_sram4") == 0x38000000
    expected = one.run_on(device, samples)[0].outputs["y"]
    np.testing.assert_array_equal(device.run(binary, samples).outputs["y"], expected)


def test_what_is_written_beside_a_memory_is_noticed(tmp_path: Path) -> None:
    compiled = edgec.compile(DIGITS, "cortex-m4", memory="a=64K,b=8K@fast")
    a, b = (m["bytes"] for m in compiled.manifest["memories"])
    assert a and b
    samples = random_samples(input_types(compiled.model.graph), 1).inputs
    for name, size in (("a", a), ("b", b)):
        device, binary = built(compiled, tmp_path / name, f"EACH_({name}, {size})", f"EACH_({name}, {size - 16})")
        with pytest.raises(EdgecError, match="above its arena"):
            device.run(binary, samples)


def test_constants_lie_in_a_memory_in_either_form_and_in_flash_where_it_is_not_faster() -> None:
    fast, same = "sram1=64K,sram2=16K@fast", "sram1=64K,sram2=16K@2"
    text, binary, flash = (
        edgec.compile(DIGITS, "cortex-m4", memory=m, weights=w)
        for m, w in ((fast, "text"), (fast, "binary"), (same, "auto"))
    )
    header = str(text.sources["digits_weights.h"])
    assert '#ifndef EDGEC_SECTION_SRAM2\n#define EDGEC_SECTION_SRAM2 EDGEC_SECTION(".edgec.sram2")' in header
    assert "include/edgec/section.h" in text.sources
    moved, kept = header.count("static EDGEC_SECTION_SRAM2 const"), header.count("static const")
    assembly = str(binary.sources["digits_weights.S"])
    assert (assembly.count(".section .edgec.sram2."), assembly.count(".section .rodata.")) == (moved, kept)
    assert moved
    assert not any(m["weights_bytes"] for m in flash.manifest["memories"])
    assert "EDGEC_SECTION" not in str(flash.sources["digits_weights.h"])


def test_a_memory_by_itself_is_an_arena_of_limited_size() -> None:
    default = edgec.compile(DIGITS)
    size = default.manifest["arena_bytes"]
    limited = edgec.compile(DIGITS, memory=f"sram={size}")
    assert limited.sources["digits.h"] == default.sources["digits.h"]
    assert "memories" not in limited.manifest
    with pytest.raises(EdgecError, match=rf"no program fits into {size - 16} bytes"):
        edgec.compile(DIGITS, memory=f"sram={size - 16}")


def test_what_does_not_fit_says_how_much_would_do() -> None:
    with pytest.raises(BudgetError, match="do not fit into a of 4096 bytes, b of 4096 bytes") as caught:
        edgec.compile(DIGITS, "cortex-m4", memory="a=4K,b=4K@fast")
    assert f"a needs {caught.value.least} bytes (fullest step: " in str(caught.value)
    compiled = edgec.compile(DIGITS, "cortex-m4", memory=f"a={caught.value.least},b=4K@fast")
    assert [m["bytes"] > 0 for m in compiled.manifest["memories"]] == [True, True]


def test_regions_of_a_target_need_no_size_and_a_target_may_name_its_memories(tmp_path: Path) -> None:
    compiled = edgec.compile(DIGITS, "nucleo-h743zi", memory="ram,dtcm@fast")
    assert [(m["name"], m["size"]) for m in compiled.manifest["memories"]] == [("ram", 0x80000), ("dtcm", 0x20000)]
    assert [m["live_bytes"][0] for m in compiled.manifest["memories"]] != [0, 0]
    assert compiled.manifest["placement"]["weights"][0] == "dtcm"
    board = tmp_path / "board.toml"
    board.write_text('inherits = "nucleo-h743zi"\nmemories = "ram,dtcm@fast"\n')
    named = edgec.compile(DIGITS, str(board))
    assert named.manifest["memories"] == compiled.manifest["memories"]
    assert named.sources["digits.h"] == compiled.sources["digits.h"]
    board.write_text('inherits = "nucleo-h743zi"\nmemories = "ram,tcm@fast"\n')
    with pytest.raises(EdgecError, match="target board: tcm has no size"):
        edgec.compile(DIGITS, str(board))
