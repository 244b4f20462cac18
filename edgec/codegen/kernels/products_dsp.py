"""Dense layers, 1x1 convolutions and matrix products of bytes with the DSP extension."""

from dataclasses import replace
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import Codes, both_halves, in_order, streams, widened
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.products import matmul
from edgec.codegen.kernels.reach import above, copied, pixel_turns
from edgec.codegen.kernels.reach import blocks as blocks_of
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.weighted_sums import (
    HALFWORDS,
    TYPES,
    WeightedSums,
    factors,
    kernel_types,
    sum_type,
    weighted_sums,
)
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Convolution, Dense, MatMul
from edgec.ir.requantization import zero_of

HEADER = "dense_dsp.h"

PATCHES = 2048
"""Bytes of scratch for blocks of pixels that are computed together: the more, the fewer calls."""

COLUMNS = 6144
"""Bytes of scratch for columns that are packed when a product runs: the more, the fewer times rows are widened."""


@lowers(Dense, quantized=True, family="dsp")
def lower_dense_dsp(op: Dense | Convolution) -> list[Kernel] | None:
    """Three pixels and more go by blocks of 3 pixels x 2 channels; fewer, or where it is better, one by one."""
    weights = known(op, op.w)
    sums = weighted_sums(op, [weights.reshape(len(weights), -1)])
    make = {TYPES: _lower, HALFWORDS: _lower16}.get(sums.types)
    if make is None:
        return None
    forms = [make(op, sums, blocks) for blocks in (None, 2, 1, 0)]
    return [kernel for kernel in forms if kernel is not None] or None


def _lower(op: Dense | Convolution, sums: WeightedSums, most: int | None) -> Kernel | None:
    """By so many blocks of 3 pixels together, as many as pay off if it is None, or pixel by pixel."""
    (rows,), by_pixel = sums.weights, most == 0
    (outs, channels), pixels = rows.shape, prod(op.x.shape[:-1])
    if channels < 4 or (not by_pixel and (pixels < 3 or outs < 2)):
        return None
    order = widened(channels)
    packed = streams(in_order(rows, order, 8 if by_pixel else 4), sums, op.result, op.clamp, 4 if by_pixel else 2)
    if packed is None:
        return None
    patch = 6 * len(order)
    blocks = min(together(pixels, patch), most or pixels)
    if most == together(pixels, patch) or (most or 0) > blocks:
        return None
    name = "edgec_dense_dsp_i8" if by_pixel else "edgec_pointwise_dsp_i8"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields
        if by_pixel:
            extents = {"in_channels": Int(channels), "out_channels": Int(outs)}
            fields = {**packed.fields(emitter), **extents, **clamp_codes(op.result, op.clamp)}
        else:
            extents = {"groups": Int(len(order) // 4), "out_step": Int(outs)}
            block = {**packed.fields(emitter), **extents, **clamp_codes(op.result, op.clamp)}
            fields = {"in_channels": Int(channels), "blocks": Int(blocks), "block": tuple(block.values())}
        shape = emitter.struct(name.removesuffix("_i8"), fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call(name, (shape, Int(pixels), *places)))]

    scratch = -(-len(order) // 8) * 16 if by_pixel else blocks * patch
    groups, clamped = len(order) // 4, op.result.type.elements if clamps(op.result, op.clamp) else 0
    if by_pixel:
        loops = packed.work(pixels, pixels, -(-groups // 2), 4, clamped)
        few = pixels * outs if outs < 4 else 0
        more = {"pixels": pixels, "widened": pixels * groups, "clamps": pixels if clamped else 0, "few": few}
        work = {LAYER: 1, **loops, **more}
    else:
        whole = -(-pixels // 3)
        calls = -(-(pixels // 3) // blocks) + (1 if pixels % 3 else 0)
        work = {**packed.work(whole, calls, groups - 1, 8, clamped), LAYER: 1, "widened": whole * groups}
    turns = pixel_turns(op.x, op.result, blocks_of(pixels, *((1,) if by_pixel else (3 * blocks, 3))), 3)
    return Kernel(name, HEADER, emit, scratch, work=work, distances=above(op.x, op.result, copied(turns)))


def _lower16(op: Dense | Convolution, sums: WeightedSums, most: int | None) -> Kernel | None:
    """Of 16 bits: input is not widened, patches hold it in order."""
    (rows,), by_pixel = sums.weights, most == 0
    (outs, channels), pixels = rows.shape, prod(op.x.shape[:-1])
    if channels < 2 or (not by_pixel and (pixels < 3 or outs < 2)):
        return None
    order = np.arange(channels)
    if channels % 2 and not by_pixel:  # the last word is the last two
        order = np.concatenate([order[:-1], [-1], order[-1:]])
    weights = in_order(rows, order, 8 if by_pixel else 4)
    packed = streams(weights, sums, op.result, op.clamp, 4 if by_pixel else 2)
    if packed is None:
        return None
    groups = weights.shape[1] // 4
    blocks = min(together(pixels, 24 * groups), most or pixels)
    if most == together(pixels, 24 * groups) or (most or 0) > blocks:
        return None
    name = "edgec_dense16_dsp_i16" if by_pixel else "edgec_pointwise16_dsp_i16"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields
        if by_pixel:
            stream = dict(list(packed.fields(emitter).items())[:2])
            extents = {"in_channels": Int(channels), "out_channels": Int(outs)}
            fields = {**stream, **extents, **clamp_codes(op.result, op.clamp)}
        else:
            extents = {"groups": Int(groups), "out_step": Int(2 * outs)}
            block = {**packed.fields(emitter), **extents, **clamp_codes(op.result, op.clamp)}
            fields = {"in_channels": Int(channels), "blocks": Int(blocks), "block": tuple(block.values())}
        shape = emitter.struct(name.removesuffix("_i16"), fields)
        places = emitter.pointer(op.x), emitter.pointer(op.result), emitter.scratch
        return [Evaluate(Call(name, (shape, Int(pixels), *places)))]

    turns = pixel_turns(op.x, op.result, blocks_of(pixels, *((1,) if by_pixel else (3 * blocks, 3))), 3)
    distances = above(op.x, op.result, turns if by_pixel else copied(turns))
    scratch = 8 * groups if by_pixel else 24 * groups * blocks
    return Kernel(name, "dense16_dsp.h", emit, scratch, distances=distances)


def together(pixels: int, patch: int) -> int:
    """Blocks of 3 pixels whose patches, of so many bytes, are made together."""
    return max(min(pixels // 3, PATCHES // patch), 1)


@lowers(MatMul, quantized=True, family="dsp")
def lower_matmul_dsp(op: MatMul) -> Kernel | None:
    """Of three rows, four columns and products or more; b is packed when it runs, as much as scratch has room for."""
    (inner, columns), rows = op.b.shape[-2:], op.result.shape[-2]
    sums = sum_type(op)
    types = kernel_types(op.a.type.dtype, op.b.type.dtype, sums, op.result.type.dtype)
    if types != TYPES or rows < 3 or min(inner, columns) < 4:
        return None
    scaling = factors(op, sums)
    largest = np.array([inner << 16])
    codes = Codes.of(largest, scaling.multipliers.astype(np.int64), scaling.shifts.astype(np.int64), zero_of(op.result))
    if codes is None:
        return None
    groups, fours = -(-inner // 4), -(-columns // 4)
    four, patch = 4 * (16 + 8 * groups), 24 * groups
    chunk = max(min(COLUMNS // four, fours), 1)
    blocks = together(rows, patch)
    fields: Fields = {
        "a_less": Int(both_halves(-zero_of(op.a))),
        "b_less": Int(both_halves(-zero_of(op.b))),
        "multiplier": Int(codes.multiplier.item()),
        "begin": Int(codes.begin.item()),
        "shift": Int(codes.shift.item()),
        "chunk": Int(chunk),
        "blocks": Int(blocks),
    }
    matrices, chunks, threes = prod(op.result.shape[:-2]), -(-fours // chunk), -(-rows // 3)
    work = {
        LAYER: 1,
        "chunks": matrices * chunks,
        "calls": matrices * chunks * (-(-(rows // 3) // blocks) + (1 if rows % 3 else 0)),
        "blocks": matrices * chunks * threes,
        "widened": matrices * chunks * threes * groups,
        "fours": matrices * fours,
        "packed": matrices * fours * groups,
        "odd": matrices * fours if inner % 4 else 0,
        "pairs": matrices * threes * 2 * fours,
        "steps": matrices * threes * 2 * fours * groups,
    }
    name, scratch = "edgec_matmul_dsp_i8", chunk * four + blocks * patch
    kernel = matmul(op, name, "matmul_dsp.h", "edgec_matmul_dsp", lambda emitter: fields, scratch)
    return replace(kernel, work=work)
