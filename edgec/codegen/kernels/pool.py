"""Pooling."""

from edgec.codegen.ctree import Call, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import float32, lowers
from edgec.codegen.kernels.rows import over_rows, window_fields
from edgec.ir.ops import AveragePool2d, MaxPool2d


@lowers(MaxPool2d)
def lower_max_pool2d(op: MaxPool2d) -> Kernel:
    """Row by row."""
    float32(op)

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_max_pool2d", {"channels": Int(op.x.shape[3]), **window_fields(op)})
        return over_rows(emitter, op, lambda rows, _, out: Call("edgec_max_pool2d_f32", (shape, rows, out)))

    return Kernel("edgec_max_pool2d_f32", "max_pool2d_f32.h", emit)


@lowers(AveragePool2d)
def lower_average_pool2d(op: AveragePool2d) -> Kernel:
    """Row by row; how many rows of the window count in the divisor depends on the row."""
    float32(op)

    def emit(emitter: Emitter) -> list[Stmt]:
        top, bottom, left, right = op.counted
        fields: dict[str, Expr] = {
            "channels": Int(op.x.shape[3]),
            "counted_left": Int(left),
            "counted_right": Int(right),
            **window_fields(op),
        }
        shape = emitter.struct("edgec_average_pool2d", fields)

        def call(rows: Expr, first: Expr, out: Expr) -> Call:
            limits = (Int(-top), Int(op.x.shape[1] + bottom))
            counted = Call("edgec_taps_count", (first, Int(op.dilation[0]), Int(op.kernel[0]), *limits))
            return Call("edgec_average_pool2d_f32", (shape, rows, counted, out))

        return over_rows(emitter, op, call)

    return Kernel("edgec_average_pool2d_f32", "average_pool2d_f32.h", emit)
