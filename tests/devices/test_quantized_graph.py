"""A whole graph on quantized values, without products with weights: every core gives the interpreter's integers."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from edgec import driver, lowering
from edgec.codegen.source import emit_model
from edgec.ir import Array, DType, Graph, Op, Quant, TensorType, Value, verify
from edgec.ir.interp import run_samples
from edgec.ir.ops import (
    Add,
    ArgMax,
    AveragePool2d,
    Clamp,
    Clip,
    Concat,
    Dequantize,
    Lookup,
    MaxPool2d,
    Mul,
    Pad,
    ReduceMean,
    ReduceSum,
    Requantize,
    Resample,
    Softmax,
    Sub,
)
from edgec.options import Options
from edgec.target import Target

SAMPLES = 3


def quantized(dtype: DType, scale: float, zero: int, *shape: int) -> TensorType:
    return TensorType(dtype, shape, Quant((float(np.float32(scale)),), (zero,)))


def network() -> Graph:
    """Odd shapes, so that bytes and halfwords lie beside each other anywhere; branches of every element type."""
    graph = Graph("mixed")
    a = graph.input("a", quantized(DType.I8, 0.05, -3, 1, 7, 5, 3))
    b = graph.input("b", quantized(DType.U8, 0.02, 131, 5, 1))
    wide = graph.input("wide", quantized(DType.I16, 0.001, 0, 1, 4, 9, 3))

    def put(op: Op, scale: float, zero: int, dtype: DType = DType.I8) -> Value:
        (inferred,) = op.infer()
        return graph.insert(op, types=[quantized(dtype, scale, zero, *inferred.shape)]).result

    def moved(op: Op) -> Value:
        return graph.insert(op).result

    total = put(Add(a, b, Clamp(-2.0, 6.0)), 0.06, 9)
    table = graph.const((np.tanh(np.arange(-128, 128) / 50) * 32767).astype(np.int16))
    bent = put(Lookup(total, table), 2.0**-15, 0, DType.I16)
    pooled = put(AveragePool2d(total, (3, 3), (2, 1), (1, 1, 1, 1)), 0.04, -20)
    rows = graph.const(np.array([[0, 1], [0, 1], [1, 2], [2, 3], [2, 3], [3, 3], [3, 3]], np.int32))
    weights = graph.const(np.array([[1, 0], [0.5, 0.5]] * 3 + [[1.25, -0.25]], np.float32))
    grown = put(Resample(pooled, rows, weights, 1), 0.05, -10)
    product = put(Mul(grown, bent), 0.0004, 0, DType.I16)
    narrow = put(Requantize(product), 0.03, 7)
    padded = moved(Pad(wide, (0, 1, 0, 0), (0, 2, 0, 0), 0.0))
    strip = put(AveragePool2d(padded, (1, 5)), 0.002, 0, DType.I16)
    difference = put(Sub(product, strip), 0.002, 0, DType.I16)
    joined = moved(Concat((narrow, moved(Clip(narrow, -20.0, 90.0))), 3))
    largest = moved(MaxPool2d(joined, (2, 2), (1, 2)))
    mean = put(ReduceMean(largest, (1, 2), False), 0.02, 0)
    parts = put(ReduceSum(difference, (2,)), 0.01, 100, DType.U8)
    zero = graph.const(np.array(100, np.uint8))
    graph.returns(
        {
            "probabilities": put(Softmax(mean, 1), 2.0**-8, -128),
            "lines": put(Softmax(parts, 1), 2.0**-15, 0, DType.I16),
            "class": moved(ArgMax(mean, 1)),
            "sums": moved(Dequantize(parts, graph.const(np.array(0.01, np.float32)), zero)),
            "difference": difference,
            "grown": grown,
        }
    )
    verify(graph)
    return graph


@cache
def samples() -> tuple[dict[str, Array], dict[str, Array]]:
    """Integers over the whole range, and what the interpreter makes of them."""
    rng, graph = np.random.default_rng(5), network()
    inputs = {
        name: rng.integers(*v.type.dtype.limits, (SAMPLES, *v.shape), endpoint=True).astype(v.type.dtype.numpy)
        for name, v in graph.given.items()
    }
    outputs = run_samples(graph, inputs)
    for name, codes in outputs.items():
        # Something else than limits has to come out.
        assert len(np.unique(codes)) > 2, name
    return inputs, outputs


@pytest.mark.parametrize("caller_io", [False, True])
@pytest.mark.parametrize(
    ("target", "toolchain", "emulator"),
    [
        (name, toolchain.kind, Target.load(name).emulators[0].kind)
        for name in ("host", "cortex-m4", "cortex-m0", "rv32imc")
        for toolchain in Target.load(name).toolchains
    ],
)
def test_every_core_gives_the_interpreters_integers(
    target: str, toolchain: str, emulator: str, caller_io: bool, need_tools: None, tmp_path: Path
) -> None:
    graph, device = network(), Target.load(target)
    options = Options(target=target, caller_io=caller_io, passes="")
    driver.optimize(graph, device, options)
    model = lowering.lower(graph, device, options, "mixed")
    file = tmp_path / "mixed.onnx"
    file.write_bytes(b"")
    compiled = driver.CompiledModel(file, device, options, model, emit_model(model, features=device.features))
    inputs, expected = samples()
    run, _ = compiled.run_on(compiled.device(toolchain, emulator), inputs)
    assert run.outputs.keys() == expected.keys()
    for name, codes in expected.items():
        np.testing.assert_array_equal(run.outputs[name], codes, err_msg=name)
