"""Kernels for Armv7-M without the DSP extension: to the bit what the interpreter says."""

from pathlib import Path

import pytest
from layer_graph import Layers

from edgec.ir.ops import Conv2d, Dense
from edgec.target import Target

CORE = Target.load("cortex-m3")
MACHINES = [("cortex-m3", toolchain.kind, CORE.emulators[0].kind) for toolchain in CORE.toolchains]
KINDS = ("any", "any", "ends", "largest", "dead")

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
    for batch in [1] * 30 + [2, 2]:
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride = (layers.between(1, 3), layers.between(1, 3))
        dilation = (layers.one_of(1, 1, 1, 2), layers.one_of(1, 1, 1, 2, 3))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(max(span, 3), span + 14) for span in spans]
        channels, outs = layers.one_of(1, 2, 3, 4, layers.between(1, 17)), layers.between(2, 9)
        layers.layer(
            Conv2d,
            layers.x(batch, *extents, channels),
            layers.one_of(*KINDS),
            outs,
            *kernel,
            channels,
            stride=stride,
            pad=tuple(pads),
            dilation=dilation,
        )
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have less than six pixels.
    assert kernels["edgec_conv2d_armv7m_i8"] > 20


@machines
def test_depthwise_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """The kernel is that of Armv6-M."""
    layers = Layers(3)
    for batch in [1] * 40 + [2, 2]:
        channels = layers.between(2, 20)
        stride = (layers.between(1, 3), layers.between(1, 2))
        extents = (layers.between(3, 12), layers.between(3, 20))
        pad = tuple(layers.one_of(0, 1, 1, 2) for _ in range(4))
        attributes = {"stride": stride, "pad": pad, "groups": channels}
        x = layers.x(batch, *extents, channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), channels, 3, 3, 1, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise_armv6m_i8"] > 20
