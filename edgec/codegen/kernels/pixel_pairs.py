"""Two pixels in a word: one multiplication by a weight gives two products, as long as both sums stay within 16 bits.

For cores whose multiplication has 32 bits and no vectors. A word holds ``a + 65536 * b``, and a sum of products with
weights ``A + 65536 * B``. Weights are cut into segments for which A and B are within 16 bits whatever a and b are, so
that both can be told apart at each segment's end.
"""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.rows import over_images
from edgec.codegen.kernels.weighted_sums import UPPER, WeightedSums
from edgec.ir import Array
from edgec.ir.ops import Conv2d
from edgec.ir.requantization import zero_of

TYPES = "i8_i8_i32_i8"
"""What kernels of pairs compute: how the names of portable kernels of these types end."""

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


def conv_of_blocks(name: str, header: str, op: Conv2d, shape: Callable[[Emitter], Expr], scratch: int) -> Kernel:
    """``name(shape, pixels, x, y, scratch)`` for each image."""
    pixels = Int(prod(op.result.shape[1:3]))

    def emit(emitter: Emitter) -> list[Stmt]:
        constants = shape(emitter)
        return over_images(emitter, op, lambda x, y: [Evaluate(Call(name, (constants, pixels, x, y, emitter.scratch)))])

    return Kernel(name, header, emit, scratch)
