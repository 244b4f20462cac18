"""Products of float32 by known weights on the FPU of Armv7E-M and Armv8-M."""

from functools import partial
from math import prod

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.blocks_vfp import GROUP, Block, block_header
from edgec.codegen.kernels.reach import above, blocks, pixel_turns
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Clamp, Dense

FORMS = ("vfp", "vmla")
"""Families of the same kernels: with products and sums by themselves, and with chained ones."""

BLOCKS = (*FORMS, "mve")
"""Families that have the blocks of these kernels: the last one by vectors, where no number is subnormal."""


def lower_dense_vfp(form: str, op: Dense) -> Kernel | None:
    """All leading extents are one run of pixels."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    return dense_vfp(form, op.x, op.result, op.w.data, op.bias.data, op.clamp)


def dense_vfp(form: str, x: Value, y: Value, weights: Array, bias: Array, clamp: Clamp | None) -> Kernel | None:
    """``x[..., I]`` times ``weights[O, I]``; None for fewer channels than a block has."""
    if len(weights) < GROUP:
        return None
    inner, pixels = x.shape[-1], prod(x.shape[:-1])
    name = f"edgec_dense_{form}_f32"
    block = Block(weights, bias, clamp, 1, inner, 0)

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_block_vfp", block.fields(emitter))
        places = emitter.pointer(x), emitter.pointer(y)
        return [Evaluate(Call(name, (shape, Int(pixels), Int(inner), *places)))]

    work = {LAYER: 1, **block.work([pixels])}
    distances = above(x, y, pixel_turns(x, y, blocks(pixels, 4, 1)))
    return Kernel(name, block_header("dense", form), emit, work=work, distances=distances)


for _form in BLOCKS:
    lowers(Dense, family=_form)(partial(lower_dense_vfp, _form))
