"""Convolutions of bytes with the DSP extension."""

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.blocks_dsp import Streams, in_order, streams
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.conv_transpose_dsp import lower_conv_transpose_dsp
from edgec.codegen.kernels.depthwise_dsp import lower_depthwise_dsp
from edgec.codegen.kernels.groups_dsp import lower_groups_dsp
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.products_dsp import lower_dense_dsp, together
from edgec.codegen.kernels.registry import Lowered, known, lowers
from edgec.codegen.kernels.strips import StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.weighted_sums import SIZES, weighted_sums
from edgec.codegen.kernels.windows_dsp import MOST_ROWS, Window
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Conv2d, Convolution, ConvTranspose2d
from edgec.ir.requantization import zero_of


@lowers(Convolution, quantized=True, family="dsp")
def lower_convolution_dsp(op: Convolution) -> Lowered:
    """A window of one tap that visits every pixel is dense, one input channel per group depthwise.

    Of the others those in 2-D have a kernel.
    """
    if is_pointwise(op):
        return lower_dense_dsp(op)
    if isinstance(op, ConvTranspose2d):
        return lower_conv_transpose_dsp(op)
    if not isinstance(op, Conv2d):
        return None
    if op.groups > 1:
        depthwise = lower_depthwise_dsp(op) if op.groups == op.x.shape[3] else []
        return depthwise or lower_groups_dsp(op)
    rows, columns = geometry(op)
    sums = weighted_sums(op, [known(op, op.w)])
    outs, channels = op.w.shape[0], op.x.shape[3]
    if sums.types not in SIZES or outs < 2 or rows.out * columns.out < 3:
        return None
    window = Window(rows, columns, channels)
    weights = in_order(sums.weights[0].reshape(outs, -1), window.order, 4)
    packed = streams(weights, sums, op.result, op.clamp, 2)
    if packed is None:
        return None
    strips = [strip for strip in range(min(MOST_ROWS, rows.out), 0, -1) if strip * columns.out >= 3]
    # A row at a time and a patch after the other is what takes least memory.
    return [*(_by_strips(op, window, packed, strip) for strip in strips), _by_strips(op, window, packed, strips[-1], 1)]


def _by_strips(op: Conv2d, window: Window, packed: Streams, strip: int, most: int | None = None) -> Kernel:
    rows, columns, outs = window.rows, window.columns, op.w.shape[0]
    groups, size = -(-len(window.order) // 4), op.result.type.dtype.bytes
    blocks = most or together(strip * columns.out, 24 * groups)
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
    return by_strips(name, f"{kernel}.h", op, strip, made, prepare, scratch, work=work, copies=True)
