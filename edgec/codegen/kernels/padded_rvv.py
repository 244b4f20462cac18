"""Convolutions with RVV: rows of windows as they lie in the tensor, or in copies with their padding."""

from collections.abc import Callable, Mapping

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import padding
from edgec.codegen.kernels.rows import over_images
from edgec.codegen.kernels.strips import Geometry, StripCall, by_strips, geometry, strips_of
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import Conv2d

SCRATCH = 1 << 15
"""Bytes that rows with their padding may take unless those of one row of output do."""

BYTES = (128, 256)
"""Of eight vectors."""

NO_PADDING = (Int(0),) * 7
"""An ``edgec_padded_rvv`` that nobody reads."""


def is_padded(op: Conv2d) -> bool:
    """Whether windows reach beyond the tensor, or begin inside of it."""
    return any(axis.before or axis.behind for axis in geometry(op))


def pitch_of(op: Conv2d) -> int:
    """Elements from a row that windows see to the next."""
    _, columns = geometry(op)
    return (columns.reach(columns.out) if is_padded(op) else columns.extent) * op.x.shape[3]


def of_windows(
    op: Conv2d,
    names: tuple[str, str],
    struct: str,
    fields: Callable[[Emitter, tuple[Expr, ...]], Fields],
    work: Callable[[list[int]], Mapping[str, float]],
    header: str,
    zero: int = 0,
) -> Kernel:
    """``names``: of the kernels for rows in place, and for pointers to rows that have to be padded.

    ``fields``: of their struct, given its ``edgec_padded_rvv``; ``work``: of calls for so many rows;
    ``zero``: what bytes of padding are.
    """
    rows, columns = geometry(op)
    height, images, size = op.result.shape[1], op.x.shape[0], op.x.type.dtype.bytes
    pixel = size * op.x.shape[3]
    if not is_padded(op):

        def emit(emitter: Emitter) -> list[Stmt]:
            shape = emitter.struct(struct, fields(emitter, NO_PADDING))
            return over_images(emitter, op, lambda x, y: [Evaluate(Call(names[0], (shape, x, Int(height), y)))])

        return Kernel(names[0], header, emit, work={LAYER: 1, **work([height] * images)})
    pitch = size * pitch_of(op)
    strip = _best_strip(rows, pitch)

    def prepare(emitter: Emitter) -> StripCall:
        shape = emitter.struct(struct, fields(emitter, padding(rows, columns, pixel, zero)))

        def call(rows: Expr, count: int, out: Expr) -> list[Stmt]:
            return [Evaluate(Call(names[1], (shape, rows, Int(count), out, emitter.scratch)))]

        return call

    counts = strips_of(height, strip, _all) * images
    total = {LAYER: 1, **work(counts), **_padded_work(rows, columns, pixel, counts)}
    return by_strips(names[1], header, op, strip, _all, prepare, pitch * rows.reach(strip), work=total)


def _all(left: int) -> int:
    return left


def _best_strip(rows: Geometry, pitch: int) -> int:
    """The most rows of output whose rows of input fit the scratch, all strips as high as each other."""
    fitting = max([s for s in range(1, rows.out + 1) if pitch * rows.reach(s) <= SCRATCH], default=1)
    return -(-rows.out // -(-rows.out // fitting))


def _padded_work(rows: Geometry, columns: Geometry, pixel: int, counts: list[int]) -> dict[str, float]:
    """What padding takes in calls for so many rows of output, of pixels of so many bytes."""
    reaches = [rows.reach(count) for count in counts]
    work: dict[str, float] = {"strips": len(counts), "lines": sum(reaches)}
    for most in BYTES:
        row = columns.reach(columns.out) * pixel
        work[f"copied{most}"] = sum(reaches) * -(-columns.taken * pixel // most)
        work[f"filled{most}"] = sum(-(-reach * row // most) for reach in reaches)
    return work
