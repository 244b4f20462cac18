"""Kernels with the vectors of Armv8.1-M (MVE; Cortex-M55): to the bit what the interpreter says."""

from pathlib import Path

import pytest
from layer_graph import Layers

from edgec.ir.ops import Conv2d, Dense
from edgec.target import Target

KINDS = ("any", "any", "ends", "largest", "dead")

machines = pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [("cortex-m55", toolchain.kind, "qemu") for toolchain in Target.load("cortex-m55").toolchains],
)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 3, 4, 7):
        for _ in range(6):
            channels, outs = layers.between(1, 70), layers.between(1, 21)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
    for channels, outs in ((16, 8), (32, 4), (48, 5), (64, 9), (80, 4), (600, 7)):
        for pixels in (1, 3):
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of("ends", "largest"), outs, channels)
    for _ in range(6):
        channels, outs = layers.between(1, 40), layers.between(4, 12)
        x = layers.x(1, layers.between(1, 5), layers.between(3, 6), channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, 1, 1, channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {"edgec_dense_mve_i8", "edgec_pointwise_mve_i8"}


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
        channels, outs = layers.one_of(1, 2, 3, 4, layers.between(1, 17)), layers.between(4, 13)
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
    # A few have but one pixel.
    assert kernels["edgec_conv2d_mve_i8"] > 20


@machines
def test_depthwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(3)
    for _ in range(36):
        kernel = (layers.between(1, 4), layers.between(1, 4))
        stride = (layers.one_of(1, 1, 2, 3), layers.between(1, 3))
        dilation = (layers.one_of(1, 1, 2), layers.one_of(1, 1, 2))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(span + 1, span + 20) for span in spans]
        channels = layers.between(4, 40)
        layers.layer(
            Conv2d,
            layers.x(layers.one_of(1, 1, 1, 2), *extents, channels),
            layers.one_of(*KINDS),
            channels,
            *kernel,
            1,
            stride=stride,
            pad=tuple(pads),
            dilation=dilation,
            groups=channels,
        )
    # Maps so large that their channels go part by part.
    for channels, stride in ((100, (1, 1)), (48, (2, 2))):
        x = layers.x(1, 7, 40, channels)
        layers.layer(Conv2d, x, "any", channels, 3, 3, 1, pad=(1, 1, 1, 1), stride=stride, groups=channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert min(kernels["edgec_depthwise_mve_i8"], kernels["edgec_depthwise_below_mve_i8"]) >= 10
