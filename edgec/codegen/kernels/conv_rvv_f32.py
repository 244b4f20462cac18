"""Convolutions and dense layers of float32 with RVV: output channels in lanes, or pixels of a row."""

from dataclasses import dataclass
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_vfp import adds_nothing
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.depthwise_rvv_f32 import LANES, lower_depthwise_rvv_f32
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.padded_rvv import NO_PADDING, is_padded, of_windows, pitch_of
from edgec.codegen.kernels.registry import Lowered, lowers
from edgec.codegen.kernels.strips import geometry
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array, DType
from edgec.ir.ops import Clamp, Conv2d, Convolution, Dense


@dataclass(frozen=True)
class Windows:
    """Windows of ``kernel_rows`` rows of ``runs`` runs of ``run`` elements: what is left of a layer inside its loops.

    ``weights``: ``[O, taps]``. The other numbers are elements between places, as in ``edgec_conv2d_rvv_f32``.
    """

    weights: Array
    bias: Array
    clamp: Clamp | None
    groups: int
    group: int
    out_width: int
    pixel: int
    row: int
    kernel_rows: int
    runs: int
    run: int
    tap: int
    skip: int
    turn: int

    def fields(self, emitter: Emitter, form: str, padded: tuple[Expr, ...]) -> Fields:
        """Those of an ``edgec_conv2d_rvv_f32``."""
        across = form == "channels"
        weights = np.ascontiguousarray(self.weights.T if across else self.weights).reshape(-1)
        numbers = {
            "out_width": self.out_width,
            "out_channels": len(self.weights),
            "groups": self.groups,
            "group": self.group,
            "pixel": self.pixel,
            "row": self.row,
            "kernel_rows": self.kernel_rows,
            "runs": self.runs,
            "run": self.run,
            "tap": self.tap,
            "skip": self.skip,
            "turn": self.turn,
        }
        return {
            "padded": padded,
            "weights": emitter.array("weights", weights, "[taps][out]" if across else "[out][taps]"),
            "bias": emitter.array("bias", self.bias),
            **clamp_fields(self.clamp),
            **{name: Int(number) for name, number in numbers.items()},
        }

    def work(self, form: str, counts: list[int]) -> dict[str, float]:
        """How often loops turn in calls for so many rows: of two sums, and of one."""
        outs, each = len(self.weights), len(self.weights) // self.groups
        lanes = outs if form == "channels" else self.out_width
        if form == "channels":
            pairs, singles = (sum(part) for part in zip(*(divmod(n * self.out_width, 2) for n in counts), strict=True))
        else:
            pairs, singles = (sum(counts) * self.groups * n for n in divmod(each, 2))
        work: dict[str, float] = {"rows": sum(counts), "sums": pairs + singles}
        for most in LANES:
            vectors = -(-lanes // most)
            for name, sums in (("pairs", pairs), ("singles", singles)):
                turns = sums * vectors * self.kernel_rows * self.runs
                work |= {f"{name}{most}": sums * vectors, f"{name}_runs{most}": turns}
                work |= {f"{name}_fours{most}": turns * (self.run // 4), f"{name}_rest{most}": turns * (self.run % 4)}
        return work


@lowers(Dense, family="rvv")
def lower_dense_rvv_f32(op: Dense) -> Lowered:
    """Its pixels are a row."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    return _dense(op, op.w.data, op.bias.data)


@lowers(Convolution, family="rvv")
def lower_convolution_rvv_f32(op: Convolution) -> Lowered:
    """In 2-D; a window of one tap that visits every pixel is dense."""
    if op.x.type.dtype is not DType.F32 or op.w.data is None or op.bias.data is None:
        return None
    if is_pointwise(op):
        return _dense(op, op.w.data.reshape(len(op.w.data), -1), op.bias.data)
    if not isinstance(op, Conv2d):
        return None
    if is_padded(op) and not adds_nothing(op.w.data, op.bias.data):
        return None
    found = [_conv2d(op, form) for form in (("pixels",) if op.groups > 1 else ("channels", "pixels"))]
    depthwise = lower_depthwise_rvv_f32(op)
    return [*([] if depthwise is None else [depthwise]), *_fullest(found)]


def _dense(op: Dense | Convolution, weights: Array, bias: Array) -> list[Kernel]:
    pixels, inner = prod(op.x.shape[:-1]), op.x.shape[-1]
    windows = Windows(weights, bias, op.clamp, 1, 0, pixels, inner, 0, 1, 1, inner, 1, 0, 0)

    def kernel(form: str) -> Kernel:
        name = f"edgec_windows_{form}_rvv_f32"

        def emit(emitter: Emitter) -> list[Stmt]:
            shape = emitter.struct("edgec_conv2d_rvv_f32", windows.fields(emitter, form, NO_PADDING))
            return [Evaluate(Call(name, (shape, emitter.pointer(op.x), Int(1), emitter.pointer(op.result))))]

        return Kernel(name, "conv2d_rvv_f32.h", emit, work={LAYER: 1, **windows.work(form, [1])})

    return _fullest([kernel(form) for form in ("channels", "pixels")])


def _fullest(kernels: list[Kernel]) -> list[Kernel]:
    """First the one that computes fewest lanes that there are not, with the shortest vectors."""
    return sorted(kernels, key=lambda kernel: 2 * kernel.work["pairs32"] + kernel.work["singles32"])


def _windows(op: Conv2d) -> Windows:
    rows, columns = geometry(op)
    pitch = pitch_of(op)
    assert op.w.data is not None and op.bias.data is not None
    channels, depth = op.x.shape[3], op.w.shape[3]
    step, below = columns.dilation * channels, rows.dilation * pitch
    if columns.dilation == 1 and op.groups == 1:
        runs, run, tap, skip = 1, columns.kernel * channels, 1, 0
    elif depth == 1 and op.groups > 1:
        runs, run, tap, skip = 1, columns.kernel, step, 0
    else:
        runs, run, tap, skip = columns.kernel, depth, 1, step - depth
    return Windows(
        op.w.data.reshape(len(op.w.data), -1),
        op.bias.data,
        op.clamp,
        op.groups,
        depth,
        columns.out,
        columns.stride * channels,
        rows.stride * pitch,
        rows.kernel,
        runs,
        run,
        tap,
        skip,
        below - runs * (run * tap + skip),
    )


def _conv2d(op: Conv2d, form: str) -> Kernel:
    windows = _windows(op)
    names = f"edgec_windows_{form}_rvv_f32", f"edgec_conv2d_{form}_rvv_f32"

    def fields(emitter: Emitter, padded: tuple[Expr, ...]) -> Fields:
        return windows.fields(emitter, form, padded)

    def work(counts: list[int]) -> dict[str, float]:
        return windows.work(form, counts)

    return of_windows(op, names, "edgec_conv2d_rvv_f32", fields, work, "conv2d_rvv_f32.h")
