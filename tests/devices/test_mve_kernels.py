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
