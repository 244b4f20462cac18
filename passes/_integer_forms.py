"""What becomes of an operator whose operands are dequantized and whose result is quantized."""

from __future__ import annotations

import numpy as np

from edgec.errors import EdgecError
from edgec.ir import Quant
from edgec.ir import requantization as parameters
from edgec.ir.interp import fold, results
from edgec.ir.interp.registry import meaning_of
from edgec.ir.ops import Lookup, Requantize
from edgec.ir.ops.quantized import is_activation
from edgec.passes._affine import Affine, channelwise
from edgec.passes._weights import constant, quantized_weights
from edgec.rewriting import (
    Add,
    Arithmetic,
    Array,
    AveragePool,
    Binary,
    Const,
    Conv2d,
    Convolution,
    Dense,
    Dequantize,
    DType,
    Graph,
    IRError,
    MatMul,
    Mul,
    Op,
    Quantize,
    ReduceMean,
    ReduceSum,
    Resample,
    Reshape,
    Softmax,
    Sub,
    TensorType,
    Unary,
    Value,
    replace,
)

WEIGHTS = {DType.I8: 0, DType.U8: 128, DType.I4: 0, DType.U4: 0, DType.I2: 0, DType.U2: 0}
"""Element types of weights that fit i8 -> what is taken off them for that."""


Table = tuple[Array, Value | None]
"""What a value is for each byte of a tensor, f32 ``[1, 256]``, and that tensor; of a scalar one number and None."""


class Forms:
    """Lowers operators of one graph; constants that several of them read are made once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._constants: dict[Op, Value | None] = {}

    def lower(self, op: Quantize) -> None:
        """Let an operator on quantized values make the result of ``op``, if what makes its operand has such a form."""
        y, kind = op.x, op.result.type
        alike = [r for r in y.uses if isinstance(r, Quantize) and (r.result.type.dtype, r.quant()) == _key(op)]
        made = self._computed(y, op)
        # What is read as a number, too, is not rounded: it has to be computed in float anyway.
        if isinstance(made, Lookup | Requantize | Const) or (made is not None and len(alike) == len(y.uses)):
            new = self.graph.insert(made, op, types=[kind], names=[y.name], source=made.source or op.source)
            self._check(new, y.name)
            result, name = new.result, y.name
        elif (codes := self._same(y, kind)) is not None:
            result, name = codes, ""
        else:
            return
        for reader in dict.fromkeys(alike):
            assert isinstance(reader, Quantize)
            self.graph.redirect(reader.result, result)
            self.graph.erase(reader)
        if name and (y.producer is None or y.producer not in self.graph):
            self.graph.rename(result, name)

    def _same(self, y: Value, kind: TensorType) -> Value | None:
        """The codes that y comes from, if they are quantized like that already."""
        codes = self._codes(y)
        return codes if codes is not None and (codes.type.dtype, codes.type.quant) == (kind.dtype, kind.quant) else None

    def _computed(self, y: Value, op: Quantize) -> Op | None:
        """The operator that gives y's codes, or None."""
        if y.data is not None:
            return Const(fold(op)[0])
        form = None if y.producer is None else self._form(y.producer, op)
        return form or self._table(y, op) or self._scaled(y, op)

    def _form(self, producer: Op, op: Quantize) -> Op | None:
        """The operator that makes the operand of ``op``, on quantized values."""
        match producer:
            case Dequantize(x=x) if x.type.quant is not None and self._same(producer.result, op.result.type) is None:
                return Requantize(x)
            case Convolution() | Dense():
                return self._product(producer, op)
            case MatMul() | Add() | Sub() | Mul():
                a, b = self._codes(producer.a, True), self._codes(producer.b, True)
                return None if a is None or b is None else replace(producer, a=a, b=b)
            case Resample() if producer.weights.data is not None:
                codes = self._resampled(producer.x)
                return None if codes is None else replace(producer, x=codes)
            case AveragePool(x=y) | ReduceMean(x=y) | ReduceSum(x=y) | Softmax(x=y):
                if (codes := self._codes(y)) is None or (isinstance(producer, Softmax) and codes.type.dtype.bytes > 1):
                    return None
                return replace(producer, x=codes)
            case _:
                return None

    # --- operands --------------------------------------------------------------------------------------------------

    def _codes(self, value: Value, constants: bool = False) -> Value | None:
        """The quantized integers that a value is dequantized from; with ``constants`` also constant ones."""
        match value.producer:
            case Dequantize(x=x) if x.type.quant is not None:
                return x
            case Dequantize(x=x, axis=None) as op if (data := x.data) is not None and constants:
                if op not in self._constants:
                    kind = TensorType(x.type.dtype, x.shape, op.quant())
                    fits = is_activation(kind)
                    made = self.graph.insert(Const(data), op, types=[kind], names=[x.name]) if fits else None
                    self._constants[op] = None if made is None else made.result
                return self._constants[op]
            case _:
                return None

    def _resampled(self, value: Value) -> Value | None:
        """The same; of what is resampled along another axis first, in 16 bits: bytes in steps of a 64th."""
        codes, inner = self._codes(value), value.producer
        if codes is not None or not isinstance(inner, Resample) or inner.weights.data is None or len(value.uses) > 1:
            return codes
        if (x := self._resampled(inner.x)) is None:
            return None
        quant, reach = parameters.quant_of(x), 1.0
        if x.type.dtype.bytes == 1:
            quant, reach = Quant((quant.scale[0] / 64,)), 2.0
        # Negative weights lead beyond the range of x: bytes leave half of 16 bits for that.
        if np.abs(inner.weights.data).sum(axis=1).max() > reach * (1 + 1e-6):
            return None
        kind = TensorType(DType.I16, value.shape, quant)
        made = self.graph.insert(replace(inner, x=x), inner, types=[kind], names=[value.name], source=inner.source)
        self._check(made, made.results[0].name)
        return made.result

    def _product(self, op: Convolution | Dense, before: Op) -> Convolution | Dense | None:
        x = self._codes(op.x)
        if x is None or (w := self._weights(op.w)) is None or w.type.quant is None:
            return None
        scale = parameters.scale_of(x) * w.type.quant.reals()
        bias = self._bias(op, scale, before)
        return None if bias is None else replace(op, x=x, w=w, bias=bias)

    def _weights(self, value: Value) -> Value | None:
        """Weights as i8 with their quantization in the type."""
        op = quantized_weights(value)
        if op is None:
            return None
        if op not in self._constants:
            made = _as_bytes(op)
            if made is not None:
                codes, quant = made
                kind = TensorType(DType.I8, codes.shape, quant)
                self._constants[op] = self.graph.insert(Const(codes), op, types=[kind], names=[op.x.name]).result
            else:
                self._constants[op] = None
        return self._constants[op]

    def _bias(self, op: Convolution | Dense, scale: Array, before: Op) -> Value | None:
        """The bias as i32 in units of the products; the model's own integers where they have the same scale."""
        stored = quantized_weights(op.bias)
        quant = None if stored is None else stored.quant()
        whole = stored is not None and stored.x.type.dtype is DType.I32
        if stored is not None and whole and quant is not None and np.allclose(quant.reals(), scale, rtol=1e-5, atol=0):
            return stored.x
        data = op.bias.data if stored is None else fold(stored)[0]
        if data is None:
            return None
        codes = np.rint(data.astype(np.float64) / scale)
        if not np.all(np.abs(codes) < 2**31):
            what = f"a bias of {np.abs(data).max():g} does not fit 32 bits in units of {np.min(scale):g}"
            raise EdgecError(_where(op, op.result.name), what, "quantize its weights or its input with a larger scale")
        return self.graph.const(codes.astype(np.int32), op.bias.name, before)

    def _scaled(self, y: Value, op: Quantize) -> Op | None:
        """A depthwise convolution of one tap, where y is a quantized tensor whose channels are scaled and shifted."""
        if not isinstance(y.producer, Arithmetic) or (found := self._affine(y)) is None:
            return None
        affine, x, path = found
        stored = np.linspace(*x.type.dtype.limits, 256).astype(x.type.dtype.numpy)
        wanted = _along(path, op, stored, x.type)
        made = affine.in_integers(x.type, op.result.type, y.producer.clamp, stored, wanted)
        if made is None:
            return None
        codes, scales, biases = made
        channels = len(codes)
        kind = TensorType(DType.I8, (channels, 1, 1, 1), Quant(tuple(map(float, scales)), (0,), 0))
        w = self.graph.insert(Const(codes.reshape(kind.shape)), op, types=[kind], names=[f"{y.name}.scale"]).result
        bias = self.graph.const(biases, f"{y.name}.shift", op)
        spatial = y.shape if y.type.rank == 4 else (1, 1, y.type.elements // channels, channels)
        if spatial != y.shape:
            moved = TensorType(x.type.dtype, spatial, x.type.quant)
            x = self.graph.insert(Reshape(x, spatial), op, types=[moved]).result
        conv = Conv2d(x, w, bias, groups=channels, clamp=y.producer.clamp, source=y.producer.source)
        if spatial == y.shape:
            return conv
        result = TensorType(op.dtype, spatial, op.result.type.quant)
        below = self.graph.insert(conv, op, types=[result], source=conv.source)
        self._check(below, below.result.name)
        return Reshape(conv.result, y.shape)

    def _affine(self, y: Value) -> tuple[Affine, Value, list[Op]] | None:
        """What happens to each channel on the way from quantized integers to y, these integers, and the operators."""
        affine = Affine.identity(y.shape[-1] if y.shape else 1)
        value, path = y, list[Op]()
        while (codes := self._codes(value)) is None:
            op = value.producer
            if not isinstance(op, Arithmetic) or (value is not y and op.clamp is not None):
                return None
            steps = {v: step for v in op.operands if (step := channelwise(op, v)) is not None}
            if len(steps) != 1:
                return None
            ((value, step),) = steps.items()
            affine, path = step.then(affine), [op, *path]
        return affine, codes, path

    # --- tables ----------------------------------------------------------------------------------------------------

    def _table(self, y: Value, op: Quantize) -> Lookup | None:
        """A table, where y is an elementwise function of one quantized tensor of bytes and of scalars."""
        found = None if isinstance(y.producer, Dequantize) else self._tabulated(y, y.shape, {})
        if found is None or y.producer is None:
            return None
        numbers, source = found
        scaling = [v.data[None] for v in op.operands[1:] if v.data is not None]
        with np.errstate(all="ignore"):
            codes = meaning_of(op)(op, np.broadcast_to(numbers, (1, 256)), *scaling)
        assert source is not None, "a scalar has no axis of 256 bytes"
        table = self.graph.const(np.asarray(codes).reshape(-1), f"{y.name}.table", op)
        return Lookup(source, table, source=y.producer.source)

    def _tabulated(self, value: Value, shape: tuple[int, ...], known: dict[Value, Table | None]) -> Table | None:
        if value not in known:
            known[value] = None
            if value.type.elements == 1 and (data := constant(value)) is not None:
                known[value] = data.reshape(1, 1), None
            elif value.shape == shape and value.type.dtype is DType.F32:
                x = self._codes(value)
                known[value] = self._of_operands(value, shape, known) if x is None else _all_numbers(x)
        return known[value]

    def _of_operands(self, value: Value, shape: tuple[int, ...], known: dict[Value, Table | None]) -> Table | None:
        op = value.producer
        if not isinstance(op, Unary | Binary):
            return None
        operands = [self._tabulated(v, shape, known) for v in op.operands]
        sources = {found[1] for found in operands if found is not None} - {None}
        if None in operands or len(sources) != 1:
            return None
        with np.errstate(all="ignore"):
            numbers = meaning_of(op)(op, *(found[0] for found in operands if found is not None))
        return np.asarray(numbers), sources.pop()

    def _check(self, op: Op, name: str) -> None:
        """EdgecError where the scales are beyond fixed-point arithmetic."""
        try:
            match op:
                case Convolution() | Dense() | MatMul() | Mul():
                    parameters.product_factors(op)
                case Add() | Sub():
                    parameters.sum_factors(op)
                case AveragePool():
                    parameters.mean_factors(op)
                case ReduceMean() | ReduceSum():
                    parameters.reduce_factor(op)
                case Requantize():
                    parameters.requantize_factor(op)
                case Resample():
                    parameters.resample_factors(op)
                case Softmax():
                    parameters.softmax_table(op)
        except IRError as error:
            hint = "calibrate again: its result's scale is far too small"
            raise EdgecError(_where(op, name), str(error), hint) from error


def _all_numbers(x: Value) -> Table | None:
    """The numbers that bytes stand for, the lowest byte first."""
    if x.type.dtype.bytes != 1:
        return None
    low, high = x.type.dtype.limits
    steps = np.arange(low, high + 1) - parameters.zero_of(x)
    return steps.astype(np.float32)[None] * np.float32(parameters.scale_of(x)), x


def _along(path: list[Op], last: Quantize, stored: Array, x: TensorType) -> Array:
    """What integers become along a path of operators that scale and shift channels, ``[C, integers]``."""
    numbers = parameters.numbers(stored, x).reshape(-1, *(1,) * x.rank)
    for op in [*path, last]:
        known = [constant(v) for v in op.operands]
        (numbers,) = results(op, [numbers if data is None else data[None] for data in known])
    return numbers.reshape(len(stored), -1).T


def _key(op: Quantize) -> tuple[DType, Quant | None]:
    return op.result.type.dtype, op.quant()


def _where(op: Op, name: str) -> str:
    return f"{op.source or name} ({op.opname})"


def _as_bytes(op: Dequantize) -> tuple[Array, Quant] | None:
    """The i8 codes of weights and their quantization; None for other integers, or scales along another axis."""
    data, quant = op.x.data, op.quant()
    if data is None or quant is None or op.x.type.dtype not in WEIGHTS or quant.axis not in (None, 0):
        return None
    off = WEIGHTS[op.x.type.dtype]
    codes = (data.astype(np.int32) - off).astype(np.int8)
    zero = np.array(quant.zero_point) - off
    scale = np.array(quant.scale)
    # What a scale of 0 stands for is 0, whatever the integers.
    dead = scale == 0
    if dead.any() and quant.axis is not None:
        per_channel = (-1, *(1,) * (codes.ndim - 1))
        codes = np.where(dead.reshape(per_channel), zero.reshape(per_channel), codes).astype(np.int8)
        scale = np.where(dead, scale.max() or 1.0, scale)
    if not zero.any():
        zero = zero[:1]
    return codes, Quant(tuple(map(float, scale)), tuple(map(int, zero)), quant.axis)
