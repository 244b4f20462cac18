"""The rules that every graph keeps, checked after each pass."""

from edgec.ir.graph import Const, Graph, IRError, Op, Return, Value
from edgec.ir.interp.registry import QUANTIZED_MEANINGS
from edgec.ir.ops import (
    ArgExtreme,
    Binary,
    Clip,
    Concat,
    Dequantize,
    Expand,
    Gather,
    GatherElements,
    GatherNd,
    Lookup,
    Max,
    MaxPool,
    MaxPoolIndices,
    Min,
    Pad,
    Quantize,
    ReduceMax,
    ReduceMin,
    Requantize,
    Reshape,
    Scatter,
    Slice,
    TopK,
    Transpose,
    Unary,
    Where,
)
from edgec.ir.ops.quantized import is_activation, is_quantized
from edgec.ir.types import INTEGERS, SMALL_INTEGERS, TensorType

MOVERS = (
    *(Reshape, Transpose, Concat, Slice, Expand, Pad, Where, Gather, GatherElements, GatherNd, Scatter),
    *(Clip, Max, Min, MaxPool, MaxPoolIndices, ReduceMax, ReduceMin, TopK),
)
"""What moves or compares elements: of codes it does what it does of the numbers that they stand for."""


def verify(graph: Graph) -> None:
    """Check single assignment, order, uses, types and in-place permissions; raises IRError naming the first offence."""
    seen: dict[Value, None] = {}  # in order, so that the first offence is always the same
    names: set[str] = set()
    uses: dict[Value, int] = {}

    def define(value: Value) -> None:
        if value.name in names:
            raise IRError(f"%{value.name} is defined twice")
        names.add(value.name)
        seen[value] = None
        _check_type(value)

    for value in graph.inputs:
        if value.producer is not None:
            raise IRError(f"input %{value.name} has a producer")
        define(value)
    end = graph.end
    if len(graph.input_names) != len(graph.inputs):
        raise IRError("inputs and their names differ in number")
    if len(graph.output_names) != len(end.values):
        raise IRError("output names and returned values differ in number")
    for op in graph.ops:
        where = f"{op.opname} %{op.results[0].name}" if op.results else op.opname
        for operand in op.operands:
            if operand not in seen:
                raise IRError(f"{where} reads %{operand.name} before it is defined")
            uses[operand] = uses.get(operand, 0) + 1
        inferred = op.infer()
        if len(inferred) != len(op.results):
            raise IRError(f"{where} must have {len(inferred)} results")
        for value, expected in zip(op.results, inferred, strict=True):
            if value.producer is not op:
                raise IRError(f"%{value.name} does not know its producer")
            # To choose the type of its result; that of a table is the table's.
            free = type(op) in QUANTIZED_MEANINGS and is_quantized(op) and not isinstance(op, Lookup)
            if value.type.shape != expected.shape or (value.type.dtype is not expected.dtype and not free):
                raise IRError(f"{where} has type {value.type}, its operands give {expected}")
            define(value)
        _check_quantization(where, op)
        if isinstance(op, Unary | Requantize | Lookup) and op.inplace:
            _check_inplace(where, op.x, op.result)
        if isinstance(op, Binary) and op.inplace is not None:
            _check_inplace(where, op.operands[op.inplace], op.result)
    types = dict(zip(graph.output_names, (v.type for v in end.values), strict=True))
    for value, output in graph.states.items():
        if types.get(output) != value.type:
            raise IRError(f"state %{value.name} is {value.type}, output {output} is {types.get(output)}")
    if len(set(graph.states.values())) < len(graph.states):
        raise IRError("an output is the state of two inputs")
    for value in seen:
        if len(value.uses) != uses.get(value, 0):
            raise IRError(f"%{value.name} counts {len(value.uses)} uses, has {uses.get(value, 0)}")


def _check_quantization(where: str, op: Op) -> None:
    """Nothing takes quantized integers for plain ones or for other numbers than their type says."""
    quantized = [v for v in op.operands if v.type.quant is not None]
    if isinstance(op, Const | Return | ArgExtreme):
        return
    if isinstance(op, Dequantize):
        if op.x.type.quant not in (None, op.quant()):
            raise IRError(f"{where} reads %{op.x.name} with another scale or zero point than its type's")
    elif not is_quantized(op):
        for value in quantized:
            raise IRError(f"{where} reads the quantized %{value.name} as plain integers")
    elif isinstance(op, Quantize):
        if op.result.type.quant != op.quant():
            raise IRError(f"{where} is not quantized by its operands' scale and zero point")
    elif type(op) in QUANTIZED_MEANINGS:
        if not is_activation(op.results[0].type):
            raise IRError(f"{where} gives {op.results[0].type}, which is not a quantized activation")
        if not isinstance(op, Lookup) and op.operands[0].type.quant is None:
            raise IRError(f"{where} reads the plain %{op.operands[0].name} as quantized")
    else:
        _check_moved(where, op)


def _check_moved(where: str, op: Op) -> None:
    """What moves or compares quantized integers changes nothing about their type."""
    if not isinstance(op, MOVERS) or getattr(op, "reduction", "none") not in ("none", "max", "min"):
        raise IRError(f"{where} computes with quantized integers as if they were numbers")
    kind = op.results[0].type
    if isinstance(op, Transpose):
        alike = {op.infer()[0].quant}  # an axis moves along
    else:
        # Indices and conditions are of other element types.
        alike = {v.type.quant for v in op.operands if v.type.quant is not None or v.type.dtype is kind.dtype}
    if alike != {kind.quant}:
        raise IRError(f"{where} moves quantized integers to another scale or zero point")
    if isinstance(op, Pad) and op.value not in range(kind.dtype.limits[0], kind.dtype.limits[1] + 1):
        raise IRError(f"{where} pads with {op.value:g}, which is no {kind.dtype.value}")


def same_place(x: Value, result: Value) -> bool:
    """Whether every element of the result can stand where its operand's element stood: as many, of the same type."""
    return x.type.dtype is result.type.dtype and x.type.elements == result.type.elements


def _check_inplace(where: str, x: Value, result: Value) -> None:
    if not same_place(x, result):
        raise IRError(f"{where} may not overwrite %{x.name}: the types differ")
    place = x
    while len(place.uses) == 1 and isinstance(place.producer, Reshape):
        place = place.producer.x  # a reshape is the same memory as its operand
    if len(place.uses) != 1 or isinstance(place.producer, Const):
        raise IRError(f"{where} may not overwrite %{x.name}: it is a constant or has another reader")


def _check_type(value: Value) -> None:
    type: TensorType = value.type
    if any(d <= 0 for d in type.shape):
        raise IRError(f"%{value.name} has an empty or negative extent: {list(type.shape)}")
    if (q := type.quant) is not None:
        if type.dtype not in INTEGERS | SMALL_INTEGERS:
            raise IRError(f"%{value.name} is quantized, but {type.dtype.value}")
        if q.axis is not None and not 0 <= q.axis < type.rank:
            raise IRError(f"%{value.name} is quantized along axis {q.axis} of {type.rank}")
        channels = 1 if q.axis is None else type.shape[q.axis]
        if len(q.scale) != channels or len(q.zero_point) not in (1, channels):
            raise IRError(f"%{value.name} has {len(q.scale)} scales for {channels} channels")
        if not all(0 < s < float("inf") for s in q.scale):
            raise IRError(f"%{value.name} has a scale that is not positive and finite")
        if not all(type.dtype.limits[0] <= z <= type.dtype.limits[1] for z in q.zero_point):
            raise IRError(f"%{value.name} has a zero point that is no {type.dtype.value}")
    if (nm := type.sparsity) is not None and not 0 < nm.n < nm.m:
        raise IRError(f"%{value.name} has sparsity {nm.n}:{nm.m}")
