"""Matrix products on quantized values: by weights that are known (dense), and of two activations (matmul)."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.literals import result_fields
from edgec.codegen.kernels.products import matmul
from edgec.codegen.kernels.reach import above, blocks, pixel_turns
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import factors, kernel_types, sum_type, weighted_sums
from edgec.ir.ops import Convolution, Dense, MatMul
from edgec.ir.requantization import zero_of


@lowers(Dense, quantized=True)
def lower_quantized_dense(op: Dense | Convolution) -> Kernel:
    """All leading extents are one run of pixels; those of a convolution, too, whose window is one tap."""
    weights = known(op, op.w)
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    name = f"edgec_dense_{sums.types}"
    (rows,), (bias,) = sums.weights, sums.biases

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "in_channels": Int(rows.shape[1]),
            "out_channels": Int(rows.shape[0]),
            "factors": sums.factors.fields(emitter),
            **result_fields(op.result, op.clamp),
        }
        arguments = (
            emitter.struct("edgec_dense_quantized", fields),
            Int(prod(op.x.shape[:-1])),
            emitter.pointer(op.x),
            emitter.array("weights", rows, "[out][in]"),
            emitter.array("bias", bias),
            emitter.pointer(op.result),
        )
        return [Evaluate(Call(name, arguments))]

    counts = blocks(prod(op.x.shape[:-1]), *((3,) if len(rows) > 1 else ()), 1)
    return Kernel(
        name, "dense_quantized.h", emit, distances=above(op.x, op.result, pixel_turns(op.x, op.result, counts))
    )


@lowers(MatMul, quantized=True)
def lower_quantized_matmul(op: MatMul) -> Kernel:
    """As in float."""
    types = kernel_types(op.a.type.dtype, op.b.type.dtype, sum_type(op), op.result.type.dtype)
    return quantized_matmul(op, f"edgec_matmul_{types}", "matmul_quantized.h")


def quantized_matmul(op: MatMul, name: str, header: str) -> Kernel:
    """The call of a kernel for codes."""
    scaling = factors(op, sum_type(op))

    def more(emitter: Emitter) -> Fields:
        zeros = {"a_zero": Int(zero_of(op.a)), "b_zero": Int(zero_of(op.b))}
        return {**zeros, "factors": scaling.fields(emitter), **result_fields(op.result)}

    return matmul(op, name, header, "edgec_matmul_quantized", more)
