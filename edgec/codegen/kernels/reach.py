"""Safe distances: how far above its result an operand may lie while a kernel reads the one and writes the other.

A kernel that walks its result in the order of memory works in turns. A turn reads bytes of the operand, none before
``start``, and writes bytes of the result, none from ``end`` on. In what order it does that does not matter. Nothing
that is still to be read is written if the operand begins ``end - start`` bytes above the result, or more, where ``end``
is that of any turn and ``start`` the least one from that turn on. The largest of these differences is the distance.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from edgec.ir import Value
from edgec.ir.ops import Conv2d, Convolution, ConvTranspose, IntegerConv2d, Pool
from edgec.ir.ops.windows import sides


class Turn(NamedTuple):
    """The first byte of the operand that is read, None if none is; how many of the result are written by then."""

    start: int | None
    end: int


def distance(turns: Iterable[Turn]) -> int:
    """Bytes that the operand has to begin above the result, at least, for these turns in order."""
    found, least = 0, None
    for start, end in reversed([*turns]):
        if start is not None:
            least = start if least is None else min(least, start)
        if least is not None:
            found = max(found, end - least)
    return found


def above(x: Value, y: Value, turns: Iterable[Turn]) -> dict[Value, int]:
    """``Kernel.distances`` of an operand and the first result; none where C's types forbid that they share bytes.

    A compiler may take it that what is written as one type is not read as another, but for bytes.
    """
    types = {x.type.dtype, y.type.dtype}
    return {x: distance(turns)} if len(types) == 1 or 1 in {t.bytes for t in types} else {}


def under(x: Value, y: Value, turns: Iterable[Turn]) -> dict[Value, int]:
    """``Kernel.below`` of an operand and the first result, by turns that count bytes from the ends of both."""
    apart = above(x, y, turns)
    return {x: max(apart[x] + x.type.bytes - y.type.bytes, 0)} if apart else {}


def copied(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Turns that each copy all that they read before they write: two turns each."""
    written = 0
    for start, end in turns:
        yield Turn(start, written)
        yield Turn(None, end)
        written = end


def pixel_turns(x: Value, y: Value, counts: Iterable[int], again: int = 0) -> Iterator[Turn]:
    """Pixels one after the other, so many in each turn; all channels of each are read and written.

    What is left behind the turns are the last ``again`` pixels, of which some were there before.
    """
    pixels = prod(x.shape[:-1])
    read, made, done = x.type.bytes // pixels, y.type.bytes // pixels, 0
    for count in counts:
        yield Turn(done * read, (done + count) * made)
        done += count
    if done < pixels:
        yield Turn(max(pixels - again, 0) * read, pixels * made)


def blocks(pixels: int, *sizes: int) -> list[int]:
    """So many pixels by blocks: as many of the first size as there are, then of the next, and so on."""
    counts = []
    for size in sizes:
        counts += [size] * (pixels // size)
        pixels %= size
    return counts


def row_turns(op: Convolution | IntegerConv2d | Pool) -> Iterator[Turn]:
    """Row by row of the result."""
    batch, *extents, _, _ = op.x.shape
    y = op.results[0]
    row, made = op.x.type.bytes // (batch * prod(extents)), y.type.bytes // prod(y.shape[:-2])
    firsts = [[_first(op, axis, place) for place in range(n)] for axis, n in enumerate(y.shape[1:-2])]
    for number, (image, *places) in enumerate(product(range(batch), *firsts)):
        start: int | None = image
        for extent, place in zip(extents, places, strict=True):
            start = None if start is None or place is None else start * extent + place
        yield Turn(None if start is None else start * row, (number + 1) * made)


def _first(op: Convolution | IntegerConv2d | Pool, axis: int, index: int) -> int | None:
    """The first place of the input that an output's window reaches along an axis; None if there is none."""
    (before, _), stride, dilation = sides(op.pad)[axis], op.stride[axis], op.dilation[axis]
    taps = range(op.kernel[axis])
    if isinstance(op, ConvTranspose):
        apart = [index + before - k * dilation for k in taps]
        places = [place // stride for place in apart if place % stride == 0]
    else:
        places = [index * stride - before + k * dilation for k in taps]
    return min((p for p in places if 0 <= p < op.x.shape[axis + 1]), default=None)


def strip_turns(x: Value, y: Value, strips: Sequence[tuple[int, int]], stride: int = 1, pad: int = 0) -> Iterator[Turn]:
    """Strips of rows, ``(first, count)`` of each image of the result, by windows that slide over rows of x."""
    (batch, extent), height = x.shape[:2], y.shape[1]
    row, made = x.type.bytes // (batch * extent), y.type.bytes // (batch * height)
    for image in range(batch):
        for first, count in strips:
            top = min(max(first * stride - pad, 0), extent)
            yield Turn((image * extent + top) * row, (image * height + first + count) * made)


def upward_turns(
    x: Value, y: Value, strips: Sequence[tuple[int, int]], stride: int = 1, pad: int = 0, span: int = 1
) -> Iterator[Turn]:
    """Strips of the rows of one image from the last one up: bytes from the ends of both."""
    extent, height = x.shape[1], y.shape[1]
    row, made = x.type.bytes // extent, y.type.bytes // height
    for first, count in reversed(strips):
        behind = min(max((first + count - 1) * stride - pad + span, 0), extent)
        yield Turn((extent - behind) * row, (height - first) * made)


def window_turns(op: Conv2d, block: int) -> Iterator[Turn]:
    """Pixels by blocks, over the ends of rows; where some are left the last block is that of the last ones."""
    (batch, extent), (height, width, _) = op.x.shape[:2], op.result.shape[1:]
    pixels, row = height * width, op.x.type.bytes // (batch * extent)
    made = op.result.type.bytes // (batch * pixels)
    for image in range(batch):
        for next in range(0, pixels, block):
            first = min(next, pixels - block)
            top = min(max(first // width * op.stride[0] - op.pad[0], 0), extent)
            yield Turn((image * extent + top) * row, (image * pixels + first + block) * made)
