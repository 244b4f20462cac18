"""Dense layers and 1x1 convolutions of bytes with the vectors of Armv8.1-M."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import TYPES
from edgec.codegen.kernels.blocks_mve import STEP, block, pair_groups, steps, stream, wide_groups
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir.ops import Convolution, Dense


@lowers(Dense, quantized=True, family="mve")
def lower_dense_mve(op: Dense | Convolution) -> Kernel | None:
    """Pixels go by blocks of 2 pixels x 4 channels, one alone by 8 channels."""
    weights = known(op, op.w)
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    (rows,) = sums.weights
    (outs, channels), pixels = rows.shape, prod(op.x.shape[:-1])
    if sums.types != TYPES:
        return None
    by_pixel = pixels < 2 or outs < 4
    packed = stream(rows, sums, (wide_groups if by_pixel else pair_groups)(outs))
    if packed is None:
        return None
    name = "edgec_dense_mve_i8" if by_pixel else "edgec_pointwise_mve_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {
            "in_channels": Int(channels),
            "block": block(emitter, packed, channels, outs, op.result, op.clamp),
        }
        shape = emitter.struct("edgec_dense_mve", fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call(name, (shape, Int(pixels), *places)))]

    return Kernel(name, "dense_mve.h", emit, (1 if by_pixel else 2) * STEP * steps(channels))
