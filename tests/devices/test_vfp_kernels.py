"""Kernels of float32 for the FPU of Cortex-M4, M7, M33 and M55: to the bit what the portable ones compute."""

from pathlib import Path

import pytest
from float_graph import CLAMPS, FloatLayers

from edgec.ir.ops import Add, AveragePool2d, Clamp, Conv2d, Dense, Gru, Lstm, MaxPool2d, Mul, ReduceMean, Rnn, Sub

MACHINES = [
    ("cortex-m4", "gcc", "qemu"),
    ("cortex-m4", "zig", "qemu"),
    ("cortex-m7", "gcc", "qemu"),
    ("cortex-m7", "zig", "unicorn"),
    ("cortex-m33", "gcc", "qemu"),
    ("cortex-m55", "gcc", "qemu"),
    ("cortex-m55", "zig", "qemu"),
]

machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)


def form(target: str) -> str:
    """The family of these kernels that a target has."""
    return {"cortex-m7": "vmla", "cortex-m55": "mve"}.get(target, "vfp")


@machines
def test_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(1)
    for pixels in (1, 2, 3, 4, 5, 7, 12):
        for _ in range(4):
            channels, outs = layers.between(1, 40), layers.between(4, 21)
            layers.layer(Dense, layers.x(pixels, channels), outs, channels)
    for _ in range(6):
        channels, outs = layers.between(1, 20), layers.between(4, 12)
        layers.layer(Conv2d, layers.x(2, layers.between(1, 5), layers.between(3, 6), channels), outs, 1, 1, channels)
    layers.layer(Dense, layers.x(4, 5), 3, 5)
    layers.negative_zeros()
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # Cortex-M55 has vectors and scalars.
    scalars = {"edgec_dense_vmla_f32"} if form(target) == "mve" else set()
    assert kernels.keys() == {f"edgec_dense_{form(target)}_f32", "edgec_dense_f32"} | scalars


@machines
def test_convolutions(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(2)
    for number in range(32):
        kernel = (layers.between(1, 4), layers.between(1, 5))
        stride = (layers.between(1, 3), layers.between(1, 3))
        dilation = (layers.one_of(1, 1, 1, 2), layers.one_of(1, 1, 1, 1, 1, 2, 3))
        most = layers.one_of(9, 9, 0)
        pads = [layers.between(0, min(most, k - 1)) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(max(span, 3), span + 12) for span in spans]
        channels, outs = layers.one_of(1, 2, 3, 4, layers.between(1, 17)), layers.between(4, 9)
        x = layers.x(2 if number < 3 else 1, *extents, channels)
        layers.layer(Conv2d, x, outs, *kernel, channels, stride=stride, pad=tuple(pads), dilation=dilation)
    # A map so large that it is computed by strips.
    layers.layer(Conv2d, layers.x(1, 15, 33, 20), 5, 3, 3, 20, pad=(1, 1, 1, 1))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels[f"edgec_conv2d_{form(target)}_f32"] > 9
    assert kernels[f"edgec_windows_{form(target)}"] > 4


@machines
def test_depthwise(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(4)
    for number in range(30):
        kernel = (layers.between(1, 5), 3 if number < 18 else layers.between(1, 6))
        stride = (layers.between(1, 3), layers.between(1, 2 if number < 18 else 3))
        dilation = (layers.one_of(1, 1, 2), layers.one_of(1, 1, 1, 2 if kernel[0] == 1 else 1))
        pads = [layers.between(0, k - 1) for k in kernel for _ in range(2)]
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(span, span + 14) for span in spans]
        extents[1] += stride[1]
        channels = layers.between(4, 18)
        x = layers.x(2 if number < 3 else 1, *extents, channels)
        attributes = {"stride": stride, "pad": tuple(pads), "dilation": dilation, "groups": channels}
        layers.layer(Conv2d, x, channels, *kernel, 1, **attributes)
    # A map so large that it is computed by strips.
    layers.layer(Conv2d, layers.x(1, 27, 33, 5), 5, 3, 3, 1, pad=(1, 1, 1, 1), groups=5)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # Of small ones, and of windows that are one column, others may be cheaper.
    assert kernels[f"edgec_depthwise_3_1_{form(target)}_f32"] > 6
    assert kernels[f"edgec_depthwise_3_2_{form(target)}_f32"] > 6
    assert kernels[f"edgec_depthwise_any_{form(target)}_f32"] > 4


@machines
def test_means(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(5)
    for shape in ((1, 5, 7, 8), (1, 1, 1, 9), (2, 8, 8, 21), (1, 13, 10, 16), (3, 1, 2, 40), (1, 3, 3, 7)):
        layers.put(AveragePool2d(layers.x(*shape), shape[1:3], clamp=layers.one_of(*CLAMPS)))
        layers.put(ReduceMean(layers.x(*shape), (1, 2), keepdims=layers.one_of(True, False)))
    layers.put(ReduceMean(layers.x(1, 70, 9), (0, 1), keepdims=False))
    layers.put(ReduceMean(layers.x(2, 70, 9), (0, 1), keepdims=False))
    layers.put(ReduceMean(layers.x(1, 1, 75, 9), (2,), keepdims=True))
    layers.put(ReduceMean(layers.x(3, 2, 70, 9), (2,), keepdims=True))
    layers.put(ReduceMean(layers.x(3, 70, 2, 9), (1,), keepdims=True))
    layers.put(AveragePool2d(layers.x(1, 4, 4, 8), (2, 2)))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # Of small ones others may be cheaper.
    assert kernels["edgec_average_vfp_f32"] > 2
    assert kernels["edgec_mean_vfp_f32"] > 5
    assert kernels["edgec_average_pool_f32"] > 1
    assert kernels["edgec_reduce_mean_f32"] > 0


@machines
def test_maxima(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(6)
    for _ in range(14):
        kernel = (layers.between(1, 3), layers.between(1, 4))
        stride, dilation = (layers.between(1, 2), layers.between(1, 3)), (1, layers.between(1, 2))
        top, bottom, left, right = (layers.between(0, k - 1) for k in kernel for _ in range(2))
        x = layers.x(layers.one_of(1, 2), layers.between(3, 8), layers.between(7, 12), layers.between(8, 19))
        layers.put(MaxPool2d(x, kernel, stride, (top, bottom, left, right), dilation, clamp=layers.one_of(*CLAMPS)))
    layers.put(MaxPool2d(layers.x(1, 4, 4, 7), (2, 2)))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_max_pool_vfp_f32"] > 10
    assert kernels["edgec_max_pool_f32"] > 0


@machines
def test_arithmetic(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(7)
    for cls in (Add, Sub, Mul):
        for count in (3, 8, 29, 160):
            for clamp in (None, Clamp(0.0)):
                a, b = layers.x(1, count), layers.x(1, count)
                # Of these results some are -0, which is not below zero.
                layers.inputs[a.name][0, 0, ::3] = -0.0
                layers.inputs[b.name][0, 0, ::3] = 0.0 if cls is Sub else -0.0
                layers.put(cls(a, b, clamp))
    layers.put(Add(layers.x(1, 40), layers.x(1, 40), Clamp(0.0, 6.0)))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert all(kernels[f"edgec_{name}_vfp_f32"] > 4 for name in ("add", "sub", "mul"))
    assert kernels["edgec_add_f32"] > 0


@machines
def test_padding_that_would_be_seen(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    layers = FloatLayers(3)
    layers.padding_that_would_be_seen()
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_conv2d_f32": 2, "edgec_depthwise_f32": 2}


@machines
def test_recurrent_layers(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = FloatLayers(8)
    for number in range(12):
        cls: type[Rnn | Gru | Lstm] = (Rnn, Gru, Lstm)[number % 3]
        steps, batch, inputs, hidden = (
            layers.between(1, 4),
            layers.one_of(1, 1, 2, 5),
            layers.between(1, 9),
            layers.between(4, 11),
        )
        rows = cls.gates * hidden
        shapes = (rows, inputs), (rows, hidden), (cls.biases * hidden,)
        w, r, bias = (layers.const(layers.numbers(*shape)) for shape in shapes)
        op = cls(layers.x(steps, batch, inputs), w, r, bias, None, None, reverse=layers.one_of(True, False))
        if isinstance(op, Gru):
            op.linear_before_reset = layers.one_of(True, False)
        name = f"y{len(layers.outputs)}"
        names = [name, *(f"{name}_{state}" for state in range(len(op.infer()) - 1))]
        layers.outputs[name] = layers.graph.insert(op, names=names).results[0]
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    # Of the smallest others may be cheaper.
    assert all(kernels[f"edgec_{name}_{form(target)}_f32"] >= 2 for name in ("rnn", "gru", "lstm"))
