"""Compute on integers, simulated in floats: what calibration shows of every value becomes scales and zero points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from edgec.calibration import PERCENTILE, Calibration, Data, Source, calibrate, quantized_bias, quantized_weights
from edgec.errors import EdgecError
from edgec.ir import Array, Quant
from edgec.ir.interp import fold
from edgec.passes._quantization_plan import PRECISIONS, Plan, make_plan
from edgec.passes._quantized_forms import activations
from edgec.passes._recovery import recover
from edgec.progress import Progress
from edgec.rewriting import (
    PYTHON_ONLY,
    Const,
    Convolution,
    Dense,
    Dequantize,
    Div,
    DType,
    Graph,
    Mul,
    Op,
    Pass,
    Quantize,
    Value,
)

if TYPE_CHECKING:
    from edgec.target import Target

ROUNDINGS = ("nearest", "adaround")


@dataclass(frozen=True)
class QuantizePass(Pass):
    """Put pairs of Quantize and Dequantize around what shall compute on integers, with ranges from calibration data.

    Every activation that an integer operator reads or gives goes through ``q = Quantize(v)``, ``d = Dequantize(q)``;
    weights are i8, biases i32, behind a Dequantize each. The graph still runs in float, with the errors of integers;
    the pass ``integers`` makes them its own types. Inputs and outputs stay float.
    """

    name = "quantize"
    calibration: str | Data | Source | Calibration
    """Path of an npz or a directory, whatever else ``edgec.calibration`` reads, or what it made of that."""
    dtype: str = "int8"
    """Precision of all operators that have it: int8, int16x8 (activations of 16 bits), uint8 or float32 (none)."""
    method: str = "minmax"
    """Choice of ranges: minmax, percentile, entropy or mse."""
    percentile: float = PERCENTILE
    per_channel: bool = True
    """A weight scale for each output channel, else for each tensor."""
    layers: str | Mapping[str, str] = ""
    """Precisions of operators by the name of their result: ``float32=a+b;int16x8=c``, or {"a": "float32"}."""
    rounding: str = "nearest"
    """Rounding of weights: to the ``nearest`` integers, or ``adaround``: to those that are best for the outputs."""
    correct_bias: bool = False
    """Take mean errors of the layers' outputs off their biases; adaround does so in any case."""
    progress: Progress | None = field(default=None, metadata=PYTHON_ONLY)

    def run(self, graph: Graph, target: Target | None) -> bool:
        """Raises EdgecError for calibration data or options that do not fit, and for weights that are not finite."""
        if any(isinstance(op, Quantize) for op in graph):
            hint = "compile it as it is, or give the float model"
            raise EdgecError("quantize", "the model is quantized already", hint)
        dtype, layers = _precision("option dtype", self.dtype), _layers(self.layers)
        if self.rounding not in ROUNDINGS:
            hint = f"use one of {', '.join(ROUNDINGS)}"
            raise EdgecError("quantize, option rounding", f"there is no rounding {self.rounding!r}", hint)
        without_divisions(graph)
        calibration = self.calibration
        if not isinstance(calibration, Calibration):
            calibration = calibrate(graph, calibration, self.method, self.progress, self.percentile)
        plan = make_plan(graph, calibration, dtype, layers, self.per_channel)
        reference = graph.copy()
        _Writer(graph, plan).write()
        adaround = self.rounding == "adaround"
        if plan.dtypes and (adaround or self.correct_bias):
            recover(reference, graph, calibration.source, adaround, self.progress)
        return bool(plan.dtypes)


def without_divisions(graph: Graph) -> None:
    """Make divisions by constants multiplications, which integers have."""
    for op in list(graph):
        match op:
            case Div(b=Value(producer=Const(data=divisor))) if op.b.type.dtype is DType.F32:
                with np.errstate(all="ignore"):
                    inverse = 1 / divisor
                if np.isfinite(inverse).all():
                    graph.replace(op, Mul(op.a, graph.const(inverse, op.b.name, op), op.clamp))


def _precision(where: str, name: str) -> DType | None:
    if name not in PRECISIONS:
        raise EdgecError(f"quantize, {where}", f"{name!r} is no precision", f"use one of {', '.join(PRECISIONS)}")
    return PRECISIONS[name]


def _layers(given: str | Mapping[str, str]) -> dict[str, DType | None]:
    """Result name -> type of the activations."""
    if isinstance(given, str):
        parts = [part.partition("=")[::2] for part in given.split(";") if part]
        given = {name: precision for precision, names in parts for name in names.split("+")}
    return {name.strip().lstrip("%"): _precision(f"layer {name}", p.strip()) for name, p in given.items()}


class _Writer:
    """Writes the pairs of a plan into its graph."""

    def __init__(self, graph: Graph, plan: Plan) -> None:
        self.graph, self.plan = graph, plan
        self.tied: dict[tuple[Value, bytes], Value] = {}

    def write(self) -> None:
        """Activations value by value, then weights."""
        after = dict(zip(self.graph.ops, self.graph.ops[1:], strict=False))  # operator -> the one that follows it
        for value in list(self.graph.values()):
            before = self.graph.ops[0] if value.producer is None else after.get(value.producer)
            if before is not None:
                self._activation(value, before)
        for op in self.plan.dtypes:
            if isinstance(op, Convolution | Dense):
                self._weights(op)

    def _activation(self, value: Value, before: Op) -> None:
        """Pairs for all types in which a value is kept; first that of its producer, whose result all others read."""
        own = None if value.producer is None else self.plan.dtypes.get(value.producer)
        kept = [dtype for dtype in PRECISIONS.values() if dtype is not None and (value, dtype) in self.plan.quants]
        read = value
        for dtype in sorted(kept, key=lambda dtype: dtype is not own):
            users = dict.fromkeys(read.uses)
            readers = [
                u for u in users if dtype is own or (self.plan.dtypes.get(u) is dtype and read in activations(u))
            ]
            found = self._pair(read, self.plan.quants[value, dtype], dtype, value.name, before)
            self.graph.redirect(read, found, readers)
            if dtype is own:
                read = found
        self._forget(value)

    def _reads(self, op: Op, value: Value, dtype: DType) -> bool:
        return self.plan.dtypes.get(op) is dtype and value in activations(op)

    def _pair(self, value: Value, quant: Quant, dtype: DType, name: str, before: Op) -> Value:
        """What a value is after quantization; of a constant, its integers are one, too."""
        scale = self.graph.const(np.array(quant.scale[0], np.float32), f"{name}_scale", before)
        zero = None
        if quant.zero:
            zero = self.graph.const(np.array(quant.zero, dtype.numpy), f"{name}_zero_point", before)
        quantize: Op = Quantize(value, scale, zero, dtype=dtype)
        if value.data is not None:
            quantize = Const(fold(quantize)[0])
        stored = self.graph.insert(quantize, before, names=[f"{name}_q"]).result
        return self.graph.insert(Dequantize(stored, scale, zero), before, names=[f"{name}_dq"]).result

    def _weights(self, op: Convolution | Dense) -> None:
        """Weights and bias of an operator as integers."""
        scales, w, bias, x = self.plan.weights[op], op.w, op.bias, op.x.producer
        assert isinstance(x, Dequantize) and x.scale.data is not None and bias.data is not None
        products = scales * x.scale.data
        integers = quantized_bias(bias.data, products)
        self.graph.redirect(w, self._tied(w, scales, op), [op])
        self.graph.redirect(bias, self._stored(integers, products, bias.name, op), [op])
        self._forget(w)
        self._forget(bias)

    def _tied(self, w: Value, scales: Array, before: Op) -> Value:
        """Quantized weights, the same for all operators that share them and their scales."""
        key = (w, scales.tobytes())
        if key not in self.tied:
            assert w.data is not None
            self.tied[key] = self._stored(quantized_weights(w.data, scales), scales, w.name, before)
        return self.tied[key]

    def _stored(self, integers: Array, scales: Array, name: str, before: Op) -> Value:
        """Constant integers behind a Dequantize, along their first axis if the scales are several."""
        stored = self.graph.const(integers, f"{name}_q", before)
        scale = self.graph.const(scales, f"{name}_scale", before)
        axis = 0 if scales.ndim else None
        return self.graph.insert(Dequantize(stored, scale, None, axis), before, names=[f"{name}_dq"]).result

    def _forget(self, value: Value) -> None:
        """Erase a constant that nobody reads any more."""
        if isinstance(value.producer, Const) and not value.uses:
            self.graph.erase(value.producer)
