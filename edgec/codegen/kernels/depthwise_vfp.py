"""Depthwise convolutions of float32 on the FPU of Armv7E-M and Armv8-M."""

from collections.abc import Mapping

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_vfp import (
    CLAMPED,
    GROUP,
    adds_nothing,
    block_header,
    clamp_kind,
    group_firsts,
    ints,
    padding,
)
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d

BLOCK = 3
"""Pixels of a block, side by side; the last ones may be of 2."""

PIXEL = 4 * GROUP
"""Bytes of a plane's pixel."""

SCRATCH = 6144
"""Bytes of scratch that a layer takes if it can do with them: the fewer strips, the fewer rows are taken twice."""


def lower_depthwise_vfp(form: str, op: Conv2d) -> Kernel | None:
    """One of as many channels as of input: planes of four channels, with their padding, are computed one by one."""
    rows, columns = geometry(op)
    weights, bias = known(op, op.w), known(op, op.bias)
    channels = op.x.shape[3]
    merged = columns.dilation == 1
    if (
        len(weights) != channels
        or channels < GROUP
        or columns.out < 2
        or not (merged or rows.kernel == 1)
        or not adds_nothing(weights, bias)
    ):
        return None
    line = PIXEL * columns.reach(columns.out)
    strip = min(max((SCRATCH - (rows.span - rows.stride) * line) // (rows.stride * line), 1), rows.out)
    three = merged and columns.kernel == 3 and columns.stride <= 2
    name = f"edgec_depthwise_{f'3_{columns.stride}' if three else 'any'}_{form}_f32"
    taps, below = (columns.kernel, rows.dilation * line) if merged else (1, columns.dilation * PIXEL)
    # A row of a window of 3 columns ends where that of its block does.
    seen = 2 * columns.stride + 3 if three else taps
    planes = {
        "blocks": -(-columns.out // BLOCK),
        "twos": -columns.out % BLOCK,
        "row": rows.stride * line - columns.out * columns.stride * PIXEL,
        "out_step": 4 * channels,
        "clamp": clamp_kind(op.clamp, bias),
    }
    window = {
        "rows": rows.kernel if merged else columns.kernel,
        "skip": below - seen * PIXEL,
        "columns": taps,
        "pixel": columns.stride * PIXEL,
    }

    def prepare(emitter: Emitter) -> StripCall:
        stream, group = _stream(weights, bias)
        fields: Fields = {
            "padded": tuple(padding(rows, columns, 1).values()),
            "channels": Int(channels),
            "stream": emitter.array("stream", stream, "by 4 channels: biases, then [taps][4]"),
            "group": Int(group),
            "planes": (*ints(planes).values(), *clamp_fields(op.clamp).values(), *ints(window).values()),
        }
        shape = emitter.struct("edgec_depthwise_vfp", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    counts = strips_of(rows.out, strip, _all) * op.x.shape[0]
    work = _work(op, counts, planes["blocks"], planes["twos"], CLAMPED[planes["clamp"]])
    scratch = rows.reach(strip) * line
    return by_strips(name, block_header("depthwise", form), op, strip, _all, prepare, scratch, work=work)


def _all(left: int) -> int:
    return left


def _work(op: Conv2d, counts: list[int], blocks: int, twos: int, clamped: float) -> Mapping[str, float]:
    """In calls for so many rows: planes are filled, and taken by blocks of three pixels and of two."""
    rows, columns = geometry(op)
    groups, lines = len(group_firsts(op.x.shape[3])), sum(rows.reach(count) for count in counts)
    made = groups * sum(counts)
    threes = blocks - twos
    # Rows of a window are columns where these are apart.
    window, taps = (rows.kernel, columns.kernel) if columns.dilation == 1 else (columns.kernel, 1)
    return {
        LAYER: 1,
        "strips": len(counts),
        "filled": lines * (columns.padding + columns.behind),
        "strip_lines": lines,
        "groups": groups * len(counts),
        "lines": groups * lines,
        "fours": groups * lines * (columns.taken // 4),
        "rest": groups * lines * (columns.taken % 4),
        "rows": made,
        "blocks": made * blocks,
        "threes": made * threes * window,
        "twos": made * twos * window,
        "three_taps": made * threes * window * taps,
        "two_taps": made * twos * window * taps,
        "clamped": made * columns.out * clamped,
    }


def _stream(weights: Array, bias: Array) -> tuple[Array, int]:
    """Groups of channels, and how many elements each has."""
    taps = weights.reshape(len(weights), -1)
    groups = [np.concatenate([bias[g : g + GROUP], taps[g : g + GROUP].T.reshape(-1)]) for g in group_firsts(len(taps))]
    return np.concatenate(groups), len(groups[0])
