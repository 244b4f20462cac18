"""Convolutions of float32 on the FPU of Armv7E-M and Armv8-M."""

from collections.abc import Callable, Mapping
from functools import partial
from math import prod

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_vfp import GROUP, PIXELS, Block, adds_nothing, block_header, copied, padding
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_vfp import lower_depthwise_vfp
from edgec.codegen.kernels.products_vfp import BLOCKS, dense_vfp
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.rows import over_images
from edgec.codegen.kernels.strips import Geometry, StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Conv2d, Convolution

SCRATCH = 6144
"""Bytes of scratch that a layer takes if it can do with them: with more rows at a time there are more whole blocks."""


def lower_convolution_vfp(form: str, op: Convolution) -> Kernel | None:
    """A window of one tap that visits every pixel is dense; those in 2-D of one group, or depthwise, have a kernel."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    if is_pointwise(op):
        return dense_vfp(form, op.x, op.result, op.w.data.reshape(len(op.w.data), -1), op.bias.data, op.clamp)
    if not isinstance(op, Conv2d) or op.groups not in (1, op.x.shape[3]):
        return None
    if op.groups > 1:
        return lower_depthwise_vfp(form, op)
    rows, columns = geometry(op)
    merged = columns.dilation == 1
    if len(op.w.data) < GROUP or not (merged or rows.kernel == 1):
        return None
    channels = op.x.shape[3]
    padded = any(axis.padding or axis.behind for axis in (rows, columns))
    pitch = (columns.reach(columns.out) if padded else columns.extent) * channels
    runs, run, apart = (
        (rows.kernel, columns.kernel * channels, rows.dilation * pitch)
        if merged
        else (columns.kernel, channels, columns.dilation * channels)
    )
    block = Block(op.w.data.reshape(len(op.w.data), -1), op.bias.data, op.clamp, runs, run, apart - run)

    def fields(emitter: Emitter) -> Fields:
        pixel = columns.stride * channels
        return {
            "padded": tuple(padding(rows, columns, channels).values()),
            "out_width": Int(columns.out),
            "pixel": Int(pixel),
            "row": Int(rows.stride * pitch - (columns.out - 1) * pixel),
            "block": tuple(block.fields(emitter).values()),
        }

    if not padded:
        work = {LAYER: 1, **block.work([rows.out * columns.out] * op.x.shape[0])}
        return _in_place(op, form, fields, work)
    if not adds_nothing(op.w.data, op.bias.data):
        return None
    strip = best_strip(rows, columns, 4 * pitch)

    def prepare(emitter: Emitter) -> StripCall:
        shape = emitter.struct("edgec_conv2d_vfp", fields(emitter))

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(f"edgec_conv2d_{form}_f32", (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    name, scratch = f"edgec_conv2d_{form}_f32", 4 * pitch * rows.reach(strip)
    counts = strips_of(rows.out, strip, _all) * op.x.shape[0]
    calls = block.work([count * columns.out for count in counts])
    work = {LAYER: 1, **calls, **copied(rows, columns, channels, counts)}
    return by_strips(name, block_header("conv2d", form), op, strip, _all, prepare, scratch, work=work)


def _all(left: int) -> int:
    return left


def _in_place(op: Conv2d, form: str, fields: Callable[[Emitter], Fields], work: Mapping[str, float]) -> Kernel:
    """The windows as they lie in the tensor, of whole images."""
    pixels, name = prod(op.result.shape[1:3]), f"edgec_windows_{form}"

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_conv2d_vfp", fields(emitter))
        return over_images(emitter, op, lambda x, y: [Evaluate(Call(name, (shape, x, Int(pixels), y)))])

    return Kernel(name, block_header("conv2d", form), emit, work=work)


def best_strip(rows: Geometry, columns: Geometry, pitch: int) -> int:
    """Rows of output at a time, so that single pixels, and rows of input that are copied twice, cost least."""

    def cost(strip: int) -> float:
        total = 0.0
        for first in range(0, rows.out, strip):
            count = min(strip, rows.out - first)
            total += 25 * (count * columns.out % PIXELS) + rows.reach(count) * columns.reach(columns.out)
        return total

    fitting = [s for s in range(1, rows.out + 1) if s == 1 or pitch * rows.reach(s) <= SCRATCH]
    return min(fitting, key=cost)


for _form in BLOCKS:
    lowers(Convolution, family=_form)(partial(lower_convolution_vfp, _form))
