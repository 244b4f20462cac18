"""What the kernels for Armv7-M read: streams of weights, in the formats of ``block_armv7m.h``."""

import numpy as np

from edgec.codegen.kernels.pixel_pairs import scaling
from edgec.codegen.kernels.pixel_triples import Segments
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array

LARGEST_SHIFT = 54
"""Up to here the upper half of a product and a shifted zero point are within 32 bits."""

LAST = 1 << 31
"""Set in a shift: the stream ends here."""


def stream_of_pairs(rows: Array, segments: Segments, sums: WeightedSums, bias: Array, zero: int) -> Array | None:
    """The stream of a layer's channels in pairs, as words; None where a sum does not become a code in their way.

    ``rows``: ``[O, taps]`` i8, O at least 2, ``bias``: ``[O]``. Of an odd number of channels the last pair is that of
    the last two.
    """
    count = len(rows)
    scales = scaling(rows, bias, sums, LARGEST_SHIFT)
    if scales is None:
        return None
    multipliers, shifts = scales
    begins = (2 * zero + 1) << (shifts - 33)
    parts: list[bytes] = []
    firsts = [min(first, count - 2) for first in range(0, count, 2)]
    for first, following in zip(firsts, [*firsts[1:], None], strict=True):
        body = np.ascontiguousarray(rows[first : first + 2].T).tobytes()
        parts.append(body + bytes(-len(body) % 4))
        for o, step in ((first, 1), (first + 1, LAST >> 8 if following is None else following - first - 1)):
            codes = multipliers[o], begins[o], shifts[o] - 32 | step << 8, bias[o] - segments.offset
            parts.append((np.array(codes).astype(np.int64) & 0xFFFFFFFF).astype("<u4").tobytes())
    return np.frombuffer(b"".join(parts), "<i4").astype(np.int32)
