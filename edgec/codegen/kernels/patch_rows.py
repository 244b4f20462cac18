"""Convolutions of bytes that copy windows to patches, from which a block computes several pixels (patch_rows.h)."""

from collections.abc import Callable, Mapping, Sequence

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamps
from edgec.codegen.kernels.strips import PIXELS, StripCall, by_strips, geometry, strips_of, whole_blocks
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

MOST_ROWS = 3
"""Of output, in a strip, where more are not needed for whole blocks."""


def conv_of_patches(
    op: Conv2d,
    isa: str,
    least: int,
    patch: int,
    block: Callable[[Emitter], tuple[Expr, ...]],
    block_work: Callable[[Sequence[int]], Mapping[str, float]],
) -> list[Kernel]:
    """``edgec_conv2d_<isa>_i8(shape, rows, count, y, scratch)``, by patches of so many bytes; one a strip height.

    A block computes ``least`` pixels or more, which the result has; ``block_work`` is that of its calls for so many
    pixels each.
    """
    rows, columns = geometry(op)
    best = whole_blocks(rows, columns, least)
    fewest = -(-least // columns.out)
    strips = dict.fromkeys((best, *range(min(MOST_ROWS, rows.out), fewest - 1, -1)))
    return [_by_strips(op, isa, least, patch, strip, block, block_work) for strip in strips]


def _by_strips(
    op: Conv2d,
    isa: str,
    least: int,
    patch: int,
    strip: int,
    block: Callable[[Emitter], tuple[Expr, ...]],
    block_work: Callable[[Sequence[int]], Mapping[str, float]],
) -> Kernel:
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    patches = min(max(PIXELS, 2 * least), strip * columns.out)
    run = channels * (columns.kernel if columns.dilation == 1 else 1)
    name = f"edgec_conv2d_{isa}_i8"

    def prepare(emitter: Emitter) -> StripCall:
        windows = {
            "run": run,
            "kernel_rows": rows.kernel,
            "pixel": columns.stride * channels,
            "bytes": patch,
            "kernel_width": columns.kernel,
            "channels": channels,
            "in_width": columns.extent,
            "out_width": columns.out,
            "stride": rows.stride,
            "stride_x": columns.stride,
            "dilation": rows.dilation,
            "dilation_x": columns.dilation,
            "pad_left": columns.before,
            "x_zero": zero_of(op.x),
            "patches": patches,
        }
        fields = {"windows": tuple(map(Int, windows.values())), "block": block(emitter)}
        shape = emitter.struct(f"edgec_conv2d_{isa}", fields)

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    def made(rest: int) -> int:
        return rest if rest * columns.out >= least else strip

    counts = strips_of(rows.out, strip, made) * op.result.shape[0]
    calls = [pixels for count in counts for pixels in _together(count * columns.out, patches, least)]
    # Pixels of a row whose windows lie inside, and the others.
    firsts = [x * columns.stride - columns.before for x in range(columns.out)]
    span = columns.span
    plain = rows.dilation == columns.dilation == 1
    inside = sum(0 <= first <= columns.extent - span for first in firsts) if plain else 0
    lines = sum(counts)
    pieces = rows.kernel * (1 if columns.dilation == 1 else columns.kernel)
    work = {
        LAYER: 1,
        **block_work(calls),
        "strips": len(counts),
        "lines": lines,
        "inner": lines * inside,
        "inner_rows": lines * inside * rows.kernel,
        "inner_vectors": lines * inside * rows.kernel * -(-run // 16),
        "edges": lines * (columns.out - inside),
        "edge_pieces": lines * (columns.out - inside) * pieces,
        "clamped": -(-op.result.type.elements // 16) if clamps(op.result, op.clamp) else 0,
    }
    return by_strips(name, f"conv2d_{isa}.h", op, strip, made, prepare, patches * patch + run, work=work)


def _together(pixels: int, patches: int, least: int) -> list[int]:
    """How many pixels each call of the block computes, of so many of a strip."""
    counts = []
    while pixels > 0:
        over = pixels - patches
        counts.append(pixels if over <= 0 else patches - least if over < least else patches)
        pixels -= counts[-1]
    return counts
