"""Recurrent, quantized and rarer operators, and small blocks of networks, as they are drawn."""

from typing import Any

import numpy as np
from random_graphs import FLOATS, Draw, Drawn, RandomGraph, Redraw


def recurrent(g: RandomGraph) -> None:
    x = g.pick(("float32",), (3,))
    op = g.choice(("LSTM", "GRU", "RNN"))
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    steps, batch, size = x.shape
    direction = g.choice(("forward", "reverse", "bidirectional"))
    d = 2 if direction == "bidirectional" else 1
    h = g.integer(1, 4)
    w = g.leaf((d, gates * h, size), "float32", 1)
    r = g.leaf((d, gates * h, h), "float32", 1)
    b = g.leaf((d, 2 * gates * h), "float32", 1) if g.chance(0.7) else None
    lens = g.constant(g.rng.integers(1, steps + 1, batch).astype("int32")) if g.chance(0.3) else None
    h0 = g.leaf((d, batch, h), "float32", 0.5) if g.chance(0.4) else None
    c0 = [g.leaf((d, batch, h), "float32", 0.5)] if op == "LSTM" and g.chance(0.4) else []
    at: dict[str, Any] = {"linear_before_reset": g.integer(0, 1)} if op == "GRU" else {}
    if g.chance(0.2):
        at["clip"] = 1.0
    g.add(op, [x, w, r, b, lens, h0, *c0], 3 if op == "LSTM" else 2, hidden_size=h, direction=direction, **at)


def grid_sample(g: RandomGraph) -> None:
    x = g.pick(("float32",), (4,))
    grid = np.asarray(g.rng.uniform(-1.2, 1.2, (x.shape[0], g.integer(1, 4), g.integer(1, 4), 2)), dtype="float32")
    mode = g.choice(("linear", "nearest", "cubic"))
    g.add(
        "GridSample",
        [x, g.constant(grid) if g.chance(0.5) else g.input(grid)],
        mode=mode,
        padding_mode=g.choice(("zeros", "border", "reflection")),
        align_corners=g.integer(0, 1),
    )


def scatter_nd(g: RandomGraph) -> None:
    x = g.pick(("float32", "int32", "float64"), (1, 2, 3, 4))
    depth = g.integer(1, x.data.ndim)
    lead = x.shape[:depth]
    n = g.integer(1, min(3, int(np.prod(lead))))
    flat = g.rng.choice(int(np.prod(lead)), n, replace=False)
    index = np.stack(np.unravel_index(flat, lead), -1)
    red = g.choice(("none", "none", "add", "mul", "max", "min"))
    g.add(
        "ScatterND",
        [x, g.constant(index) if g.chance(0.6) else g.input(index), g.leaf((n, *x.shape[depth:]), x.dtype)],
        reduction=red,
        exact=red in ("none", "max", "min"),
    )


def integer_product(g: RandomGraph) -> None:
    x = g.pick(("uint8", "int8"), (2, 3, 4))
    w = g.constant(g.array((x.shape[-1], g.integer(1, 5)), g.choice(("uint8", "int8"))))
    zx = g.constant(np.array(g.integer(0, 9), x.dtype)) if g.chance(0.6) else None
    zw = g.constant(np.array(g.integer(0, 9), w.dtype)) if g.chance(0.6) else None
    g.add("MatMulInteger", [x, w, zx, zw])


def conv_integer(g: RandomGraph) -> None:
    x = g.pick(("uint8",), (3, 4))
    k = [g.integer(1, 3) for _ in x.shape[2:]]
    w = g.constant(g.array((g.integer(1, 4), x.shape[1], *k), "uint8"))
    zx = g.constant(np.array(g.integer(0, 9), x.dtype)) if g.chance(0.6) else None
    g.add(
        "ConvInteger",
        [x, w, zx],
        pads=[g.integer(0, 1) for _ in range(2 * len(k))],
        strides=[g.choice((1, 2)) for _ in k],
    )


def qlinear_conv(g: RandomGraph) -> None:
    x = g.pick(("uint8",), (4,))
    k = [g.integer(1, 3) for _ in x.shape[2:]]
    m = g.integer(1, 4)

    def f(value: float) -> Drawn:
        return g.constant(np.array(value, "float32"))

    def z(value: int, kind: str = "uint8") -> Drawn:
        return g.constant(np.array(value, kind))

    wt = g.choice(("uint8", "int8"))
    w = g.constant(g.array((m, x.shape[1], *k), wt))
    per = g.chance(0.5) and wt == "int8"
    ws = g.constant(g.rng.uniform(0.01, 0.1, m).astype("float32")) if per else f(0.0313)
    wz = g.constant(np.zeros(m, "int8")) if per else z(0 if wt == "int8" else 3, wt)
    b = [g.constant(g.array((m,), "int32"))] if g.chance(0.5) else []
    g.add(
        "QLinearConv",
        [x, f(0.0217), z(g.integer(0, 20)), w, ws, wz, f(0.0531), z(g.integer(0, 20)), *b],
        pads=[g.integer(0, 1) for _ in range(4)],
        strides=[g.choice((1, 2)) for _ in k],
    )


def misc(g: RandomGraph) -> None:
    op = g.choice(
        (
            "MeanVarianceNormalization",
            "ReverseSequence",
            "CenterCropPad",
            "IsNaN",
            "Dropout",
            "BitShift",
            "EyeLike",
            "DynamicQuantizeLinear",
            "CastLike",
            "NegativeLogLikelihoodLoss",
            "SoftmaxCrossEntropyLoss",
            "MaxPool",
        )
    )
    if op == "MeanVarianceNormalization":
        g.add(op, [g.pick(("float32",), (4,))])
    elif op == "ReverseSequence":
        x = g.pick(FLOATS, (2, 3, 4))
        ba = g.integer(0, 1)
        lengths = g.rng.integers(1, x.shape[1 - ba] + 1, x.shape[ba])
        g.add(
            op,
            [x, g.constant(lengths) if g.chance(0.5) else g.input(lengths)],
            batch_axis=ba,
            time_axis=1 - ba,
            exact=True,
        )
    elif op == "CenterCropPad":
        x = g.pick(("float32",), (1, 2, 3, 4))
        axes = g.some(range(x.data.ndim))
        g.add(op, [x, g.ints(*(g.integer(1, 8) for _ in axes))], axes=axes, exact=True)
    elif op == "IsNaN":
        g.add(op, [g.pick(("float32", "float64", "float16"))])
    elif op == "Dropout":
        g.add(op, [g.pick(FLOATS)], exact=True)
    elif op == "BitShift":
        x = g.pick(("uint8",))
        g.add(op, [x, g.constant(np.array(g.integer(0, 7), "uint8"))], direction=g.choice(("LEFT", "RIGHT")))
    elif op == "EyeLike":
        g.add(op, [g.pick(("float32", "int32"), (2,))], k=g.integer(-2, 2), exact=True)
    elif op == "DynamicQuantizeLinear":
        g.add(op, [g.pick(("float32",), exact=True)], 3)
    elif op == "CastLike":
        g.add(op, [g.pick(FLOATS), g.pick(FLOATS)], exact=True)
    elif op in ("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"):
        x = g.pick(("float32",), (2, 3, 4))
        t = g.rng.integers(0, x.shape[1], (x.shape[0], *x.shape[2:]))
        w = [g.leaf((x.shape[1],), "float32", 0.8)] if g.chance(0.4) else []
        if w and w[0].data[t].sum() < 0.5:
            raise Redraw
        g.add(op, [x, g.input(t), *w], reduction=g.choice(("none", "mean", "sum")))
    else:
        x = g.pick(("float32",), (3, 4, 5), exact=True)
        n = x.data.ndim - 2
        g.add(
            "MaxPool",
            [x],
            2,
            kernel_shape=[g.integer(1, 3) for _ in range(n)],
            strides=[g.integer(1, 2) for _ in range(n)],
            exact=True,
        )


def attention_block(g: RandomGraph) -> None:
    """Heads split, products of values, softmax, and back."""
    x = g.pick(("float32",), (3,))
    b, s, e = x.shape
    heads = g.choice([d for d in (1, 2, 3) if e % d == 0])
    ops = []
    for perm in ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3)):
        g.add("MatMul", [x, g.constant(g.array((e, e)))])
        g.add("Reshape", [g.values[-1], g.ints(b, s, heads, e // heads)], exact=True)
        g.add("Transpose", [g.values[-1]], perm=perm, exact=True)
        ops.append(g.values[-1])
    q, k, v = ops
    g.add("MatMul", [q, k])
    g.add("Softmax", [g.values[-1]], axis=-1)
    g.add("MatMul", [g.values[-1], v])
    g.add("Transpose", [g.values[-1]], perm=(0, 2, 1, 3), exact=True)
    g.add("Reshape", [g.values[-1], g.ints(b, s, e)], exact=True)
    g.add("Add", [g.values[-1], x])


def squeeze_excite(g: RandomGraph) -> None:
    x = g.pick(("float32",), (4,))
    c = x.shape[1]
    if g.chance(0.5):
        g.add("GlobalAveragePool", [x])
    else:
        g.add("ReduceMean", [x, g.ints(2, 3)], keepdims=1)
    g.add("Conv", [g.values[-1], g.constant(g.array((2, c, 1, 1)))])
    g.add("Relu", [g.values[-1]])
    g.add("Conv", [g.values[-1], g.constant(g.array((c, 2, 1, 1))), g.constant(g.array((c,)))])
    g.add(g.choice(("Sigmoid", "HardSigmoid")), [g.values[-1]])
    g.add("Mul", [g.values[-1], x] if g.chance(0.5) else [x, g.values[-1]])


def shuffle(g: RandomGraph) -> None:
    x = g.pick(("float32",), (4,))
    n, c, h, w = x.shape
    k = g.choice([d for d in range(1, c + 1) if c % d == 0])
    g.add("Reshape", [x, g.ints(n, k, c // k, h, w)], exact=True)
    g.add("Transpose", [g.values[-1]], perm=(0, 2, 1, 3, 4), exact=True)
    g.add("Reshape", [g.values[-1], g.ints(n, c, h, w) if g.chance(0.5) else g.ints(n, -1, h, w)], exact=True)


def conv_chain(g: RandomGraph) -> None:
    """A convolution of the shape's own, an activation, and the residual."""
    x = g.pick(("float32",), (4, 4, 3))
    c = x.shape[1]
    n = x.data.ndim - 2
    g.add("Conv", [x, g.constant(g.array((c, c, *[3] * n)) * np.float32(0.2))], pads=[1] * 2 * n)
    if g.chance(0.5):
        g.add(
            "BatchNormalization",
            [g.values[-1], *(g.constant(g.array((c,))) for _ in range(3)), g.constant(np.ones(c, "float32"))],
        )
    if g.chance(0.6):
        g.add(g.choice(("Relu", "HardSwish", "LeakyRelu", "Sigmoid", "Elu")), [g.values[-1]])
    y = g.values[-1]
    how = g.integer(0, 3)
    if how == 0:
        g.add("Add", [y, x])
    elif how == 1:
        g.add("Concat", [x, y], axis=1)
    elif how == 2:
        g.add("Clip", [y, g.constant(np.array(-1, "float32")), g.constant(np.array(1, "float32"))])


BLOCKS: list[tuple[int, Draw]] = [
    (2, recurrent),
    (2, grid_sample),
    (2, scatter_nd),
    (2, integer_product),
    (2, conv_integer),
    (2, qlinear_conv),
    (8, misc),
    (3, attention_block),
    (4, squeeze_excite),
    (3, shuffle),
    (9, conv_chain),
]
