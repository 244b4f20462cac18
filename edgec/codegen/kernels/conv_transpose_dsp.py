"""Transposed convolutions of bytes with the DSP extension: each run of rows by each run of columns is a convolution."""

from collections import Counter
from dataclasses import dataclass, replace

from edgec.codegen.ctree import Call, Declare, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.blocks_dsp import Streams, in_order, streams
from edgec.codegen.kernels.literals import clamp_codes, clamps
from edgec.codegen.kernels.products_dsp import together
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.rows import Run, over_images, transposed_runs
from edgec.codegen.kernels.strips import Geometry
from edgec.codegen.kernels.weighted_sums import TYPES, weighted_sums
from edgec.codegen.kernels.windows_dsp import Window
from edgec.codegen.kernels.work import LAYER
from edgec.ir.ops import ConvTranspose2d
from edgec.ir.requantization import zero_of

NAME = "edgec_conv_transpose_dsp_i8"


@dataclass(frozen=True)
class _Part:
    """The outputs of a run of rows and one of columns."""

    row: Run
    column: Run
    window: Window
    packed: Streams

    @property
    def taps(self) -> int:
        """Groups of four."""
        return -(-len(self.window.order) // 4)

    @property
    def blocks(self) -> int:
        """That are gathered together."""
        return together(self.column.count, 24 * self.taps)

    @property
    def scratch(self) -> int:
        """Bytes: patches, then the rows of input."""
        return 24 * self.taps * self.blocks + 2 * (self.window.rows.span * self.window.pitch + 1)


def lower_conv_transpose_dsp(op: ConvTranspose2d) -> Kernel | None:
    """Of one group, two output channels or more and three outputs in each run of a row, where each meets a tap."""
    height, width, channels = op.x.shape[1:]
    rows, columns = (transposed_runs(op, axis) for axis in (0, 1))
    pairs = [(row, column) for row in rows for column in columns]
    outs = op.w.shape[0]
    if op.groups > 1 or outs < 2 or any(not r.taps or not c.taps or c.count < 3 for r, c in pairs):
        return None
    data = known(op, op.w)
    sums = weighted_sums(op, [data[:, list(r.taps)][:, :, list(c.taps)] for r, c in pairs])
    if sums.types != TYPES:
        return None
    parts = []
    for (row, column), weights, bias in zip(pairs, sums.weights, sums.biases, strict=True):
        window = Window(_geometry(row, height), _geometry(column, width), channels)
        ordered = in_order(weights.reshape(outs, -1), window.order, 4)
        packed = streams(ordered, replace(sums, weights=[weights], biases=[bias]), op.result, op.clamp, 2)
        if packed is None:
            return None
        parts.append(_Part(row, column, window, packed))

    def emit(emitter: Emitter) -> list[Stmt]:
        shapes = [_shape(emitter, op, part, str(number)) for number, part in enumerate(parts)]

        def image(x: Expr, y: Expr) -> list[Stmt]:
            return [
                For("s", 0, row.count, _row(emitter, op, row, [*zip(parts, shapes, strict=True)], x, y)) for row in rows
            ]

        return over_images(emitter, op, image)

    return Kernel(NAME, "conv2d_dsp.h", emit, max(part.scratch for part in parts), work=_work(op, parts))


def _geometry(run: Run, extent: int) -> Geometry:
    return Geometry(extent, len(run.taps), 1, run.dilation, run.pad, run.count)


def _shape(emitter: Emitter, op: ConvTranspose2d, part: _Part, role: str) -> Expr:
    block = {
        **part.packed.fields(emitter, role),
        "groups": Int(part.taps),
        "out_step": Int(part.column.step * op.w.shape[0]),
        **clamp_codes(op.result, op.clamp),
    }
    fields = {
        **part.window.fields(),
        "x_zero": Int(zero_of(op.x)),
        "blocks": Int(part.blocks),
        "block": tuple(block.values()),
    }
    return emitter.struct("edgec_conv2d_dsp", fields, f"part{role}")


def _row(
    emitter: Emitter, op: ConvTranspose2d, row: Run, parts: list[tuple[_Part, Expr]], x: Expr, y: Expr
) -> list[Stmt]:
    """A row of output from the rows of input that it meets."""
    _, height, width, channels = op.x.shape
    out_row, outs = op.result.shape[2] * op.w.shape[0], op.w.shape[0]
    reach = (len(row.taps) - 1) * row.dilation + 1
    out = add(y, add(mul(Name("s"), Int(row.step * out_row)), Int(row.first * out_row)))
    places = Int(reach), x, Int(height), Int(width * channels), add(Name("s"), Int(-row.pad))
    done: list[Stmt] = [
        Declare("const int8_t *", "rows", extent=reach),
        Evaluate(Call("edgec_strip_rows_i8", (Name("rows"), *places))),
    ]
    for part, shape in parts:
        if part.row is row:
            at = add(out, Int(part.column.first * outs))
            done.append(Evaluate(Call(NAME, (shape, Name("rows"), at, emitter.scratch))))
    if clamps(op.result, op.clamp):
        limits = clamp_codes(op.result, op.clamp)
        done.append(Evaluate(Call("edgec_narrow_dsp", (out, Int(out_row), *limits.values()))))
    return done


def _work(op: ConvTranspose2d, parts: list[_Part]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for part in parts:
        lines, pixels = op.x.shape[0] * part.row.count, part.column.count
        patches = lines * -(-pixels // 3)
        calls = lines * (-(-(pixels // 3) // part.blocks) + (1 if pixels % 3 else 0))
        total.update(part.packed.work(patches, calls, part.taps - 1, 8, 0))
        total.update(part.window.work(patches, lines * part.window.rows.span))
        total.update({"strips": lines, "patches": patches})
    total.update({LAYER: 1, "clamped": op.result.type.elements if clamps(op.result, op.clamp) else 0})
    return dict(total)
