"""Convolutions and dense layers of bytes in vectors of hosts."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import prod

from edgec.codegen.ctree import Block, Call, Cast, Declare, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.amx import AMX, SUMS, AmxTiles, pays, sums_of, whole_tiles
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_lanes import lower_depthwise_lanes
from edgec.codegen.kernels.endings import Residual
from edgec.codegen.kernels.lanes_i8 import ALIGN, FAMILIES, End, Lanes, Products, Tiles, end_of
from edgec.codegen.kernels.matmul_lanes import lower_matmul_lanes
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.strips import EndedCall, StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir.ops import Conv2d, Convolution, Dense, MatMul
from edgec.ir.requantization import zero_of

SLACK = 64
"""Elements of x behind the last window that may be read with it."""

SCRATCH = 1 << 14
"""Bytes that pixels of x may take at a time: half of what caches next to cores have, or a third."""


def lower_convolution_lanes(op: Convolution, lanes: Lanes) -> Lowered:
    """A window of one tap that visits every pixel is dense; of the others those in 2-D without groups have a kernel."""
    if is_pointwise(op):
        return lower_dense_lanes(op, lanes)
    if not isinstance(op, Conv2d):
        return None
    if op.groups > 1:
        return None if lanes is AMX else lower_depthwise_lanes(op, lanes)
    return _conv2d(op, lanes)


def lower_dense_lanes(op: Dense | Convolution, lanes: Lanes) -> Kernel | None:
    """Pixels in runs."""
    weights = known(op, op.w)
    products = Products.of(lanes, weighted_sums(op, [weights.reshape(len(weights), -1)]), (1, 1))
    if products is None:
        return None
    channels, pixels = prod(op.w.shape[1:]), prod(op.x.shape[:-1])
    if lanes is AMX and not pays(products, 1, pixels):
        return None
    strip = min(pixels, max(SCRATCH // (channels * lanes.bytes) // 48 * 48, 48))
    outs = products.outs
    products = products if lanes is AMX else products.together(pixels, channels)
    together = products.outs // outs
    shape = {"row": 0, "tap": 0, "pixel": together * channels, "line": 0, "width": pixels // together}

    def emit(emitter: Emitter, residual: Residual | None = None) -> list[Stmt]:
        tiles = _tiles(products, emitter, op, shape, (1, strip // together), held)
        result = op.result if residual is None else residual.op.result
        x = Name("pixels")

        def one(first: Expr, count: int) -> list[Stmt]:
            source = add(emitter.pointer(op.x), mul(first, Int(channels)))
            y, end = add(emitter.pointer(result), mul(first, Int(outs))), None
            if residual is not None:
                end = end_of(emitter, residual, add(emitter.pointer(residual.other), mul(first, Int(outs))))
            return [
                Evaluate(Call("edgec_widen", (source, x, Int(count * channels)))),
                *tiles.calls(1, count // together, x, y, end=end),
            ]

        statements: list[Stmt] = [Declare("edgec_input *const", "pixels", Cast("edgec_input *", emitter.scratch))]
        statements.append(For("s", 0, pixels // strip, one(mul(Name("s"), Int(strip)), strip)))
        if pixels % strip:
            statements.append(Block(one(Int(pixels - pixels % strip), pixels % strip)))
        return statements

    held = (strip * channels + SLACK) * lanes.bytes
    name, scratch = f"edgec_dense_{lanes.family}_i8", held + _MORE.get(lanes, 0)
    kernel = Kernel(name, _HEADERS.get(lanes, HEADER), emit, scratch)
    # Tiles of AMX overlap.
    once = lanes is not AMX or all(whole_tiles(count) for count in (strip, pixels % strip))

    def ending(residual: Residual) -> Kernel:
        return replace(kernel, emit=partial(emit, residual=residual), once=once)

    return replace(kernel, ending=ending)


HEADER = "products_i8.h"
_HEADERS = {AMX: "amx_i8.h"}
_MORE = {AMX: SUMS + ALIGN}
"""Bytes of scratch besides x."""


def _tiles(
    products: Products,
    emitter: Emitter,
    op: Dense | Convolution,
    shape: dict[str, int],
    pixels: tuple[int, int],
    held: int,
) -> Tiles | AmxTiles:
    """What computes ``pixels`` (rows, columns) at a time, mostly; ``held`` bytes of scratch are x."""
    if products.lanes is AMX:
        return AmxTiles(products, emitter, op.result, op.clamp, shape, sums_of(emitter, held))
    return products.tiles(emitter, op.result, op.clamp, shape, pixels)


def _conv2d(op: Conv2d, lanes: Lanes) -> Kernel | None:
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    # Taps that are neighbours are one run.
    taps = 1 if columns.dilation == 1 else columns.kernel
    products = Products.of(lanes, weighted_sums(op, [known(op, op.w)]), (rows.kernel, taps))
    if products is None:
        return None
    if lanes is AMX and not pays(products, rows.out, columns.out):
        return None
    outs = products.outs
    products = products if lanes is AMX else products.together(columns.out, columns.stride * channels)
    together = products.outs // outs
    width = columns.out // together
    line = columns.reach(columns.out) * channels
    fitting = (SCRATCH // (line * lanes.bytes) - rows.span) // rows.stride + 1
    strip = min(rows.out, max(fitting, 1))
    strip = -(-rows.out // -(-rows.out // strip))
    shape = {
        "row": rows.dilation * line,
        "tap": columns.dilation * channels,
        "pixel": together * columns.stride * channels,
        "line": rows.stride * line,
        "width": width,
    }

    def prepare(emitter: Emitter) -> StripCall:
        call = calls(emitter)
        return lambda pointers, count, out: call(pointers, count, out, None)

    def end(emitter: Emitter, residual: Residual) -> EndedCall:
        call = calls(emitter)
        return lambda pointers, count, out, other: call(pointers, count, out, end_of(emitter, residual, other))

    def calls(emitter: Emitter) -> Callable[[Expr, int, Expr, End | None], list[Stmt]]:
        tiles = _tiles(products, emitter, op, shape, (strip, width), held)
        fields = {
            "first": Int(columns.skipped * channels),
            "count": Int(columns.taken * channels),
            "before": Int(columns.padding * channels),
            "behind": Int(columns.behind * channels),
            "x_zero": Int(zero_of(op.x)),
        }
        padded = emitter.struct("edgec_padded_i8", fields, "padded")

        def call(pointers: Expr, count: int, out: Expr, end: End | None) -> list[Stmt]:
            x = Name("padded")
            return [
                Declare("edgec_input *const", "padded", Cast("edgec_input *", emitter.scratch)),
                Evaluate(Call("edgec_padded_rows_i8", (padded, pointers, Int(rows.reach(count)), x))),
                *tiles.calls(count, width, x, out, end=end),
            ]

        return call

    held = (rows.reach(strip) * line + SLACK) * lanes.bytes
    name = f"edgec_conv2d_{lanes.family}_i8"
    scratch = held + _MORE.get(lanes, 0)
    header, once = _HEADERS.get(lanes, HEADER), lanes is not AMX or whole_tiles(width)
    return by_strips(name, header, op, strip, lambda rest: rest, prepare, scratch, end=end, once=once)


def _register(lanes: Lanes) -> None:
    convolution: Callable[[Convolution], Lowered] = partial(lower_convolution_lanes, lanes=lanes)
    dense: Callable[[Dense], Lowered] = partial(lower_dense_lanes, lanes=lanes)
    lowers(Convolution, quantized=True, family=lanes.family)(convolution)
    lowers(Dense, quantized=True, family=lanes.family)(dense)
    if lanes is not AMX:
        matmul: Callable[[MatMul], Lowered] = partial(lower_matmul_lanes, lanes=lanes)
        lowers(MatMul, quantized=True, family=lanes.family)(matmul)


for _lanes in (*FAMILIES, AMX):
    _register(_lanes)
