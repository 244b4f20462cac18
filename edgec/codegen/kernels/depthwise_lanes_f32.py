"""Depthwise convolutions of float32 on hosts: vectors of channels, tiles of pixels side by side."""

from collections.abc import Callable

import numpy as np

from edgec.codegen.ctree import ZERO, Call, Cast, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.pad_lanes_f32 import pad_call, padded_pitch, strip_rows, strips
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.rows import over_images
from edgec.codegen.kernels.strips import geometry
from edgec.codegen.kernels.tiles_f32 import ALIGN, Lanes, cut, edges
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d

STRIP = 262144
"""Bytes of input that go to a near cache by one vector of channels, and are there for the others."""


def lower_depthwise_lanes(lanes: Lanes, op: Conv2d) -> list[Kernel] | None:
    """One of as many channels as of input: windows of three columns as they lie in the image, others with padding."""
    channels = op.x.shape[3]
    if len(op.w.shape) != 4 or op.w.shape[0] != channels or 2 * channels < lanes.lanes:
        return None
    _, columns = geometry(op)
    three = columns.kernel == 3 and columns.dilation == 1 and columns.stride <= 2 and columns.skipped == 0
    # A tile is not to reach over both sides' padding by more than a window.
    inside = columns.padding <= 2 and columns.behind <= 2 and columns.out >= 2
    return [_three(lanes, op)] if three and inside else [_any(lanes, op)]


def _tallest(lanes: Lanes) -> int:
    return 12 if lanes.registers == 32 else 8


def _packed(lanes: Lanes, emitter: Emitter, op: Conv2d) -> tuple[Expr, Expr]:
    """Weights by vectors of channels ``[rows][taps]``, and biases, both to whole vectors."""
    weights, bias = known(op, op.w), known(op, op.bias)
    rest = -len(weights) % lanes.lanes
    taps = np.pad(weights.reshape(len(weights), -1), ((0, rest), (0, 0)))
    vectors = taps.reshape(-1, lanes.lanes, taps.shape[1]).transpose(0, 2, 1)
    packed = emitter.array("weights", np.ascontiguousarray(vectors), "vectors of channels, [rows][taps]", ALIGN)
    padded: Array = np.pad(bias, (0, rest))
    return packed, emitter.array("bias", padded, align=ALIGN)


def _shape(emitter: Emitter, op: Conv2d, pitch: int) -> Expr:
    """``pitch``: elements from row to row of what is read."""
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    numbers = {
        "channels": channels,
        "height": rows.extent,
        "row": pitch,
        "stride": rows.stride,
        "top": -rows.before,
        "rows": rows.kernel,
        "apart": rows.dilation,
        "taps": columns.kernel,
        "tap": columns.dilation * channels,
        "pixel": columns.stride * channels,
        "y_pixel": channels,
    }
    fields = {name: Int(value) for name, value in numbers.items()}
    return emitter.struct("edgec_depthwise_lanes", {**fields, **clamp_fields(op.clamp)})


def _by_vectors(lanes: Lanes, channels: int, one: Callable[[Expr, int], list[Stmt]]) -> list[Stmt]:
    """All channels; ``one``: the statements for a vector of these, by its number and how many it has."""
    whole, rest = divmod(channels, lanes.lanes)
    statements: list[Stmt] = [For("vector", 0, whole, one(Name("vector"), lanes.lanes))] if whole > 1 else []
    statements += one(ZERO, lanes.lanes) if whole == 1 else []
    return [*statements, *(one(Int(whole), rest) if rest else [])]


def _three(lanes: Lanes, op: Conv2d) -> Kernel:
    rows, columns = geometry(op)
    channels, stride = op.x.shape[3], columns.stride
    tiles = [*edges(columns.out, _tallest(lanes), columns.padding, columns.behind, stride)]

    strip = strip_rows(rows, 4 * columns.extent * channels, STRIP)
    # Most rows are seen by windows of several lines: these go by, vector by vector, while the rows are near.
    again = 2 * rows.stride <= rows.kernel

    def emit(emitter: Emitter) -> list[Stmt]:
        w, bias = _packed(lanes, emitter, op)
        shape = _shape(emitter, op, columns.extent * channels)

        def image(x: Expr, y: Expr) -> list[Stmt]:
            def one(start: Expr, lines: int) -> list[Stmt]:
                line = add(start, Name("line") if lines > 1 else ZERO)

                def vector(number: Expr, count: int) -> list[Stmt]:
                    step = mul(number, Int(lanes.lanes))
                    own = add(w, mul(step, Int(3 * rows.kernel))), add(bias, step)
                    body: list[Stmt] = []
                    for first, pixels, same, left, right in tiles:
                        out = add(add(add(y, mul(line, Int(columns.out * channels))), step), Int(first * channels))
                        place = Int(first * stride - columns.padding)
                        where = (Int(count), Int(same), line, place, Int(left), Int(right), add(x, step))
                        name = lanes.kernel(f"depthwise3_{pixels}s{stride}")
                        body.append(Evaluate(Call(name, (shape, *where, *own, out))))
                    return over_lines(body) if again else body

                def over_lines(body: list[Stmt]) -> list[Stmt]:
                    return [For("line", 0, lines, body)] if lines > 1 else body

                vectors = _by_vectors(lanes, channels, vector)
                return vectors if again else over_lines(vectors)

            return strips(rows.out, strip, one)

        return over_images(emitter, op, image)

    vectors = -(-channels // lanes.lanes)
    lines = rows.out * op.x.shape[0]
    work = {
        LAYER: 1,
        "lines": lines,
        "tiles": lines * sum(count for _, _, count, _, _ in tiles),
        "vectors": lines * vectors * sum(count for _, _, count, _, _ in tiles),
        "pixels": lines * vectors * columns.out,
        "sums": lines * vectors * columns.out * rows.kernel,
    }
    return Kernel(lanes.kernel("depthwise3"), "depthwise_lanes_f32.h", emit, work=work)


def _any(lanes: Lanes, op: Conv2d) -> Kernel:
    rows, columns = geometry(op)
    channels, line = op.x.shape[3], op.x.shape[3] * columns.out
    padded = padded_pitch(rows, columns, channels)
    pitch = padded or columns.extent * channels
    strip = strip_rows(rows, 4 * pitch, STRIP) if padded else rows.out
    tiles = cut(1, columns.out, _tallest(lanes))

    def emit(emitter: Emitter) -> list[Stmt]:
        w, bias = _packed(lanes, emitter, op)
        shape = _shape(emitter, op, rows.dilation * pitch)

        def image(x: Expr, y: Expr) -> list[Stmt]:
            def one(first: Expr, count: int) -> list[Stmt]:
                place = add(mul(first, Int(rows.stride)), Int(-rows.before))
                statements: list[Stmt] = []
                source = add(x, add(mul(place, Int(pitch)), Int(columns.skipped * channels)))
                if padded:
                    source = Cast("float *", emitter.scratch)
                    statements.append(pad_call(lanes, emitter, rows, columns, channels, (place, rows.reach(count), x)))
                number = Name("line") if count > 1 else ZERO

                def vector(index: Expr, some: int) -> list[Stmt]:
                    step = mul(index, Int(lanes.lanes))
                    own = add(w, mul(step, Int(rows.kernel * columns.kernel))), add(bias, step)
                    body: list[Stmt] = []
                    for tile in tiles:
                        left = tile.first[1]
                        at = add(step, Int(left * columns.stride * channels))
                        from_x = add(add(source, at), mul(number, Int(rows.stride * pitch)))
                        to_y = add(add(y, mul(add(first, number), Int(line))), add(step, Int(left * channels)))
                        arguments = (shape, Int(some), Int(tile.count), from_x, *own, to_y)
                        body.append(Evaluate(Call(lanes.kernel(f"depthwise_{tile.pixels}"), arguments)))
                    return [For("line", 0, count, body)] if count > 1 else body

                return [*statements, *_by_vectors(lanes, channels, vector)]

            return strips(rows.out, strip, one)

        return over_images(emitter, op, image)

    vectors = -(-channels // lanes.lanes) * op.x.shape[0]
    taps = rows.kernel * columns.kernel
    work = {
        LAYER: 1,
        "tiles": rows.out * op.x.shape[0] * sum(tile.count for tile in tiles),
        "vectors": rows.out * vectors * sum(tile.count for tile in tiles),
        "turns": rows.out * vectors * sum(tile.count for tile in tiles) * taps,
        "sums": rows.out * vectors * columns.out * taps,
        "padded": op.x.shape[0] * rows.reach(rows.out) * padded,
    }
    scratch = 4 * padded * rows.reach(strip)
    name = lanes.kernel("depthwise")
    return Kernel(name, "depthwise_lanes_f32.h", emit, scratch, work=work)
