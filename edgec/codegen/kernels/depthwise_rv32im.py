"""Depthwise convolutions of bytes on RV32IM."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.pixel_pairs import scaling
from edgec.codegen.kernels.pixel_triples import LARGEST_SHIFT
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.rows import over_images
from edgec.codegen.kernels.weighted_sums import TYPES, WeightedSums, weighted_sums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import code_limits, zero_of

NAME = "edgec_depthwise_rv32im_i8"


def lower_depthwise_rv32im(op: Conv2d) -> Kernel | None:
    """Windows of 3x3 whose outputs go along the longer axis, in steps of one or two."""
    _, *extents, channels = op.result.shape
    if op.kernel != (3, 3) or op.dilation != (1, 1) or not op.groups == op.x.shape[-1] == channels:
        return None
    sums = weighted_sums(op, [known(op, op.w)])
    if sums.types != TYPES:
        return None
    along = int(extents[1] >= extents[0])
    across = 1 - along
    count, stride, before = extents[along], op.stride[along], op.pad[2 * along]
    behind = (count - 1) * stride - before + 3 - op.x.shape[1 + along]
    if stride > 2 or before not in (0, 1) or behind > 1 or count < 2:
        return None
    behind = max(behind, 0)
    weights = sums.weights[0][..., 0]
    stream = _stream(weights if along else weights.swapaxes(1, 2), sums)
    if stream is None:
        return None
    steps = (op.x.shape[2] * channels, channels)
    out_steps = (extents[1] * channels, channels)
    # Elements of a line that are loaded.
    loaded = (count - 1) * stride + 3 - before - behind
    numbers = {
        "channels": channels,
        "pixel": steps[along],
        "out_pixel": out_steps[along],
        "rewind": 1 - loaded * steps[along],
        "x_zero": zero_of(op.x),
        "rounding": 2 * zero_of(op.result) + 1,
        **dict(zip(("low", "high"), code_limits(op.result.type, op.clamp), strict=True)),
        "before": before,
        "behind": behind,
        "count": count,
        "lines": extents[across],
        "across": op.x.shape[1 + across],
        "line": steps[across],
        "out_line": out_steps[across],
        "line_stride": op.stride[across],
        "line_pad": op.pad[2 * across],
    }

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {"stream": emitter.array("stream", stream), **{n: Int(v) for n, v in numbers.items()}}
        shape = emitter.struct("edgec_depthwise_rv32im", fields)
        return over_images(emitter, op, lambda x, y: [Evaluate(Call(NAME, (shape, Int(stride), x, y)))])

    lines, codes = op.result.shape[0] * extents[across], op.result.type.elements
    rows = np.arange(extents[across])[:, None] * op.stride[across] - op.pad[2 * across] + np.arange(3)
    beyond = op.result.shape[0] * int(((rows < 0) | (rows >= op.x.shape[1 + across])).sum())
    work = {
        LAYER: 1,
        "lines": lines,
        "channels": lines * channels,
        "beyond": beyond * channels,
        "beyond_outputs": beyond * channels * count,
        "before": lines * channels * before,
        "behind": lines * channels * behind,
        ("outputs" if stride == 1 else "outputs_of_two"): codes,
    }
    return Kernel(NAME, "depthwise_rv32im.h", emit, work={"outputs": 0, "outputs_of_two": 0, **work})


def _stream(weights: Array, sums: WeightedSums) -> Array | None:
    """The stream of ``edgec_depthwise_rv32im``: of ``weights[O, along, across]``, which it reads across first."""
    count = len(weights)
    scales = scaling(weights.reshape(count, 9), sums.biases[0], sums, LARGEST_SHIFT)
    if scales is None:
        return None
    record = np.dtype([("bias", "<i4"), ("multiplier", "<i4"), ("weights", "i1", 9), ("shift", "u1"), ("", "u1", 2)])
    records = np.zeros(count, record)
    records["bias"], records["multiplier"], records["shift"] = sums.biases[0], scales[0], scales[1] - 32
    records["weights"] = weights.reshape(count, 9)
    return np.frombuffer(records.tobytes(), "<i4").astype(np.int32)
