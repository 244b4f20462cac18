"""Convolutions of float32 on hosts: directly, over rows that have their padding in scratch."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from edgec.codegen.ctree import Cast, Expr, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.conv3_lanes_f32 import conv3
from edgec.codegen.kernels.depthwise_lanes_f32 import lower_depthwise_lanes
from edgec.codegen.kernels.pad_lanes_f32 import pad_call, padded_pitch, strip_rows, strips
from edgec.codegen.kernels.products_lanes_f32 import dense_lanes, ends_with_sum, products, tile_work, tiles_name
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.rows import loops
from edgec.codegen.kernels.strips import geometry
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes, Product, Windows
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Conv2d, Convolution


def lower_convolution_lanes(lanes: Lanes, op: Convolution) -> list[Kernel] | None:
    """A window of one tap that visits every pixel is dense; else those in 2-D, of one group or large ones."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    if is_pointwise(op):
        weights = op.w.data.reshape(len(op.w.data), -1)
        return dense_lanes(lanes, op.x, op.result, weights, op.bias.data, op.clamp)
    if isinstance(op, Conv2d) and 1 < op.groups == op.x.shape[3]:
        return lower_depthwise_lanes(lanes, op)
    if not isinstance(op, Conv2d) or (op.groups > 1 and 2 * len(op.w.data) < lanes.lanes * op.groups):
        return None
    rows, columns = geometry(op)
    channels, inner = op.x.shape[3], op.w.shape[3]
    padded = padded_pitch(op)
    pitch = padded or columns.extent * channels
    # Columns of a window that lie side by side are one run.
    merged = columns.dilation == 1 and op.groups == 1
    windows = Windows(
        pixel=columns.stride * channels,
        line=rows.stride * pitch,
        rows=rows.kernel,
        row=rows.dilation * pitch,
        taps=1 if merged else columns.kernel,
        tap=0 if merged else columns.dilation * channels,
        run=columns.kernel * channels if merged else inner,
    )
    outs = len(op.w.data) // op.groups
    w: Array = op.w.data.reshape(op.groups, outs, -1)
    bias: Array = op.bias.data.reshape(op.groups, outs)
    strip = strip_rows(rows, 4 * pitch)
    parts = [*zip(w, bias, strict=True)]
    three = columns.kernel == 3 and columns.stride <= 2 and merged and columns.skipped == 0
    found = products(lanes, outs, op.clamp, windows, strip, columns.out, columns.stride if three else 0)
    return [conv3(op, p) if p.shared else _kernel(op, p, parts, strip, padded) for p in found]


def _kernel(op: Conv2d, product: Product, parts: list[tuple[Array, Array]], strip: int, pitch: int) -> Kernel:
    """``parts``: weights and biases of the convolution's groups; ``pitch``: of a padded row, 0 where none is padded."""
    rows, columns = geometry(op)
    channels, line = op.x.shape[3], columns.out * op.result.shape[3]
    lanes, outs = product.lanes, product.channels

    batch = op.x.shape[0]

    def emit(emitter: Emitter, product: Product = product, results: Sequence[Value] = (op.result,)) -> list[Stmt]:
        constants = [
            product.packed(emitter, own, begin, f"group{i}_" if i else "") for i, (own, begin) in enumerate(parts)
        ]

        x, *ends = (
            add(emitter.pointer(v), mul(Name("n"), Int(v.type.elements // batch)) if batch > 1 else Int(0))
            for v in (op.x, *results)
        )

        def one(first: Expr, count: int) -> list[Stmt]:
            place = add(mul(first, Int(rows.stride)), Int(-rows.before))
            statements: list[Stmt] = []
            if pitch:
                source: Expr = Cast("float *", emitter.scratch)
                statements.append(pad_call(lanes, emitter, op, place, rows.reach(count), x))
            else:
                source = add(x, mul(place, Int(columns.extent * channels)))
                source = add(source, Int(columns.skipped * channels))
            for number, own in enumerate(constants):
                targets = (add(add(end, mul(first, Int(line))), Int(number * outs)) for end in ends)
                places = add(source, Int(number * (channels // len(parts)))), *targets
                statements += product.emit(emitter, own, count, columns.out, places, (line, len(parts) * outs))
            return statements

        return loops([Name("n")], [batch], strips(rows.out, strip, one))

    counts = [strip] * (rows.out // strip) + ([rows.out % strip] if rows.out % strip else [])
    work = tile_work(product, [(count, columns.out) for count in counts * op.x.shape[0]] * len(parts))
    if pitch:
        work["padded"] = op.x.shape[0] * sum(rows.reach(count) for count in counts) * pitch
    scratch = 4 * pitch * rows.reach(strip) if pitch else 0
    kernel = Kernel(tiles_name(product, strip, columns.out), "conv2d_lanes_f32.h", emit, scratch, work=work)
    return replace(kernel, ending=partial(ends_with_sum, kernel, product, emit))


for _lanes in FAMILIES:
    lowers(Convolution, family=_lanes.family)(partial(lower_convolution_lanes, _lanes))
