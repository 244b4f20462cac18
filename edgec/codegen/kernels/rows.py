"""Spatial operators: the loop over rows of output around a kernel that sees its input as row pointers."""

from collections.abc import Callable
from typing import TypeAlias

from edgec.codegen.ctree import BinOp, Call, Declare, Evaluate, Expr, Float, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter
from edgec.ir.ops import AveragePool2d, Clamp, Conv2d, MaxPool2d

Spatial: TypeAlias = Conv2d | MaxPool2d | AveragePool2d


def clamp_fields(clamp: Clamp | None) -> dict[str, Expr]:
    """The ``low`` and ``high`` fields of a float32 kernel's struct."""
    limits = clamp or Clamp()
    return {"low": Float(limits.low), "high": Float(limits.high)}


def window_fields(op: Spatial) -> dict[str, Expr]:
    """The fields that the structs of all spatial kernels share: the window, and its geometry along a row."""
    return {
        "in_width": Int(op.x.shape[2]),
        "out_width": Int(op.result.shape[2]),
        "kernel_height": Int(op.kernel[0]),
        "kernel_width": Int(op.kernel[1]),
        "stride": Int(op.stride[1]),
        "dilation": Int(op.dilation[1]),
        "pad_left": Int(op.pad[2]),
        **clamp_fields(op.clamp),
    }


def over_rows(emitter: Emitter, op: Spatial, call: Callable[[Expr, Expr, Expr], Call]) -> list[Stmt]:
    """Loop over images and rows of output, each the statement ``call(rows, first, out)``.

    ``rows`` points at the window's rows of input, ``first`` is the row number of the first of them (negative in the
    padding), ``out`` points at the row of output.
    """
    batch, height, width, channels = op.x.shape
    _, out_height, out_width, out_channels = op.result.shape
    source = add(emitter.pointer(op.x), mul(Name("n"), Int(height * width * channels)) if batch > 1 else Int(0))
    row = Name("y") if batch == 1 else add(mul(Name("n"), Int(out_height)), Name("y"))
    target = add(emitter.pointer(op.result), mul(row, Int(out_width * out_channels)))
    first = _minus(mul(Name("y"), Int(op.stride[0])), op.pad[0])
    rows = Name("rows")
    fill = Call(
        "edgec_rows_f32",
        (rows, Int(op.kernel[0]), source, Int(height), Int(width * channels), first, Int(op.dilation[0])),
    )
    body: list[Stmt] = [
        Declare("const float *", "rows", extent=op.kernel[0]),
        Evaluate(fill),
        Evaluate(call(rows, first, target)),
    ]
    loop = For("y", 0, out_height, body)
    return [loop] if batch == 1 else [For("n", 0, batch, [loop])]


def _minus(value: Expr, amount: int) -> Expr:
    return value if amount == 0 else BinOp("-", value, Int(amount))
