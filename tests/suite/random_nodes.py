"""Elementwise operators and movement as they are drawn: operands and attributes."""

from typing import Any

import numpy as np
from onnx import helper
from random_graphs import FLOATS, NUMBERS, Draw, Drawn, RandomGraph, Redraw, broadcast

ALL = (*NUMBERS, "bool")

UNARY = (
    "Sigmoid",
    "Tanh",
    "Exp",
    "Erf",
    "Softplus",
    "Softsign",
    "Sin",
    "Cos",
    "Atan",
    "HardSwish",
    "Mish",
    "Identity",
    "Sqrt",
    "Log",
    "Reciprocal",
    "Asinh",
    "Sinh",
    "Cosh",
)


def unary(g: RandomGraph) -> None:
    g.add(g.choice(UNARY), [g.pick()])


def exact_unary(g: RandomGraph) -> None:
    g.add(g.choice(("Abs", "Neg", "Relu", "Identity")), [g.pick(NUMBERS)], exact=True)


def rounding(g: RandomGraph) -> None:
    g.add(g.choice(("Floor", "Ceil", "Round", "Sign")), [g.pick(exact=True)], exact=True)


def parametric(g: RandomGraph) -> None:
    x = g.pick()
    op = g.choice(("LeakyRelu", "Elu", "Selu", "Celu", "HardSigmoid", "Gelu"))
    if op == "HardSigmoid":
        g.add(op, [x], alpha=float(g.rng.uniform(0.1, 0.5)), beta=0.4)
    elif op == "Gelu":
        g.add(op, [x], approximate=g.choice(("none", "tanh")))
    else:
        attributes: dict[str, Any] = {"alpha": float(g.rng.uniform(0.1, 1.5))} if g.chance(0.7) else {}
        g.add(op, [x], **attributes)


def shrink(g: RandomGraph) -> None:
    x = g.pick(exact=True)
    if g.chance(0.5):
        g.add("ThresholdedRelu", [x], alpha=0.5, exact=True)
    else:
        g.add("Shrink", [x], lambd=0.5, bias=g.choice((0.0, 0.5)))


def clip(g: RandomGraph) -> None:
    x = g.pick(NUMBERS)
    unsigned = x.dtype[0] == "u"
    low = g.constant(np.array(1 if unsigned else -1, x.dtype)) if g.chance(0.7) else None
    high = g.constant(np.array(3, x.dtype)) if g.chance(0.7) else None
    g.add("Clip", [x, low, high], exact=True)


def _pair(g: RandomGraph, x: Drawn, exact: bool = False) -> list[Drawn]:
    y = g.partner(x, exact)
    if broadcast(x.shape, y.shape) is None:
        raise Redraw
    return [x, y] if g.chance(0.6) else [y, x]


def arithmetic(g: RandomGraph) -> None:
    g.add(g.choice(("Add", "Sub", "Mul", "Add", "Mul")), _pair(g, g.pick(NUMBERS)))


def divide(g: RandomGraph) -> None:
    x, y = _pair(g, g.pick(NUMBERS))
    if (np.abs(y.data.astype(np.float64)) < 0.1).any():
        raise Redraw
    g.add("Div", [x, y])


def extremum(g: RandomGraph) -> None:
    x = g.pick(NUMBERS)
    more = [g.partner(x) for _ in range(g.integer(0, 2))]
    g.add(g.choice(("Max", "Min")), [x, *more], exact=True)


def mean(g: RandomGraph) -> None:
    x = g.pick(("float32",))
    more = [g.partner(x) for _ in range(g.integer(0, 2))]
    g.add(g.choice(("Sum", "Mean")), [x, *more])


def power(g: RandomGraph) -> None:
    x = g.pick(("float32", "float64", "int32", "int64"))
    g.add("Pow", [x, g.constant(np.array(g.choice((0, 1, 2, 3)), g.choice((x.dtype, "float32", "int64"))))])


def compare(g: RandomGraph) -> None:
    g.add(
        g.choice(("Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal")),
        _pair(g, g.pick(NUMBERS, exact=True), True),
    )


def logical(g: RandomGraph) -> None:
    x = g.pick(("bool",))
    if g.chance(0.3):
        g.add("Not", [x])
    else:
        g.add(g.choice(("And", "Or", "Xor")), _pair(g, x))


def bitwise(g: RandomGraph) -> None:
    x = g.pick(("int32", "int64", "int8", "uint8"))
    if g.chance(0.3):
        g.add("BitwiseNot", [x])
    else:
        g.add(g.choice(("BitwiseAnd", "BitwiseOr", "BitwiseXor")), _pair(g, x))


def modulo(g: RandomGraph) -> None:
    x, y = _pair(g, g.pick(NUMBERS, exact=True), True)
    if (y.data == 0).any():
        raise Redraw
    fmod = 1 if x.dtype in FLOATS else g.integer(0, 1)
    if x.dtype in FLOATS and (np.abs(y.data) < 0.1).any():
        raise Redraw
    g.add("Mod", [x, y], fmod=fmod)


def where(g: RandomGraph) -> None:
    x, y = _pair(g, g.pick(ALL))
    shape = np.broadcast_shapes(x.shape, y.shape)
    fits = [
        v
        for v in g.values
        if v.dtype == "bool"
        and v.data.ndim <= len(shape)
        and all(a in (1, b) for a, b in zip(v.shape[::-1], shape[::-1], strict=False))
    ]
    c = g.choice(fits) if fits else g.leaf([1 if g.chance(0.3) else e for e in shape], "bool")
    g.add("Where", [c, x, y], exact=True)


def cast(g: RandomGraph) -> None:
    x = g.pick(ALL)
    to = g.choice(ALL)
    if x.dtype in FLOATS and to not in FLOATS:
        x = g.pick(FLOATS, exact=True)
        if to[0] == "u" and (x.data < 0).any():
            raise Redraw
    if np.dtype(to).kind in "iu" and x.data.dtype.kind == "f" and (np.abs(x.data) > 100).any():
        raise Redraw
    g.add("Cast", [x], to=helper.np_dtype_to_tensor_dtype(np.dtype(to)), exact=True)


def transpose(g: RandomGraph) -> None:
    x = g.pick(ALL, (2, 3, 4, 5))
    n = x.data.ndim
    layouts: dict[int, list[Any]] = {
        3: [(0, 2, 1)],
        4: [(0, 2, 3, 1), (0, 3, 1, 2)],
        5: [(0, 2, 3, 4, 1), (0, 4, 1, 2, 3)],
    }
    drawn = [int(i) for i in g.rng.permutation(n)]
    attributes: dict[str, Any] = {"perm": g.choice(layouts[n]) if n in layouts and g.chance(0.5) else drawn}
    if g.chance(0.05):
        attributes.clear()
    g.add("Transpose", [x], exact=True, **attributes)


def _factor(g: RandomGraph, n: int) -> list[int]:
    shape = []
    for _ in range(g.integer(0, 4)):
        d = g.choice([d for d in range(1, n + 1) if n % d == 0])
        shape.append(d)
        n //= d
    shape.insert(g.integer(0, len(shape)), n)
    return shape


def reshape(g: RandomGraph) -> None:
    x = g.pick(ALL)
    shape = _factor(g, x.data.size)
    if g.chance(0.3):
        shape[g.integer(0, len(shape) - 1)] = -1
    g.add("Reshape", [x, g.ints(*shape)], exact=True)


def flatten(g: RandomGraph) -> None:
    x = g.pick(ALL)
    g.add("Flatten", [x], axis=g.integer(-x.data.ndim, x.data.ndim), exact=True)


def squeeze(g: RandomGraph) -> None:
    x = g.pick(ALL)
    ones = [i for i, e in enumerate(x.shape) if e == 1]
    if ones and g.chance(0.6):
        g.add("Squeeze", [x, g.ints(*g.some(ones))] if g.chance(0.8) else [x], exact=True)
    else:
        g.add("Unsqueeze", [x, g.ints(*g.some(range(x.data.ndim + 1)))], exact=True)


def slice_(g: RandomGraph) -> None:
    x = g.pick(ALL, (1, 2, 3, 4, 5))
    axes = g.some(range(x.data.ndim))
    starts, ends, steps = [], [], []
    for a in axes:
        step = g.choice((1, 1, 1, 2, 3, -1, -2))
        lo, hi = sorted((g.integer(0, x.shape[a]), g.integer(0, x.shape[a])))
        lo, hi = (hi, lo - 1) if step < 0 else (lo, hi)
        starts.append(lo - x.shape[a] if g.chance(0.2) and lo < x.shape[a] else lo)
        ends.append(-1000 if hi < 0 else hi if g.chance(0.7) else 1000 if step > 0 else hi)
        steps.append(step)
    g.add("Slice", [x, g.ints(*starts), g.ints(*ends), g.ints(*axes), g.ints(*steps)], exact=True)


def concat(g: RandomGraph) -> None:
    x = g.pick(ALL, (1, 2, 3, 4, 5))
    axis = g.integer(0, x.data.ndim - 1)
    fits = [
        v
        for v in g.values
        if v.dtype == x.dtype
        and v.data.ndim == x.data.ndim
        and v.shape[:axis] == x.shape[:axis]
        and v.shape[axis + 1 :] == x.shape[axis + 1 :]
    ]
    parts = [x]
    for _ in range(g.integer(1, 2)):
        shape = list(x.shape)
        shape[axis] = g.integer(1, 4)
        parts.append(g.choice(fits) if g.chance(0.7) else g.leaf(shape, x.dtype))
    g.rng.shuffle(parts)
    g.add("Concat", parts, axis=axis - (x.data.ndim if g.chance(0.3) else 0), exact=True)


def split(g: RandomGraph) -> None:
    x = g.pick(ALL, (1, 2, 3, 4, 5))
    axis = g.integer(0, x.data.ndim - 1)
    if x.shape[axis] < 2:
        raise Redraw
    cut = g.integer(1, x.shape[axis] - 1)
    if g.chance(0.3):
        g.add("Split", [x], 2, axis=axis, num_outputs=2, exact=True)
    else:
        g.add("Split", [x, g.ints(cut, x.shape[axis] - cut)], 2, axis=axis, exact=True)


def expand(g: RandomGraph) -> None:
    x = g.pick(ALL, (0, 1, 2, 3, 4))
    shape = [g.integer(1, 4) if e == 1 else g.choice((1, e)) for e in x.shape]
    if g.chance(0.3):
        shape = [g.integer(1, 3), *shape]
    g.add("Expand", [x, g.ints(*shape)], exact=True)


def tile(g: RandomGraph) -> None:
    x = g.pick(ALL, (1, 2, 3, 4, 5))
    g.add("Tile", [x, g.ints(*(g.choice((1, 1, 2, 3)) for _ in x.shape))], exact=True)


def pad(g: RandomGraph) -> None:
    x = g.pick(("float32", "float32", "float64", "int32", "int8", "uint8"), (1, 2, 3, 4, 5))
    mode = g.choice(("constant", "constant", "constant", "edge", "reflect", "wrap"))
    axes = g.some(range(x.data.ndim))
    limit = [x.shape[a] - 1 if mode == "reflect" else 3 for a in axes]
    low = [-1 if mode == "constant" and g.chance(0.1) else g.integer(0, min(2, m)) for m in limit]
    high = [-1 if mode == "constant" and g.chance(0.1) else g.integer(0, min(2, m)) for m in limit]
    value = g.constant(np.array(g.choice((0, 1)), x.dtype)) if mode == "constant" and g.chance(0.5) else None
    g.add("Pad", [x, g.ints(*low, *high), value, g.ints(*axes)], mode=mode, exact=True)


def gather(g: RandomGraph) -> None:
    x = g.pick(ALL, (1, 2, 3, 4, 5))
    axis = g.integer(0, x.data.ndim - 1)
    shape = g.choice(((), (1,), (2,), (3,), (2, 2)))
    index = np.asarray(g.rng.integers(-x.shape[axis], x.shape[axis], shape)).astype(g.choice(("int32", "int64")))
    g.add("Gather", [x, g.constant(index) if g.chance(0.6) else g.input(index)], axis=axis, exact=True)


def gather_elements(g: RandomGraph) -> None:
    x = g.pick(ALL, (1, 2, 3, 4))
    axis = g.integer(0, x.data.ndim - 1)
    shape = [g.integer(1, e) for e in x.shape]
    shape[axis] = g.integer(1, 4)
    index = np.asarray(g.rng.integers(-x.shape[axis], x.shape[axis], shape)).astype(g.choice(("int32", "int64")))
    g.add("GatherElements", [x, g.constant(index) if g.chance(0.6) else g.input(index)], axis=axis, exact=True)


def gather_nd(g: RandomGraph) -> None:
    x = g.pick(ALL, (1, 2, 3, 4))
    batch = g.integer(0, x.data.ndim - 1) if g.chance(0.3) else 0
    depth = g.integer(1, x.data.ndim - batch)
    shape = (*x.shape[:batch], g.integer(1, 3))
    index = np.stack([g.rng.integers(-x.shape[batch + i], x.shape[batch + i], shape) for i in range(depth)], -1)
    g.add("GatherND", [x, g.constant(index) if g.chance(0.6) else g.input(index)], batch_dims=batch, exact=True)


def scatter_elements(g: RandomGraph) -> None:
    x = g.pick(("float32", "int32", "float64", "uint8"), (1, 2, 3, 4))
    axis = g.integer(0, x.data.ndim - 1)
    reduction = g.choice(("none", "none", "add", "mul", "max", "min"))
    shape = [g.integer(1, e) for e in x.shape]
    index = np.asarray(g.rng.integers(0, x.shape[axis], shape))
    if reduction == "none":
        index = np.argsort(g.rng.random(x.shape), axis)[tuple(slice(0, s) for s in shape)]
    g.add(
        "ScatterElements",
        [x, g.constant(index) if g.chance(0.6) else g.input(index), g.leaf(shape, x.dtype)],
        axis=axis,
        reduction=reduction,
        exact=reduction in ("none", "max", "min"),
    )


def depth_space(g: RandomGraph) -> None:
    x = g.pick(("float32", "float16", "float64", "uint8"), (4,))
    if g.chance(0.5):
        g.add("DepthToSpace", [x], blocksize=g.choice((1, 2, 2, 3)), mode=g.choice(("DCR", "CRD")), exact=True)
    else:
        g.add("SpaceToDepth", [x], blocksize=g.choice((1, 2, 2, 3)), exact=True)


def trilu(g: RandomGraph) -> None:
    x = g.pick(("float32", "float64", "int64"), (2, 3, 4))
    g.add(
        "Trilu",
        [x, *([g.constant(np.array(g.integer(-3, 3), np.int64))] if g.chance(0.5) else [])],
        upper=g.integer(0, 1),
        exact=True,
    )


def cumsum(g: RandomGraph) -> None:
    x = g.pick(("float32", "float64", "int32", "int64"), (1, 2, 3, 4))
    g.add(
        "CumSum",
        [x, g.constant(np.array(g.integer(-x.data.ndim, x.data.ndim - 1), np.int64))],
        exclusive=g.integer(0, 1),
        reverse=g.integer(0, 1),
    )


def top_k(g: RandomGraph) -> None:
    x = g.pick(("float32", "float64", "int32", "int64"), (1, 2, 3, 4), exact=True)
    axis = g.integer(0, x.data.ndim - 1)
    g.add("TopK", [x, g.ints(g.integer(1, x.shape[axis]))], 2, axis=axis, largest=g.integer(0, 1), exact=True)


def arg(g: RandomGraph) -> None:
    x = g.pick(("float32", "float64", "int32", "int8", "uint8"), (1, 2, 3, 4, 5), exact=True)
    g.add(
        g.choice(("ArgMax", "ArgMin")),
        [x],
        axis=g.integer(-x.data.ndim, x.data.ndim - 1),
        keepdims=g.integer(0, 1),
        select_last_index=g.integer(0, 1),
    )


def one_hot(g: RandomGraph) -> None:
    x = g.pick(("int32", "int64"), (1, 2, 3))
    g.add(
        "OneHot",
        [x, g.ints(g.integer(2, 5)), g.constant(np.array([0, 2], "float32"))],
        axis=g.integer(-1, x.data.ndim),
        exact=True,
    )


NODES: list[tuple[int, Draw]] = [
    (6, unary),
    (4, exact_unary),
    (1, rounding),
    (3, parametric),
    (1, shrink),
    (4, clip),
    (9, arithmetic),
    (3, divide),
    (3, extremum),
    (2, mean),
    (2, power),
    (2, compare),
    (2, logical),
    (1, bitwise),
    (1, modulo),
    (3, where),
    (3, cast),
    (8, transpose),
    (7, reshape),
    (2, flatten),
    (4, squeeze),
    (6, slice_),
    (6, concat),
    (4, split),
    (2, expand),
    (2, tile),
    (5, pad),
    (2, gather),
    (1, gather_elements),
    (1, gather_nd),
    (1, scatter_elements),
    (2, depth_space),
    (1, trilu),
    (1, cumsum),
    (1, top_k),
    (1, arg),
    (1, one_hot),
]
