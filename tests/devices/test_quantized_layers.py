"""A small keyword spotter on quantized values: every core gives the interpreter's integers, kernels shared or not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgec import driver, lowering
from edgec.codegen.source import emit_model
from edgec.ir import Array, DType, Graph, Op, Quant, TensorType, Value, verify
from edgec.ir.interp import run_samples
from edgec.ir.ops import Clamp, Conv2d, Dense, Reshape
from edgec.ir.requantization import scale_of
from edgec.options import Options
from edgec.target import Target

SAMPLES = 3
ZEROS = {DType.I8: -11, DType.U8: 120, DType.I16: 0}


class Network:
    """A graph in the making: layers by seeded weights, with results whose scales fit them."""

    def __init__(self, dtype: DType, *shape: int) -> None:
        self.rng = np.random.default_rng(7)
        self.dtype = dtype
        self.graph = Graph("spotter")
        self.value = self.graph.input("x", self.type(shape, 0.02))
        low, high = dtype.limits
        x = self.rng.integers(low, high, (SAMPLES, *shape), endpoint=True).astype(dtype.numpy)
        self.inputs: dict[str, Array] = {"x": x}

    def type(self, shape: tuple[int, ...], scale: float) -> TensorType:
        return TensorType(self.dtype, shape, Quant((scale,), (ZEROS[self.dtype],)))

    def const(self, array: Array, scales: Array) -> Value:
        value = self.graph.const(array)
        value.type = TensorType(value.type.dtype, value.shape, Quant(tuple(scales.tolist()), (0,), 0))
        return value

    def insert(self, op: Op, scale: float) -> None:
        self.value = self.graph.insert(op, types=[self.type(op.infer()[0].shape, scale)]).result

    def layer(self, cls: Callable[..., Op], *shape: int, largest: int = 4000, **attributes: Any) -> None:
        """By weights of that shape, ending in a relu; ``largest``: the bias of the first channel."""
        scale, scales = scale_of(self.value), self.rng.uniform(0.002, 0.01, shape[0])
        w = self.const(self.rng.integers(-127, 128, shape).astype(np.int8), scales)
        biases = np.concatenate([[largest], self.rng.integers(-4000, 4000, shape[0] - 1)]).astype(np.int32)
        bias = self.const(biases, scales * scale)
        op = cls(self.value, w, bias, clamp=Clamp(0.0), **attributes)
        # A sum grows with the root of the number of its products: 0.4 is about a weight times such a scale.
        self.insert(op, scale * 0.4 * float(np.prod(shape[1:])) ** 0.5)


def spotter(dtype: DType) -> Network:
    """The layers of a DS-CNN, one each."""
    network = Network(dtype, 1, 25, 10, 1)
    network.layer(Conv2d, 12, 10, 4, 1, stride=(2, 2), pad=(4, 5, 1, 1))
    network.layer(Conv2d, 12, 3, 3, 1, pad=(1, 1, 1, 1), groups=12)
    network.layer(Conv2d, 18, 1, 1, 12)
    network.insert(Reshape(network.value, (1, network.value.type.elements)), scale_of(network.value))
    # With such a bias sums of 16 bits take 64 bits.
    network.layer(Dense, 7, network.value.shape[1], largest=4000 if dtype.bytes == 1 else 2**31 - 1)
    network.graph.returns({"y": network.value})
    verify(network.graph)
    return network


@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize("dtype", ZEROS, ids=[d.value for d in ZEROS])
@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [
        (name, toolchain.kind, Target.load(name).emulators[0].kind)
        for name in ("host", "cortex-m4", "cortex-m0", "rv32imc")
        for toolchain in Target.load(name).toolchains
    ],
)
def test_every_core_gives_the_interpreters_integers(
    target: str, toolchain: str, emulator: str, dtype: DType, optimize: str, need_tools: None, tmp_path: Path
) -> None:
    network, device = spotter(dtype), Target.load(target)
    (expected,) = run_samples(network.graph, network.inputs).values()
    # Something else than limits has to come out.
    assert len(np.unique(expected)) > 5
    options = Options(target=target, passes="")
    driver.optimize(network.graph, device, options)
    model = lowering.lower(network.graph, device, options, "spotter")
    file = tmp_path / "spotter.onnx"
    file.write_bytes(b"")
    compiled = driver.CompiledModel(
        file, device, options, model, emit_model(model, optimize=optimize, features=device.features)
    )
    run, _ = compiled.run_on(compiled.device(toolchain, emulator), network.inputs)
    np.testing.assert_array_equal(run.outputs["y"], expected)
