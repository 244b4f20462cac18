"""Inputs and outputs of the model as the integers that it computes with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgec.errors import EdgecError
from edgec.ir.ops import Requantize
from edgec.ir.types import Quant
from edgec.rewriting import Dequantize, DType, Graph, Pass, Quantize, TensorType, Value

if TYPE_CHECKING:
    from edgec.target import Target

DTYPES = {"int8": DType.I8, "uint8": DType.U8, "int16": DType.I16}
OFFSETS = {DType.I8: -128, DType.U8: 0, DType.I16: 0}


@dataclass(frozen=True)
class IntegerIo(Pass):
    """Take and give the quantized integers themselves: the caller converts, by the scales in the header."""

    name = "integer-io"
    dtype: str = "int8"

    def run(self, graph: Graph, target: Target | None) -> bool:
        """EdgecError for an unknown type, and for an input or output that is not quantized."""
        if self.dtype not in DTYPES:
            raise EdgecError(f"pass {self.name}", f"there is no type {self.dtype!r}", f"use one of {', '.join(DTYPES)}")
        dtype, start = DTYPES[self.dtype], graph.version
        for name, value in graph.given.items():
            if value.type.dtype is DType.F32:
                self._input(graph, name, value, dtype)
        for name, value in graph.returned.items():
            if value.type.dtype is DType.F32:
                self._output(graph, name, value, dtype)
        return graph.version != start

    def _input(self, graph: Graph, name: str, value: Value, dtype: DType) -> None:
        readers = [op for op in value.uses if isinstance(op, Quantize) and op.result.type.quant is not None]
        kinds = {(op.result.type.dtype, op.result.type.quant) for op in readers}
        if len(readers) < len(value.uses) or len(kinds) != 1:
            raise _unquantized("input", name)
        stored = readers[0].result.type
        value.type = _as(stored, dtype, value.shape)
        codes = value
        if dtype is not stored.dtype:
            codes = graph.insert(Requantize(value), readers[0], types=[stored], names=[readers[0].result.name]).result
        for op in readers:
            graph.redirect(op.result, codes)
            graph.erase(op)

    def _output(self, graph: Graph, name: str, value: Value, dtype: DType) -> None:
        match value.producer:
            case Dequantize(x=x) as op if x.type.quant is not None:
                codes = x
            case _:
                raise _unquantized("output", name)
        if dtype is not codes.type.dtype:
            kind = _as(codes.type, dtype, codes.shape)
            codes = graph.insert(Requantize(codes), op, types=[kind], names=[f"{name}.{dtype.value}"]).result
        end = graph.end
        values = {n: codes if n == name else v for n, v in zip(graph.output_names, graph.outputs, strict=True)}
        graph.returns(values)
        graph.erase(end)


def _as(kind: TensorType, dtype: DType, shape: tuple[int, ...]) -> TensorType:
    """The same numbers in another element type: bytes differ by 128; the 16 bits of zero point 0 hold all of a byte's
    numbers in steps of a 128th, and a byte holds them in steps of 258, which is 32767 / 127.
    """
    quant, old = kind.quant, kind.dtype
    assert quant is not None
    if dtype is old:
        return TensorType(dtype, shape, quant)
    if dtype is DType.I16:
        return TensorType(dtype, shape, Quant((quant.scale[0] / 128,)))
    if old is DType.I16:
        return TensorType(dtype, shape, Quant((float(np.float32(quant.scale[0] * 258)),), (OFFSETS[dtype] + 128,)))
    return TensorType(dtype, shape, Quant(quant.scale, (quant.zero - OFFSETS[old] + OFFSETS[dtype],)))


def _unquantized(kind: str, name: str) -> EdgecError:
    what = "is not quantized, so that no integers stand for it"
    return EdgecError(f"{kind} {name}", what, "leave out --io, or quantize the model (--quantize)")
