"""Convolutions of bytes that copy windows to patches, from which a block computes several pixels (patch_rows.h)."""

from collections.abc import Callable

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.strips import PIXELS, StripCall, by_strips, geometry, whole_blocks
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of


def conv_of_patches(
    op: Conv2d, isa: str, least: int, patch: int, block: Callable[[Emitter], tuple[Expr, ...]]
) -> Kernel:
    """``edgec_conv2d_<isa>_i8(shape, rows, count, y, scratch)``, by patches of so many bytes.

    A block computes ``least`` pixels or more, which the result has.
    """
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    strip = whole_blocks(rows, columns, least)
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

    return by_strips(name, f"conv2d_{isa}.h", op, strip, made, prepare, patches * patch + run)
