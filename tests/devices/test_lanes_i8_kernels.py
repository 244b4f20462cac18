"""Kernels for bytes in vectors of hosts: to the bit what the interpreter says."""

from pathlib import Path

import pytest
from layer_graph import KINDS, Layers

from edgec.ir.ops import Conv2d, Dense, MatMul

machines = pytest.mark.parametrize(
    ("target", "toolchain", "emulator"), [("x86-64-vnni", "gcc", "host"), ("x86-64-vnni", "clang", "host")]
)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 3, 5, 7, 25, 64):
        for _ in range(5):
            channels, outs = layers.between(1, 70), layers.between(1, 150)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of("any", "dead"), outs, channels)
    for channels, outs in ((16, 8), (33, 40), (600, 7)):
        layers.layer(Dense, layers.x(1, channels), "largest", outs, channels)
        layers.layer(Dense, layers.x(3, channels), "ends", outs, channels)
    # More than scratch takes at a time.
    layers.layer(Dense, layers.x(130, 300), "any", 40, 300)
    for _ in range(6):
        channels, outs = layers.between(1, 40), layers.between(1, 70)
        x = layers.x(1, layers.between(1, 5), layers.between(3, 6), channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, 1, 1, channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert len(kernels) == 1


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(2)
    layers.convolutions(30, lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17)), lambda: layers.between(1, 40))
    # More than scratch takes at a time.
    layers.layer(Conv2d, layers.x(1, 40, 50, 16), "any", 24, 3, 3, 16, pad=(1, 1, 1, 1))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert len(kernels) == 1


@machines
def test_depthwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(3)
    for number in range(36):
        kernel = (3, 3) if number % 3 else (layers.between(1, 5), layers.between(1, 5))
        stride = (layers.between(1, 3), layers.one_of(1, 1, 2, 3))
        dilation = (layers.one_of(1, 1, 1, 2), layers.one_of(1, 1, 1, 2, 3))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(max(span, 2), span + 14) for span in spans]
        channels = layers.one_of(2, 4, 8, 64, layers.between(2, 17), layers.between(18, 150))
        layers.layer(
            Conv2d,
            layers.x(1 + (number == 0), *extents, channels),
            layers.one_of(*KINDS),
            channels,
            *kernel,
            1,
            stride=stride,
            pad=tuple(pads),
            dilation=dilation,
            groups=channels,
        )
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert len(kernels) == 1


@machines
def test_matrices(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(4)
    for number in range(14):
        rows, inner, columns = (layers.between(3, 40), layers.between(1, 70), layers.between(1, 90))
        batch = layers.one_of((), (2,), (2, 3))
        a, b = layers.x(*batch, rows, inner), layers.x(*batch[number % 2 :], inner, columns)
        layers.insert(MatMul(a, b), reach=4.0 * inner)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert len(kernels) == 1
