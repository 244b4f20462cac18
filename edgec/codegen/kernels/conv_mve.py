"""Convolutions of bytes with the vectors of Armv8.1-M."""

from collections.abc import Callable
from functools import partial

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_mve import (
    STEP,
    block,
    block_groups,
    pair_groups,
    pixels_work,
    steps,
    stream,
)
from edgec.codegen.kernels.columns_mve import FARTHEST, LANES, column_fields, reach_bytes
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.conv_transpose_mve import lower_conv_transpose_mve
from edgec.codegen.kernels.depthwise_channels_mve import lower_depthwise_channels_mve
from edgec.codegen.kernels.depthwise_mve import lower_depthwise_mve
from edgec.codegen.kernels.elementwise_mve import lower_scale_mve
from edgec.codegen.kernels.literals import clamps
from edgec.codegen.kernels.patch_rows import conv_of_patches
from edgec.codegen.kernels.products_mve import lower_dense_mve
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry
from edgec.codegen.kernels.weighted_sums import SIZES, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d, Convolution, ConvTranspose2d


@lowers(Convolution, quantized=True, family="mve")
def lower_convolution_mve(op: Convolution) -> Lowered:
    """A window of one tap that visits every pixel is dense, one input channel per group depthwise.

    Of the others those in 2-D have a kernel.
    """
    if is_pointwise(op):
        return lower_dense_mve(op)
    if is_pointwise(op, op.x.shape[-1]) and op.w.shape[0] == op.groups:
        return lower_scale_mve(op)
    if isinstance(op, ConvTranspose2d):
        return lower_conv_transpose_mve(op)
    if not isinstance(op, Conv2d):
        return None
    if op.groups > 1:
        each = op.groups == op.x.shape[3]
        depthwise = (lower_depthwise_mve(op) or lower_depthwise_channels_mve(op)) if each else None
        return depthwise or lower_groups_mve(op)
    rows, columns = geometry(op)
    sums = weighted_sums(op, [known(op, op.w)])
    outs, channels = op.w.shape[0], op.x.shape[3]
    size = SIZES.get(sums.types, 0)
    if not size or rows.out * columns.out < 2:
        return None
    taps = rows.kernel * columns.kernel * channels

    def channels_of(weights: Array) -> Callable[[Emitter], tuple[Expr, ...]] | None:
        groups = block_groups(outs, taps) if size == 1 else pair_groups(outs)
        packed = stream(weights.reshape(outs, taps), sums, groups, size)
        return None if packed is None else (lambda e: block(e, packed, taps, outs, op.result, op.clamp, size))

    found: list[Kernel] = []
    by_columns, of_columns = _columns(op), channels_of(sums.weights[0].swapaxes(1, 2))
    if by_columns is not None and of_columns is not None:
        found.append(_by_columns(op, by_columns, of_columns, size))
    of_rows = channels_of(sums.weights[0]) if size == 1 else None
    if of_rows is not None:
        work = partial(pixels_work, taps=taps, outs=outs)
        found += conv_of_patches(op, "mve", 2, STEP * steps(taps), of_rows, work)
    return found or None


def lower_groups_mve(op: Conv2d) -> Kernel | None:
    """Each group of channels by itself, of few output channels as far as offsets of a byte reach."""
    rows, columns = geometry(op)
    sums, fields = weighted_sums(op, [known(op, op.w)]), _columns(op)
    size = SIZES.get(sums.types, 0)
    outs, each = op.w.shape[0], op.w.shape[0] // op.groups
    taps = rows.kernel * columns.kernel * op.w.shape[3]
    if not size or fields is None or (each < 4 and outs * 3 * size > FARTHEST):
        return None
    groups = [range(g + c.start, g + c.stop) for g in range(0, outs, each) for c in pair_groups(each)]
    packed = stream(sums.weights[0].swapaxes(1, 2).reshape(outs, taps), sums, groups, size)
    if packed is None:
        return None

    def channels(emitter: Emitter) -> tuple[Expr, ...]:
        return block(emitter, packed, taps, outs, op.result, op.clamp, size, each)

    fields = {**fields, "stream": Int(packed.size // op.groups)}
    return _by_columns(op, fields, channels, size, op.groups)


def _by_columns(
    op: Conv2d, fields: Fields, channels: Callable[[Emitter], tuple[Expr, ...]], size: int, groups: int = 1
) -> Kernel:
    rows, columns = geometry(op)
    taps, outs = rows.kernel * columns.kernel * op.w.shape[3], op.w.shape[0]
    kind = "columns" if groups == 1 else "groups"
    name = f"edgec_conv2d_{kind}_mve_{op.result.type.dtype.value}"

    def prepare(emitter: Emitter) -> StripCall:
        shape = emitter.struct("edgec_conv2d_columns_mve", {**fields, "block": channels(emitter)})

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(name, (shape, rows, out, emitter.scratch)))]

        return call

    lines = op.result.shape[0] * rows.out * groups
    bytes = columns.taken * _pixel(op)
    copies = lines * rows.kernel
    many = (rows.kernel > 1 and _pixel(op) > LANES // 2) or groups > 1
    work = {
        LAYER: 1,
        **pixels_work([columns.out] * lines, taps, outs // groups, size),
        "filled": lines * -(-columns.reach(columns.out) * rows.kernel * _pixel(op) // STEP),
        "copies": copies,
        "copied": copies * -(-bytes // STEP) if rows.kernel == 1 and not many else 0,
        "columns": copies * columns.taken if many else 0,
        "vectors": copies * columns.taken * -(-_pixel(op) // STEP) if many else 0,
        "placed": copies * -(-bytes // (LANES // _pixel(op) * _pixel(op))) if rows.kernel > 1 and not many else 0,
        "clamped": lines // groups * -(-columns.out * outs * size // STEP) if clamps(op.result, op.clamp) else 0,
    }
    return by_strips(name, "conv2d_columns_mve.h", op, 1, lambda rest: rest, prepare, _reach(op), work=work)


def _reach(op: Conv2d) -> int:
    rows, columns = geometry(op)
    return reach_bytes(columns, rows.kernel * _pixel(op))


def _pixel(op: Conv2d) -> int:
    """Bytes of a pixel of the input that a window sees."""
    return op.w.shape[3] * op.x.type.dtype.bytes


def _columns(op: Conv2d) -> Fields | None:
    rows, columns = geometry(op)
    return column_fields(op.x, columns, rows.kernel, rows.dilation, _pixel(op), op.groups)
