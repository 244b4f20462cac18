"""Products of two matrices of bytes in vectors of hosts."""

from edgec.codegen.axes import Axis, broadcast_strides, merge, nest
from edgec.codegen.ctree import Block, Call, Cast, Declare, Evaluate, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.lanes_i8 import ALIGN, LEAST_SHIFT, NULL, Lanes, Tiles, parts_of
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.weighted_sums import factors, sum_type
from edgec.ir import DType
from edgec.ir.ops import MatMul
from edgec.ir.requantization import zero_of

LEAST_ROWS = 3
"""For fewer it does not pay to rearrange b."""

SLACK = 64
"""Groups that are written behind the columns of b."""


def lower_matmul_lanes(op: MatMul, lanes: Lanes) -> Kernel | None:
    """Of bytes: for each matrix b is rearranged in scratch."""
    if {v.type.dtype for v in (op.a, op.b, op.result)} != {DType.I8}:
        return None
    scaling = factors(op, sum_type(op))
    multiplier, shift = int(scaling.multipliers[0]), int(scaling.shifts[0]) - 32
    *batch, rows, columns = op.result.shape
    inner = op.a.shape[-1]
    if shift < LEAST_SHIFT - 32 or rows < LEAST_ROWS:
        return None
    strides = [broadcast_strides(v.shape, op.result.shape)[:-2] for v in (op.a, op.b, op.result)]
    axes = merge([Axis(e, tuple(s)) for e, *s in zip(batch, *strides, strict=True)])
    steps = lanes.groups(inner)
    parts = parts_of(lanes, columns, 1, rows, steps)
    whole = lanes.vectors(columns)
    geometry = {"row": 0, "tap": 0, "pixel": inner, "line": 0, "width": rows}
    sizes = {
        "weights": (whole * lanes.sums * steps + SLACK) * lanes.group,
        "codes": (whole * 4 * lanes.sums + rows) * 4,
        "pixels": (rows * inner + lanes.group) * lanes.bytes,
        "zeros": max(p.vectors for p in parts) * lanes.sums,
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        weights, codes, pixels, zeros = map(Name, sizes)
        place, declared = 0, [Declare("void *const", "line", Call("edgec_line", (emitter.scratch,)))]
        for ctype, (name, size) in zip(("int8_t", "int32_t", "edgec_input", "int8_t"), sizes.items(), strict=True):
            at = Cast("void *", add(Cast("unsigned char *", Name("line")), Int(place)))
            declared.append(Declare(f"{ctype} *const", name, Cast(f"{ctype} *", at)))
            place += -(-size // ALIGN) * ALIGN
        tiles_fields = {
            "rows": Int(1),
            "taps": Int(1),
            "groups": Int(steps),
            **{name: Int(value) for name, value in geometry.items()},
            "channels": Int(columns),
            "floats": Int(0),
            "zero_point": Int(zero_of(op.result)),
            **clamp_codes(op.result, None),
        }
        fields = {
            "rows": rows,
            "inner": inner,
            "columns": columns,
            "a_zero": zero_of(op.a),
            "b_zero": zero_of(op.b),
            "multiplier": multiplier,
            "rounding": 1 << shift - 1,
            "shift": shift,
        }
        shape = emitter.struct("edgec_matmul_i8", {name: Int(value) for name, value in fields.items()})
        made = emitter.struct("edgec_tiles_i8", tiles_fields, "tiles")
        tiles = Tiles(lanes, columns, steps, made, geometry, parts, weights, codes)
        more = add(codes, Int(whole * 4 * lanes.sums)) if zero_of(op.b) else NULL

        def call(offsets: list[Expr]) -> list[Stmt]:
            a, b, y = (add(emitter.pointer(v), o) for v, o in zip((op.a, op.b, op.result), offsets, strict=True))
            found: list[Stmt] = []
            for part in parts:
                arguments = (
                    shape,
                    add(b, Int(part.first * lanes.sums)),
                    Int(part.count),
                    Int(part.vectors),
                    Int(columns - part.first * lanes.sums),
                    add(weights, Int(part.first * lanes.sums * lanes.group * steps)),
                    add(codes, Int(part.first * 4 * lanes.sums)),
                    zeros,
                )
                found.append(Evaluate(Call("edgec_matmul_columns_i8", arguments)))
            found.append(Evaluate(Call("edgec_widen", (a, pixels, Int(rows * inner)))))
            if more is not NULL:
                found.append(Evaluate(Call("edgec_matmul_rows_i8", (shape, a, more))))
            return [*found, *tiles.calls(1, rows, pixels, y, more)]

        return [Block([*declared, *nest(axes, 3, call)])]

    scratch = ALIGN + sum(-(-size // ALIGN) * ALIGN for size in sizes.values())
    return Kernel(f"edgec_matmul_{lanes.family}_i8", "matmul_i8.h", emit, scratch)
