"""Weights, biases and codes as the streams of words that the blocks of ``block_mve.h`` and ``dense_mve.h`` read."""

from collections.abc import Mapping, Sequence

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.literals import clamp_codes
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import zero_of

STEP = 16
"""Bytes of a pixel that a step takes: as many taps, or half of them of halfwords."""

SCRATCH = 6144
"""Bytes of scratch from which on a layer does not copy all of the rows that it reads."""

LEAST_SHIFT = 32
"""From this shift on a sum becomes a code in their way."""


def steps(taps: int, size: int = 1) -> int:
    """How many steps so many taps take, of so many bytes each."""
    return -(-taps * size // STEP)


def pair_groups(outs: int) -> list[range]:
    """Groups of 4 of that many channels: the second one overlaps the first where they are no multiple.

    The one of fewer than 4 reaches beyond.
    """
    over = outs % 4
    return [range(first, first + 4) for first in ([0] if over else []) + list(range(over, outs, 4))]


def block_groups(outs: int, taps: int) -> list[Sequence[int]]:
    """Groups of 4 channels of blocks of pixels of bytes: those of one step are the even and the odd ones of 8."""
    if steps(taps) > 1 or outs % 8:
        return list(pair_groups(outs))
    return [range(first, first + 8, 2) for eight in range(0, outs, 8) for first in (eight, eight + 1)]


def wide_groups(outs: int) -> list[Sequence[int]]:
    """Groups of 8 of that many channels, in the order of the stream; the last one may reach beyond."""
    return [[first + c for c in (0, 2, 4, 6, 1, 3, 5, 7)] for first in range(0, outs, 8)]


def pixels_work(pixels: Sequence[int], taps: int, outs: int, size: int = 1) -> Mapping[str, float]:
    """Of calls for so many pixels each, of elements of ``size`` bytes, two at a time (block_mve.h)."""
    blocks, groups, count = sum(-(-n // 2) for n in pixels), -(-outs // 4), steps(taps, size)
    single = size == 1 and count == 1 and outs % 8 == 0
    return {
        "calls": len(pixels) * (1 if single or outs % 4 == 0 else 2),
        "blocks": blocks,
        "eights": blocks * outs // 8 if single else 0,
        "groups": 0 if single else blocks * groups,
        "turns": 0 if single else blocks * groups * -(-count // 4),
        "steps": 0 if single else blocks * groups * count,
    }


def code_parameters(sums: WeightedSums, outs: int) -> Array | None:
    """Biases, multipliers and ``31 - shift`` of so many channels, i32 ``[3, O]``; None where a shift is too small."""
    (bias,) = sums.biases
    multipliers, shifts = (np.broadcast_to(a, outs) for a in (sums.factors.multipliers, sums.factors.shifts))
    if shifts.min() < LEAST_SHIFT:
        return None
    return np.stack([bias, multipliers, LEAST_SHIFT - 1 - shifts.astype(np.int32)]).astype(np.int32)


def stream(weights: Array, sums: WeightedSums, groups: Sequence[Sequence[int]], size: int = 1) -> Array | None:
    """The stream of these groups of channels; None where a sum does not become a code in their way.

    ``weights``: ``[O, taps]`` i8, which meet elements of ``size`` bytes. Channels beyond the last one are nothing.
    """
    outs, taps = weights.shape
    codes = code_parameters(sums, outs)
    if codes is None:
        return None
    order = np.array(groups)
    beyond = order.max() + 1 - outs
    rows = np.pad(weights, ((0, max(beyond, 0)), (0, -taps % (STEP // size))))[order]
    words = np.ascontiguousarray(rows).view(np.uint32).reshape(*order.shape, -1, STEP // size // 4)
    words = words.swapaxes(1, 2).reshape(len(order), -1)
    parts = np.pad(codes, ((0, 0), (0, max(beyond, 0))))[:, order].swapaxes(0, 1)
    return np.concatenate([words, parts.reshape(len(order), -1).view(np.uint32)], axis=1)


def block(
    emitter: Emitter,
    packed: Array,
    taps: int,
    outs: int,
    y: Value,
    clamp: Clamp | None,
    size: int = 1,
    each: int = 0,
    role: str = "channels",
) -> tuple[Expr, ...]:
    """The ``edgec_block_mve`` of a layer; ``each``: output channels that see the same input, if not all do."""
    return (
        emitter.array(role, packed.reshape(-1), "groups of channels"),
        Int(packed.shape[1]),
        Int(outs),
        Int(steps(taps, size)),
        Int(zero_of(y)),
        *clamp_codes(y, clamp).values(),
        Int(each or outs),
    )
