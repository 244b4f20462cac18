"""Kernels with the DSP extension of Cortex-M4, M7 and M33: to the bit what the interpreter says."""

from pathlib import Path

import pytest
from layer_graph import Layers

from edgec.ir.ops import Conv2d, Dense
from edgec.target import Target

MACHINES = [
    (name, toolchain.kind, Target.load(name).emulators[0].kind)
    for name in ("cortex-m4", "cortex-m7", "cortex-m33")
    for toolchain in Target.load(name).toolchains
    if name == "cortex-m4" or toolchain.kind == "gcc"
]
KINDS = ("any", "any", "ends", "largest", "dead")

machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 3, 4, 7):
        for _ in range(6):
            channels, outs = layers.between(4, 70), layers.between(1, 21)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
    for channels, outs in ((9, 2), (600, 5), (600, 2), (513, 8)):
        # So many of the largest weights that two channels' sums do not share a word.
        for pixels in (1, 3):
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of("ends", "largest"), outs, channels)
    for _ in range(6):
        channels, outs = layers.between(4, 40), layers.between(2, 12)
        x = layers.x(1, layers.between(1, 5), layers.between(3, 6), channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, 1, 1, channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {"edgec_dense_dsp_i8", "edgec_pointwise_dsp_i8"}


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
    # A few have no more than two pixels.
    assert kernels["edgec_conv2d_dsp_i8"] > 20


@machines
def test_depthwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(3)
    for number in range(40):
        three = number < 20
        kernel = (3, 3) if three else (layers.between(1, 5), layers.between(1, 7))
        step = layers.between(1, 2)
        stride = (step, step) if three else (layers.between(1, 3), step)
        dilation = (1, 1) if three else (layers.one_of(1, 1, 2), layers.one_of(1, 1, 2))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(span + 1, span + 20) for span in spans]
        channels = layers.between(4, 13)
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
    # Maps so large that they are computed by strips.
    layers.layer(Conv2d, layers.x(1, 21, 50, 5), "any", 5, 3, 3, 1, pad=(1, 1, 1, 1), groups=5)
    layers.layer(Conv2d, layers.x(1, 31, 40, 4), "any", 4, 3, 3, 1, pad=(0, 1, 0, 1), stride=(2, 2), groups=4)
    layers.layer(Conv2d, layers.x(1, 30, 44, 4), "any", 4, 5, 5, 1, pad=(2, 2, 2, 2), groups=4)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise_3x3_1_dsp_i8"] + kernels["edgec_depthwise_3x3_2_dsp_i8"] > 18
    assert kernels["edgec_depthwise_1_dsp_i8"] + kernels["edgec_depthwise_2_dsp_i8"] > 15
