"""Meaning of convolutions."""

from itertools import product

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.binary import clamp
from edgec.ir.interp.registry import meaning
from edgec.ir.interp.windows import merged, split, windows
from edgec.ir.ops import Conv2d, Conv3d, Convolution, ConvTranspose, ConvTranspose2d, ConvTranspose3d, DeformConv2d
from edgec.ir.ops.windows import Extents, sides, spans


@meaning(Conv2d, Conv3d)
def _conv(op: Convolution, x: Array, w: Array, bias: Array) -> Array:
    samples = max(len(x), len(w), len(bias))
    if len(w) > 1:
        # Weights that are computed differ from sample to sample.
        return np.concatenate([_conv(op, _sample(x, i), w[i : i + 1], _sample(bias, i)) for i in range(samples)])
    return clamp(convolved(op, x, w, bias), op.clamp)


def convolved(op: Convolution, x: Array, w: Array, bias: Array) -> Array:
    """The sums of a convolution by weights that are the same for all samples, in the operands' dtype."""
    if isinstance(op, ConvTranspose):
        return _transposed(op, x, w, bias)
    view = windows(merged(x), op.kernel, op.stride, op.pad, op.dilation, 0.0)
    return split(weighted(view, w[0], op.groups), len(x)) + _spread(bias, x.ndim)


def _sample(array: Array, index: int) -> Array:
    return array[index : index + 1] if len(array) > 1 else array


def _spread(bias: Array, rank: int) -> Array:
    """``[S,O]`` -> ``[S,1,..,O]``."""
    return bias.reshape(len(bias), *(1,) * (rank - 2), -1)


def weighted(view: Array, w: Array, groups: int) -> Array:
    """``view[B, *out, C, *kernel]``, ``w[O, *kernel, I]`` -> ``[B, *out, O]``."""
    spatial, out, per_group = w.ndim - 2, len(w), w.shape[-1]
    if per_group == 1:
        taps = view.reshape(*view.shape[: spatial + 2], -1)
        repeated = np.repeat(taps, out // groups, axis=-2)
        return np.einsum("...ok,ok->...o", repeated, w.reshape(out, -1), optimize=False)
    columns = np.moveaxis(view, spatial + 1, -1)
    step = out // groups
    parts = []
    for g in range(groups):
        matrix = w[g * step : (g + 1) * step].reshape(step, -1)
        parts.append(columns[..., g * per_group : (g + 1) * per_group].reshape(-1, matrix.shape[1]) @ matrix.T)
    result: Array = np.concatenate(parts, axis=1).reshape(*view.shape[: spatial + 1], out)
    return result


@meaning(ConvTranspose2d, ConvTranspose3d)
def _conv_transpose(op: ConvTranspose, x: Array, w: Array, bias: Array) -> Array:
    samples = max(len(x), len(w), len(bias))
    if len(w) > 1:
        return np.concatenate(
            [_conv_transpose(op, _sample(x, i), w[i : i + 1], _sample(bias, i)) for i in range(samples)]
        )
    return clamp(_transposed(op, x, w, bias), op.clamp)


def _transposed(op: ConvTranspose, x: Array, w: Array, bias: Array) -> Array:
    inputs, weights, step, out = merged(x), w[0], op.w.shape[0] // op.groups, op.w.shape[0]
    full = [
        (extent - 1) * stride + span
        for extent, stride, span in zip(inputs.shape[1:-1], op.stride, spans(op.kernel, op.dilation), strict=True)
    ]
    # Room for the elements that output padding adds.
    room = [max(f, f - after) for f, (_, after) in zip(full, sides(op.pad), strict=True)]
    result = np.zeros((len(inputs), *room, out), x.dtype)
    for tap in product(*map(range, op.kernel)):
        places = _places(tap, inputs.shape[1:-1], op)
        for g in range(op.groups):
            per_group = weights.shape[-1]
            matrix = weights[(slice(g * step, (g + 1) * step), *tap)]
            products = inputs[..., g * per_group : (g + 1) * per_group] @ matrix.T
            result[(slice(None), *places, slice(g * step, (g + 1) * step))] += products
    before = [max(b, 0) for b, _ in sides(op.pad)]
    lead = [max(-b, 0) for b, _ in sides(op.pad)]
    result = np.pad(result, ((0, 0), *((n, 0) for n in lead), (0, 0)))
    crop = tuple(slice(b, b + n) for b, n in zip(before, op.result.shape[1:-1], strict=True))
    return split(result[(slice(None), *crop)], len(x)) + _spread(bias, x.ndim)


def _places(tap: Extents, extents: Extents, op: ConvTranspose) -> tuple[slice, ...]:
    """Where in the full result the products of one tap go."""
    axes = zip(tap, op.dilation, extents, op.stride, strict=True)
    return tuple(slice(k * d, k * d + (extent - 1) * stride + 1, stride) for k, d, extent, stride in axes)


@meaning(DeformConv2d)
def _deform_conv(op: DeformConv2d, x: Array, w: Array, bias: Array, offset: Array, mask: Array | None = None) -> Array:
    samples = max(map(len, (x, w, bias, offset)))
    operands = (x, w, bias, offset) if mask is None else (x, w, bias, offset, mask)
    return np.concatenate([_deformed(op, *(_sample(o, i)[0] for o in operands)) for i in range(samples)])


def _deformed(op: DeformConv2d, x: Array, w: Array, bias: Array, offset: Array, mask: Array | None = None) -> Array:
    batch, height, width = offset.shape[:3]
    (kernel_h, kernel_w), split_into = op.kernel, op.offset_groups
    moves = offset.reshape(batch, height, width, split_into, kernel_h, kernel_w, 2)
    y = np.arange(height)[:, None] * op.stride[0] - op.pad[0] + np.arange(kernel_h) * op.dilation[0]
    z = np.arange(width)[:, None] * op.stride[1] - op.pad[2] + np.arange(kernel_w) * op.dilation[1]
    rows = y[None, :, None, None, :, None].astype(x.dtype) + moves[..., 0]
    columns = z[None, None, :, None, None, :].astype(x.dtype) + moves[..., 1]
    parts = np.split(x, split_into, axis=-1)
    sampled = np.stack([_bilinear(p, rows[:, :, :, g], columns[:, :, :, g]) for g, p in enumerate(parts)], axis=3)
    if mask is not None:
        sampled = sampled * mask.reshape(*moves.shape[:-1], 1)
    # [B,OH,OW,G,KH,KW,C/G] -> [B,OH,OW,C,KH,KW]
    view = np.moveaxis(sampled, -1, 4).reshape(batch, height, width, x.shape[-1], kernel_h, kernel_w)
    return clamp(weighted(view, w, op.groups) + bias, op.clamp)[None]


def _bilinear(x: Array, rows: Array, columns: Array) -> Array:
    """``x[B,H,W,C]`` at places ``[B,...]`` -> ``[B,...,C]``; zeros surround x."""
    batch = np.arange(len(x)).reshape(-1, *(1,) * (rows.ndim - 1))
    top, left = np.floor(rows), np.floor(columns)
    result = np.zeros((*rows.shape, x.shape[-1]), x.dtype)
    for below, right in product((0, 1), (0, 1)):
        weight = np.abs(1 - below - (rows - top)) * np.abs(1 - right - (columns - left))
        r, c = top + below, left + right
        inside = (r >= 0) & (r < x.shape[1]) & (c >= 0) & (c < x.shape[2])
        r, c = (np.where(inside, place, 0).astype(np.int64) for place in (r, c))
        result += np.where(inside[..., None], x[batch, r, c] * weight[..., None], 0).astype(x.dtype)
    return result
