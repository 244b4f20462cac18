"""Kernels with RVV 1.0 and vectors of several lengths: to the bit what the interpreter says."""

from pathlib import Path

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
    MaxPool2d,
    ReduceMean,
    ReduceSum,
    Softmax,
    Sub,
    Transpose,
)
from edgec.target import Target

OPTIMIZE = {"rv64gcv": "speed", "rv64gcv-256": "balanced"}
"""Numbers of a layer may be the same; with speed they are constants, and compilers see that."""

machines = pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [
        (name, toolchain.kind, "qemu")
        for name in ("rv64gcv", "rv64gcv-256")
        for toolchain in Target.load(name).toolchains
        if name == "rv64gcv" or toolchain.kind == "clang"
    ],
)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(1)
    for pixels in (1, 2, 3, 4, 7):
        for _ in range(6):
            channels, outs = layers.between(1, 70), layers.between(1, 150)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of("any", "dead"), outs, channels)
    for channels, outs in ((16, 8), (33, 40), (600, 7)):
        layers.layer(Dense, layers.x(1, channels), "largest", outs, channels)
        layers.layer(Dense, layers.x(3, channels), "ends", outs, channels)
    for _ in range(6):
        channels, outs = layers.between(1, 40), layers.between(1, 70)
        x = layers.x(1, layers.between(1, 5), layers.between(3, 6), channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, 1, 1, channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {"edgec_dense_rvv_i8", "edgec_pointwise_rvv_i8"}


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(2)
    layers.convolutions(38, lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17)), lambda: layers.between(1, 40))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have two pixels at most; of patches are those whose columns are no neighbours.
    assert kernels["edgec_conv2d_columns_rvv_i8"] > 12
    assert kernels["edgec_conv2d_rvv_i8"] > 5


@machines
def test_depthwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(3)
    layers.depthwise_of_any_channels(36)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise3x3_rvv_i8"] > 12
    assert kernels["edgec_depthwise_rvv_i8"] > 8


@machines
def test_groups(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Some of them depthwise with several channels for each of the input's."""
    layers = Layers(9, optimize=OPTIMIZE[target])
    for number in range(24):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        extents, attributes = layers.window(kernel, more=layers.one_of(9, 40))
        groups, per_group = layers.between(2, 6), layers.one_of(1, layers.between(1, 9))
        outs = groups * layers.one_of(2, 3, layers.between(1, 8))
        x = layers.x(1 + (number == 0), *extents, groups * per_group)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), outs, *kernel, per_group, groups=groups, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_conv2d_pixels_rvv_i8"] > 12


@machines
def test_halfwords(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Products of 16 bits by 8, of so few taps that 32 bits hold their sums."""
    layers = Layers(10, DType.I16, OPTIMIZE[target])
    for _ in range(20):
        pixels, channels, outs = layers.one_of(1, layers.between(2, 50)), layers.between(1, 70), layers.between(1, 50)
        layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
        kernel = (layers.between(1, 4), layers.between(1, 5))
        extents, attributes = layers.window(kernel)
        x = layers.x(layers.one_of(1, 1, 2), *extents, layers.one_of(1, 2, 3, 5, layers.between(4, 20)))
        groups = layers.one_of(1, x.shape[3])
        outs = groups if groups > 1 else layers.between(1, 40)
        kind = "any" if groups > 1 else layers.one_of(*KINDS)
        layers.layer(Conv2d, x, kind, outs, *kernel, x.shape[3] // groups, groups=groups, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    for name in ("conv2d_channels", "conv2d_pixels", "windows_channels", "windows_pixels"):
        assert kernels[f"edgec_{name}_rvv_i16"], kernels


@machines
def test_few_channels(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Rows of many pixels, which are lanes."""
    layers = Layers(4)
    for number in range(24):
        kernel = layers.one_of((1, 1), (3, 3), (layers.between(1, 3), layers.between(1, 5)))
        stride = (layers.between(1, 2), layers.between(1, 3))
        dilation = layers.one_of(1, 1, 2)
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        width = 40 * stride[1] + layers.between(0, 40)
        layers.layer(
            Conv2d,
            layers.x(1 + (number == 0), layers.between(kernel[0], 12), width, layers.between(1, 9)),
            layers.one_of(*KINDS),
            layers.between(1, 16),
            *kernel,
            layers.graph.inputs[-1].shape[3],
            stride=stride,
            pad=tuple(pads),
            dilation=(1, dilation),
        )
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_conv2d_planes_rvv_i8"] > 16


@machines
def test_sums_and_transposition(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(5)
    for number in range(12):
        shape = (layers.between(1, 5), layers.between(1, 77))
        a, b = layers.x(*shape), layers.x(*shape)
        clamp = layers.one_of(None, None, Clamp(0.0), Clamp(-0.5, 1.0))
        layers.insert((Add if number % 3 else Sub)(a, b, clamp=clamp), reach=layers.one_of(0.5, 5.0))
    for channels, count in ((3, 5), (3, 300), (17, 16), (100, 2), (200, 3)):
        x = layers.x(1, channels, 1, count)
        layers.put(Transpose(x, (0, 2, 3, 1)), TensorType(DType.I8, (1, 1, count, channels), x.type.quant))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {"edgec_add_rvv_i8", "edgec_transpose_rvv_8"}


@machines
def test_products_and_tables(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Elementwise; and lines of bytes."""
    layers = Layers(7)
    layers.sums_and_products(12, 77)
    layers.tables(6, 77)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {
        "edgec_add_rvv_i8": 16,
        "edgec_mul_rvv_i8": 16,
        "edgec_softmax_rvv_i8": 6,
        "edgec_lookup_rvv_8": 12,
    }


@machines
def test_matrices_and_lines(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Products of two tensors, and softmax."""
    layers = Layers(11, optimize=OPTIMIZE[target])
    shapes = [(layers.between(1, 9), layers.between(1, 70), layers.between(1, 40)) for _ in range(14)]
    for rows, inner, columns in [*shapes, (20, 32, 64), (2, 400, 30)]:
        batch = layers.one_of((), (2,), (2, 3))
        a, b = layers.x(*batch, rows, inner), layers.x(*batch, inner, columns)
        layers.insert(MatMul(a, b), 1.5 * inner)
    for count in (1, 2, 10, 12, 31, 64, 200):
        x = layers.x(layers.between(1, 5), count)
        layers.put(Softmax(x, 1), TensorType(DType.I8, x.shape, Quant((1 / 256,), (-128,))))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_matmul_rvv_i8"] > 12 and kernels["edgec_softmax_rvv_i8"] == 7


@machines
def test_numbers_become_the_same_codes(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    layers = Layers(12)
    layers.codes_at_their_edges((0.02, 1 / 3, 0.5, 1.0, 1e-38, 1e30, *layers.rng.uniform(0.001, 0.1, 4)))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {"edgec_quantize_rvv_i8", "edgec_dequantize_rvv_i8"}


@machines
def test_windows(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Maxima and means."""
    layers = Layers(8)
    for _ in range(12):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        extents, attributes = layers.window(kernel)
        x = layers.x(layers.one_of(1, 2), *extents, layers.one_of(layers.between(1, 37), 150))
        clamp = layers.one_of(None, None, Clamp(0.0), Clamp(-0.5, 1.0))
        op = MaxPool2d(x, kernel, clamp=clamp, **attributes)
        layers.put(op, TensorType(DType.I8, op.infer()[0].shape, x.type.quant))
        counted = layers.one_of(attributes["pad"], (0, 0, 0, 0))
        layers.insert(AveragePool2d(x, kernel, counted=counted, clamp=clamp, **attributes), reach=1.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_max_pool_rvv_i8": 12, "edgec_average_pool_rvv_i8": 12}


@machines
def test_sums_over_pixels(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(6)
    for pixels in (5, 255, 256, 257, 600):
        channels = layers.between(1, 90)
        layers.insert(ReduceMean(layers.x(1, pixels, 1, channels), (1, 2), False), 1.0)
        layers.insert(ReduceSum(layers.x(1, 1, pixels, channels), (0, 1, 2), False), 10.0 * pixels**0.5)
        clamp = layers.one_of(None, Clamp(-0.5, 1.0))
        layers.insert(AveragePool2d(layers.x(1, pixels, 2, channels), (pixels, 2), clamp=clamp), reach=1.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_reduce_sum_rvv_i8"] > 12
