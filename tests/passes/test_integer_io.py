"""Inputs and outputs as integers: the same numbers, in the type that was asked for."""

import numpy as np
import pytest

from edgec.errors import EdgecError
from edgec.ir import DType, Graph, Quant, parse_graph, verify
from edgec.ir.interp import run
from edgec.ir.requantization import codes, numbers
from edgec.rewriting import Pipeline, parse_pipeline

TEXT = """
graph @io(%x: f32[1,64]) {
  %s: f32[] = const [0.05]
  %z: ZERO[] = const [ZPOINT]
  %xq: ZERO[1,64] = quantize %x, %s, %z {dtype=ZERO}
  %xd: f32[1,64] = dequantize %xq, %s, %z
  %t: f32[1,64] = add %xd, %xd
  %ts: f32[] = const [0.11]
  %tq: ZERO[1,64] = quantize %t, %ts, %z {dtype=ZERO}
  %y: f32[1,64] = dequantize %tq, %ts, %z
  return y=%y
}
"""


def made(stored: str, io: str | None) -> Graph:
    """A sum in the integers ``stored``, with inputs and outputs of floats, or of other integers."""
    zero = {"i8": "-20", "u8": "108", "i16": "0"}[stored]
    graph = parse_graph(TEXT.replace("ZERO", stored).replace("ZPOINT", zero))
    Pipeline(parse_pipeline("integers" if io is None else f"integers,integer-io{{dtype={io}}}")).run(graph)
    verify(graph)
    return graph


@pytest.mark.parametrize("io", ["int8", "uint8", "int16"])
@pytest.mark.parametrize("stored", ["i8", "u8", "i16"])
def test_outputs_are_the_same_numbers(stored: str, io: str) -> None:
    graph = made(stored, io)
    (x,), (y,) = graph.inputs, graph.outputs
    assert {x.type.dtype.value, y.type.dtype.value} == {{"int8": "i8", "uint8": "u8", "int16": "i16"}[io]}
    samples = np.random.default_rng(0).normal(0, 2, (1, 64)).astype(np.float32)
    exact = run(made(stored, None), {"x": samples})["y"]
    got = numbers(run(graph, {"x": codes(samples, x.type)})["y"], y.type)
    assert y.type.quant is not None
    assert x.type.quant is not None
    # A narrower type at the border rounds once there: at the input, doubled by the sum, and at the output.
    steps = {"i8": 0.11, "u8": 0.11, "i16": 0.11}[stored]
    narrower = stored == "i16" and io != "int16"
    tolerance = 2 * x.type.quant.scale[0] + y.type.quant.scale[0] if narrower else steps
    assert np.abs(got - exact).max() <= tolerance
    if (stored, io) in (("i8", "int8"), ("u8", "uint8"), ("i8", "uint8"), ("u8", "int8"), ("i16", "int16")):
        np.testing.assert_array_equal(got, exact)


def test_bytes_differ_by_128() -> None:
    graph = made("i8", "uint8")
    assert graph.inputs[0].type.quant == Quant((float(np.float32(0.05)),), (108,))
    assert graph.inputs[0].type.dtype is DType.U8


@pytest.mark.parametrize("text", ["%y: f32[4] = relu %x", "%y: f32[4] = exp %x"])
def test_what_is_not_quantized_is_refused(text: str) -> None:
    graph = parse_graph(f"graph @g(%x: f32[4]) {{\n  {text}\n  return y=%y\n}}\n")
    with pytest.raises(EdgecError, match="input x: is not quantized"):
        Pipeline(parse_pipeline("integer-io")).run(graph)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(EdgecError, match="no type 'int7'"):
        made("i8", "int7")
