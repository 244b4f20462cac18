"""Kernels for bytes in vectors of hosts touch nothing outside of their buffers, each of which has its exact size."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kernel_harness import BUILDS, Case, check
from layer_graph import KINDS, Layers

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels import candidates
from edgec.cpu import fits
from edgec.ir import DType, Op, Quant, TensorType
from edgec.ir.ops import Add, AveragePool2d, Conv2d, Dense, MatMul, Mul, Softmax
from edgec.target import Target


def dense(layers: Layers) -> None:
    channels, outs = layers.between(1, 70), layers.between(1, 90)
    layers.layer(Dense, layers.x(layers.between(1, 9), channels), "any", outs, channels)


def convolution(layers: Layers) -> None:
    kernel = (layers.between(1, 4), layers.between(1, 5))
    extents, attributes = layers.window(kernel)
    channels = layers.between(1, 20)
    layers.layer(
        Conv2d,
        layers.x(1, *extents, channels),
        layers.one_of(*KINDS),
        layers.between(1, 40),
        *kernel,
        channels,
        **attributes,
    )


def depthwise(layers: Layers) -> None:
    kernel = (layers.between(1, 5), layers.between(1, 3))
    extents, attributes = layers.window(kernel)
    channels = layers.between(2, 80)
    x = layers.x(1, *extents, channels)
    layers.layer(Conv2d, x, layers.one_of(*KINDS), channels, *kernel, 1, groups=channels, **attributes)


def matrices(layers: Layers) -> None:
    rows, inner, columns = (layers.between(least, 70) for least in (3, 1, 1))
    layers.insert(MatMul(layers.x(rows, inner), layers.x(inner, columns)), reach=4.0 * inner)


def elements(layers: Layers) -> None:
    shape = (1, layers.between(1, 5), 1, layers.between(1, 77))
    x, kind = layers.x(*shape), layers.between(0, 3)
    if kind < 2:
        layers.insert((Add, Mul)[kind](x, layers.x(*shape)), 3.0)
    elif kind == 2:
        layers.insert(AveragePool2d(x, shape[1:3]), 1.0)
    else:
        layers.put(Softmax(x, 3), TensorType(DType.I8, shape, Quant((1 / 256,), (-128,))))


def drawn() -> Iterator[Case]:
    kinds: tuple[tuple[Callable[[Layers], None], int], ...] = (
        (dense, 6),
        (convolution, 8),
        (depthwise, 8),
        (matrices, 3),
        (elements, 8),
    )
    for number, draw in enumerate(draw for draw, count in kinds for _ in range(count)):
        layers = Layers(100 + number)
        draw(layers)
        layers.graph.returns(layers.outputs)
        yield Case(layers.graph, {name: codes[1] for name, codes in layers.inputs.items()})


@pytest.mark.parametrize("build", ["sanitized", "clang"])
@pytest.mark.parametrize("name", ["x86-64-v3", "x86-64-v4", "x86-64-vnni", "x86-64-vbmi"])
def test_within_buffers(name: str, build: str, tmp_path: Path) -> None:
    target = Target.load(name)
    if not fits(target.machine, target.features):
        pytest.skip(f"this CPU does not run {name}")
    found = []

    def choose(op: Op) -> Kernel:
        kernel = next(candidates(op, target.kernels))
        found.append(kernel.name)
        return kernel

    cc, flags = BUILDS[build]
    own = next(toolchain for toolchain in target.toolchains if toolchain.kind == cc).flags
    check([*drawn()], tmp_path, cc, [*flags.split(), *own], choose)
    assert sum(target.kernels[-2] in name for name in found) > 0.8 * len(found)
