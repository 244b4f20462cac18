"""What the kernels for RV32IM read: streams of weights, in the formats of ``block_rv32im.h`` and ``dense_rv32im.h``."""

import numpy as np

from edgec.codegen.kernels.pixel_pairs import scaling, segments
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array

LONGEST = 12
"""Taps of a segment, at most."""

LARGEST_SHIFT = 54
"""Up to here the upper half of a product and a shifted zero point are within 32 bits."""


def stream_of_pairs(weights: Array, sums: WeightedSums, bias: Array) -> Array | None:
    """The stream of a layer's channels in pairs, as words; None where a sum does not become a code in their way.

    ``weights``: ``[O, taps]`` i8, O at least 2, ``bias``: ``[O]``. Of an odd number of channels the last pair is that
    of the last two.
    """
    count = len(weights)
    scales = scaling(weights, bias, sums, LARGEST_SHIFT)
    if scales is None:
        return None
    multipliers, shifts = scales
    parts: list[bytes] = []
    firsts = [min(first, count - 2) for first in range(0, count, 2)]
    for first, following in zip(firsts, [*firsts[1:], None], strict=True):
        pair = weights[first : first + 2]
        body, tap = b"", 0
        for length in segments(pair, LONGEST):
            body += bytes([12 * length]) + np.ascontiguousarray(pair[:, tap : tap + length].T).tobytes()
            tap += length
        body += bytes(1)
        step = [following - first, 1] if following is not None else [0, 0]
        parts += [
            bias[first : first + 2].astype("<i4").tobytes(),
            body + bytes(-len(body) % 4),
            multipliers[first : first + 2].astype("<i4").tobytes(),
            bytes([*(shifts[first : first + 2] - 32).tolist(), *step]),
        ]
    return np.frombuffer(b"".join(parts), "<i4").astype(np.int32)


def stream_of_sixteens(rows: Array, sums: WeightedSums, bias: Array) -> Array | None:
    """The stream of a layer's channels by 16, as words; None where a sum does not become a code in their way.

    ``rows``: ``[O, taps]`` i8, ``bias``: ``[O]``. Of a number that is no multiple of 16 the last are those of the last
    16; of fewer the last one is there again.
    """
    count = len(rows)
    scales = scaling(rows, bias, sums)
    if scales is None:
        return None
    multipliers, shifts = scales
    firsts = [max(min(first, count - 16), 0) for first in range(0, count, 16)]
    parts: list[bytes] = []
    for first, following in zip(firsts, [*firsts[1:], firsts[-1]], strict=True):
        channels = np.minimum(np.arange(first, first + 16), count - 1)
        parts += [
            bias[channels].astype("<i4").tobytes(),
            np.ascontiguousarray(rows[channels].T).tobytes(),
            multipliers[channels].astype("<i4").tobytes(),
            (shifts[channels] - 33).astype(np.uint8).tobytes(),
            np.array(following - first, "<i4").tobytes(),
        ]
    return np.frombuffer(b"".join(parts), "<i4").astype(np.int32)
