"""Convolutions of bytes with the DSP extension."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgec.codegen.ctree import Block, Call, Declare, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import TYPES, clamp_codes, in_order, streams
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.products_dsp import lower_dense_dsp
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.rows import loops
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir import Array
from edgec.ir.ops import Conv2d, Convolution
from edgec.ir.requantization import zero_of

MOST_ROWS = 3
"""Of output, that a call computes: with three, whole blocks of 3 pixels make up rows of any width."""


@dataclass(frozen=True)
class Geometry:
    """A 2-D convolution along one axis."""

    extent: int
    kernel: int
    stride: int
    dilation: int
    before: int
    out: int

    @property
    def span(self) -> int:
        """How far a window reaches."""
        return (self.kernel - 1) * self.dilation + 1

    def reach(self, count: int) -> int:
        """How far the windows of so many neighbours reach."""
        return (count - 1) * self.stride + self.span


@lowers(Convolution, quantized=True, family="dsp")
def lower_convolution_dsp(op: Convolution) -> Kernel | None:
    """A window of one tap that visits every pixel is dense; of the others those in 2-D without groups have a kernel."""
    if is_pointwise(op):
        return lower_dense_dsp(op)
    if not isinstance(op, Conv2d) or op.groups > 1:
        return None
    top, _, left, _ = op.pad
    rows, columns = (
        Geometry(op.x.shape[a + 1], op.kernel[a], op.stride[a], op.dilation[a], before, op.result.shape[a + 1])
        for a, before in ((0, top), (1, left))
    )
    sums = weighted_sums(op, [known(op, op.w)])
    outs, channels = op.w.shape[0], op.x.shape[3]
    if sums.types != TYPES or outs < 2 or rows.out * columns.out < 3:
        return None
    window = _Window(rows, columns, channels)
    (weights,), (bias,) = sums.weights, sums.biases
    packed = streams(in_order(weights.reshape(outs, -1), window.order, 4), sums, bias, zero_of(op.result), 2)
    if packed is None:
        return None
    strip = min(range(1, min(MOST_ROWS, rows.out) + 1), key=lambda s: (s * columns.out < 3, window.cost(s, outs)))
    groups = -(-len(window.order) // 4)

    def emit(emitter: Emitter) -> list[Stmt]:
        block = {
            **packed.fields(emitter),
            "groups": Int(groups),
            "out_step": Int(outs),
            **clamp_codes(op.result, op.clamp),
        }
        fields = {**window.fields(), "x_zero": Int(zero_of(op.x)), "block": tuple(block.values())}
        shape = emitter.struct("edgec_conv2d_dsp", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call("edgec_conv2d_dsp_i8", (shape, rows, Int(count), out, emitter.scratch)))]

        return over_strips(emitter, op, rows, strip, 3, call)

    scratch = 24 * groups + 2 * (rows.reach(strip) * window.pitch + 1)
    return Kernel("edgec_conv2d_dsp_i8", "conv2d_dsp.h", emit, scratch)


def over_strips(
    emitter: Emitter,
    op: Conv2d,
    rows: Geometry,
    strip: int,
    least: int,
    call: Callable[[Expr, int, Expr], list[Stmt]],
) -> list[Stmt]:
    """Calls ``(rows of input, count, place)`` for ``strip`` rows of output at a time, in each image.

    The last strip of an image has what is left of the rows, but ``least`` pixels at least.
    """
    batch, height, width, _ = op.result.shape
    row_elements = op.x.shape[2] * op.x.shape[3]
    n, y = Name("n"), Name("y")
    whole, rest = divmod(height, strip)
    image = mul(n, Int(op.x.type.elements // batch)) if batch > 1 else Int(0)
    out_row = width * op.result.shape[3]
    out_image = mul(n, Int(height * out_row)) if batch > 1 else Int(0)

    def one(first: Expr, count: int) -> list[Stmt]:
        reach = rows.reach(count)
        place = add(mul(first, Int(rows.stride)), Int(-rows.before))
        arguments = (Name("rows"), Int(reach), add(emitter.pointer(op.x), image), Int(rows.extent), Int(row_elements))
        out = add(add(emitter.pointer(op.result), out_image), mul(first, Int(out_row)))
        return [
            Declare("const int8_t *", "rows", extent=reach),
            Evaluate(Call("edgec_rows_i8", (*arguments, place, Int(1), Int(1)))),
            *call(Name("rows"), count, out),
        ]

    body: list[Stmt] = [For("y", 0, whole, one(mul(y, Int(strip)), strip))]
    if rest:
        count = rest if rest * width >= least else strip
        body.append(Block(one(Int(height - count), count)))
    return loops([n], [batch], body)


class _Window:
    """Where the taps of a window lie in rows that were widened with their padding."""

    def __init__(self, rows: Geometry, columns: Geometry, channels: int) -> None:
        self.rows, self.columns, self.channels = rows, columns, channels
        self.skipped = max(-columns.before, 0)
        self.before = max(columns.before, 0)
        self.taken = max(min(columns.extent - self.skipped, columns.reach(columns.out) - self.before), 0)
        self.behind = columns.reach(columns.out) - self.before - self.taken
        self.pitch = (columns.reach(columns.out) * channels + 1) // 2 * 2
        # Taps that lie side by side are one run.
        self.merged = columns.dilation == 1
        self.elements = channels * (columns.kernel if self.merged else 1)
        steps = [columns.stride * channels] + ([] if self.merged else [columns.dilation * channels])
        self.aligned = all(step % 2 == 0 for step in steps)

    @property
    def words(self) -> int:
        """Of a run."""
        return -(-self.elements // 2)

    @property
    def order(self) -> Array:
        """The taps in the order of the patch, -1 for what is beyond the end of a run of an odd number of elements."""
        taps = np.arange(self.rows.kernel * self.columns.kernel * self.channels).reshape(-1, self.elements)
        return np.pad(taps, ((0, 0), (0, -self.elements % 2)), constant_values=-1).reshape(-1)

    def cost(self, strip: int, outs: int) -> float:
        """About how many instructions the layer takes by so many rows of output at a time."""
        total = 0.0
        for first in range(0, self.rows.out, strip):
            count = min(strip, self.rows.out - first)
            blocks = -(-count * self.columns.out // 3)
            total += blocks * (2.2 * outs * len(self.order) + 80) + self.rows.reach(count) * self.pitch * 1.5
        return total

    def fields(self) -> Fields:
        """The first fields of an ``edgec_conv2d_dsp``, but ``x_zero``."""
        below = self.rows.dilation * self.pitch
        runs, apart = (
            (self.rows.kernel, below) if self.merged else (self.columns.kernel, self.columns.dilation * self.channels)
        )
        triples = self.words // 3 if self.aligned else 0
        return {
            "first": Int(self.skipped * self.channels),
            "count": Int(self.taken * self.channels),
            "before": Int(self.before * self.channels),
            "behind": Int(self.behind * self.channels),
            "pitch": Int(self.pitch),
            "rows": Int(self.rows.span),
            "stride": Int(self.rows.stride),
            "out_width": Int(self.columns.out),
            "pixel": Int(self.columns.stride * self.channels),
            "windows": Int(1 if self.merged else self.rows.kernel),
            "window": Int(0 if self.merged else below),
            "runs": (Int(runs), Int(triples), Int(self.words - 3 * triples), Int(2 * apart - 4 * self.words)),
        }
