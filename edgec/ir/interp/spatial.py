"""Meaning of windows that slide over rows and columns."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from edgec.ir.graph import Array
from edgec.ir.interp.binary import clamp
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import AveragePool2d, Conv2d, MaxPool2d, Pads, Pair


def windows(x: Array, kernel: Pair, stride: Pair, pad: Pads, dilation: Pair, fill: float) -> Array:
    """Sliding windows of ``x[B,H,W,C]``, padded with ``fill``: a view ``[B,OH,OW,C,KH,KW]``."""
    padded = np.pad(x, ((0, 0), pad[:2], pad[2:], (0, 0)), constant_values=x.dtype.type(fill))
    span = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    view = sliding_window_view(padded, span, axis=(1, 2))
    result: Array = view[:, :: stride[0], :: stride[1], :, :: dilation[0], :: dilation[1]]
    return result


def _merge(x: Array) -> Array:
    """Sample and batch axis into one."""
    return x.reshape(-1, *x.shape[2:])


@meaning(Conv2d)
def _conv2d(op: Conv2d, x: Array, w: Array, bias: Array) -> Array:
    view = windows(_merge(x), op.kernel, op.stride, op.pad, op.dilation, 0.0)
    weights, (batch, height, width) = w[0], view.shape[:3]
    out, per_group = weights.shape[0], weights.shape[3]
    if per_group == 1 and op.groups == view.shape[3]:
        repeated = np.repeat(view, out // op.groups, axis=3)
        result = np.einsum("bhwoyx,oyx->bhwo", repeated, weights[..., 0], optimize=False)
    else:
        result = np.empty((batch, height, width, out), x.dtype)
        step = out // op.groups
        for g in range(op.groups):
            columns = view[:, :, :, g * per_group : (g + 1) * per_group].transpose(0, 1, 2, 4, 5, 3)
            matrix = weights[g * step : (g + 1) * step].reshape(step, -1)
            product = columns.reshape(batch * height * width, -1) @ matrix.T
            result[..., g * step : (g + 1) * step] = product.reshape(batch, height, width, step)
    return clamp(result + bias[0], op.clamp).reshape(len(x), -1, height, width, out)


@meaning(MaxPool2d)
def _max_pool(op: MaxPool2d, x: Array) -> Array:
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    view = windows(_merge(x), op.kernel, op.stride, op.pad, op.dilation, lowest)
    result = clamp(view.max(axis=(4, 5)), op.clamp)
    return result.reshape(len(x), -1, *result.shape[1:])


@meaning(AveragePool2d)
def _average_pool(op: AveragePool2d, x: Array) -> Array:
    view = windows(_merge(x), op.kernel, op.stride, op.pad, op.dilation, 0.0)
    top, bottom, left, right = (p - c for p, c in zip(op.pad, op.counted, strict=True))
    height, width = x.shape[2] + sum(op.counted[:2]), x.shape[3] + sum(op.counted[2:])
    inside = np.ones((1, height, width, 1), x.dtype)
    divisor = windows(inside, op.kernel, op.stride, (top, bottom, left, right), op.dilation, 0.0).sum(axis=(4, 5))
    result = clamp(view.sum(axis=(4, 5)) / divisor, op.clamp)
    return result.reshape(len(x), -1, *result.shape[1:])
