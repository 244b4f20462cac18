"""What the kernels for Armv6-M read: streams and weights, in the formats of ``block_armv6m.h``."""

from dataclasses import dataclass

import numpy as np

from edgec.codegen.kernels.codes_armv6m import Codes, prove_codes
from edgec.codegen.kernels.pixel_pairs import HIGH, LOW, segments
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import code_limits, zero_of

LONGEST = 16
"""Taps of a segment, at most."""

STEP = 12
"""Bytes of code for a tap."""

DONE, END = 210, 218
"""Bytes that end a channel and the stream: EDGEC_ARMV6M_DONE and EDGEC_ARMV6M_END."""

GROUP, FOUR = 8, 4
"""Channels whose weights lie side by side: for pixels in pairs, and for single ones."""


@dataclass(frozen=True)
class Block:
    """A layer's stream, as words, and its weights."""

    stream: Array
    weights: Array


def codes_of(rows: Array, bias: Array, sums: WeightedSums, result: Value, clamp: Clamp | None) -> Codes | None:
    """How the sums of channels by ``rows[O, taps]``, i8, begun at ``bias[O]`` become codes."""
    products = np.stack([LOW * rows.astype(np.int64), HIGH * rows.astype(np.int64)])
    ends = bias + products.min(axis=0).sum(axis=1), bias + products.max(axis=0).sum(axis=1)
    factors = sums.factors.multipliers, sums.factors.shifts
    multipliers, shifts = (np.broadcast_to(a, len(rows)).astype(np.int64) for a in factors)
    return prove_codes(ends, multipliers, shifts, zero_of(result), code_limits(result.type, clamp))


def block_of_pairs(rows: Array, bias: Array, sums: WeightedSums, result: Value, clamp: Clamp | None) -> Block | None:
    """What a block reads of a layer by ``rows[O, taps]``, i8; None where a sum does not become a code in its way."""
    codes = codes_of(rows, bias, sums, result, clamp)
    if codes is None:
        return None
    parts = []
    for o, row in enumerate(rows):
        lengths = segments(row[None], LONGEST)
        end = DONE + 4 * bool(codes.long[o]) + 2 * (o % GROUP == GROUP - 1)
        body = bytes([*(STEP * (LONGEST - length) for length in lengths), end])
        begin = int(bias[o] - codes.offset[o])
        more = [codes.rest[o]] if codes.long[o] else []
        parts += [
            _words(begin * 0x10001 - 0x8000 * len(lengths), begin),
            body + bytes(-len(body) % 4),
            _words(codes.whole[o], codes.part[o], codes.begin[o], *more, codes.last[o]),
        ]
    parts.append(_words(0, 0, END))
    return Block(_stream(parts), _side_by_side(rows, GROUP))


def block_of_fours(rows: Array, bias: Array, sums: WeightedSums, result: Value, clamp: Clamp | None) -> Block | None:
    """The same for a layer of few pixels, in the format of ``dense_armv6m.h``."""
    codes = codes_of(rows, bias, sums, result, clamp)
    if codes is None:
        return None
    count, parts = len(rows), []
    for first in range(0, count, FOUR):
        group = range(first, min(first + FOUR, count))
        parts.append(_words(*(bias[o] - codes.offset[o] for o in group), *[0] * (FOUR - len(group))))
        for o in group:
            more = [codes.rest[o]] if codes.long[o] else []
            whole = codes.whole[o] | (1 << 31 if codes.long[o] else 0)
            parts.append(_words(whole, codes.part[o], codes.begin[o], *more, codes.last[o]))
    return Block(_stream(parts), _side_by_side(rows, FOUR))


def _side_by_side(rows: Array, width: int) -> Array:
    """``[O, taps]`` -> ``[groups, taps, width]``, the last group filled up with nothing."""
    filled = np.pad(rows, ((0, -len(rows) % width), (0, 0)))
    return np.ascontiguousarray(filled.reshape(-1, width, rows.shape[1]).swapaxes(1, 2))


def _stream(parts: list[bytes]) -> Array:
    return np.frombuffer(b"".join(parts), "<i4").astype(np.int32)


def _words(*numbers: int) -> bytes:
    """Modulo 2^32."""
    return np.array([int(n) & 0xFFFFFFFF for n in numbers], "<u4").tobytes()
