"""Training in NumPy alone, of nets of the few operators that the examples unet and densenet are made of.

Inside, tensors are ``[S, H, W, C]`` or ``[S, N]``. Each operator is a function from its operands to its result and to
a function that takes the gradient of the result to those of the operands (reverse mode); Adam (arXiv:1412.6980)
descends. What BLAS sums in another order on another machine gives other last bits, so that weights made there differ.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

Array = npt.NDArray[np.float32]
Backward = Callable[[Array], list[Array]]


def conv(x: Array, w: Array, b: Array) -> tuple[Array, Backward]:
    """Odd windows, stride 1, as much padding as keeps the extents."""
    size, (samples, height, width, into) = w.shape[2], x.shape
    pad = size // 2
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    places = [(i, j) for i in range(size) for j in range(size)]
    shifted = [padded[:, i : i + height, j : j + width].reshape(-1, into) for i, j in places]
    y = sum(s @ w[:, :, i, j].T for s, (i, j) in zip(shifted, places, strict=True)) + b

    def backward(g: Array) -> list[Array]:
        g = g.reshape(-1, len(w))
        dw, dx = np.empty_like(w), np.zeros_like(padded)
        for s, (i, j) in zip(shifted, places, strict=True):
            dw[:, :, i, j] = g.T @ s
            dx[:, i : i + height, j : j + width] += (g @ w[:, :, i, j]).reshape(x.shape)
        return [dx[:, pad : pad + height, pad : pad + width], dw, g.sum(axis=0)]

    return y.reshape(samples, height, width, -1), backward


def conv_transpose(x: Array, w: Array, b: Array) -> tuple[Array, Backward]:
    """Windows of 2x2 side by side."""
    samples, height, width, into = x.shape
    flat = x.reshape(-1, into)
    y = np.empty((samples, height, 2, width, 2, w.shape[1]), np.float32)
    for i in range(2):
        for j in range(2):
            y[:, :, i, :, j] = (flat @ w[:, :, i, j] + b).reshape(samples, height, width, -1)

    def backward(g: Array) -> list[Array]:
        parts = g.reshape(y.shape)
        dw, dx = np.empty_like(w), np.zeros_like(flat)
        for i in range(2):
            for j in range(2):
                part = parts[:, :, i, :, j].reshape(-1, w.shape[1])
                dw[:, :, i, j] = flat.T @ part
                dx += part @ w[:, :, i, j].T
        return [dx.reshape(x.shape), dw, g.sum(axis=(0, 1, 2))]

    return y.reshape(samples, 2 * height, 2 * width, -1), backward


def max_pool(x: Array) -> tuple[Array, Backward]:
    """Windows of 2x2 side by side; the gradient goes to all elements that are the largest."""
    samples, height, width, channels = x.shape
    windows = x.reshape(samples, height // 2, 2, width // 2, 2, channels)
    y = windows.max(axis=(2, 4))
    largest = windows == y[:, :, None, :, None]
    return y, lambda g: [(largest * g[:, :, None, :, None]).reshape(x.shape)]


def relu(x: Array) -> tuple[Array, Backward]:
    """The larger of each element and 0."""
    return np.maximum(x, 0), lambda g: [g * (x > 0)]


def add(a: Array, b: Array) -> tuple[Array, Backward]:
    """Of equal shapes."""
    return a + b, lambda g: [g, g]


def concat(*parts: Array) -> tuple[Array, Backward]:
    """Along the channels."""
    ends = np.cumsum([part.shape[-1] for part in parts])[:-1]
    return np.concatenate(parts, axis=-1), lambda g: np.split(g, ends, axis=-1)


def mean(x: Array) -> tuple[Array, Backward]:
    """Over all pixels; flat."""
    pixels = x.shape[1] * x.shape[2]
    return x.mean(axis=(1, 2)), lambda g: [np.broadcast_to(g[:, None, None] / pixels, x.shape)]


def gemm(x: Array, w: Array, b: Array) -> tuple[Array, Backward]:
    """A dense layer."""
    return x @ w + b, lambda g: [g @ w.T, x.T @ g, g.sum(axis=0)]


def flatten(x: Array) -> tuple[Array, Backward]:
    """Of what is flat already."""
    return x, lambda g: [g]


OPERATORS: dict[str, Callable[..., tuple[Array, Backward]]] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": max_pool,
    "Relu": relu,
    "Add": add,
    "Concat": concat,
    "GlobalAveragePool": mean,
    "Flatten": flatten,
    "Gemm": gemm,
}


def train(
    model: onnx.ModelProto,
    batches: Iterable[tuple[Array, Any]],
    slope: Callable[[Any, Array], Array],
    rate: float,
) -> None:
    """Change the model's initializers, a step for each batch of inputs ``[S, C, H, W]`` and what they should give.

    ``slope(wanted, y)`` is the gradient of the loss by the model's output y, ``[S, H, W, C]`` or ``[S, N]``. The rate
    falls to 0.
    """
    graph = model.graph
    weights = {w.name: onnx.numpy_helper.to_array(w).copy() for w in graph.initializer}
    moments = {name: (np.zeros_like(w), np.zeros_like(w)) for name, w in weights.items()}
    listed = list(batches)
    for step, (inputs, wanted) in enumerate(listed):
        slopes = _slopes(graph, weights, inputs.transpose(0, 2, 3, 1), partial(slope, wanted))
        now = rate * (1 - step / len(listed))
        for name, g in slopes.items():
            first, second = moments[name]
            first += 0.1 * (g - first)
            second += 0.01 * (g * g - second)
            scale = (1 - 0.99 ** (step + 1)) ** 0.5 / (1 - 0.9 ** (step + 1))
            weights[name] -= (now * scale * first / (np.sqrt(second) + 1e-8)).astype(np.float32)
    for proto in graph.initializer:
        proto.CopyFrom(onnx.numpy_helper.from_array(weights[proto.name], proto.name))


def _slopes(graph: Any, weights: dict[str, Array], x: Array, slope: Callable[[Array], Array]) -> dict[str, Array]:
    """Gradients of the loss by the weights."""
    values: dict[str, Array] = {**weights, graph.input[0].name: x}
    done: list[tuple[Any, Backward]] = []
    for node in graph.node:
        values[node.output[0]], backward = OPERATORS[node.op_type](*(values[name] for name in node.input))
        done.append((node, backward))
    slopes: dict[str, Array] = {graph.output[0].name: slope(values[graph.output[0].name])}
    for node, backward in reversed(done):
        for name, g in zip(node.input, backward(slopes[node.output[0]]), strict=True):
            slopes[name] = slopes[name] + g if name in slopes else g
    return {name: slopes[name] for name in weights}


def balance(model: onnx.ModelProto, images: Array) -> None:
    """Scale each convolution so that its largest result is 1, and what reads it back: the outputs stay as they are.

    ReLU, pools and means go along with a positive factor. What stands side by side then has one range, as integers of
    one scale need it. Of models without sums.
    """
    graph = model.graph
    weights = {w.name: onnx.numpy_helper.to_array(w).copy() for w in graph.initializer}
    values: dict[str, Array] = {n: w.copy() for n, w in weights.items()}
    values[graph.input[0].name] = images.transpose(0, 2, 3, 1)
    # By how much the channels of a value are smaller than they were.
    smaller = {graph.input[0].name: np.ones(1, np.float32)}
    for node in graph.node:
        name, (x, *others) = node.output[0], node.input
        values[name], _ = OPERATORS[node.op_type](*(values[i] for i in node.input))
        if node.op_type == "Conv":
            smaller[name] = np.full(values[name].shape[3], max(values[name].max(), 1e-6), np.float32)
            w, b = (weights[other] for other in others)
            w *= smaller[x][None, :, None, None] / smaller[name][:, None, None, None]
            b /= smaller[name]
        elif node.op_type == "Gemm":
            weights[others[0]] *= smaller[x][:, None]
        else:
            smaller[name] = np.concatenate([smaller[i] for i in node.input])
    for proto in graph.initializer:
        proto.CopyFrom(onnx.numpy_helper.from_array(weights[proto.name], proto.name))
