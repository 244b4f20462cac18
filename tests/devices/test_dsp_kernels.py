"""Kernels with the DSP extension of Cortex-M4, M7 and M33: to the bit what the interpreter says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from dsp_machines import machines
from layer_graph import KINDS, Layers

from edgec.ir import DType, Op, TensorType
from edgec.ir.ops import (
    AveragePool2d,
    Clamp,
    Conv2d,
    ConvTranspose2d,
    Dense,
    MaxPool2d,
    ReduceMean,
    ReduceSum,
)
from edgec.ir.requantization import scale_of


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
    layers.convolutions(30, lambda: layers.one_of(1, 2, 3, 4, layers.between(1, 17)), lambda: layers.between(2, 9))
    for _ in range(12):
        groups, kernel = layers.between(2, 5), (layers.between(1, 3), layers.between(1, 4))
        extents, attributes = layers.window(kernel)
        channels, outs = groups * layers.between(1, 5), groups * layers.between(2, 5)
        x, shape = layers.x(layers.one_of(1, 1, 2), *extents, channels), (outs, *kernel, channels // groups)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), *shape, groups=groups, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # A few have no more than two pixels.
    assert kernels["edgec_conv2d_dsp_i8"] > 20
    assert kernels["edgec_conv2d_groups_dsp_i8"] > 9


@machines
def test_transposed_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(9)
    for _ in range(20):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride = (layers.between(1, 2), layers.between(1, 3))
        pad = tuple(layers.between(-1, k - 1) for k in kernel for _ in range(2))
        channels, outs = layers.between(1, 12), layers.between(2, 7)
        x = layers.x(layers.one_of(1, 1, 2), layers.between(4, 6), layers.between(5, 9), channels)
        attributes = {"stride": stride, "pad": pad, "dilation": (layers.one_of(1, 1, 2), layers.one_of(1, 1, 1, 2))}
        layers.layer(ConvTranspose2d, x, layers.one_of(*KINDS), outs, *kernel, channels, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_conv_transpose_dsp_i8"] > 7


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
        x = layers.x(layers.one_of(1, 1, 1, 2), *extents, channels)
        layers.depthwise_layer(x, kernel, stride=stride, pad=tuple(pads), dilation=dilation)
    layers.depthwise_1x1()
    # Maps so large that they are computed by strips.
    layers.layer(Conv2d, layers.x(1, 21, 50, 5), "any", 5, 3, 3, 1, pad=(1, 1, 1, 1), groups=5)
    layers.layer(Conv2d, layers.x(1, 31, 40, 4), "any", 4, 3, 3, 1, pad=(0, 1, 0, 1), stride=(2, 2), groups=4)
    layers.layer(Conv2d, layers.x(1, 30, 44, 4), "any", 4, 5, 5, 1, pad=(2, 2, 2, 2), groups=4)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise_3x3_1_dsp_i8"] + kernels["edgec_depthwise_3x3_2_dsp_i8"] > 18
    assert kernels["edgec_depthwise_1x1_dsp_i8"] > 2
    assert kernels["edgec_depthwise_1_dsp_i8"] + kernels["edgec_depthwise_2_dsp_i8"] > 15


@machines
def test_conversions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(4)
    layers.conversions((1, 3, 4, 31, 1024))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_quantize_dsp_i8": 20, "edgec_dequantize_dsp_i8": 20}


@machines
def test_sums(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(5)
    layers.sums(24)
    for pixels in (4, 5, 40, 253, 254, 255, 257, 600):
        channels = layers.between(4, 23)
        layers.insert(ReduceMean(layers.x(1, pixels, 1, channels), (1, 2), False), 1.0)
        layers.insert(ReduceSum(layers.x(1, 1, pixels, channels), (0, 1, 2), False), 10.0 * pixels**0.5)
        layers.insert(
            AveragePool2d(layers.x(1, 2, pixels, channels), (2, pixels), clamp=layers.one_of(None, Clamp(0.0))), 1.0
        )
    for _ in range(12):
        kernel = (layers.between(1, 3), layers.between(1, 4))
        stride, dilation = (layers.between(1, 2), layers.between(1, 3)), (1, layers.between(1, 2))
        top, bottom, left, right = (layers.between(0, k - 1) for k in kernel for _ in range(2))
        x = layers.x(layers.one_of(1, 2), layers.between(3, 8), layers.between(7, 12), layers.between(4, 19))
        op = MaxPool2d(x, kernel, stride, (top, bottom, left, right), dilation)
        layers.put(op, TensorType(DType.I8, op.infer()[0].shape, x.type.quant))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_max_pool_dsp_i8"] == 12
    assert kernels["edgec_add_dsp_i8"] > 20
    assert kernels["edgec_reduce_sum_dsp_i8"] > 20


@machines
def test_halfwords(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(6, DType.I16)
    for pixels in (1, 2, 3, 4, 7):
        for _ in range(3):
            channels, outs = layers.between(2, 70), layers.between(1, 21)
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of(*KINDS), outs, channels)
    # The largest sums that 32 bits hold, and some that they don't.
    for channels in (480, 540):
        for pixels in (1, 3):
            layers.layer(Dense, layers.x(pixels, channels), layers.one_of("ends", "largest"), 5, channels)
    for batch in [1] * 14 + [2, 2]:
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride = (layers.between(1, 3), layers.between(1, 3))
        dilation = (layers.one_of(1, 1, 1, 2), layers.one_of(1, 1, 1, 2, 3))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(max(span, 3), span + 14) for span in spans]
        channels, outs = layers.one_of(1, 2, 3, 4, layers.between(1, 17)), layers.between(2, 9)
        x = layers.x(batch, *extents, channels)
        shape = (outs, *kernel, channels)
        layers.layer(Conv2d, x, layers.one_of(*KINDS), *shape, stride=stride, pad=tuple(pads), dilation=dilation)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_dense_i16_i8_i64_i16"] == 2
    assert kernels["edgec_pointwise16_dsp_i16"] + kernels["edgec_dense16_dsp_i16"] == 17
    assert kernels["edgec_conv2d16_dsp_i16"] > 10


@machines
def test_depthwise_halfwords(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(7, DType.I16)
    for _ in range(20):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride, dilation = (
            (layers.between(1, 3), layers.between(1, 2)),
            (layers.one_of(1, 1, 2), layers.one_of(1, 1, 2)),
        )
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(span + 1, span + 12) for span in spans]
        channels = layers.between(4, 13)
        x = layers.x(layers.one_of(1, 1, 2), *extents, channels)
        layers.depthwise_layer(x, kernel, stride=stride, pad=tuple(pads), dilation=dilation)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert sum(count for name, count in kernels.items() if name.startswith("edgec_depthwise16_")) > 13


@machines
def test_halfwords_from_zero_to_a_limit(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    """Saturated at 0 by the loop, at the limit behind it."""
    layers = Layers(8, DType.I16)
    shapes: list[tuple[Callable[..., Op], tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
        (Dense, (1, 30), (6, 30), {}),
        (Dense, (5, 9), (7, 9), {}),
        (Conv2d, (1, 5, 6, 3), (4, 3, 3, 3), {}),
        (Conv2d, (1, 5, 7, 6), (6, 3, 3, 1), {"groups": 6}),
        (Conv2d, (1, 5, 8, 5), (5, 2, 3, 1), {"groups": 5, "stride": (1, 2)}),
    ]
    for cls, x, shape, more in shapes:
        w = layers.weights("any", *shape)
        assert w.type.quant is not None
        operand = layers.x(*x)
        scales = w.type.quant.reals() * scale_of(operand)
        bias = layers.const(layers.rng.integers(-3000, 3000, shape[0]).astype(np.int32), scales)
        reach = float(np.median(scales)) * 70 * layers.steps * 60 * float(np.prod(shape[1:])) ** 0.5
        layers.insert(cls(operand, w, bias, clamp=Clamp(0.0, 0.4 * reach), **more), reach)
        layers.layer(cls, layers.x(*x), "any", *shape, **more)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise16_positive_1_dsp_i16"] > 0
    assert kernels["edgec_depthwise16_positive_2_dsp_i16"] > 0
    assert sum(kernels.values()) == 2 * len(shapes)
    assert all("16" in name and "_dsp_" in name for name in kernels)
