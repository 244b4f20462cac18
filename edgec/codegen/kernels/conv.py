"""Convolutions: which kernel serves one, and in what order it reads its weights."""

from collections.abc import Sequence

import numpy as np

from edgec.codegen.ctree import Call, Declare, Evaluate, Expr, Float, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers, unsupported
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Clamp, Conv2d

BLOCK = 4
"""Output channels computed at a time: EDGEC_CONV2D_BLOCK of the kernel."""


def clamp_fields(clamp: Clamp | None) -> dict[str, Expr]:
    """The ``low`` and ``high`` fields of a kernel's struct."""
    limits = clamp or Clamp()
    return {"low": Float(limits.low), "high": Float(limits.high)}


def pack_conv2d(weights: Array, groups: int) -> Array:
    """``[O,KH,KW,I]`` -> per group, blocks of BLOCK output channels (the last narrower), each [KH][KW][I][channels]."""
    blocks = []
    step = len(weights) // groups
    for g in range(groups):
        group = weights[g * step : (g + 1) * step]
        blocks += [group[o : o + BLOCK].transpose(1, 2, 3, 0).reshape(-1) for o in range(0, step, BLOCK)]
    return np.concatenate(blocks)


def over_rows(
    emitter: Emitter,
    op_fields: dict[str, int],
    x: Value,
    y: Value,
    call: Sequence[Expr],
    kernel: str,
) -> list[Stmt]:
    """Loop over the rows of output: point ``rows`` at the input, call ``kernel(shape, rows, ..., out)``.

    ``op_fields`` has kernel_height, stride, dilation and pad of the vertical axis; ``call`` the arguments between the
    rows and the output, the shape first.
    """
    height, out_height = x.shape[1], y.shape[1]
    in_row, out_row = x.shape[2] * x.shape[3], y.shape[2] * y.shape[3]
    shape, *rest = call

    def body(source: Expr, target: Expr) -> list[Stmt]:
        first = add(mul(Name("y"), Int(op_fields["stride"])), Int(-op_fields["pad"]))
        count = op_fields["kernel_height"]
        fill = Call(
            "edgec_rows_f32",
            (Name("rows"), Int(count), source, Int(height), Int(in_row), first, Int(op_fields["dilation"])),
        )
        out = add(target, mul(Name("y"), Int(out_row)))
        return [
            For(
                "y",
                0,
                out_height,
                [
                    Declare("const float *", "rows", extent=count),
                    Evaluate(fill),
                    Evaluate(Call(kernel, (shape, Name("rows"), *rest, out))),
                ],
            )
        ]

    source, target, batch = emitter.pointer(x), emitter.pointer(y), x.shape[0]
    if batch == 1:
        return body(source, target)
    image = add(source, mul(Name("n"), Int(height * in_row)))
    result = add(target, mul(Name("n"), Int(out_height * out_row)))
    return [For("n", 0, batch, body(image, result))]


@lowers(Conv2d)
def lower_conv2d(op: Conv2d) -> Kernel:
    """The kernel for a convolution."""
    weights, bias = op.w.data, op.bias.data
    if weights is None or bias is None:
        raise unsupported(op, "weights and bias must be constants")
    if op.x.type.dtype is not DType.F32:
        raise unsupported(op, "convolution is float32 only")
    weights_f32, bias_f32 = weights, bias

    def emit(emitter: Emitter) -> list[Stmt]:
        y = op.result
        shape = emitter.struct(
            "edgec_conv2d",
            {
                "in_width": Int(op.x.shape[2]),
                "in_channels": Int(op.x.shape[3]),
                "out_width": Int(y.shape[2]),
                "out_channels": Int(y.shape[3]),
                "kernel_height": Int(op.kernel[0]),
                "kernel_width": Int(op.kernel[1]),
                "stride": Int(op.stride[1]),
                "dilation": Int(op.dilation[1]),
                "pad_left": Int(op.pad[2]),
                "groups": Int(op.groups),
                **clamp_fields(op.clamp),
            },
        )
        packed = emitter.array("weights", pack_conv2d(weights_f32, op.groups), "blocks of [KH][KW][I][4]")
        constants = emitter.array("bias", bias_f32)
        vertical = {
            "kernel_height": op.kernel[0],
            "stride": op.stride[0],
            "dilation": op.dilation[0],
            "pad": op.pad[0],
        }
        return over_rows(emitter, vertical, op.x, y, [shape, packed, constants], "edgec_conv2d_f32")

    return Kernel("edgec_conv2d_f32", "conv2d_f32.h", emit)
