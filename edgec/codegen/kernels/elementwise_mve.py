"""Elementwise functions of bytes, and what moves them, with the vectors of Armv8.1-M."""

import numpy as np

from edgec.codegen.axes import Axis, contiguous, merge
from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import TYPES, clamp_codes
from edgec.codegen.kernels.blocks_mve import LEAST_SHIFT
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir import DType
from edgec.ir.ops import Add, Convolution, Sub, Transpose
from edgec.ir.requantization import sum_factors, zero_of

SCATTERED = 17
"""So many channels at most put 16 neighbours within the reach of offsets of a byte."""


@lowers(Add, Sub, quantized=True, family="mve")
def lower_sum_mve(op: Add | Sub) -> Kernel | None:
    """Of two tensors of one shape."""
    if {v.type.dtype for v in (op.a, op.b, op.result)} != {DType.I8} or op.a.shape != op.b.shape:
        return None
    left, right, shift = sum_factors(op)
    begin = (1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right
    fields: Fields = {
        "begin": Int(begin),
        "a_multiplier": Int(left),
        "b_multiplier": Int(right),
        "shift": Int(-shift),
        "zero_point": Int(zero_of(op.result)),
        **clamp_codes(op.result, op.clamp),
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(v) for v in (op.a, op.b, op.result))
        shape = emitter.struct("edgec_add_mve", fields)
        return [Evaluate(Call("edgec_add_mve_i8", (shape, Int(op.result.type.elements), *places)))]

    return Kernel("edgec_add_mve_i8", "add_mve.h", emit)


def lower_scale_mve(op: Convolution) -> Kernel | None:
    """Depthwise by a window of one tap that visits every pixel."""
    sums = weighted_sums(op, [known(op, op.w)])
    (weights,), (bias,), channels = sums.weights, sums.biases, op.x.shape[-1]
    factors = [np.broadcast_to(a, channels).astype(np.int32) for a in (sums.factors.multipliers, sums.factors.shifts)]
    if sums.types != TYPES or factors[1].min() < LEAST_SHIFT:
        return None
    rows = np.stack([weights.reshape(-1), bias, factors[0], LEAST_SHIFT - 1 - factors[1]]).astype(np.int32)
    stream = np.pad(rows, ((0, 0), (0, -channels % 4))).reshape(4, -1, 4).swapaxes(0, 1)

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "stream": emitter.array("channels", stream.reshape(-1), "weights, biases, multipliers, shifts by fours"),
            "channels": Int(channels),
            "zero_point": Int(zero_of(op.result)),
            **clamp_codes(op.result, op.clamp),
        }
        shape = emitter.struct("edgec_scale_mve", fields)
        places = (emitter.pointer(v) for v in (op.x, op.result))
        return [Evaluate(Call("edgec_scale_mve_i8", (shape, Int(op.x.type.elements // channels), *places)))]

    return Kernel("edgec_scale_mve_i8", "scale_mve.h", emit)


@lowers(Transpose, family="mve")
def lower_transpose_mve(op: Transpose) -> Kernel | None:
    """Of planes of bytes to pixels."""
    source = contiguous(op.x.shape)
    walk = zip(op.result.shape, (source[p] for p in op.perm), contiguous(op.result.shape), strict=True)
    match merge([Axis(e, (s, t)) for e, s, t in walk]):
        case [Axis(extent=count, strides=(1, _)), Axis(extent=channels, strides=(_, 1))]:
            if op.x.type.dtype.bytes > 1 or channels > SCATTERED:
                return None
        case _:
            return None

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(v) for v in (op.x, op.result))
        return [Evaluate(Call("edgec_transpose_mve_8", (*places, Int(channels), Int(count))))]

    return Kernel("edgec_transpose_mve_8", "transpose_mve.h", emit)
