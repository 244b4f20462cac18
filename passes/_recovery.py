"""Makes layers with quantized weights give what they gave in floats, as well as their integers can.

Layer after layer, in order of execution, and on what the quantized layers before it really give: the codes of its
weights are chosen for the sake of its outputs (``_rounding``), and the mean error of each output channel that is left
is taken off its bias. (Empirical bias correction: Nagel et al., Data-Free Quantization Through Weight Equalization and
Bias Correction, arXiv:1906.04721, section 4.2 and appendix D.)
"""

from math import prod

import numpy as np

from edgec.calibration import Source
from edgec.ir import Array, Graph, Value
from edgec.ir.interp import run_samples
from edgec.ir.interp.binary import clamp
from edgec.ir.interp.windows import merged, windows
from edgec.passes._rounding import Rounding
from edgec.passes._walk import Walk
from edgec.progress import Progress
from edgec.rewriting import Const, Convolution, ConvTranspose, Dense, Dequantize, replace

Layer = Convolution | Dense

MEMORY_BYTES = 1 << 30
"""About what the values of all samples take that are alive at a time."""
SAMPLES = 256
GRAM_BYTES = 256 << 20
"""Weights of layers with so many inputs that their Gram matrix were larger stay as they are."""
CHUNK_BYTES = 16 << 20


def recover(
    reference: Graph, graph: Graph, source: Source, round_weights: bool, progress: Progress | None = None
) -> None:
    """Change codes of biases, and of weights if asked to, in a QDQ graph, given the float graph that it was made of.

    Layers correspond by the names of their results. All samples go from layer to layer together, so they are a
    selection of what the source has.
    """
    samples = _samples(reference, source)
    wanted, found = Walk(reference, samples), Walk(graph, samples)
    originals = {op.result.name: op for op in reference.ops if isinstance(op, Layer)}
    layers = [op for op in graph.ops if isinstance(op, Layer) and _codes(op.w) is not None]
    with np.errstate(all="ignore"):
        for number, op in enumerate(layers):
            original = originals[op.result.name]
            wanted.reach(original)
            found.reach(op)
            target = _sums(wanted, original)
            if round_weights:
                _round(graph, op, original, found.value(op.x), target)
            sums = _sums(found, op)
            sums = sums + _correct(graph, op, target - sums)
            wanted.leave(original, [clamp(target, original.clamp)])
            found.leave(op, [clamp(sums, op.clamp)])
            if progress is not None:
                progress("recovery", number + 1, len(layers))


def _samples(graph: Graph, source: Source) -> dict[str, Array]:
    """Samples that fit into memory, ``[S, *shape]`` by input name, states as the float graph has them among these."""
    largest = max(value.type.bytes for value in graph.values() if value.data is None)
    # Few values are alive at a time, in each of two graphs.
    limit = max(1, min(SAMPLES, MEMORY_BYTES // (8 * max(largest, 1))))
    if not graph.states:
        return source.some(limit)
    samples = {name: array[:limit] for name, array in next(source.batches()).items()}
    names = {value: name for name, value in zip(graph.input_names, graph.inputs, strict=True) if value in graph.states}
    found: dict[str, list[Array]] = {name: [] for name in names.values()}

    def keep(value: Value, array: Array) -> None:
        if value in names:
            found[names[value]].append(array)

    run_samples(graph, samples, keep)
    return samples | {name: np.concatenate(arrays) for name, arrays in found.items()}


def _codes(value: Value) -> Dequantize | None:
    """What gives the numbers of constant codes that nobody else reads, without a zero point."""
    match value.producer:
        case Dequantize(x=Value(producer=Const(), uses=[_]), scale=Value(producer=Const()), zero_point=None) as op:
            return op if len(value.uses) == 1 else None
    return None


def _parts(op: Dequantize) -> tuple[Array, Array]:
    """Codes and scales."""
    assert op.x.data is not None and op.scale.data is not None
    return op.x.data, op.scale.data


def _store(graph: Graph, op: Dequantize, codes: Array) -> None:
    low, high = op.x.type.dtype.limits
    assert op.x.producer is not None
    graph.replace(op.x.producer, Const(np.clip(codes, low, high).astype(op.x.type.dtype.numpy)))


def _sums(walk: Walk, op: Layer) -> Array:
    """The layer's sums before they are clamped, ``[S, ..., O]``."""
    bare = replace(op, clamp=None)
    bare.results = op.results
    (sums,) = walk.evaluate(bare)
    return sums


def _correct(graph: Graph, op: Layer, error: Array) -> Array:
    """Add the mean of an error ``[S, ..., O]`` to the bias, as far as it rises above its noise; what was added.

    The noise is that of a mean of S samples, which the estimator of James and Stein makes up for: a mean of half its
    variance or less is no error at all.
    """
    bias = _codes(op.bias)
    if bias is None:
        return np.zeros((), np.float32)
    each = error.reshape(len(error), -1, error.shape[-1]).mean(axis=1, dtype=np.float64)
    mean = each.mean(axis=0)
    noise = each.var(axis=0, ddof=1) / len(each) if len(each) > 1 else np.zeros_like(mean)
    codes, scale = _parts(bias)
    steps = np.rint(mean * np.maximum(0, 1 - noise / mean**2) / scale)
    steps = np.where(np.isfinite(steps), steps, 0)
    _store(graph, bias, codes + steps)
    return (steps * scale).astype(np.float32)


def _round(graph: Graph, op: Layer, original: Layer, x: Array, target: Array) -> None:
    """Choose the codes of the weights for the layer's sums on x to be close to the target."""
    weights, wanted = _codes(op.w), original.w.data
    assert weights is not None and wanted is not None
    groups = op.groups if isinstance(op, Convolution) else 1
    if isinstance(op, ConvTranspose) or groups * prod(op.w.shape[1:]) ** 2 * 8 > GRAM_BYTES:
        return
    codes, scale = _parts(weights)
    steps = np.broadcast_to(scale, len(codes)).reshape(groups, -1, 1).astype(np.float64)

    def grouped(array: Array) -> Array:
        return array.reshape(groups, len(codes) // groups, -1).astype(np.float64)

    exact, nearest = grouped(wanted) / steps, grouped(codes)
    gram, products, squares, rows = _moments(op, groups, x, target)
    extra = products / steps - exact @ gram
    power = squares / steps[..., 0] ** 2 - ((products / steps + extra) * exact).sum(axis=-1)
    problem = Rounding(exact, gram, extra, power, int(np.abs(nearest).max()), rows)
    _store(graph, weights, problem.solve(nearest).reshape(codes.shape))


def _moments(op: Layer, groups: int, x: Array, target: Array) -> tuple[Array, Array, Array, int]:
    """Sums of products of inputs ``[G, I, I]``, of outputs and inputs ``[G, O, I]``, of outputs ``[G, O]``; rows.

    Means are taken off first: they are the bias's to make up for.
    """
    inputs, outputs = prod(op.w.shape[1:]), op.w.shape[0] // groups
    gram, products = np.zeros((groups, inputs, inputs)), np.zeros((groups, outputs, inputs))
    squares, rows = np.zeros((groups, outputs)), 0
    sum_x, sum_y = np.zeros((groups, 1, inputs)), np.zeros((groups, 1, outputs))
    near: tuple[Array, Array] | None = None
    chunk = max(1, CHUNK_BYTES // (prod(op.result.shape[:-1]) * inputs * groups * 4))
    for start in range(0, len(target), chunk):
        columns = _columns(op, groups, x[start : start + chunk])
        y = target[start : start + chunk].reshape(-1, groups, outputs).transpose(1, 0, 2)
        # Numbers around zero keep their bits in sums of squares.
        near = near or (columns.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True))
        columns, y = columns - near[0], y - near[1]
        gram += np.swapaxes(columns, 1, 2) @ columns
        products += np.swapaxes(y, 1, 2) @ columns
        squares += np.square(y).sum(axis=1, dtype=np.float64)
        sum_x += columns.sum(axis=1, keepdims=True, dtype=np.float64)
        sum_y += y.sum(axis=1, keepdims=True, dtype=np.float64)
        rows += columns.shape[1]
    gram -= np.swapaxes(sum_x, 1, 2) @ sum_x / rows
    products -= np.swapaxes(sum_y, 1, 2) @ sum_x / rows
    squares -= sum_y[:, 0] ** 2 / rows
    return gram, products, squares, rows


def _columns(op: Layer, groups: int, x: Array) -> Array:
    """What the layer multiplies with its weights: ``[G, rows, I]``, in the weights' order."""
    if isinstance(op, Dense):
        return x.reshape(1, -1, x.shape[-1])
    view = windows(merged(x), op.kernel, op.stride, op.pad, op.dilation, 0.0)
    # [B, *out, C, *kernel] -> [G, B * out, kernel * C / G]
    taps = view.reshape(-1, groups, op.w.shape[-1], prod(op.kernel))
    return np.ascontiguousarray(taps.transpose(1, 0, 3, 2)).reshape(groups, len(taps), -1)
