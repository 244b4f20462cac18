"""Reductions, normalizations, products, windows and quantization as they are drawn: operands and attributes."""

from typing import Any

import numpy as np
from random_graphs import FLOATS, Draw, RandomGraph, Redraw
from random_nodes import ALL


def reduce(g: RandomGraph) -> None:
    op = g.choice(
        (
            "ReduceSum",
            "ReduceMean",
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceLogSumExp",
        )
    )
    x = g.pick(("float32", "float32", "float64", "int32", "float16", "int8", "uint8"), (1, 2, 3, 4, 5))
    if op in ("ReduceLogSumExp", "ReduceProd") and x.dtype not in FLOATS:
        raise Redraw  # onnxruntime truncates each exponential, and does not wrap a product
    axes = g.some(range(x.data.ndim))
    axes = [a - x.data.ndim if g.chance(0.2) else a for a in axes]
    g.add(
        op,
        [x, g.ints(*axes)] if g.chance(0.9) else [x],
        keepdims=g.integer(0, 1),
        exact=op in ("ReduceMax", "ReduceMin"),
    )


def softmax(g: RandomGraph) -> None:
    x = g.pick(FLOATS, (1, 2, 3, 4, 5))
    g.add(g.choice(("Softmax", "Softmax", "LogSoftmax")), [x], axis=g.integer(-x.data.ndim, x.data.ndim - 1))


def hardmax(g: RandomGraph) -> None:
    x = g.pick(("float32",), (1, 2, 3, 4), exact=True)
    g.add("Hardmax", [x], axis=g.integer(-x.data.ndim, x.data.ndim - 1), exact=True)


def lp_norm(g: RandomGraph) -> None:
    x = g.pick(("float32",), (1, 2, 3, 4))
    g.add("LpNormalization", [x], axis=g.integer(-x.data.ndim, x.data.ndim - 1), p=g.integer(1, 2))


def batch_norm(g: RandomGraph) -> None:
    x = g.pick(("float32",), (2, 3, 4, 5))
    c = x.shape[1]
    var = g.constant(g.rng.uniform(0.3, 2, c).astype(x.dtype))
    g.add("BatchNormalization", [x, *(g.leaf((c,), x.dtype, 0.95) for _ in range(3)), var], epsilon=1e-3)


def instance_norm(g: RandomGraph) -> None:
    x = g.pick(("float32",), (3, 4, 5))
    c = x.shape[1]
    g.add("InstanceNormalization", [x, g.leaf((c,), x.dtype, 0.9), g.leaf((c,), x.dtype, 0.9)], epsilon=1e-2)


def layer_norm(g: RandomGraph) -> None:
    x = g.pick(("float32", "float64"), (2, 3, 4, 5))
    axis = g.integer(1, x.data.ndim - 1)
    shape = x.shape[axis:]
    g.add(
        "LayerNormalization",
        [x, g.leaf(shape, x.dtype, 0.8), *([g.leaf(shape, x.dtype, 0.8)] if g.chance(0.7) else [])],
        axis=axis,
        epsilon=1e-2,
    )


def group_norm(g: RandomGraph) -> None:
    x = g.pick(("float32",), (3, 4, 5))
    c = x.shape[1]
    groups = g.choice([d for d in range(1, c + 1) if c % d == 0])
    g.add("GroupNormalization", [x, g.leaf((c,)), g.leaf((c,))], num_groups=groups, epsilon=1e-2)


def lrn(g: RandomGraph) -> None:
    g.add("LRN", [g.pick(("float32",), (3, 4))], size=g.choice((1, 3, 5)), alpha=0.3, beta=0.75, bias=1.0)


def conv(g: RandomGraph) -> None:
    x = g.pick(("float32",), (3, 4, 4, 4, 5))
    c, spatial = x.shape[1], x.data.ndim - 2
    group = g.choice([1, 1, c, *[d for d in range(1, c + 1) if c % d == 0]])
    m = group * g.integer(1, 3)
    kernel = [g.integer(1, 3) for _ in range(spatial)]
    weight = g.leaf((m, c // group, *kernel), "float32", 0.92)
    bias = [g.leaf((m,), "float32", 0.95)] if g.chance(0.6) else []
    attributes: dict[str, Any] = {
        "group": group,
        "strides": [g.choice((1, 1, 2)) for _ in kernel],
        "dilations": [g.choice((1, 1, 2)) for _ in kernel],
    }
    how = g.choice(("pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"))
    if how == "pads":
        attributes["pads"] = [g.integer(0, 2) for _ in range(2 * spatial)]
    else:
        attributes["auto_pad"] = how
    g.add("Conv", [x, weight, *bias], **attributes)


def conv_transpose(g: RandomGraph) -> None:
    x = g.pick(("float32",), (3, 4, 4))
    c, spatial = x.shape[1], x.data.ndim - 2
    group = g.choice([1, 1, c])
    kernel = [g.integer(1, 3) for _ in range(spatial)]
    weight = g.leaf((c, g.integer(1, 3), *kernel), "float32", 0.95)
    bias = [g.leaf((weight.shape[1] * group,), "float32", 0.95)] if g.chance(0.6) else []
    strides = [g.choice((1, 2)) for _ in kernel]
    g.add(
        "ConvTranspose",
        [x, weight, *bias],
        group=group,
        strides=strides,
        pads=[g.integer(0, 1) for _ in range(2 * spatial)],
        output_padding=[g.integer(0, s - 1) for s in strides],
        dilations=[g.choice((1, 1, 2)) for _ in kernel],
    )


def pool(g: RandomGraph) -> None:
    op = g.choice(("MaxPool", "AveragePool", "AveragePool", "LpPool"))
    x = g.pick(("float32",) if op != "MaxPool" else ("float32", "float32", "uint8", "int8", "float64"), (3, 4, 4, 4, 5))
    spatial = x.data.ndim - 2
    kernel = [g.integer(1, 3) for _ in range(spatial)]
    attributes: dict[str, Any] = {"kernel_shape": kernel, "strides": [g.choice((1, 1, 2)) for _ in kernel]}
    if g.chance(0.3):
        attributes["dilations"] = [g.choice((1, 2)) for _ in kernel]
    if g.chance(0.6):
        attributes["pads"] = [g.integer(0, k - 1) for k in kernel] + [g.integer(0, k - 1) for k in kernel]
        attributes["ceil_mode"] = g.integer(0, 1)
    else:
        # onnxruntime forgets the dilations in SAME_* (a convolution's it knows).
        attributes["auto_pad"] = (
            "VALID" if "dilations" in attributes else g.choice(("SAME_UPPER", "SAME_LOWER", "VALID"))
        )
    if op == "AveragePool":
        attributes["count_include_pad"] = g.integer(0, 1)
    if op == "LpPool":
        attributes["p"] = g.choice((1, 2, 3))
    g.add(op, [x], exact=op == "MaxPool", **attributes)


def global_pool(g: RandomGraph) -> None:
    op = g.choice(("GlobalAveragePool", "GlobalMaxPool"))
    g.add(op, [g.pick(("float32",), (3, 4, 5))], exact=op == "GlobalMaxPool")


def matmul(g: RandomGraph) -> None:
    x = g.pick(("float32", "float32", "float64", "int32"), (1, 2, 3, 4))
    k = x.shape[-1]
    shape = [k, g.integer(1, 5)]
    if g.chance(0.15):
        shape = [k]
    elif g.chance(0.3):
        shape = [*(g.choice((1, e)) for e in x.shape[:-2]), *shape]
    w = g.leaf(shape, x.dtype, 0.8)
    g.add("MatMul", [x, w])


def matmul_values(g: RandomGraph) -> None:
    x = g.pick(("float32",), (2, 3, 4))
    fits = [
        v
        for v in g.values
        if v.dtype == x.dtype and v.data.ndim >= 1 and (v.shape[-2] if v.data.ndim > 1 else v.shape[0]) == x.shape[-1]
    ]
    if not fits:
        raise Redraw
    g.add("MatMul", [x, g.choice(fits)])


def matmul_left(g: RandomGraph) -> None:
    x = g.pick(("float32",), (1, 2, 3, 4))
    k = x.shape[-2] if x.data.ndim > 1 else x.shape[0]
    g.add("MatMul", [g.leaf((g.integer(1, 5), k), x.dtype, 0.8), x])


def gemm(g: RandomGraph) -> None:
    x = g.pick(("float32", "float32", "float64"), (2,))
    ta, tb, n = g.integer(0, 1), g.integer(0, 1), g.integer(1, 6)
    k, m = x.shape[::-1] if not ta else x.shape
    w = g.leaf((n, k) if tb else (k, n), x.dtype, 0.8)
    c = [g.leaf(g.choice(((n,), (1, n), (m, n), (m, 1), (1,), ())), x.dtype, 0.8)] if g.chance(0.7) else []
    g.add("Gemm", [x, w, *c], transA=ta, transB=tb, alpha=g.choice((1.0, 1.0, 0.5)), beta=g.choice((1.0, 1.0, 2.0)))


def einsum(g: RandomGraph) -> None:
    x = g.pick(("float32",), (2, 3))
    if x.data.ndim == 2:
        g.add(
            "Einsum",
            [x, g.leaf((x.shape[1], 3), x.dtype)],
            equation=g.choice(("ij,jk->ik", "ij,jk->ki", "ij,jk->i", "ij,jk->ikj")),
        )
    else:
        g.add(
            "Einsum",
            [x, g.leaf((x.shape[0], x.shape[2], 3), x.dtype)],
            equation=g.choice(("bij,bjk->bik", "bij,bjk->kib", "bij,bjk->ik")),
        )


def prelu(g: RandomGraph) -> None:
    x = g.pick(("float32", "float64"), (1, 2, 3, 4))
    shape = [1 if g.chance(0.5) else e for e in x.shape]
    g.add("PRelu", [x, g.leaf(shape[g.integer(0, len(shape)) :], x.dtype, 0.8)])


def resize(g: RandomGraph) -> None:
    x = g.pick(("float32",), (3, 4, 4, 4))
    mode = g.choice(("nearest", "linear", "linear", "cubic"))
    if mode == "cubic" and x.data.ndim != 4:
        mode = "linear"
    sizes = [*x.shape[:2], *(g.integer(1, 9) for _ in x.shape[2:])]
    attributes: dict[str, Any] = {
        "mode": mode,
        "coordinate_transformation_mode": g.choice(("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel")),
    }
    if mode == "nearest":
        attributes["nearest_mode"] = g.choice(("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"))
    aligned = attributes["coordinate_transformation_mode"] == "align_corners"
    # Aligned corners of a fractional length: onnxruntime rounds the length, the standard does not.
    if g.chance(0.5) and mode != "nearest" and not aligned:
        scales = [1.0, 1.0, *(g.choice((0.5, 1.0, 1.5, 2.0, 3.0)) for _ in x.shape[2:])]
        g.add("Resize", [x, None, g.constant(np.array(scales, np.float32))], exact=mode == "nearest", **attributes)
    else:
        g.add("Resize", [x, None, None, g.ints(*sizes)], exact=mode == "nearest", **attributes)


def residual(g: RandomGraph) -> None:
    x = g.pick(("float32",), (2, 3, 4))
    same = [v for v in g.values if v.dtype == x.dtype and v.shape == x.shape]
    g.add("Add", [x, g.choice(same)])


def quantize(g: RandomGraph) -> None:
    x = g.pick(("float32",), (1, 2, 3, 4), exact=True)
    kind = g.choice(("int8", "uint8"))
    zero = g.constant(np.array(g.integer(0, 5), kind))
    g.add("QuantizeLinear", [x, g.constant(np.array(0.037, np.float32)), zero])


def dequantize(g: RandomGraph) -> None:
    x = g.pick(("int8", "uint8"), (1, 2, 3, 4))
    if g.chance(0.6):
        g.add("DequantizeLinear", [x, g.constant(np.array(0.037, np.float32)), g.constant(np.array(3, x.dtype))])
    else:
        axis = g.integer(0, x.data.ndim - 1)
        e = x.shape[axis]
        g.add(
            "DequantizeLinear",
            [x, g.constant(g.rng.uniform(0.01, 0.1, e).astype("float32")), g.constant(g.array((e,), x.dtype))],
            axis=axis,
        )


def shape_of(g: RandomGraph) -> None:
    g.add(g.choice(("Shape", "Size")), [g.pick(ALL)])


LAYERS: list[tuple[int, Draw]] = [
    (5, reduce),
    (3, softmax),
    (1, hardmax),
    (1, lp_norm),
    (5, batch_norm),
    (2, instance_norm),
    (2, layer_norm),
    (2, group_norm),
    (1, lrn),
    (12, conv),
    (2, conv_transpose),
    (6, pool),
    (2, global_pool),
    (5, matmul),
    (2, matmul_values),
    (2, matmul_left),
    (3, gemm),
    (1, einsum),
    (2, prelu),
    (3, resize),
    (5, residual),
    (2, quantize),
    (2, dequantize),
    (1, shape_of),
]
