"""Estimated cycles: the weights of instructions, and where they are taken from."""

import struct

import pytest

from edgec.devices.cycles import Timing
from edgec.target import Target, available

LDR, STR, MULS, LDM2, PUSH3, NOP = 0x6808, 0x6008, 0x4348, 0xC806, 0xB530, 0xBF00
"""Thumb: ldr r0, [r1]; str r0, [r1]; muls r0, r1; ldm r0!, {r1, r2}; push {r4, r5, lr}; nop."""


@pytest.mark.parametrize(
    ("target", "code", "cycles"),
    [
        ("cortex-m4", [NOP, MULS], 2),
        ("cortex-m4", [LDR], 2),
        ("cortex-m4", [LDR, LDR, LDR], 4),
        ("cortex-m4", [LDR, MULS, LDR], 5),
        ("cortex-m0", [LDR, LDR, LDR], 6),
        ("cortex-m0", [STR, MULS], 3),
        ("cortex-m4", [LDM2, PUSH3], 7),
        ("cortex-m4", [0xFB90, 0xF0F1], 12),  # sdiv r0, r0, r1
        ("cortex-m4", [0xE9D1, 0x2300], 3),  # ldrd r2, r3, [r1]
        ("cortex-m4", [0xEE00, 0x0A81], 3),  # vmla.f32 s0, s1, s2
        ("cortex-m3", [0xFB80, 0x2301], 5),  # smull r2, r3, r0, r1
    ],
)
def test_instructions_have_their_weights(target: str, code: list[int], cycles: int) -> None:
    table = Target.load(target).cycles
    assert table is not None
    data = struct.pack(f"<{len(code)}H", *code)
    assert Timing(table).cost((0x1000, len(data)), data) == cycles


def test_every_table_names_its_source() -> None:
    tables = {t.name: t.cycles for t in available() if t.cycles is not None}
    assert {"cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m33"} <= tables.keys()
    assert all("DDI" in table.source for table in tables.values())
