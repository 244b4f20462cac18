"""Taps of convolutions that meet nothing but padding."""

from itertools import chain

from edgec.ir.ops.windows import sides
from edgec.passes._weights import quantized_weights, rearranged
from edgec.rewriting import Array, Convolution, ConvTranspose, Dense, Graph, Op, Reshape, replace, rewrite


@rewrite("trim-windows")
def trim_windows(op: Op, graph: Graph) -> None:
    """Drop taps that lie in the padding for every output; a window that is the whole input is a dense layer."""
    if not isinstance(op, Convolution) or isinstance(op, ConvTranspose):
        return
    if op.w.data is None and quantized_weights(op.w) is None:
        return
    met = [_met(op, axis) for axis in range(len(op.kernel))]
    if any(taps is None for taps in met):
        return
    taps = [t for t in met if t is not None]
    pads = [
        (before - first * d, after - (k - 1 - last) * d)
        for (before, after), (first, last), k, d in zip(sides(op.pad), taps, op.kernel, op.dilation, strict=True)
    ]
    if taps != [(0, k - 1) for k in op.kernel]:
        if min(chain(*pads)) >= 0:
            inside = tuple(slice(first, last + 1) for first, last in taps)
            w = rearranged(graph, op.w, lambda data: data[:, *inside], op)
            graph.replace(op, replace(op, w=w, pad=tuple(chain(*pads))))
        return
    batch, *extents, channels = op.x.shape
    outs, whole = op.w.shape[0], op.kernel == tuple(extents) and set(op.result.shape[1:-1]) == {1}
    if not whole or op.groups > 1 or any(op.pad) or op.x.type.elements == batch * channels:
        return

    def rows(data: Array) -> Array:
        return data.reshape(outs, -1)

    x = graph.insert(Reshape(op.x, (batch, op.x.type.elements // batch)), op).result
    dense = graph.insert(Dense(x, rearranged(graph, op.w, rows, op), op.bias, op.clamp, source=op.source), op).result
    graph.replace(op, Reshape(dense, op.result.shape))


def _met(op: Convolution, axis: int) -> tuple[int, int] | None:
    """The first and the last tap along an axis that meet an element of the input; None where none does."""
    extent, outs = op.x.shape[axis + 1], op.result.shape[axis + 1]
    stride, dilation, (before, _) = op.stride[axis], op.dilation[axis], sides(op.pad)[axis]
    places = ((t, o * stride - before + t * dilation) for t in range(op.kernel[axis]) for o in range(outs))
    met = [t for t, place in places if 0 <= place < extent]
    return (met[0], met[-1]) if met else None
