"""Kernels for Armv6-M: to the bit what the interpreter says."""

from pathlib import Path

import numpy as np
import pytest
from layer_graph import KINDS, Layers

from edgec.codegen.kernels.codes_armv6m import FRACTION, LONG, SHORT, prove_codes
from edgec.ir import Array
from edgec.ir.fixed_point import rescale
from edgec.ir.ops import Conv2d, Dense
from edgec.target import Target

MACHINES = [
    (name, toolchain.kind, Target.load(name).emulators[0].kind)
    for name in ("cortex-m0", "cortex-m0plus")
    for toolchain in Target.load(name).toolchains
    if name == "cortex-m0" or toolchain.kind == "gcc"
]

machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 3, 4, 5, 8, 11):
        for _ in range(5):
            channels, outs = layers.between(1, 70), layers.between(1, 40)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
    # Sums of the widest weights go by several segments.
    for pixels, channels in ((1, 600), (6, 600), (7, 300), (13, 65)):
        layers.layer(Dense, layers.x(pixels, channels), "ends", 9, channels)
    for _ in range(6):
        channels, outs = layers.between(1, 40), layers.between(1, 20)
        x = layers.x(1, layers.between(2, 5), layers.between(3, 6), channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, 1, 1, channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # In one of them more sums have the same code than the kernel can tell apart.
    assert sum(n for name, n in kernels.items() if "armv6m" in name) >= 42


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(2)
    layers.convolutions(30, lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17)), lambda: layers.between(1, 18))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have less than six pixels.
    assert kernels["edgec_conv2d_armv6m_i8"] > 20


@machines
def test_depthwise_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(3)
    layers.depthwise_3x3()
    layers.depthwise_3x3_nine()
    layers.depthwise_1x1()
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise_1x1_armv6m_i8"] > 1
    assert kernels["edgec_depthwise_nine_armv6m_i8"] > 8
    # Two of the lowest weights together are beyond 16 bits, and a row of one element is not for this kernel.
    assert kernels["edgec_depthwise_armv6m_i8"] > 20


@machines
def test_elementwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(4)
    layers.sums(24)
    layers.byte_functions(12)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_add_armv6m_i8"] > 20
    assert kernels["edgec_mul_armv6m_i8"] > 9
    assert kernels["edgec_lookup_armv6m_8"] == 36


@machines
def test_conversions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(5)
    layers.conversions((1, 3, 4, 31, 256, 1023, 1024))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A subnormal scale, or few numbers, are not for these kernels.
    assert kernels["edgec_quantize_armv6m_i8"] > 18
    assert kernels["edgec_dequantize_armv6m_i8"] == 12


def codes(sums: Array, offset: int, whole: int, part: int, begin: int, rest: int, last: int, long: bool) -> Array:
    """As the core computes them, modulo 2^32."""
    u = np.clip(sums - offset, 0, last)
    if long:
        parts = u * part + ((u * rest) >> LONG)
        assert parts.max() < 1 << 32
        total = u * whole + (parts >> LONG) + begin
    else:
        assert (u * part).max() < 1 << 32
        total = u * whole + ((u * part) >> SHORT) + begin
    result: Array = ((total & 0xFFFFFFFF) >> FRACTION).astype(np.uint8).view(np.int8)
    return result


def test_codes_without_a_long_multiplication() -> None:
    """Each sum of a range, for factors that make codes of a few sums or of many."""
    rng = np.random.default_rng(0)
    reach = 10 ** rng.uniform(2.5, 5.8, 30)
    shifts = 31 + np.rint(np.log2(reach / 128)).astype(np.int64)
    multipliers = np.ldexp(rng.uniform(0.5, 1, 30), 31).astype(np.int64)
    ends = (-2 * reach).astype(np.int64), (3 * reach).astype(np.int64)
    for zero, limits in ((0, (-128, 127)), (-128, (-128, 127)), (31, (-20, 90)), (127, (-128, 127)), (5, (7, 7))):
        found = prove_codes(ends, multipliers, shifts, zero, limits)
        assert found is not None
        assert found.long.any() == (limits[0] < limits[1])
        for o in range(30):
            sums = np.arange(ends[0][o], ends[1][o] + 1)
            expected = np.clip(rescale(sums, multipliers[o], shifts[o]) + zero, *limits)
            parameters = (int(a[o]) for a in vars(found).values())
            np.testing.assert_array_equal(codes(sums, *parameters), expected)  # type: ignore[arg-type]
