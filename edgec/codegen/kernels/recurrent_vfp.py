"""Recurrent layers of float32 whose matrices are blocks for the FPU of Armv7E-M and Armv8-M."""

from functools import partial

from edgec.codegen.ctree import Expr
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.blocks_vfp import GROUP, Block, block_header
from edgec.codegen.kernels.products_vfp import BLOCKS
from edgec.codegen.kernels.recurrent import Layer, recurrent
from edgec.codegen.kernels.registry import lowers
from edgec.ir import Array, DType
from edgec.ir.ops import Gru, Lstm, Rnn


def lower_recurrent_vfp(form: str, op: Layer) -> Kernel | None:
    """Of as many hidden states as a block has channels, or more."""
    if op.x.type.dtype is not DType.F32 or op.hidden < GROUP or any(v.data is None for v in (op.w, op.r, op.bias)):
        return None
    name = f"edgec_{op.opname}_{form}_f32"
    return recurrent(op, name, block_header("recurrent", form), f"edgec_recurrent_dense_{form}", _matrix)


def _matrix(emitter: Emitter, role: str, weights: Array, bias: Array) -> Expr:
    block = Block(weights, bias, None, 1, weights.shape[1], 0)
    return emitter.struct("edgec_block_vfp", block.fields(emitter, role), f"{role}_block")


for _form in BLOCKS:
    lowers(Rnn, Gru, Lstm, family=_form)(partial(lower_recurrent_vfp, _form))
