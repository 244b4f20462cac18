"""Numbers to bytes and back on Armv6-M."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Float, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.interp.registry import meaning_of
from edgec.ir.ops import Dequantize, Quantize

HEADER = "quantize_armv6m.h"

EXPONENTS = range(64, 192)
"""Of scales for which no quotient of bytes is a subnormal number."""

TABLED = 256
"""From so many elements on a table, of as many numbers, pays."""


@lowers(Quantize, family="armv6m")
def lower_quantize_armv6m(op: Quantize) -> Kernel | None:
    """To bytes by one scale."""
    quant = op.quant()
    if quant is None or op.axis is not None or op.dtype is not DType.I8 or op.precision is not DType.F32:
        return None
    scale = np.float32(quant.scale[0])
    bits = int(scale.view(np.uint32))
    exponent, mantissa = bits >> 23, bits & 0x7FFFFF | 0x800000
    if exponent not in EXPONENTS:
        return None
    fields: Fields = {
        "exponent": Int(exponent + 15),
        "reciprocal": Int(min((1 << 39) // mantissa, 0xFFFF)),
        "zero_point": Int(quant.zero),
        "scale": Float(float(scale)),
        "soft": (Int(exponent), Int(mantissa), Int(min((1 << 55) // mantissa, 0xFFFFFFFF))),
    }
    name, elements = "edgec_quantize_armv6m_i8", op.x.type.elements

    def emit(emitter: Emitter) -> list[Stmt]:
        places = (emitter.pointer(op.x), emitter.pointer(op.result), Int(elements))
        return [Evaluate(Call(name, (emitter.struct("edgec_quantize_armv6m", fields), *places)))]

    return Kernel(name, HEADER, emit, work={LAYER: 1, "elements": elements})


@lowers(Dequantize, family="armv6m")
def lower_dequantize_armv6m(op: Dequantize) -> Kernel | None:
    """From many bytes by one scale: by a table."""
    known, elements = [v.data for v in op.operands[1:]], op.x.type.elements
    if op.x.type.dtype is not DType.I8 or op.axis is not None or elements < TABLED or any(d is None for d in known):
        return None
    every = np.arange(-128, 128).astype(np.int8)
    table = np.asarray(meaning_of(op)(op, every[None], *(d[None] for d in known if d is not None))).reshape(-1)
    name = "edgec_dequantize_armv6m_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.array("table", table), emitter.pointer(op.result)
        return [Evaluate(Call(name, (*places, Int(elements))))]

    return Kernel(name, HEADER, emit, work={LAYER: 1, "elements": elements})
