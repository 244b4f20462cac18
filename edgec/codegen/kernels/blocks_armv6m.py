"""What the kernels for Armv6-M read: streams and weights, in the formats of ``block_armv6m.h``."""

from dataclasses import dataclass

import numpy as np

from edgec.codegen.ctree import Expr, Int
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.codes_armv6m import Codes, prove_codes
from edgec.codegen.kernels.pixel_pairs import HIGH, LOW
from edgec.codegen.kernels.pixel_triples import WORDS, TripleBlock, segments_of
from edgec.codegen.kernels.weighted_sums import WeightedSums
from edgec.ir import Array, Value
from edgec.ir.ops import Clamp
from edgec.ir.requantization import code_limits, zero_of

TURN, STEP = 12, 20
"""Taps of a turn of a block, and bytes of code for each."""

FOUR = 4
"""Channels whose weights lie side by side for single pixels."""


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


def block_of_sixes(
    rows: Array, bias: Array, sums: WeightedSums, result: Value, clamp: Clamp | None
) -> TripleBlock | None:
    """What a block reads of a layer by ``rows[O, taps]``, i8; None where a sum does not become a code in its way."""
    codes = codes_of(rows, bias, sums, result, clamp)
    if codes is None:
        return None
    segments = segments_of(rows, TURN)
    padding = -rows.shape[1] % 4
    parts = []
    for o, row in enumerate(rows):
        offset = _words(bias[o] - codes.offset[o] - segments.offset)
        parts += [offset, bytes(padding) + (row.astype(np.int64) + 128).astype(np.uint8).tobytes(), _code(codes, o)]
    return TripleBlock(_stream(parts), segments)


def block_fields(emitter: Emitter, block: TripleBlock, result: Value) -> tuple[Expr, ...]:
    """The fields of an ``edgec_block_armv6m``."""
    first, begin, segment, everything = block.segments.fields()
    back = 4 + -block.segments.taps % 4 - first
    before = WORDS * first
    numbers = STEP * first, back, begin - before, segment, everything - before, result.shape[-1]
    return (emitter.array("stream", block.stream), *map(Int, numbers))


def block_of_fours(rows: Array, bias: Array, sums: WeightedSums, result: Value, clamp: Clamp | None) -> Block | None:
    """What a layer of few pixels reads, in the format of ``dense_armv6m.h``."""
    codes = codes_of(rows, bias, sums, result, clamp)
    if codes is None:
        return None
    count, parts = len(rows), []
    for first in range(0, count, FOUR):
        group = range(first, min(first + FOUR, count))
        parts.append(_words(*(bias[o] - codes.offset[o] for o in group), *[0] * (FOUR - len(group))))
        parts += [_code(codes, o) for o in group]
    return Block(_stream(parts), _side_by_side(rows, FOUR))


def _code(codes: Codes, o: int) -> bytes:
    more = [codes.rest[o]] if codes.long[o] else []
    whole = codes.whole[o] | (1 << 31 if codes.long[o] else 0)
    return _words(whole, codes.part[o], codes.begin[o], *more, codes.last[o])


def _side_by_side(rows: Array, width: int) -> Array:
    """``[O, taps]`` -> ``[groups, taps, width]``, the last group filled up with nothing."""
    filled = np.pad(rows, ((0, -len(rows) % width), (0, 0)))
    return np.ascontiguousarray(filled.reshape(-1, width, rows.shape[1]).swapaxes(1, 2))


def _stream(parts: list[bytes]) -> Array:
    return np.frombuffer(b"".join(parts), "<i4").astype(np.int32)


def _words(*numbers: int) -> bytes:
    """Modulo 2^32."""
    return np.array([int(n) & 0xFFFFFFFF for n in numbers], "<u4").tobytes()
