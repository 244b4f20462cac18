"""Discrete Fourier transforms: a table of the turns of the unit circle, made at compile time."""

from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Name, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import literal
from edgec.codegen.kernels.registry import lowers
from edgec.ir import Array
from edgec.ir.ops import Dft, Stft


def turns(length: int, inverse: bool, dtype: np.dtype[np.generic]) -> Array:
    """``exp(-2 pi i n / length)`` (inverse: ``+``) for n < length, as pairs ``[length][2]``; exact on the axes."""
    # Of angles within an eighth of a turn, so that symmetric places get the same bits.
    octant, part = divmod(8 * np.arange(length), length)
    part = np.where(octant % 2 == 0, part, length - part)
    near = np.cos(part * (np.pi / 4 / length))
    far = np.where(part == length, near, np.sin(part * (np.pi / 4 / length)))
    swapped = (octant + 1) // 2 % 2 == 1
    cosine, sine = np.where(swapped, far, near), np.where(swapped, near, far)
    cosine = np.where((octant >= 2) & (octant < 6), -cosine, cosine)
    sine = np.where(octant >= 4, -sine, sine)
    return np.stack([cosine, sine if inverse else -sine], axis=-1).astype(dtype)


@lowers(Dft)
def lower_dft(op: Dft) -> Kernel:
    """Lines along the axis; axes before it are one extent, those behind it another."""
    axis, (from_, to) = op.axis, (op.x.shape[-1], op.result.shape[-1])
    outer, inner = prod(op.x.shape[:axis]), prod(op.x.shape[axis + 1 : -1])
    extent, taken = op.x.shape[axis], op.result.shape[axis]
    mirrored = op.inverse and op.onesided
    given = min(extent, op.length // 2 + 1 if mirrored else op.length)
    fields: dict[str, Expr | tuple[Expr, ...]] = {
        "extent": (Int(outer), Int(inner)),
        "x_line": (Int(extent * inner * from_), Int(from_)),
        "y_line": (Int(taken * inner * to), Int(to)),
        "x_stride": Int(inner * from_),
        "y_stride": Int(inner * to),
        "length": Int(op.length),
        "given": Int(given),
        "taken": Int(taken),
        "mirrored": Int(int(mirrored)),
        "from": Int(from_),
        "to": Int(to),
    }
    return _transform(op, fields, op.length, op.inverse)


@lowers(Stft)
def lower_stft(op: Stft) -> Kernel:
    """Lines are frames, ``step`` elements apart."""
    batch, frames, taken, _ = op.result.shape
    extent, from_ = op.x.shape[1:]
    fields: dict[str, Expr | tuple[Expr, ...]] = {
        "extent": (Int(batch), Int(frames)),
        "x_line": (Int(extent * from_), Int(op.step * from_)),
        "y_line": (Int(frames * taken * 2), Int(taken * 2)),
        "x_stride": Int(from_),
        "y_stride": Int(2),
        "length": Int(op.length),
        "given": Int(op.length),
        "taken": Int(taken),
        "mirrored": Int(0),
        "from": Int(from_),
        "to": Int(2),
    }
    return _transform(op, fields, op.length, inverse=False)


def _transform(op: Dft | Stft, fields: dict[str, Expr | tuple[Expr, ...]], length: int, inverse: bool) -> Kernel:
    """Radix 2 where the length is a power of two, which needs a line of scratch, else by the definition."""
    dtype = op.x.type.dtype
    fast = length & (length - 1) == 0
    name = f"edgec_dft_{'radix2' if fast else 'direct'}_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        table = turns(length, inverse, dtype.numpy)
        window = op.window if isinstance(op, Stft) else None
        arguments = (
            emitter.struct("edgec_dft", fields),
            literal(1 / length if inverse else 1.0, dtype),
            emitter.array("turns", table[: max(1, length // 2)] if fast else table, "[n][re, im]"),
            Name("NULL") if window is None else emitter.pointer(window),
            emitter.pointer(op.x),
            emitter.pointer(op.result),
        )
        return [Evaluate(Call(name, (*arguments, emitter.scratch) if fast else arguments))]

    return Kernel(name, "dft.h", emit, scratch=2 * length * dtype.bytes if fast else 0)
