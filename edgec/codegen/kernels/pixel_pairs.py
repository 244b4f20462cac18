"""Two pixels in a word: one multiplication by a weight gives two products, as long as both sums stay within 16 bits.

For cores whose multiplication has 32 bits and no vectors. A word holds ``a + 65536 * b``, and a sum of products with
weights ``A + 65536 * B``. Weights are cut into segments for which A and B are within 16 bits whatever a and b are, so
that both can be told apart at each segment's end.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.reach import above, copied, window_turns
from edgec.codegen.kernels.rows import over_images
from edgec.codegen.kernels.weighted_sums import UPPER, WeightedSums
from edgec.codegen.kernels.work import LAYER
from edgec.ir import Array
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

BLOCK = 6
"""Pixels of a block of ``patches.h``."""

LOW, HIGH = -128, 127
"""Limits of an activation."""


def segments(weights: Array, most: int) -> list[int]:
    """The lengths of the longest segments of ``weights[channels, taps]``, i8, for all channels alike.

    At most ``most`` taps each. The proof is interval arithmetic over all activations.
    """
    lengths, length = [], 0
    channels: Sequence[Sequence[int]] = weights.tolist()
    largest, smallest = [0] * len(channels), [0] * len(channels)
    for tap in range(weights.shape[1]):
        ends = [sorted((LOW * row[tap], HIGH * row[tap])) for row in channels]
        up = [a + b for a, (_, b) in zip(largest, ends, strict=True)]
        down = [a + b for a, (b, _) in zip(smallest, ends, strict=True)]
        if length and (length == most or max(up) > 0x7FFF or min(down) < -0x8000):
            lengths.append(length)
            length = 0
            up, down = [b for _, b in ends], [a for a, _ in ends]
        largest, smallest, length = up, down, length + 1
    return [*lengths, length]


def scaling(rows: Array, bias: Array, sums: WeightedSums, most: int = 62) -> tuple[Array, Array] | None:
    """Multipliers and shifts of each channel, i64 ``[O]``; None if a shift is not from UPPER to ``most``.

    Of a channel of ``rows[O, taps]``, i8, and ``bias[O]``, whose sums all become 0 the multiplier is 0.
    """
    factors = sums.factors.multipliers, sums.factors.shifts
    multipliers, shifts = (np.broadcast_to(a, len(rows)).astype(np.int64) for a in factors)
    ends = np.stack([LOW * rows.astype(np.int64), HIGH * rows.astype(np.int64)])
    largest = np.maximum(np.abs(bias + ends.min(axis=0).sum(axis=1)), np.abs(bias + ends.max(axis=0).sum(axis=1)))
    nothing = largest * multipliers.astype(np.float64) < np.ldexp(0.5, shifts - 1)
    multipliers, shifts = np.where(nothing, 0, multipliers), np.where(nothing, UPPER, shifts)
    return (multipliers, shifts) if shifts.min() >= UPPER and shifts.max() <= most else None


def patch_fields(op: Conv2d) -> tuple[Expr, ...]:
    """The fields of an ``edgec_patches``."""
    top, _, left, _ = op.pad
    numbers = (*op.x.shape[1:], *op.kernel, *op.stride, *op.dilation, top, left, op.result.shape[2], zero_of(op.x))
    return tuple(map(Int, numbers))


def conv_of_blocks(
    name: str,
    header: str,
    op: Conv2d,
    shape: Callable[[Emitter], Expr],
    scratch: int,
    work: Mapping[str, float] | None = None,
) -> Kernel:
    """``name(shape, pixels, x, y, scratch)`` for each image: by blocks, whose windows are copied first."""
    pixels = Int(prod(op.result.shape[1:3]))

    def emit(emitter: Emitter) -> list[Stmt]:
        constants = shape(emitter)
        return over_images(emitter, op, lambda x, y: [Evaluate(Call(name, (constants, pixels, x, y, emitter.scratch)))])

    distances = above(op.x, op.result, copied(window_turns(op, BLOCK)))
    return Kernel(name, header, emit, scratch, work=work or {}, distances=distances)


def patch_work(op: Conv2d, block: int) -> Mapping[str, float]:
    """Of the windows of blocks of pixels (patches.h): those of a block at an edge are copied row by row."""
    batch, height, width, _ = op.result.shape
    (kernel, across), channels = op.kernel, op.x.shape[3]
    pixels = height * width
    firsts = np.minimum(np.arange(0, pixels, block), pixels - block)
    places = firsts[:, None] + np.arange(block)  # [blocks, pixels]
    top = places // width * op.stride[0] - op.pad[0]
    left = places % width * op.stride[1] - op.pad[2]
    rows = top[..., None] + np.arange(kernel) * op.dilation[0]
    whole = (left >= 0) & (left <= op.x.shape[2] - across) & (op.dilation[1] == 1)
    inside = ((rows >= 0) & (rows < op.x.shape[1])) & whole[..., None]
    edges = ~inside.all(axis=(1, 2))
    copied = int((~inside[edges]).sum())
    return {
        LAYER: 1,
        "packs": batch * len(firsts) * kernel,
        "packed": batch * len(firsts) * kernel * across * channels,
        "edges": batch * int(edges.sum()) * kernel * block,
        "copied": batch * copied * across,
        "copied_elements": batch * copied * across * channels,
    }
