"""How each operator computes on quantized values, if it does: one table for the passes quantize and integers."""

from enum import Enum

from edgec.ir.ops import (
    Add,
    AveragePool,
    Clip,
    Concat,
    Convolution,
    Dense,
    Expand,
    Gather,
    GatherElements,
    GatherNd,
    MatMul,
    Max,
    MaxPool,
    MaxPoolIndices,
    Min,
    Mul,
    Pad,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceSum,
    Relu,
    Resample,
    Reshape,
    ScatterElements,
    ScatterNd,
    Slice,
    Softmax,
    Sub,
    TopK,
    Transpose,
    Unary,
    Where,
)
from edgec.rewriting import DType, Op, Value


class Form(Enum):
    """What the operator does with integers in the place of its float operands and its (first) float result."""

    REQUANTIZES = "requantizes"
    """Computes with the numbers that they stand for; the result has a scale and zero point of its own."""
    LOOKS_UP = "looks up"
    """A function of one byte: the 256 results are a table; the result has a scale and zero point of its own."""
    MOVES = "moves"
    """Moves or compares the integers: operands and result share one scale and zero point.

    The numbers among its attributes become integers: a Pad's value, the limits of a Clip or of a MaxPool's clamp.
    """


ARITHMETIC = Add | Sub | Mul | AveragePool | ReduceMean | ReduceSum
MOVEMENT = Reshape | Transpose | Concat | Slice | Expand | Pad | Where | Gather | GatherElements | GatherNd
CHOICE = TopK | MaxPool | MaxPoolIndices | ReduceMax | ReduceMin | Max | Min


def form(op: Op, dtype: DType) -> Form | None:
    """How an operator on floats computes on activations of the type (i8, u8 or i16); None: only on floats."""
    wide = dtype is DType.I16
    if not op.results or op.results[0].type.dtype is not DType.F32:
        return None
    match op:
        case Convolution() | Dense():
            return Form.REQUANTIZES if op.w.data is not None and op.bias.data is not None else None
        case MatMul():
            return Form.REQUANTIZES if _holds(op.a.shape[-1], dtype) else None
        case Resample():
            return Form.REQUANTIZES if op.weights.data is not None else None
        case Softmax():
            return None if wide else Form.REQUANTIZES
        case ScatterElements(reduction=reduction) | ScatterNd(reduction=reduction):
            return Form.MOVES if reduction in ("none", "max", "min") else None
        case Relu() | Clip() if wide:
            return Form.MOVES
        case Unary():
            return None if wide else Form.LOOKS_UP
    if isinstance(op, ARITHMETIC):
        return Form.REQUANTIZES
    return Form.MOVES if isinstance(op, MOVEMENT | CHOICE) else None


def _holds(products: int, dtype: DType) -> bool:
    """Whether a sum of so many products of two activations fits its accumulator: 32 bits of bytes, else 40."""
    return products * 255**2 < 2**31 if dtype.bytes == 1 else products * 2**30 < 2**39


def activations(op: Op) -> list[Value]:
    """The operands that are quantized as the result is: not weights, biases, indices and conditions."""
    if isinstance(op, Convolution | Dense | Resample):
        return [op.x]
    return [v for v in op.operands if v.type.dtype is DType.F32]
