"""Unsigned codes become signed: no u8 is left but at the border, and every result stands for the same numbers."""

import numpy as np

from edgec.ir import Array, DType, Graph, Op, Quant, TensorType, Value, verify
from edgec.ir.interp import run_samples
from edgec.ir.ops import (
    Add,
    ArgMax,
    Clamp,
    Concat,
    Conv2d,
    Dequantize,
    Lookup,
    MaxPool2d,
    Mul,
    Pad,
    Quantize,
    Softmax,
)
from edgec.rewriting import Pipeline, parse_pipeline
from edgec.target import Target


def quantized(shape: tuple[int, ...], scale: float, zero: int, dtype: DType = DType.U8) -> TensorType:
    return TensorType(dtype, shape, Quant((float(np.float32(scale)),), (zero,)))


def network() -> Graph:
    """Codes come from an input, a Quantize and constants, and go to outputs, a Dequantize and positions."""
    graph, rng = Graph("unsigned"), np.random.default_rng(3)
    x = graph.input("x", quantized((1, 6, 5, 4), 0.05, 120))
    real = graph.input("real", TensorType(DType.F32, (1, 6, 5, 4)))
    scale, zero = graph.const(np.array(0.05, np.float32)), graph.const(np.array(120, np.uint8))

    def put(op: Op, scale: float, zero: int, dtype: DType = DType.U8) -> Value:
        return graph.insert(op, types=[quantized(op.infer()[0].shape, scale, zero, dtype)]).result

    def plain(op: Op) -> Value:
        return graph.insert(op).result

    codes = put(Quantize(real, scale, zero), 0.05, 120)
    positive = put(Quantize(real, scale), 0.05, 0)
    padded = plain(Pad(plain(Concat((x, codes), 3)), (0, 1, 1, 0), (0, 1, 1, 0), 120.0))
    w = graph.const(rng.integers(-127, 128, (8, 3, 3, 8)).astype(np.int8))
    w.type = TensorType(DType.I8, w.shape, Quant((0.01,), (0,)))
    bias = graph.const(rng.integers(-2000, 2000, 8).astype(np.int32))
    bias.type = TensorType(DType.I32, (8,), Quant((0.0005,), (0,)))
    y = put(Conv2d(padded, w, bias, clamp=Clamp(0.0)), 0.1, 3)
    const = graph.const(rng.integers(0, 256, (1, 1, 1, 8)).astype(np.uint8))
    const.type = quantized(const.shape, 0.03, 77)
    y = put(Mul(put(Add(y, const), 0.1, 30), const), 0.2, 128)
    bent = put(Lookup(y, graph.const(rng.permutation(256).astype(np.uint8))), 0.1, 9)
    largest = plain(MaxPool2d(bent, (2, 2)))
    whole = put(Softmax(largest, 3), 1 / 256, 0)
    graph.returns(
        {
            "whole": whole,
            "bent": bent,
            "wide": put(Add(positive, positive), 0.001, 0, DType.I16),
            "class": plain(ArgMax(largest, 3)),
            "numbers": plain(
                Dequantize(y, graph.const(np.array(0.2, np.float32)), graph.const(np.array(128, np.uint8)))
            ),
            "positive": plain(Dequantize(positive, scale)),
        }
    )
    verify(graph)
    return graph


def test_results_are_the_same() -> None:
    old, new = network(), network()
    rng = np.random.default_rng(4)
    inputs: dict[str, Array] = {
        "x": rng.integers(0, 256, (3, 1, 6, 5, 4)).astype(np.uint8),
        "real": rng.normal(0, 4, (3, 1, 6, 5, 4)).astype(np.float32),
    }
    Pipeline(parse_pipeline("signed-bytes")).run(new, Target.load("cortex-m55"))
    verify(new)
    unsigned = [v for v in new.values() if v.type.dtype is DType.U8]
    assert unsigned == [new.inputs[0], *new.outputs[:2]]
    expected, found = run_samples(old, inputs), run_samples(new, inputs)
    for name, array in expected.items():
        assert len(np.unique(array)) > 2, name
        np.testing.assert_array_equal(found[name], array, err_msg=name)
        assert found[name].dtype == array.dtype


def test_portable_kernels_take_both() -> None:
    graph = network()
    before = graph.version
    Pipeline(parse_pipeline("signed-bytes")).run(graph, Target.load("x86-64"))
    assert graph.version == before
