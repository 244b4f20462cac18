"""Convolutions of float32 on hosts: directly, over rows that have their padding in scratch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from edgec.codegen.ctree import ZERO, Cast, Expr, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.conv3_lanes_f32 import conv3
from edgec.codegen.kernels.depthwise_lanes_f32 import lower_depthwise_lanes
from edgec.codegen.kernels.pad_lanes_f32 import pad_call, padded_pitch, strip_rows, strips
from edgec.codegen.kernels.products_lanes_f32 import dense_lanes, ends_with_sum, products, tile_work
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.rows import loops, transposed_runs
from edgec.codegen.kernels.strips import Geometry, geometry
from edgec.codegen.kernels.tiles_f32 import FAMILIES, Lanes, Product, Windows
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Conv2d, Convolution, ConvTranspose2d

HEADER = "conv2d_lanes_f32.h"


def lower_convolution_lanes(lanes: Lanes, op: Convolution) -> list[Kernel] | None:
    """A window of one tap that visits every pixel is dense; else those in 2-D, of one group or large ones."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    if is_pointwise(op):
        weights = op.w.data.reshape(len(op.w.data), -1)
        return dense_lanes(lanes, op.x, op.result, weights, op.bias.data, op.clamp)
    if isinstance(op, Conv2d) and 1 < op.groups == op.x.shape[3]:
        return lower_depthwise_lanes(lanes, op)
    if op.groups > 1 and 2 * len(op.w.data) < lanes.lanes * op.groups:
        return None
    if isinstance(op, ConvTranspose2d):
        return _transposed(lanes, op)
    if not isinstance(op, Conv2d):
        return None
    rows, columns = geometry(op)
    channels, outs = op.x.shape[3], op.w.shape[0] // op.groups
    window = _Window(rows, columns, channels, op.groups)
    three = columns.kernel == 3 and columns.stride <= 2 and window.merged and columns.skipped == 0
    shared = columns.stride if three else 0
    found = products(lanes, outs, op.clamp, window.windows, window.strip, columns.out, shared)
    return [conv3(op, p) if p.shared else _convolution(op, _Part(p, window, op.w.data, op.bias.data)) for p in found]


@dataclass(frozen=True)
class _Window:
    """How an image of so many channels, in so many groups, is seen."""

    rows: Geometry
    columns: Geometry
    channels: int
    groups: int

    @property
    def merged(self) -> bool:
        """Whether columns of a window lie side by side, as one run."""
        return self.columns.dilation == 1 and self.groups == 1

    @property
    def padded(self) -> int:
        """Elements of a padded row, 0 where none is padded."""
        return padded_pitch(self.rows, self.columns, self.channels)

    @property
    def pitch(self) -> int:
        """Elements of a row that is read."""
        return self.padded or self.columns.extent * self.channels

    @property
    def strip(self) -> int:
        """Rows of output at a time."""
        return strip_rows(self.rows, 4 * self.pitch)

    @property
    def windows(self) -> Windows:
        """For tiles."""
        rows, columns, inner = self.rows, self.columns, self.channels // self.groups
        return Windows(
            pixel=columns.stride * self.channels,
            line=rows.stride * self.pitch,
            rows=rows.kernel,
            row=rows.dilation * self.pitch,
            taps=1 if self.merged else columns.kernel,
            tap=0 if self.merged else columns.dilation * self.channels,
            run=columns.kernel * self.channels if self.merged else inner,
        )


@dataclass(frozen=True)
class _Part:
    """All outputs of a convolution, or some; ``weights``: ``[O, rows, columns, I]``."""

    product: Product
    window: _Window
    weights: Array
    bias: Array

    @property
    def scratch(self) -> int:
        """Bytes."""
        return 4 * self.window.padded * self.window.rows.reach(self.window.strip)

    def work(self, batch: int) -> dict[str, float]:
        """Of so many images."""
        window, rows = self.window, self.window.rows
        counts = [window.strip] * (rows.out // window.strip)
        counts += [rows.out % window.strip] if rows.out % window.strip else []
        calls = [(count, window.columns.out) for count in counts]
        lines = sum(rows.reach(count) for count in counts)
        return {**tile_work(self.product, calls * window.groups * batch), "padded": batch * lines * window.padded}

    def emit(
        self, emitter: Emitter, product: Product, places: Sequence[Expr], out: tuple[int, int], role: str = ""
    ) -> list[Stmt]:
        """Of an image; ``places``: as those of tiles; ``out``: elements of a line and a pixel of y."""
        window, rows, columns = self.window, self.window.rows, self.window.columns
        x, *ends = places
        outs, inner = product.channels, window.channels // window.groups
        weights, biases = self.weights.reshape(window.groups, outs, -1), self.bias.reshape(window.groups, outs)
        constants = [
            product.packed(emitter, own, bias, f"{role}{f'group{number}_' if number else ''}")
            for number, (own, bias) in enumerate(zip(weights, biases, strict=True))
        ]

        def one(first: Expr, count: int) -> list[Stmt]:
            place = add(mul(first, Int(rows.stride)), Int(-rows.before))
            statements: list[Stmt] = []
            if window.padded:
                source: Expr = Cast("float *", emitter.scratch)
                rest = place, rows.reach(count), x
                statements.append(pad_call(product.lanes, emitter, rows, columns, window.channels, rest))
            else:
                source = add(x, add(mul(place, Int(window.pitch)), Int(columns.skipped * window.channels)))
            for number, own in enumerate(constants):
                targets = (add(add(end, mul(first, Int(out[0]))), Int(number * outs)) for end in ends)
                from_to = add(source, Int(number * inner)), *targets
                statements += product.emit(emitter, own, count, columns.out, from_to, out)
            return statements

        return strips(rows.out, window.strip, one)


def _image(emitter: Emitter, value: Value) -> Expr:
    """The image that it is the turn of."""
    batch = value.shape[0]
    return add(emitter.pointer(value), mul(Name("n"), Int(value.type.elements // batch)) if batch > 1 else ZERO)


def _convolution(op: Conv2d, part: _Part) -> Kernel:
    *_, width, channels = op.result.shape

    def emit(emitter: Emitter, product: Product = part.product, results: Sequence[Value] = (op.result,)) -> list[Stmt]:
        places = [_image(emitter, value) for value in (op.x, *results)]
        body = part.emit(emitter, product, places, (width * channels, channels))
        return loops([Name("n")], [op.x.shape[0]], body)

    name = part.product.lanes.kernel("conv2d")
    kernel = Kernel(name, HEADER, emit, part.scratch, work=part.work(op.x.shape[0]))
    return replace(kernel, ending=partial(ends_with_sum, kernel, part.product, emit))


def _transposed(lanes: Lanes, op: ConvTranspose2d) -> list[Kernel] | None:
    """A convolution for the outputs of each run of rows and of columns, where each meets a tap."""
    _, height, width, channels = op.x.shape
    pairs = [(row, column) for row in transposed_runs(op, 0) for column in transposed_runs(op, 1)]
    if op.groups > 1 or any(not row.taps or not column.taps for row, column in pairs):
        return None
    parts: list[tuple[_Part, int, tuple[int, int]]] = []
    *_, out_width, outs = op.result.shape
    for row, column in pairs:
        rows = Geometry(height, len(row.taps), 1, row.dilation, row.pad, row.count)
        columns = Geometry(width, len(column.taps), 1, column.dilation, column.pad, column.count)
        window = _Window(rows, columns, channels, 1)
        product = products(lanes, outs, op.clamp, window.windows, window.strip, columns.out)[0]
        taps = known(op, op.w)[:, list(row.taps)][:, :, list(column.taps)]
        first = (row.first * out_width + column.first) * outs
        part = _Part(product, window, taps, known(op, op.bias))
        parts.append((part, first, (row.step * out_width * outs, column.step * outs)))

    def emit(emitter: Emitter) -> list[Stmt]:
        body: list[Stmt] = []
        for number, (part, first, out) in enumerate(parts):
            places = _image(emitter, op.x), add(_image(emitter, op.result), Int(first))
            body += part.emit(emitter, part.product, places, out, f"part{number}_")
        return loops([Name("n")], [op.x.shape[0]], body)

    work: dict[str, float] = {}
    for part, _, _ in parts:
        for loop, turns in part.work(op.x.shape[0]).items():
            work[loop] = work.get(loop, 0) + turns
    name = lanes.kernel("conv_transpose")
    return [Kernel(name, HEADER, emit, max(part.scratch for part, _, _ in parts), work=work)]


for _lanes in FAMILIES:
    lowers(Convolution, family=_lanes.family)(partial(lower_convolution_lanes, _lanes))
