"""Numbers to bytes and back, and softmax of bytes, with RVV."""

from edgec.codegen.ctree import Call, Evaluate, Float, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.axis import softmax_parameters
from edgec.codegen.kernels.blocks_rvv import LEAST_SHIFT
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.windows_rvv import LANES
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Dequantize, Quantize, Softmax
from edgec.ir.requantization import softmax_table


@lowers(Quantize, family="rvv")
def lower_quantize_rvv(op: Quantize) -> Kernel | None:
    """To bytes by one scale."""
    quant, dtype = op.quant(), op.dtype
    if quant is None or op.axis is not None or dtype is not DType.I8 or op.precision is not DType.F32:
        return None
    low, high = dtype.limits
    fields: Fields = {"zero_point": Int(quant.zero), "low": Int(low), "high": Int(high)}

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements)
        shape = emitter.struct("edgec_result", fields)
        return [Evaluate(Call("edgec_quantize_rvv_i8", (shape, Float(quant.scale[0]), *places)))]

    return Kernel("edgec_quantize_rvv_i8", "quantize_rvv.h", emit, work=_vectors(op.x.type.elements))


@lowers(Dequantize, family="rvv")
def lower_dequantize_rvv(op: Dequantize) -> Kernel | None:
    """Of bytes by one scale."""
    quant = op.quant()
    if quant is None or op.axis is not None or {op.x.type.dtype, op.result.type.dtype} != {DType.I8, DType.F32}:
        return None

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result), Int(op.x.type.elements)
        return [Evaluate(Call("edgec_dequantize_rvv_i8", (Int(quant.zero), Float(quant.scale[0]), *places)))]

    return Kernel("edgec_dequantize_rvv_i8", "quantize_rvv.h", emit, work=_vectors(op.x.type.elements))


@lowers(Softmax, quantized=True, family="rvv")
def lower_softmax_rvv(op: Softmax) -> Kernel | None:
    """Along the last axis."""
    count = op.x.shape[-1]
    last = op.axis == op.x.type.rank - 1
    if not last or {op.x.type.dtype, op.result.type.dtype} != {DType.I8} or softmax_table(op).shift < LEAST_SHIFT:
        return None
    lines = op.x.type.elements // count

    def emit(emitter: Emitter) -> list[Stmt]:
        places = emitter.pointer(op.x), emitter.pointer(op.result)
        return [
            Evaluate(Call("edgec_softmax_rvv_i8", (softmax_parameters(emitter, op), Int(lines), Int(count), *places)))
        ]

    work = {"lines": lines, **_vectors(count, lines)}
    return Kernel("edgec_softmax_rvv_i8", "softmax_rvv.h", emit, work=work)


def _vectors(count: int, times: int = 1) -> dict[str, float]:
    return {LAYER: 1, **{f"vectors{lanes}": times * -(-count // lanes) for lanes in LANES}}
