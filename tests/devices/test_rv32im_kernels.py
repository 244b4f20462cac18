"""Kernels for RV32IM: to the bit what the interpreter says."""

from pathlib import Path

import pytest
from layer_graph import KINDS, Layers

from edgec.ir.ops import Conv2d, Dense
from edgec.target import Target

MACHINES = [
    (name, toolchain.kind, Target.load(name).emulators[0].kind)
    for name in ("rv32imc", "rv32imafc")
    for toolchain in Target.load(name).toolchains
    if name == "rv32imc" or toolchain.kind == "gcc"
]

machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 5, 6, 7, 12, 17):
        for _ in range(5):
            channels, outs = layers.between(1, 70), layers.between(2, 40)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
    # Sums of the widest weights go by several segments.
    for pixels, channels in ((6, 600), (7, 300), (13, 65)):
        layers.layer(Dense, layers.x(pixels, channels), "ends", 5, channels)
    for outs in (13, 15, 16, 17, 32):
        layers.layer(Dense, layers.x(1, 600), "ends", outs, 600)
    for _ in range(6):
        channels, outs = layers.between(1, 40), layers.between(2, 12)
        x = layers.x(1, layers.between(2, 5), layers.between(3, 6), channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, 1, 1, channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_dense_rv32im_i8"] > 5
    assert kernels["edgec_pointwise_rv32im_i8"] > 20


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(2)
    layers.convolutions(30, lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17)), lambda: layers.between(2, 12))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have less than six pixels.
    assert kernels["edgec_conv2d_rv32im_i8"] > 20


@machines
def test_depthwise_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(3)
    layers.depthwise_3x3()
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # Where padding is wide or windows are far apart, the portable kernel serves.
    assert kernels["edgec_depthwise_rv32im_i8"] > 15


@machines
def test_elementwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(4)
    layers.sums(24)
    layers.byte_functions(12)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_add_rv32im_i8"] > 20
    assert kernels["edgec_mul_rv32im_i8"] > 9
    assert kernels["edgec_lookup_rv32im_8"] == 36
