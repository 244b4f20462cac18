"""Kernels for Armv7-M without the DSP extension: to the bit what the interpreter says."""

from pathlib import Path

import pytest
from layer_graph import KINDS, Layers

from edgec.ir.ops import Conv2d, Dense
from edgec.target import Target

CORE = Target.load("cortex-m3")
MACHINES = [("cortex-m3", toolchain.kind, CORE.emulators[0].kind) for toolchain in CORE.toolchains]

machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 5, 6, 7, 12, 17):
        for _ in range(5):
            channels, outs = layers.between(1, 70), layers.between(2, 40)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
    # Sums of the widest weights go by several segments.
    for pixels, channels in ((1, 600), (6, 600), (7, 300), (13, 65)):
        layers.layer(Dense, layers.x(pixels, channels), "ends", 5, channels)
    for _ in range(6):
        channels, outs = layers.between(1, 40), layers.between(2, 12)
        x = layers.x(1, layers.between(2, 5), layers.between(3, 6), channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, 1, 1, channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_pointwise_armv7m_i8"] > 20


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(2)
    layers.convolutions(30, lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17)), lambda: layers.between(2, 9))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have less than six pixels.
    assert kernels["edgec_conv2d_armv7m_i8"] > 20


@machines
def test_depthwise_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """The kernel is that of Armv6-M."""
    layers = Layers(3)
    layers.depthwise_3x3()
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise_armv6m_i8"] > 20


@machines
def test_elementwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Sums within other limits than those of bytes, products and tables are those of Armv6-M."""
    layers = Layers(4)
    layers.sums(24)
    layers.byte_functions(6)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_add_armv7m_i8"] > 9
    assert kernels["edgec_add_armv6m_i8"] > 5
    assert kernels["edgec_lookup_armv6m_8"] == 18


@machines
def test_conversions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(5)
    layers.conversions((1, 3, 4, 31, 256, 1023, 1024))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A subnormal scale, or few numbers, are not for these kernels.
    assert kernels["edgec_quantize_armv6m_i8"] > 18
    assert kernels["edgec_dequantize_armv6m_i8"] == 12
