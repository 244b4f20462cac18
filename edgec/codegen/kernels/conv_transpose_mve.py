"""Transposed convolutions of bytes with the vectors of Armv8.1-M: each run of outputs is a convolution by columns."""

from dataclasses import replace
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import block, pair_groups, pixels_work, stream
from edgec.codegen.kernels.columns_mve import FARTHEST, column_fields, reach_bytes
from edgec.codegen.kernels.conv import Layer
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.rows import RowCall, Run, by_rows, kernel_rows, runs
from edgec.codegen.kernels.strips import Geometry
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import ConvTranspose2d


def lower_conv_transpose_mve(op: ConvTranspose2d) -> Kernel | None:
    """Rows that a row of output doesn't meet are padding, as are their columns."""
    width, channels = op.x.shape[-2:]
    layer = Layer(op.w, op.bias, kernel_rows(op), width, channels, op.groups, op.clamp, runs(op))
    outs, each, rows = layer.out_channels, layer.out_channels // op.groups, layer.rows
    parts = [_weights(layer, run) for run in layer.runs]
    sums = weighted_sums(op, parts)
    geometries = [Geometry(width, max(len(run.taps), 1), 1, _apart(run), run.pad, run.count) for run in layer.runs]
    pixel = op.w.shape[-1]
    fields = [column_fields(op.x, columns, rows, 1, pixel, op.groups) for columns in geometries]
    step = layer.runs[0].step
    if sums.types != TYPES or (each < 4 and step * outs * 3 > FARTHEST):
        return None
    groups = [range(g + c.start, g + c.stop) for g in range(0, outs, each) for c in pair_groups(each)]
    streams = [
        stream(w.swapaxes(1, 2).reshape(outs, -1), replace(sums, weights=[w], biases=[bias]), groups)
        for w, bias in zip(sums.weights, sums.biases, strict=True)
    ]
    found = [(f, s, run) for f, s, run in zip(fields, streams, layer.runs, strict=True) if f and s is not None]
    if len(found) < len(layer.runs):
        return None
    name = "edgec_conv_transpose_mve_i8"

    def prepare(emitter: Emitter) -> RowCall:
        shapes = []
        for number, (of_columns, packed, run) in enumerate(found):
            taps = prod(sums.weights[number].shape[1:])
            made = _block(emitter, packed, taps, run, op, each, number)
            all_fields: Fields = {**of_columns, "stream": Int(packed.size // op.groups), "block": made}
            shapes.append((emitter.struct("edgec_conv2d_columns_mve", all_fields, f"run{number}"), run.first * outs))

        def call(rows: Expr, out: Expr) -> list[Stmt]:
            done: list[Stmt] = [
                Evaluate(Call("edgec_conv2d_groups_mve_i8", (shape, rows, add(out, Int(first)), emitter.scratch)))
                for shape, first in shapes
            ]
            if clamps(op.result, op.clamp):
                limits = clamp_codes(op.result, op.clamp)
                done.append(Evaluate(Call("edgec_clamp_mve", (*limits.values(), out, Int(op.result.shape[2] * outs)))))
            return done

        return call

    lines = prod(op.result.shape[:2]) * op.groups
    calls = [columns.out for columns in geometries] * lines
    copies = lines * rows
    work = {
        LAYER: 1,
        **pixels_work(calls, rows * -(-op.kernel[1] // op.stride[1]) * pixel, each),
        "copies": copies * len(geometries),
        "columns": copies * sum(columns.taken for columns in geometries),
    }
    scratch = max(reach_bytes(columns, rows * pixel) for columns in geometries)
    kernel = by_rows(name, "conv2d_columns_mve.h", op, prepare)
    return replace(kernel, scratch=scratch, work=work)


def _weights(layer: Layer, run: Run) -> Array:
    """``[O, rows, taps, I]``; outputs that no tap meets see one that is nothing."""
    weights = layer.weights(run)
    return weights if run.taps else np.zeros((*weights.shape[:2], 1, weights.shape[3]), weights.dtype)


def _apart(run: Run) -> int:
    return run.dilation if len(run.taps) > 1 else 1


def _block(
    emitter: Emitter, packed: Array, taps: int, run: Run, op: ConvTranspose2d, each: int, number: int
) -> tuple[Expr, ...]:
    """From one pixel of a run to the next there are those of the others."""
    outs = run.step * op.w.shape[0]
    return block(emitter, packed, taps, outs, op.result, None, each=each, role=f"channels{number}")
