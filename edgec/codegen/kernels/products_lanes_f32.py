"""Dense layers of float32 on hosts: the same matrix over a run of pixels. Also convolutions by windows of one tap."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import prod

from edgec.codegen.ctree import Expr, Int, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.endings import Residual
from edgec.codegen.kernels.pad_lanes_f32 import STRIP, strips
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import FAMILIES, WIDTHS, Lanes, Product, Windows
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Add, Clamp, Dense


def lower_dense_lanes(lanes: Lanes, op: Dense) -> list[Kernel] | None:
    """All leading extents are one run of pixels."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    return dense_lanes(lanes, op.x, op.result, op.w.data, op.bias.data, op.clamp)


def dense_lanes(lanes: Lanes, x: Value, y: Value, weights: Array, bias: Array, clamp: Clamp | None) -> list[Kernel]:
    """``x[..., I]`` times ``weights[O, I]``: by tiles of each width, those that should take the least time first."""
    inner, pixels = x.shape[-1], prod(x.shape[:-1])
    windows = Windows(inner, 0, 1, 0, 1, 0, inner)
    kernels = []
    for product in products(lanes, len(weights), clamp, windows, 1, pixels):
        # A strip is of whole tiles.
        tallest = lanes.tallest(product.vectors)
        strip = max(STRIP // (4 * inner * tallest), 2) * tallest if len(product.groups) > 1 else pixels
        kernels.append(_by_strips(product, (weights, bias), x, y, min(strip, pixels)))
    return kernels


def products(
    lanes: Lanes,
    channels: int,
    clamp: Clamp | None,
    windows: Windows,
    lines: int,
    width: int,
    shared: int = 0,
) -> list[Product]:
    """A layer by tiles of each width, those that should take the least time first; ``shared``: also such."""
    vectors = -(-channels // lanes.lanes)
    widths = [v for v in WIDTHS if v <= vectors and lanes.tallest(v) > 0]
    found = [Product(lanes, channels, clamp, windows, v) for v in widths]
    if shared:
        found += [Product(lanes, channels, clamp, windows, v, shared) for v in widths if lanes.tallest(v, True) > 1]
    return sorted(found, key=lambda product: product.estimate(lines, width))


def tile_work(product: Product, calls: list[tuple[int, int]]) -> dict[str, float]:
    """How often loops turn in calls for so many lines of so many pixels."""
    work = dict.fromkeys(("tiles", "ends", "turns", "sums", "loads", "far"), 0.0)
    work |= {LAYER: 1, "calls": len(calls)}
    for lines, width in calls:
        for count, pixels, vectors in product.calls(lines, width):
            work["tiles"] += count
            work["ends"] += count * pixels * vectors
            work["turns"] += count * product.windows.size
            work["sums"] += count * product.windows.size * pixels * vectors
            work["loads"] += count * product.windows.size * (pixels + vectors)
            work["far"] += count * product.windows.size * vectors if product.far(vectors) else 0
    return work


def _by_strips(product: Product, constants: tuple[Array, Array], x: Value, y: Value, strip: int) -> Kernel:
    pixels = prod(x.shape[:-1])
    whole, rest = divmod(pixels, strip)
    outs = y.shape[-1]

    def emit(emitter: Emitter, product: Product = product, results: Sequence[Value] = (y,)) -> list[Stmt]:
        packed = product.packed(emitter, *constants)

        def one(first: Expr, count: int) -> list[Stmt]:
            places = [add(emitter.pointer(v), mul(first, Int(v.shape[-1]))) for v in (x, *results)]
            return product.emit(emitter, packed, 1, count, places, (0, outs))

        return strips(pixels, strip, one)

    calls = [(1, strip)] * whole + ([(1, rest)] if rest else [])
    kernel = Kernel(product.lanes.kernel("dense"), "tiles_f32.h", emit, work=tile_work(product, calls))
    return replace(kernel, ending=partial(ends_with_sum, kernel, product, emit))


def ends_with_sum(
    kernel: Kernel, product: Product, emit: Callable[..., list[Stmt]], residual: Residual
) -> Kernel | None:
    """The kernel with a sum in registers; ``emit`` takes the product with its clamp, the result and what is added."""
    if not isinstance(residual.op, Add) or product.clamp is not None:
        return None
    clamped, results = replace(product, clamp=residual.op.clamp), (residual.op.result, residual.other)
    return replace(kernel, emit=partial(emit, product=clamped, results=results), ending=None, once=True)


for _lanes in FAMILIES:
    lowers(Dense, family=_lanes.family)(partial(lower_dense_lanes, _lanes))
