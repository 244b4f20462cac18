"""Kernels of bytes without weights with the DSP extension: to the bit what the interpreter says."""

from pathlib import Path

import numpy as np
from dsp_machines import machines
from layer_graph import Layers

from edgec.ir import DType, Quant, TensorType
from edgec.ir.ops import Add, AveragePool2d, Clamp, Lookup, MatMul, Mul, Requantize, Softmax, Sub, Transpose
from edgec.ir.requantization import scale_of


@machines
def test_transposes(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(11)
    shapes = [(1, 3, layers.between(4, 30)), (2, layers.between(4, 30), 3), (3, 5, 4), (1, 4, 4), (1, 32, 7)]
    shapes += [(layers.between(1, 3), layers.between(4, 20), layers.between(4, 20)) for _ in range(8)]
    for shape in shapes:
        x = layers.x(*shape)
        layers.put(Transpose(x, (0, 2, 1)), TensorType(DType.I8, (shape[0], shape[2], shape[1]), x.type.quant))
    for perm in ((0, 3, 1, 2), (3, 1, 0, 2), (2, 1, 0, 3), (3, 2, 1, 0)):
        x = layers.x(2, 5, layers.between(4, 7), layers.between(4, 9))
        op = Transpose(x, perm)
        layers.put(op, TensorType(DType.I8, op.infer()[0].shape, x.type.quant))
    layers.insert(Add(layers.x(1, 9), layers.x(1, 9)), 3.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_transpose_dsp_8"] > 10
    assert kernels["edgec_planes_to_pixels_dsp_8"] == 1
    assert kernels["edgec_pixels_to_planes_dsp_8"] == 1


@machines
def test_sums_and_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(12)
    channels = layers.between(8, 21)
    shapes = [
        ((1, 5, 4), (1, 5, 4)),
        ((1, 3), (1, 3)),
        ((1, 7, channels), (channels,)),
        ((channels,), (2, 3, channels)),
    ]
    shapes += [((1, 40), (1,)), ((1,), (2, 21)), ((2, 5, 9), (2, 5, 1)), ((4, 1), (4, channels))]
    for number, (left, right) in enumerate(shapes * 3):
        a, b = layers.x(*left), layers.x(*right)
        b.type = TensorType(DType.I8, right, layers.quant(layers.one_of(0.02, 0.0003, 0.7)))
        reach = 128 * max(scale_of(a), scale_of(b))
        clamp = layers.one_of(None, None, Clamp(0.0), Clamp(-0.2 * reach, 0.4 * reach))
        layers.insert((Add if number % 2 else Sub)(a, b, clamp), reach)
        reach = 10000 * scale_of(a) * scale_of(b)
        clamp = layers.one_of(None, None, Clamp(0.0), Clamp(-0.2 * reach, 0.4 * reach))
        layers.insert(Mul(layers.x(*left), b, clamp), reach)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_add_dsp_i8"] + kernels["edgec_add_single_dsp_i8"] == 24
    assert kernels["edgec_mul_dsp_i8"] + kernels["edgec_mul_single_dsp_i8"] == 24
    assert min(kernels["edgec_add_single_dsp_i8"], kernels["edgec_mul_single_dsp_i8"]) == 12


@machines
def test_tables_and_softmax(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(13)
    for count in (1, 3, 4, 7, 8, 15, 40, layers.between(10, 50)):
        x = layers.x(layers.between(1, 4), count)
        if count >= 4:
            scale = layers.one_of(1 / 256, 1 / 128)
            layers.put(Softmax(x, 1), TensorType(DType.I8, x.shape, Quant((scale,), (layers.one_of(-128, 5),))))
        table = layers.graph.const(layers.rng.integers(-128, 127, 256, endpoint=True).astype(np.int8))
        table.type = TensorType(DType.I8, (256,), layers.quant(0.02))
        layers.put(Lookup(x, table), TensorType(DType.I8, x.shape, table.type.quant))
        layers.insert(Requantize(x), 4.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_lookup_dsp_8": 16, "edgec_softmax_dsp_i8": 6}


@machines
def test_matrix_products(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(14)
    shapes = [(layers.between(3, 14), layers.between(4, 37), layers.between(4, 21)) for _ in range(14)]
    for rows, inner, columns in [*shapes, (40, 32, 64), (3, 400, 30)]:
        batch = layers.one_of((), (2,), (2, 3))
        a, b = layers.x(*batch, rows, inner), layers.x(*batch, inner, columns)
        layers.insert(MatMul(a, b), layers.one_of(2.0 * inner**0.5, 4.0 * inner))
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels == {"edgec_matmul_dsp_i8": 16}


@machines
def test_average_pools(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    layers = Layers(15)
    for _ in range(18):
        kernel = layers.between(1, 4), layers.between(1, 5)
        top, bottom, left, right = (layers.between(0, k - 1) for k in kernel for _ in range(2))
        pads = (top, bottom, left, right)
        x = layers.x(layers.one_of(1, 2), kernel[0] + 3, kernel[1] + layers.between(1, 5), layers.between(4, 19))
        stride = (layers.between(1, 2), layers.between(1, 3))
        counted = layers.one_of(pads, (0, 0, 0, 0))
        op = AveragePool2d(x, kernel, stride=stride, pad=pads, counted=counted, clamp=layers.one_of(None, Clamp(0.0)))
        layers.insert(op, reach=layers.one_of(1.0, 4.0))
    layers.insert(AveragePool2d(layers.x(1, 14, 19, 5), (14, 18)), reach=1.0)
    kernels = layers.kernels(target, toolchain, emulator, tmp_path)
    assert kernels["edgec_average_pool_dsp_i8"] > 15
