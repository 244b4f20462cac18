"""Kernels for bytes in vectors of hosts: to the bit what the interpreter says."""

from pathlib import Path

import numpy as np
import pytest
from layer_graph import KINDS, Layers

from edgec.ir import DType, Quant, TensorType
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    Clamp,
    Conv2d,
    Dense,
    MatMul,
    Mul,
    ReduceMean,
    ReduceSum,
    Softmax,
    Sub,
)
from edgec.ir.requantization import scale_of
from edgec.target import Target

TARGETS = {
    "x86-64-v3": ("clang",),
    "x86-64-v4": ("gcc",),
    "x86-64-vnni": ("gcc",),
    "cortex-a53": ("gcc",),
    "cortex-a76": ("gcc",),
}

machines = pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [
        (name, toolchain, "qemu" if name.startswith("cortex") else "host")
        for name, toolchains in TARGETS.items()
        for toolchain in toolchains
    ],
)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 3, 5, 7, 25, 64):
        for _ in range(3):
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
    assert {name.split("_")[-2] for name in kernels} == {Target.load(target).kernels[0]}


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(2)
    layers.convolutions(18, lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17)), lambda: layers.between(1, 40))
    # More than scratch takes at a time.
    layers.layer(Conv2d, layers.x(1, 40, 50, 16), "any", 24, 3, 3, 16, pad=(1, 1, 1, 1))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert {name.split("_")[-2] for name in kernels} == {Target.load(target).kernels[0]}


@machines
def test_depthwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(3)
    layers.depthwise_of_any_channels(20)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert {name.split("_")[-2] for name in kernels} == {Target.load(target).kernels[0]}


@machines
def test_matrices(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(4)
    for number in range(8):
        rows, inner, columns = (layers.between(3, 40), layers.between(1, 70), layers.between(1, 90))
        batch = layers.one_of((), (2,), (2, 3))
        a, b = layers.x(*batch, rows, inner), layers.x(*batch[number % 2 :], inner, columns)
        layers.insert(MatMul(a, b), reach=20.0 * inner)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert {name.split("_")[-2] for name in kernels} == {Target.load(target).kernels[0]}


@machines
def test_elementwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(5)
    for number in range(9):
        shape = (layers.between(1, 5), layers.between(1, 77))
        a, b = layers.x(*shape), layers.x(*shape)
        if number % 3 == 0:
            single = layers.graph.const(np.array([layers.between(-128, 127)], np.int8))
            single.type = TensorType(DType.I8, (1,), layers.quant(0.01))
            a, b = (a, single) if number % 2 else (single, b)
        clamp = layers.one_of(None, None, Clamp(0.0), Clamp(-0.5, 1.0))
        layers.insert(layers.one_of(Add, Sub)(a, b, clamp=clamp), layers.one_of(0.5, 5.0))
        layers.insert(Mul(a, b, clamp=clamp), 3.0)
    layers.insert(Add(layers.x(2, 3, 4, 19), layers.x(2, 1, 1, 19)), 5.0)
    layers.insert(Mul(layers.x(1, 12), layers.x(3, 5, 12)), 3.0)
    for _ in range(3):
        x = layers.x(layers.between(1, 5), layers.between(1, 77))
        layers.put(Softmax(x, 1), TensorType(DType.I8, x.shape, Quant((1 / 256,), (-128,))))
    for pixels in (5, 255, 256, 257, 600):
        channels = layers.between(1, 90)
        layers.insert(ReduceMean(layers.x(1, pixels, 1, channels), (1, 2), False), 1.0)
        layers.insert(ReduceSum(layers.x(1, 1, pixels, channels), (0, 1, 2), False), 10.0 * pixels**0.5)
        clamp = layers.one_of(None, Clamp(-0.5, 1.0))
        layers.insert(AveragePool2d(layers.x(1, pixels, 2, channels), (pixels, 2), clamp=clamp), reach=1.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A sum of few pixels may leave its factor.
    assert sorted(kernels.values())[-4:] == [3, 10, 10, 13]


@machines
def test_averages(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(9)
    for channels in (8, 13, 32):
        for kernel in ((2, 2), (3, 4)):
            top, bottom, left, right = (layers.between(0, k // 2) for k in kernel for _ in range(2))
            pads = top, bottom, left, right
            x = layers.x(1, kernel[0] + 3, kernel[1] + 5, channels)
            stride = (layers.between(1, 2), layers.between(1, 2))
            op = AveragePool2d(x, kernel, stride=stride, pad=pads, counted=layers.one_of(pads, (0, 0, 0, 0)))
            layers.insert(op, reach=1.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A mean of few elements may leave its factor.
    assert max(kernels.values()) == 4


@machines
def test_conversions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """At the numbers where the integer changes, and those next to them, infinities and what is no number."""
    layers = Layers(6)
    scales = [0.1, 1 / 3, 2.0**-7, 1e-12, 1e36, *layers.rng.uniform(0.001, 2.0, 6)]
    layers.codes_at_their_edges(scales)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert sorted(kernels.values()) == [len(scales)] * 2


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"), [("x86-64-amx", toolchain, "host") for toolchain in ("gcc", "clang")]
)
def test_many_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """By tiles of AMX."""
    layers = Layers(7)
    for number in range(14):
        kernel = (layers.between(1, 4), layers.between(1, 4))
        extents, attributes = layers.window(kernel, least=20, more=30)
        x = layers.x(1 + (number == 0), *extents, layers.one_of(3, 16, 32, layers.between(12, 80)))
        y = layers.layer(Conv2d, x, layers.one_of(*KINDS), layers.between(8, 70), *kernel, x.shape[-1], **attributes)
        if number % 2:
            layers.insert(Add(y, layers.x(*y.shape)), 100 * scale_of(y))
    for number in range(8):
        channels, outs = layers.between(100, 300), layers.between(20, 100)
        y = layers.layer(Dense, layers.x(layers.between(17, 200), channels), "any", outs, channels)
        if number % 2:
            layers.insert(Sub(layers.x(*y.shape), y), 100 * scale_of(y))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_conv2d_amx_i8"] >= 4
    assert kernels["edgec_dense_amx_i8"] == 8


@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"), [("x86-64-vbmi", toolchain, "host") for toolchain in ("gcc", "clang")]
)
def test_tables(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Of VBMI, which softmax takes, too."""
    layers = Layers(8)
    layers.tables(9, 150)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_softmax_vnni_i8": 9, "edgec_lookup_vbmi_8": 18}
