"""Kernels of float32 with RVV and vectors of several lengths: to the bit what the portable ones compute."""

from math import inf
from pathlib import Path

import pytest
from float_graph import CLAMPS, FloatLayers

from edgec.ir.ops import Add, AveragePool2d, Clip, Conv2d, Dense, Div, MatMul, MaxPool2d, Mul, Relu, Sub

MACHINES = [("rv64gcv", "zig", "qemu"), ("rv64gcv-256", "zig", "qemu")]
OPTIMIZE = {"rv64gcv": "speed", "rv64gcv-256": "balanced"}
"""Numbers of a layer may be the same; with speed they are constants, and compilers see that."""

machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(1, OPTIMIZE[target])
    for pixels in (1, 2, 3, 8, 33, 70):
        for _ in range(4):
            channels, outs = layers.between(1, 40), layers.one_of(layers.between(1, 9), layers.between(10, 70))
            layers.layer(Dense, layers.x(pixels, channels), outs, channels)
    for _ in range(4):
        channels, outs = layers.between(1, 20), layers.between(1, 40)
        layers.layer(Conv2d, layers.x(2, layers.between(1, 5), layers.between(3, 6), channels), outs, 1, 1, channels)
    for rows, inner, columns in ((3, 7, 40), (1, 30, 3), (8, 1, 1)):
        batch = layers.one_of((), (2,), (2, 3))
        layers.put(MatMul(layers.x(*batch, rows, inner), layers.x(*batch, inner, columns)))
    layers.negative_zeros()
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels.keys() == {f"edgec_{name}_rvv_f32" for name in ("windows_channels", "windows_pixels", "matmul")}


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(2, OPTIMIZE[target])
    for number in range(30):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride = (layers.between(1, 3), layers.between(1, 3))
        dilation = (layers.one_of(1, 1, 2), layers.one_of(1, 1, 1, 2))
        pads = [0 if number % 3 == 0 else layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(span, span + 12) for span in spans]
        extents[1] += layers.one_of(0, 0, 40)
        groups = layers.one_of(1, 1, 2, 3)
        per_group = layers.one_of(1, layers.between(1, 9))
        outs = groups * layers.one_of(1, 2, layers.between(3, 25))
        x = layers.x(2 if number < 3 else 1, *extents, groups * per_group)
        attributes = {"stride": stride, "pad": tuple(pads), "dilation": dilation, "groups": groups}
        layers.layer(Conv2d, x, outs, *kernel, per_group, **attributes)
    # A map so large that it is computed by strips.
    layers.layer(Conv2d, layers.x(1, 23, 33, 20), 5, 3, 3, 20, pad=(1, 1, 1, 1))
    layers.layer(Conv2d, layers.x(1, 23, 9, 60), 40, 3, 3, 60, pad=(1, 1, 1, 1))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert all(
        kernels[f"edgec_{of}_{form}_rvv_f32"] > 1 for of in ("conv2d", "windows") for form in ("channels", "pixels")
    )


@machines
def test_depthwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(4)
    for number in range(24):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride = (layers.between(1, 3), layers.one_of(1, 1, 2, 3))
        dilation = (layers.one_of(1, 1, 2), layers.one_of(1, 1, 2))
        pads = [0 if number % 3 == 0 else layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(span, span + 12) for span in spans]
        channels = layers.one_of(2, 64, layers.between(2, 17), layers.between(18, 100))
        x = layers.x(2 if number < 3 else 1, *extents, channels)
        attributes = {"stride": stride, "pad": tuple(pads), "dilation": dilation, "groups": channels}
        layers.layer(Conv2d, x, channels, *kernel, 1, **attributes)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_depthwise_lanes_rvv_f32"] > 9
    assert kernels["edgec_rows_rvv_f32"] > 5


@machines
def test_windows(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    """Maxima and means."""
    layers = FloatLayers(5)
    for _ in range(12):
        kernel = (layers.between(1, 3), layers.between(1, 4))
        stride, dilation = (layers.between(1, 2), layers.between(1, 3)), (1, layers.between(1, 2))
        top, bottom, left, right = (layers.between(0, k - 1) for k in kernel for _ in range(2))
        pad = (top, bottom, left, right)
        x = layers.x(layers.one_of(1, 2), layers.between(3, 8), layers.between(7, 12), layers.between(1, 70))
        clamp, counted = layers.one_of(*CLAMPS), layers.one_of(pad, (0, 0, 0, 0))
        layers.put(MaxPool2d(x, kernel, stride, pad, dilation, clamp=clamp))
        layers.put(AveragePool2d(x, kernel, stride, pad, dilation, counted=counted, clamp=clamp))
    layers.put(AveragePool2d(layers.x(1, 9, 5, 64), (9, 5)))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_max_pool_rvv_f32"] and kernels["edgec_average_pool_rvv_f32"]


@machines
def test_elementwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(7)
    for cls in (Add, Sub, Mul, Div):
        for shape in ((3,), (1, 40), (2, 3, 50)):
            a, b = layers.x(*shape), layers.x(*shape)
            # Of these results some are -0, which is not below zero.
            layers.inputs[a.name][0, ..., ::3] = -0.0
            layers.inputs[b.name][0, ..., ::3] = 0.0 if cls is Sub else -0.0
            layers.put(cls(a, b, layers.one_of(*CLAMPS)))
        for left, right in (((2, 3, 4, 49), (2, 1, 1, 49)), ((1,), (3, 5, 12)), ((9,), (7, 9)), ((3, 1, 8), (1, 6, 8))):
            layers.put(cls(layers.x(*left), layers.x(*right), layers.one_of(*CLAMPS)))
    for shape in ((3,), (1, 40), (2, 3, 50)):
        layers.put(Relu(layers.x(*shape)))
        layers.put(Clip(layers.x(*shape), 0.0, 6.0))
        layers.put(Clip(layers.x(*shape), -0.5, inf))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert all(kernels[f"edgec_{name}_rvv_f32"] for name in ("add", "sub", "mul", "div", "clip"))


@machines
def test_padding_that_would_be_seen(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    layers = FloatLayers(3)
    layers.padding_that_would_be_seen()
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_conv2d_f32": 2, "edgec_depthwise_f32": 2}
