"""Convolutions of bytes with the DSP extension."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import TYPES, clamp_codes, in_order, streams
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_dsp import lower_depthwise_dsp
from edgec.codegen.kernels.products_dsp import lower_dense_dsp, together
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.strips import Geometry, StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir import Array
from edgec.ir.ops import Conv2d, Convolution
from edgec.ir.requantization import zero_of

MOST_ROWS = 3
"""Of output, that a call computes: with three, whole blocks of 3 pixels make up rows of any width."""


@lowers(Convolution, quantized=True, family="dsp")
def lower_convolution_dsp(op: Convolution) -> Kernel | None:
    """A window of one tap that visits every pixel is dense, one input channel per group depthwise.

    Of the others those in 2-D without groups have a kernel.
    """
    if is_pointwise(op):
        return lower_dense_dsp(op)
    if not isinstance(op, Conv2d):
        return None
    if op.groups > 1:
        return lower_depthwise_dsp(op) if op.groups == op.x.shape[3] else None
    rows, columns = geometry(op)
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
    blocks = together(strip * columns.out, 24 * groups)

    def prepare(emitter: Emitter) -> StripCall:
        block = {
            **packed.fields(emitter),
            "groups": Int(groups),
            "out_step": Int(outs),
            **clamp_codes(op.result, op.clamp),
        }
        fields = {
            **window.fields(),
            "x_zero": Int(zero_of(op.x)),
            "blocks": Int(blocks),
            "block": tuple(block.values()),
        }
        shape = emitter.struct("edgec_conv2d_dsp", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call("edgec_conv2d_dsp_i8", (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    def made(rest: int) -> int:
        return rest if rest * columns.out >= 3 else strip

    scratch = 24 * groups * blocks + 2 * (rows.reach(strip) * window.pitch + 1)
    return by_strips("edgec_conv2d_dsp_i8", "conv2d_dsp.h", op, strip, made, prepare, scratch)


class _Window:
    """Where the taps of a window lie in rows that were widened with their padding."""

    def __init__(self, rows: Geometry, columns: Geometry, channels: int) -> None:
        self.rows, self.columns, self.channels = rows, columns, channels
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
            "first": Int(self.columns.skipped * self.channels),
            "count": Int(self.columns.taken * self.channels),
            "before": Int(self.columns.padding * self.channels),
            "behind": Int(self.columns.behind * self.channels),
            "pitch": Int(self.pitch),
            "rows": Int(self.rows.span),
            "stride": Int(self.rows.stride),
            "out_width": Int(self.columns.out),
            "pixel": Int(self.columns.stride * self.channels),
            "windows": Int(1 if self.merged else self.rows.kernel),
            "window": Int(0 if self.merged else below),
            "runs": (Int(runs), Int(triples), Int(self.words - 3 * triples), Int(2 * apart - 4 * self.words)),
        }
