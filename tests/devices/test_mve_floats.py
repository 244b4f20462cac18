"""Float32 by the vectors of Armv8.1-M is not what scalar code computes, but they tell where: what its kernels stand on.

The FPUs of Cortex-M flush to zero with these flags (their manuals: IDC says that an input was flushed, UFC that a
result was), which MVE always does. QEMU sets them for the lanes that are not predicated, as the architecture has it.
"""

from pathlib import Path

import numpy as np
import pytest
from mini_model import N, write_mini

from edgec.devices import open_device
from edgec.target import Target

# x[0] and x[1]: their product and sum by vectors, then by scalars, and what the vectors raised in FPSCR, which is
# cleared before (FZ, DN and all flags).
BOTH_WAYS = """
const float *const x = inputs->x;
float *const y = outputs->y;
__asm__ volatile("vmrs r2, fpscr\\n"
                 "bic r2, r2, #0x9f\\n"
                 "bic r2, r2, #0x3000000\\n"
                 "vmsr fpscr, r2\\n"
                 "ldrd r2, r3, [%[x]]\\n"
                 "vdup.32 q0, r2\\n"
                 "vmul.f32 q1, q0, r3\\n"
                 "vadd.f32 q2, q0, r3\\n"
                 "vstr s4, [%[y]]\\n"
                 "vstr s8, [%[y], #4]\\n"
                 "vmrs r2, fpscr\\n"
                 "and r2, r2, #0x9f\\n"
                 "str r2, [%[y], #16]\\n"
                 "vmov s1, r3\\n"
                 "vmul.f32 s2, s0, s1\\n"
                 "vadd.f32 s3, s0, s1\\n"
                 "vstr s2, [%[y], #8]\\n"
                 "vstr s3, [%[y], #12]"
                 :: [x] "r"(x), [y] "r"(y)
                 : "r2", "r3", "s0", "s1", "s2", "s3", "q1", "q2", "memory");
return EDGEC_OK;
"""
INPUT_SUBNORMAL, UNDERFLOW = 0x80, 0x08
TINY = np.float32(2.0**-126)


@pytest.mark.parametrize("toolchain", [t.kind for t in Target.load("cortex-m55").toolchains])
@pytest.mark.parametrize("emulator", ["qemu"])
@pytest.mark.parametrize("target", ["cortex-m55"])
def test_vectors_take_subnormal_numbers_for_zero(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    """Subnormal operands and results, though FPSCR.FZ is not set. Wherever it makes a difference, a flag tells."""
    pairs = np.array(
        [
            (1.5, -2.25),  # all is normal
            (2.0**-60, 2.0**-66),  # the least normal product
            (np.inf, 1.0),
            (TINY / 2, 1.0),  # a subnormal operand
            (TINY, 0.5),  # a subnormal product
            (TINY * 1.5, -TINY),  # a subnormal difference
            (2.0**-100, 2.0**-100),  # a product that rounds to zero both ways
        ],
        np.float32,
    )
    device = open_device(Target.load(target), toolchain, emulator)
    binary = device.build(write_mini(tmp_path / "mini", prologue=BOTH_WAYS), tmp_path)
    x = np.zeros((len(pairs), 1, N), np.float32)
    x[:, 0, :2] = pairs
    y = device.run(binary, {"in/x": x, "mask": np.zeros((len(pairs), N), bool)}).outputs["out/y"]
    words = y.reshape(len(pairs), N).view(np.uint32)
    expected = np.stack([pairs.prod(1), pairs.sum(1)], axis=1).view(np.uint32)
    np.testing.assert_array_equal(words[:, 2:4], expected)
    same = (words[:, :2] == expected).all(1)
    flushed = (words[:, 4] & (INPUT_SUBNORMAL | UNDERFLOW)) != 0
    assert same.tolist() == [True] * 3 + [False] * 3 + [True]
    assert flushed.tolist() == [False] * 3 + [True] * 4
