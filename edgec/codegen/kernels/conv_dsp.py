"""Convolutions of bytes with the DSP extension."""

from collections.abc import Mapping

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_dsp import Streams, in_order, streams
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_dsp import lower_depthwise_dsp
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.products_dsp import lower_dense_dsp, together
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.strips import Geometry, StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.weighted_sums import SIZES, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d, Convolution
from edgec.ir.requantization import zero_of

MOST_ROWS = 3
"""Of output, that a call computes: with three, whole blocks of 3 pixels make up rows of any width."""


@lowers(Convolution, quantized=True, family="dsp")
def lower_convolution_dsp(op: Convolution) -> Lowered:
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
    if sums.types not in SIZES or outs < 2 or rows.out * columns.out < 3:
        return None
    window = _Window(rows, columns, channels)
    weights = in_order(sums.weights[0].reshape(outs, -1), window.order, 4)
    packed = streams(weights, sums, op.result, op.clamp, 2)
    if packed is None:
        return None
    strips = [strip for strip in range(min(MOST_ROWS, rows.out), 0, -1) if strip * columns.out >= 3]
    return [_by_strips(op, window, packed, strip) for strip in strips]


def _by_strips(op: Conv2d, window: "_Window", packed: Streams, strip: int) -> Kernel:
    rows, columns, outs = window.rows, window.columns, op.w.shape[0]
    groups, size = -(-len(window.order) // 4), op.result.type.dtype.bytes
    blocks = together(strip * columns.out, 24 * groups)
    kernel = "conv2d_dsp" if size == 1 else "conv2d16_dsp"
    name = f"edgec_{kernel}_{op.result.type.dtype.value}"

    def prepare(emitter: Emitter) -> StripCall:
        block = {
            **packed.fields(emitter),
            "groups": Int(groups),
            "out_step": Int(size * outs),
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
            return [Evaluate(Call(name, (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    def made(rest: int) -> int:
        return rest if rest * columns.out >= 3 else strip

    scratch = 24 * groups * blocks + 2 * (rows.reach(strip) * window.pitch + 1)
    counts = strips_of(rows.out, strip, made) * op.result.shape[0]
    pixels = [count * columns.out for count in counts]
    patches = sum(-(-p // 3) for p in pixels)
    calls = sum(-(-(p // 3) // blocks) + (1 if p % 3 else 0) for p in pixels)
    clamped = op.result.type.elements if clamps(op.result, op.clamp) else 0
    work = {
        LAYER: 1,
        **packed.work(patches, calls, groups - 1, 8, clamped),
        **window.work(patches, sum(rows.reach(count) for count in counts)),
        "strips": len(counts),
        "patches": patches,
    }
    return by_strips(name, f"{kernel}.h", op, strip, made, prepare, scratch, work=work)


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

    @property
    def runs(self) -> tuple[int, int]:
        """Windows of a patch, and runs of each."""
        return (1, self.rows.kernel) if self.merged else (self.rows.kernel, self.columns.kernel)

    @property
    def triples(self) -> int:
        """Of a run, words that are copied by threes."""
        return self.words // 3 if self.aligned else 0

    def work(self, patches: int, lines: int) -> Mapping[str, float]:
        """Of so many patches of 3 pixels, from so many rows of input."""
        windows, runs = self.runs
        runs *= windows * patches
        padded = (self.columns.padding + self.columns.behind) * self.channels
        return {
            "lines": lines,
            "widened": lines * self.columns.taken * self.channels,
            "filled": lines * padded,
            "windows": windows * patches,
            "runs": runs,
            "triples": runs * self.triples,
            "singles": runs * (self.words - 3 * self.triples),
        }

    def fields(self) -> Fields:
        """The first fields of an ``edgec_conv2d_dsp``, but ``x_zero``."""
        below = self.rows.dilation * self.pitch
        windows, runs = self.runs
        apart = below if self.merged else self.columns.dilation * self.channels
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
            "windows": Int(windows),
            "window": Int(0 if self.merged else below),
            "runs": tuple(map(Int, (runs, self.triples, self.words - 3 * self.triples, 2 * apart - 4 * self.words))),
        }
