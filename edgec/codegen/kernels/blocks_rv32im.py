"""What dense layers of few pixels read on RV32IM: streams of weights, in the format of ``dense_rv32im.h``."""

import numpy as np

from edgec.codegen.kernels.pixel_pairs import scaling
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array


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
