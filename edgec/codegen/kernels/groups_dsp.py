"""Convolutions of bytes by groups of channels with the DSP extension: rows are widened once for all groups."""

from collections import Counter
from dataclasses import replace

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.blocks_dsp import Streams, in_order, streams
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.products_dsp import together
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.weighted_sums import TYPES, Factors, WeightedSums, weighted_sums
from edgec.codegen.kernels.windows_dsp import MOST_ROWS, Window
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

MOST = 64
"""Groups, each of which is a call and a struct."""


def lower_groups_dsp(op: Conv2d) -> list[Kernel] | None:
    """Of two output channels a group or more, and of three pixels."""
    rows, columns = geometry(op)
    sums = weighted_sums(op, [known(op, op.w)])
    each = op.w.shape[0] // op.groups
    if sums.types != TYPES or each < 2 or rows.out * columns.out < 3 or op.groups > MOST:
        return None
    window = Window(rows, columns, op.x.shape[3], op.groups)
    packed = []
    for first in range(0, op.w.shape[0], each):
        part = _part(sums, slice(first, first + each))
        weights = in_order(part.weights[0].reshape(each, -1), window.order, 4)
        packed.append(streams(weights, part, op.result, op.clamp, 2))
    made = [stream for stream in packed if stream is not None]
    if len(made) < op.groups:
        return None
    strips = [strip for strip in range(min(MOST_ROWS, rows.out), 0, -1) if strip * columns.out >= 3]
    return [_by_strips(op, window, made, strip) for strip in strips]


def _part(sums: WeightedSums, channels: slice) -> WeightedSums:
    (weights,), (bias,), count = sums.weights, sums.biases, len(sums.weights[0])
    factors = (np.broadcast_to(f, count)[channels] for f in (sums.factors.multipliers, sums.factors.shifts))
    return replace(sums, weights=[weights[channels]], biases=[bias[channels]], factors=Factors(*factors))


def _by_strips(op: Conv2d, window: Window, packed: list[Streams], strip: int) -> Kernel:
    rows, columns, outs = window.rows, window.columns, op.w.shape[0]
    taps = -(-len(window.order) // 4)
    blocks = together(strip * columns.out, 24 * taps)
    name = "edgec_conv2d_groups_dsp_i8"

    def prepare(emitter: Emitter) -> StripCall:
        shapes = []
        for number, stream in enumerate(packed):
            block = {**stream.fields(emitter, str(number)), "groups": Int(taps), "out_step": Int(outs)}
            limits = clamp_codes(op.result, op.clamp)
            fields = {
                **window.fields(),
                "x_zero": Int(zero_of(op.x)),
                "blocks": Int(blocks),
                "block": (*block.values(), *limits.values()),
            }
            shapes.append(emitter.struct("edgec_conv2d_dsp", fields, f"group{number}"))

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            pixels, each = count * columns.out, outs // op.groups
            done: list[Stmt] = [
                Evaluate(Call("edgec_conv2d_lines_dsp_i8", (shapes[0], rows, Int(count), emitter.scratch)))
            ]
            for number, shape in enumerate(shapes):
                places = Int(number * window.seen), add(out, Int(number * each)), emitter.scratch
                done.append(Evaluate(Call(name, (shape, Int(pixels), *places))))
            if clamps(op.result, op.clamp):
                limits = clamp_codes(op.result, op.clamp)
                done.append(Evaluate(Call("edgec_narrow_dsp", (out, Int(pixels * outs), *limits.values()))))
            return done

        return call

    def made(rest: int) -> int:
        return rest if rest * columns.out >= 3 else strip

    scratch = 24 * taps * blocks + 2 * (rows.reach(strip) * window.pitch + 1)
    counts = strips_of(rows.out, strip, made) * op.result.shape[0]
    pixels = [count * columns.out for count in counts]
    patches = sum(-(-p // 3) for p in pixels)
    calls = sum(-(-(p // 3) // blocks) + (1 if p % 3 else 0) for p in pixels)
    loops: Counter[str] = Counter()
    for stream in packed:
        loops.update(stream.work(patches, calls, taps - 1, 8, 0))
    lines = sum(rows.reach(count) for count in counts)
    work = {
        LAYER: 1,
        **loops,
        **window.work(patches * op.groups, lines),
        "strips": len(counts),
        "patches": patches * op.groups,
        "clamped": op.result.type.elements if clamps(op.result, op.clamp) else 0,
    }
    return by_strips(name, "conv2d_dsp.h", op, strip, made, prepare, scratch, work=work, copies=True)
