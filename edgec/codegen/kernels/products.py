"""Matrix products: by weights that are known (dense), and of two tensors (matmul); the determinant."""

from collections.abc import Callable
from math import prod

import numpy as np

from edgec.codegen.axes import Axis, broadcast_strides, merge, nest
from edgec.codegen.ctree import Call, Cast, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import C_TYPES, Emitter, Fields, Kernel
from edgec.codegen.kernels.literals import clamp_fields, clamp_literals
from edgec.codegen.kernels.reach import above, blocks, pixel_turns
from edgec.codegen.kernels.registry import known, lowers
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Clamp, Dense, Det, MatMul

BLOCK = 4
"""Output channels whose weights stand side by side: the blocks of block_f32.h."""


def pack_dense(weights: Array) -> Array:
    """``[O,I]`` -> blocks ``[I][4]`` of 4 output channels, then each channel that is left, ``[I]``."""
    whole = len(weights) - len(weights) % BLOCK
    blocks = weights[:whole].reshape(whole // BLOCK, BLOCK, weights.shape[1]).transpose(0, 2, 1)
    return np.concatenate([blocks.reshape(-1), weights[whole:].reshape(-1)])


@lowers(Dense)
def lower_dense(op: Dense) -> Kernel:
    """All leading extents are one run of pixels."""
    dtype = op.x.type.dtype
    if dtype is DType.F32:
        return dense(op.x, op.result, known(op, op.w), known(op, op.bias), op.clamp)
    name = f"edgec_dense_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        extents = Int(prod(op.x.shape[:-1])), Int(op.w.shape[1]), Int(op.w.shape[0])
        places = (emitter.pointer(v) for v in (op.x, op.w, op.bias, op.result))
        return [Evaluate(Call(name, (*extents, *clamp_literals(op.clamp, dtype), *places)))]

    turns = pixel_turns(op.x, op.result, blocks(prod(op.x.shape[:-1]), 1))
    return Kernel(name, "dense.h", emit, distances=above(op.x, op.result, turns))


def dense(x: Value, y: Value, weights: Array, bias: Array, clamp: Clamp | None) -> Kernel:
    """``x[..., I]`` times ``weights[O,I]``: the dense kernel."""

    def emit(emitter: Emitter) -> list[Stmt]:
        out, inner = weights.shape
        fields = {"in_channels": Int(inner), "out_channels": Int(out), **clamp_fields(clamp)}
        arguments = (
            emitter.struct("edgec_dense", fields),
            Int(prod(x.shape[:-1])),
            emitter.pointer(x),
            emitter.array("weights", pack_dense(weights), "blocks of [in][4]"),
            emitter.array("bias", bias),
            emitter.pointer(y),
        )
        return [Evaluate(Call("edgec_dense_f32", arguments))]

    turns = pixel_turns(x, y, blocks(prod(x.shape[:-1]), 4, 1))
    return Kernel("edgec_dense_f32", "dense_f32.h", emit, distances=above(x, y, turns))


@lowers(MatMul)
def lower_matmul(op: MatMul) -> Kernel:
    """Of float32 in blocks."""
    dtype = op.a.type.dtype
    header = "matmul_f32.h" if dtype is DType.F32 else "matmul.h"
    return matmul(op, f"edgec_matmul_{dtype.value}", header, "edgec_matmul", lambda emitter: {})


def matmul(
    op: MatMul, name: str, header: str, struct: str, more: Callable[[Emitter], Fields], scratch: int = 0
) -> Kernel:
    """One kernel call per matrix of the result, in loops over batch axes; ``more``: further fields of its struct.

    A kernel that needs ``scratch`` gets its place behind those of its operands.
    """

    def emit(emitter: Emitter) -> list[Stmt]:
        *batch, rows, columns = op.result.shape
        inner = op.a.shape[-1]
        strides = [broadcast_strides(v.shape, op.result.shape)[:-2] for v in (op.a, op.b, op.result)]
        axes = merge([Axis(e, tuple(s)) for e, *s in zip(batch, *strides, strict=True)])
        if axes and axes[-1].strides[1] == 0 and axes[-1].strides[0] == rows * inner:
            # Matrices that follow each other and meet the same b are one taller matrix.
            rows *= axes.pop().extent
        fields = {"rows": Int(rows), "inner": Int(inner), "columns": Int(columns), **more(emitter)}
        shape = emitter.struct(struct, fields)
        pointers = [emitter.pointer(v) for v in (op.a, op.b, op.result)]

        def call(offsets: list[Expr]) -> list[Stmt]:
            places = [add(p, o) for p, o in zip(pointers, offsets, strict=True)]
            return [Evaluate(Call(name, (shape, *places, *([emitter.scratch] if scratch else []))))]

        return nest(axes, 3, call)

    return Kernel(name, header, emit, scratch)


@lowers(Det)
def lower_det(op: Det) -> Kernel:
    """One call for all matrices."""
    dtype = op.x.type.dtype
    name, order = f"edgec_det_{dtype.value}", op.x.shape[-1]

    def emit(emitter: Emitter) -> list[Stmt]:
        work = Cast(f"{C_TYPES[dtype]} *", emitter.scratch)
        places = emitter.pointer(op.x), emitter.pointer(op.result), work
        return [Evaluate(Call(name, (Int(op.result.type.elements), Int(order), *places)))]

    return Kernel(name, "det.h", emit, scratch=order * order * dtype.bytes)
