"""Depthwise convolutions of float32 with RVV: neighbouring pixels and their channels in lanes."""

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.padded_rvv import of_windows, pitch_of
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.strips import geometry
from edgec.codegen.kernels.windows_rvv import LANES
from edgec.ir.ops import Conv2d


def lower_depthwise_rvv_f32(op: Conv2d) -> Kernel | None:
    """One of as many channels as of input."""
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    if op.groups != channels or len(op.w.shape) != 4 or op.w.shape[0] != channels:
        return None
    # Fewer channels than the longer vectors hold stand for several pixels, if their
    # windows are neighbours, too.
    pixels = min(max(LANES[-1] // channels, 1), columns.out) if columns.stride == 1 else 1
    column, pitch = columns.dilation * channels, pitch_of(op)
    period, lanes = pixels * channels, columns.out * channels

    def fields(emitter: Emitter, padded: tuple[Expr, ...]) -> Fields:
        weights = np.tile(known(op, op.w).reshape(channels, -1).T, (1, pixels))
        numbers = {
            "period": period,
            "step": pixels * columns.stride * channels,
            "lanes": lanes,
            "row": rows.stride * pitch,
            "kernel_rows": rows.kernel,
            "kernel_width": columns.kernel,
            "column": column,
            "turn": rows.dilation * pitch - columns.kernel * column,
        }
        return {
            "padded": padded,
            "weights": emitter.array("weights", weights.reshape(-1), "[taps][lane]"),
            "bias": emitter.array("bias", np.tile(known(op, op.bias), pixels)),
            **clamp_fields(op.clamp),
            **{name: Int(number) for name, number in numbers.items()},
        }

    def work(counts: list[int]) -> dict[str, float]:
        whole, rest = divmod(lanes, period)
        periods = whole + (rest > 0)
        total: dict[str, float] = {}
        pairs, singles = sum(count // 2 for count in counts), sum(count % 2 for count in counts)
        total["periods"] = (pairs + singles) * periods
        for most in LANES:
            vectors = whole * -(-period // most) + -(-rest // most)
            for name, times in (("pairs", pairs), ("singles", singles)):
                total[f"{name}{most}"] = times * vectors
                total[f"{name}_rows{most}"] = times * vectors * rows.kernel
                total[f"{name}_taps{most}"] = times * vectors * rows.kernel * columns.kernel
        return total

    names = "edgec_rows_rvv_f32", "edgec_depthwise_lanes_rvv_f32"
    return of_windows(op, names, "edgec_depthwise_rvv_f32", fields, work, "depthwise_rvv_f32.h")
