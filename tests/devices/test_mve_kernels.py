"""Kernels with the vectors of Armv8.1-M (MVE; Cortex-M55): to the bit what the interpreter says."""

from pathlib import Path

import numpy as np
import pytest
from layer_graph import KINDS, SAMPLES, Layers

from edgec.ir import DType, Quant, TensorType
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    Clamp,
    Conv2d,
    ConvTranspose2d,
    Dense,
    MatMul,
    MaxPool2d,
    Mul,
    ReduceMean,
    ReduceSum,
    Requantize,
    Sub,
    Transpose,
)
from edgec.target import Target

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
    for channels, outs in ((16, 8), (32, 4), (48, 5), (64, 9), (80, 4), (600, 7), (9, 24), (3, 16)):
        for pixels in (1, 3, 4):
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
    layers.convolutions(
        40,
        lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17), layers.between(17, 40)),
        lambda: layers.one_of(8, layers.between(1, 16)),
    )
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have but one pixel.
    assert min(kernels["edgec_conv2d_mve_i8"], kernels["edgec_conv2d_columns_mve_i8"]) > 14


@machines
@pytest.mark.parametrize("dtype", [DType.I8, DType.I16])
def test_groups(target: str, toolchain: str, emulator: str, dtype: DType, need_tools: None, tmp_path: Path) -> None:
    """Convolutions of several groups of channels, of any number of output channels each."""
    layers = Layers(13, dtype)
    for _ in range(30):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        extents, attributes = layers.window(kernel)
        groups, channels, outs = layers.between(2, 6), layers.between(1, 12), layers.between(1, 9)
        x = layers.x(layers.one_of(1, 1, 2), *extents, groups * channels)
        attributes["dilation"] = (attributes["dilation"][0], 1)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), groups * outs, *kernel, channels, groups=groups, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have but one column, or one channel, or sums of more than 32 bits.
    assert kernels[f"edgec_conv2d_groups_mve_{dtype.value}"] >= 20


@machines
def test_transposed_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(15)
    for _ in range(24):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride = (layers.between(1, 3), layers.between(1, 3))
        pad = tuple(layers.between(-1, k - 1) for k in kernel for _ in range(2))
        groups = layers.one_of(1, 1, 1, 2, 3)
        channels, outs = layers.between(1, 20), layers.between(1, 9)
        x = layers.x(layers.one_of(1, 1, 2), layers.between(4, 7), layers.between(5, 11), groups * channels)
        dilation = (layers.one_of(1, 1, 2), layers.one_of(1, 1, 1, 2))
        attributes = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
        layers.layer(ConvTranspose2d, x, layers.one_of(*KINDS), groups * outs, *kernel, channels, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_conv_transpose_mve_i8"] >= 14


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
        x = layers.x(layers.one_of(1, 1, 1, 2), *extents, channels)
        layers.depthwise_layer(x, kernel, stride=stride, pad=tuple(pads), dilation=dilation)
    for _ in range(16):
        kernel = (layers.one_of(1, 1, 2, 5, 7), layers.between(1, 7))
        stride, dilation = (layers.between(1, 2), layers.between(1, 3)), (1, layers.one_of(1, 1, 2))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        channels = layers.between(1, 40)
        x = layers.x(layers.one_of(1, 1, 2), spans[0] + layers.between(0, 2), spans[1] + layers.between(2, 9), channels)
        layers.depthwise_layer(x, kernel, stride=stride, pad=tuple(pads), dilation=dilation)
    # Maps so large that their channels go part by part.
    x = layers.x(1, 5, 40, 52)
    layers.layer(Conv2d, x, "any", 52, 5, 5, 1, pad=(2, 2, 2, 2), groups=52)
    for channels, stride in ((100, (1, 1)), (48, (2, 2))):
        x = layers.x(1, 7, 40, channels)
        layers.layer(Conv2d, x, "any", channels, 3, 3, 1, pad=(1, 1, 1, 1), stride=stride, groups=channels)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert min(kernels["edgec_depthwise_mve_i8"], kernels["edgec_depthwise_below_mve_i8"]) >= 8
    assert kernels["edgec_depthwise_channels_mve_i8"] >= 16


@machines
def test_sums_become_codes_as_the_interpreter_rounds(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    """Where one sum in two or four is half way between codes, and with the least shift and the largest sums."""
    layers = Layers(4)
    for factor in (0.5 - 2.0**-25, 0.375, 0.25, 0.25 + 2.0**-20, 2.0**-12, 2.0**-23):
        for pixels in (1, 5):
            x = layers.x(pixels, 4)
            assert x.type.quant is not None
            w = layers.const(layers.rng.integers(-2, 2, (8, 4), endpoint=True).astype(np.int8), np.full(8, 0.01))
            largest = min(60 / factor, 2.0**31 - 2048)
            bias = layers.rng.uniform(-largest, largest, 8).astype(np.int32)
            scale = 0.01 * x.type.quant.scale[0]
            op = Dense(x, w, layers.const(bias, np.full(8, scale)))
            layers.put(op, TensorType(DType.I8, (pixels, 8), layers.quant(scale / factor)))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {"edgec_dense_mve_i8", "edgec_pointwise_mve_i8"}


@machines
def test_elementwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(5)
    for number in range(12):
        shape = (layers.between(1, 5), layers.between(1, 23))
        a, b = layers.x(*shape), layers.x(*shape)
        clamp = layers.one_of(None, None, Clamp(0.0), Clamp(-0.5, 1.0))
        layers.insert((Add if number % 3 else Sub)(a, b, clamp=clamp), reach=5.0)
        channels = layers.between(1, 23)
        x = layers.x(1, layers.between(1, 3), layers.between(1, 3), channels)
        layers.layer(Conv2d, x, layers.one_of("any", "ends"), channels, 1, 1, 1, groups=channels)
    for channels, count in ((3, 5), (3, 50), (17, 16), (2, 100)):
        x = layers.x(1, channels, 1, count)
        layers.put(Transpose(x, (0, 2, 3, 1)), TensorType(DType.I8, (1, 1, count, channels), x.type.quant))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    moved = {"edgec_scatter_mve_8", "edgec_gather_mve_8"}
    assert kernels.keys() == {"edgec_add_mve_i8", "edgec_scale_mve_i8"} | moved


@machines
def test_transposed_matrices(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Of elements of any size, several matrices, too, with either side longer."""
    layers = Layers(14)
    perms = ((0, 2, 1), (2, 1, 0), (0, 3, 1, 2), (0, 2, 3, 1), (1, 0, 3, 2), (3, 0, 1, 2), (0, 3, 2, 1))
    for dtype in (DType.I8, DType.I16, DType.I32, DType.F32, DType.BOOL):
        for perm in perms:
            shape = [layers.one_of(2, 3, 5, 18, layers.between(2, 40)) for _ in perm]
            x = layers.graph.input(f"x{len(layers.inputs)}", TensorType(dtype, tuple(shape)))
            codes = layers.rng.integers(-100, 100, (SAMPLES, *shape))
            layers.inputs[x.name] = codes.astype(dtype.numpy)
            layers.put(Transpose(x, perm))
    x = layers.x(1, 4)
    layers.insert(Add(x, x), 2.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    names = {f"edgec_{way}_mve_{bits}" for way in ("scatter", "gather") for bits in ("8", "8_far", "16", "32")}
    assert kernels.keys() >= names


@machines
def test_products_tables_and_softmax(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    """Elementwise, of two tensors or with a constant; lines of any length."""
    layers = Layers(9)
    layers.sums_and_products(18, 37)
    layers.tables(6, 37)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {
        "edgec_add_mve_i8": 22,
        "edgec_mul_mve_i8": 22,
        "edgec_softmax_mve_i8": 6,
        "edgec_lookup_mve_8": 12,
    }


@machines
def test_halfwords(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Products of 16 bits by 8, of so few taps that 32 bits hold their sums."""
    layers = Layers(11, DType.I16)
    for number in range(24):
        pixels, channels, outs = layers.between(1, 7), layers.between(1, 70), layers.between(1, 21)
        layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
        kernel = (layers.between(1, 4), layers.between(1, 5))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        stride = (layers.between(1, 3), layers.between(1, 3))
        extents = [layers.between(max(k, 3), k + 12) for k in kernel]
        x = layers.x(layers.one_of(1, 1, 2), *extents, layers.one_of(1, 2, 3, 5, layers.between(4, 20)))
        groups, kind = (x.shape[3], "any") if number % 2 else (1, layers.one_of(*KINDS))
        outs, channels = (groups, 1) if groups > 1 else (layers.between(1, 13), x.shape[3])
        layers.layer(Conv2d, x, kind, outs, *kernel, channels, stride=stride, pad=tuple(pads), groups=groups)
    x = layers.x(1, 5, 40, 36)
    layers.layer(Conv2d, x, "any", 36, 5, 5, 1, pad=(2, 2, 2, 2), groups=36)
    for pixels in (5, 40, 600):
        layers.insert(ReduceMean(layers.x(1, pixels, 1, layers.between(1, 23)), (1, 2), False), 300.0)
        x = layers.x(1, 4, 9, layers.between(1, 21))
        op = MaxPool2d(x, (2, 3), (2, 2), (1, 0, 1, 2))
        layers.put(op, TensorType(DType.I16, op.infer()[0].shape, x.type.quant))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_reduce_sum_mve_i16"] == kernels["edgec_max_pool_mve_i16"] == 3
    assert kernels["edgec_pointwise16_mve_i16"] >= 20
    assert min(kernels["edgec_conv2d_columns_mve_i16"], kernels["edgec_depthwise_channels_mve_i16"]) >= 7


@machines
def test_elementwise_halfwords(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Sums of any scales, products, pools, and other codes for the same numbers."""
    layers = Layers(12, DType.I16)
    for number in range(20):
        shape = (layers.between(1, 5), layers.between(1, 37))
        a, b = layers.x(*shape), layers.x(*shape)
        scale = float(layers.rng.uniform(0.0001, 0.02))
        b.type = TensorType(DType.I16, shape, Quant((scale,), (0,)))
        clamp = layers.one_of(None, None, Clamp(0.0), Clamp(-50.0, 100.0))
        layers.insert(layers.one_of(Add, Sub)(a, b, clamp=clamp), layers.one_of(300.0, 30.0, 50000.0))
        layers.insert(Mul(a, b, clamp=clamp), 60000.0 * scale / 0.02)
        layers.insert(Requantize(a), layers.one_of(300.0, 1000.0, 3.0))
        kind = TensorType(DType.I8, shape, Quant((layers.one_of(3.0, 0.4),), (layers.between(-128, 127),)))
        codes = layers.put(Requantize(b), kind) if number % 2 else layers.put(Requantize(a), kind)
        layers.insert(Requantize(codes), layers.one_of(300.0, 1000.0, 3.0))
    single = layers.graph.const(np.array([-12345], np.int16))
    single.type = TensorType(DType.I16, (1,), layers.quant(0.01))
    layers.insert(Mul(layers.x(3, 13), single), 3000.0)
    layers.insert(Add(layers.x(2, 3, 19), layers.x(1, 3, 19)), 300.0)
    for _ in range(12):
        kernel = layers.between(2, 3), layers.between(3, 5)
        pads = (0, layers.between(0, kernel[0] // 2), 0, layers.between(0, kernel[1] // 2))
        x = layers.x(layers.one_of(1, 2), kernel[0] + 3, kernel[1] + 2, layers.between(4, 19))
        stride = (layers.between(1, 2), layers.between(1, 2))
        op = AveragePool2d(x, kernel, stride=stride, pad=pads, counted=layers.one_of(pads, (0, 0, 0, 0)))
        layers.insert(op, reach=700.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_add_mve_i16"] == kernels["edgec_mul_mve_i16"] == 21
    ways = ("i16_i16", "i16_i8", "i8_i16")
    # Codes of bytes may be of steps that are many of halfwords.
    assert min(kernels[f"edgec_requantize_mve_{way}"] for way in ways) >= 18
    assert kernels["edgec_average_pool_mve_i16"] == 12


@machines
def test_matrix_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Of two tensors, some with matrices that follow each other; the last one's columns go part by part."""
    layers = Layers(10)
    shapes = [(layers.between(2, 9), layers.between(1, 70), layers.between(4, 21)) for _ in range(14)]
    for rows, inner, columns in [*shapes, (64, 32, 64), (2, 400, 30)]:
        batch = layers.one_of((), (2,), (2, 3))
        a, b = layers.x(*batch, rows, inner), layers.x(*batch, inner, columns)
        layers.insert(MatMul(a, b), 2.0 * inner**0.5)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_matmul_mve_i8": 16}


@machines
def test_average_pools(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(6)
    for channels in (8, 13, 32):
        for kernel in ((2, 4), (3, 4), (16, 16)):
            pads = (0, layers.between(0, kernel[0] // 2), 0, layers.between(0, kernel[1] // 2))
            x = layers.x(1, kernel[0] + 3, kernel[1] + 2, channels)
            stride = (layers.between(1, 2), layers.between(1, 2))
            op = AveragePool2d(x, kernel, stride=stride, pad=pads, counted=layers.one_of(pads, (0, 0, 0, 0)))
            layers.insert(op, reach=2.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {"edgec_average_pool_mve_i8"}


@machines
def test_maxima_and_sums_over_pixels(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    layers = Layers(8)
    for pixels in (1, 5, 255, 256, 257, 600):
        channels = layers.between(1, 23)
        layers.insert(ReduceMean(layers.x(1, pixels, 1, channels), (1, 2), False), 1.0)
        layers.insert(ReduceSum(layers.x(1, 1, pixels, channels), (0, 1, 2), False), 10.0 * pixels**0.5)
    for unsigned in [False] * 12 + [True] * 4:
        kernel = (layers.between(1, 3), layers.between(1, 4))
        stride, dilation = (layers.between(1, 2), layers.between(1, 3)), (1, layers.between(1, 2))
        top, bottom, left, right = (layers.between(0, k - 1) for k in kernel for _ in range(2))
        x = layers.x(layers.one_of(1, 2), layers.between(3, 8), layers.between(7, 12), layers.between(1, 37))
        if unsigned:
            x.type = TensorType(DType.U8, x.shape)
            layers.inputs[x.name] = layers.inputs[x.name].view(np.uint8)
        op = MaxPool2d(x, kernel, stride, (top, bottom, left, right), dilation)
        layers.put(op, TensorType(x.type.dtype, op.infer()[0].shape, x.type.quant))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert (kernels["edgec_max_pool_mve_i8"], kernels["edgec_max_pool_mve_u8"]) == (12, 4)
    # That of one pixel may leave its factor.
    assert kernels["edgec_reduce_sum_mve_i8"] >= 11


@machines
def test_numbers_become_the_same_codes_as_by_a_division(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    layers = Layers(7)
    scales = (0.02, 1 / 3, 0.5, 1.0, 7.77, 1e-5, 1e9, *layers.rng.uniform(0.001, 0.1, 6))
    layers.codes_at_their_edges(scales)
    layers.codes_at_their_edges(scales, DType.I16)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() >= {f"edgec_{way}_mve_{kind}" for way in ("quantize", "dequantize") for kind in ("i8", "i16")}
    assert kernels["edgec_quantize_mve_i16"] >= len(scales) // 2
    assert kernels["edgec_dequantize_mve_i16"] == len(scales)
