"""Random small networks, bracketed by transposes as the importer does it, keep their meaning and move fewer bytes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec.ir import DType, Graph, Op, Value, f32, verify
from edgec.ir.ops import (
    Add,
    ArgMax,
    AveragePool2d,
    Cast,
    Concat,
    Conv2d,
    CumSum,
    Dense,
    Gather,
    MaxPool2d,
    Mul,
    Normalize,
    Pad,
    ReduceMean,
    Relu,
    Resample,
    Reshape,
    Sigmoid,
    Slice,
    Softmax,
    Transpose,
    Where,
)
from edgec.passes.nhwc import Nhwc
from edgec.rewriting.testing import assert_same_meaning, made_up

TO_NHWC, TO_NCHW = (0, 2, 3, 1), (0, 3, 1, 2)
STEPS = [
    "conv", "conv1d", "max", "average", "relu", "sigmoid", "scale", "add", "concat", "slice", "pad",
    "mean", "softmax", "swap", "squeeze", "where", "resample", "gather",
    "normalize", "running", "position",
]  # fmt: skip


class Network:
    """Grows an NCHW graph operator by operator; ``pool`` holds the values so far."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.graph = Graph("net")
        extent = st.sampled_from([1, 2, 4])
        shape = draw(st.tuples(st.sampled_from([1, 2]), extent, extent, extent))
        self.pool: list[Value] = [self.graph.input("x", f32(*shape))]

    def const(self, *shape: int) -> Value:
        name = self.graph.fresh("k")
        return self.graph.const(made_up(name, f32(*shape)), name)

    def put(self, op: Op) -> Value:
        return self.graph.insert(op).result

    def step(self) -> None:
        x = self.pool[-self.draw(st.sampled_from([1, 1, 1, 2]))]
        self.pool.append(self.grown(self.draw(st.sampled_from(STEPS)), x))

    def grown(self, kind: str, x: Value) -> Value:
        if kind == "conv1d":
            n, c, h, w = x.shape
            line = self.put(Relu(self.put(Reshape(x, (n, c, h * w)))))
            convolved = self.spatial("conv", self.put(Reshape(line, (n, c, 1, h * w))))
            activated = self.put(Relu(self.put(Reshape(convolved, (n, 3, h * w)))))
            return self.put(Reshape(activated, (n, 3, h, w)))
        if kind in ("conv", "max", "average"):
            return self.spatial(kind, x)
        rank = x.type.rank
        axis = self.draw(st.integers(0, rank - 1))
        match kind:
            case "relu":
                return self.put(Relu(x))
            case "sigmoid":
                return self.put(Sigmoid(x))
            case "softmax":
                return self.put(Softmax(x, axis))
            case "normalize":
                groups = self.draw(st.sampled_from([g for g in (1, 2) if x.shape[1] % g == 0]))
                axes = self.draw(st.sampled_from([(1,), (1, *range(2, rank)), tuple(range(rank))]))
                scale, bias = (self.const(x.shape[1], *(1,) * (rank - 2)) for _ in range(2))
                return self.put(Normalize(x, scale, bias, axes, 1e-3, axis=1, groups=groups))
            case "running":
                return self.put(CumSum(x, axis, exclusive=self.draw(st.booleans())))
            case "position":
                return self.put(Cast(self.put(ArgMax(x, axis)), DType.F32))
            case "mean":
                return self.put(ReduceMean(x, (rank - 2, rank - 1)))
            case "scale":
                return self.put(Mul(x, self.const(x.shape[1], *(1,) * (rank - 2))))
            case "add":
                fitting = [v for v in self.pool if v.shape == x.shape or v.type.elements == 1]
                return self.put(Add(x, self.draw(st.sampled_from(fitting))))
            case "where":
                fitting = [v for v in self.pool if v.shape == x.shape]
                mask = self.graph.const(np.arange(x.shape[axis]).reshape(-1, *(1,) * (rank - 1 - axis)) % 2 == 0)
                return self.put(Where(mask, x, self.draw(st.sampled_from(fitting))))
            case "resample":
                rows = np.array([[0, -1], [-1, 0], [0, 0]][: x.shape[axis] + 1], np.int32)
                return self.put(Resample(x, self.graph.const(rows), self.const(*rows.shape), axis))
            case "gather":
                return self.put(Gather(x, self.graph.const(np.arange(x.shape[axis], dtype=np.int32) // 2), axis))
            case "concat":
                fitting = [v for v in self.pool if v.shape == x.shape]
                return self.put(Concat((x, self.draw(st.sampled_from(fitting))), axis))
            case "slice":
                count = tuple(d - (d > 1 and a == axis) for a, d in enumerate(x.shape))
                return self.put(Slice(x, (0,) * rank, count, (1,) * rank))
            case "pad":
                return self.put(Pad(x, tuple(int(a == axis) for a in range(rank)), (0,) * rank))
            case "swap":
                return self.put(Transpose(x, tuple(self.draw(st.permutations(range(rank))))))
        # Two unit axes more or less, as squeeze and unsqueeze write it.
        n, c, h, w = x.shape
        thin = self.put(Reshape(x, tuple(d for d in x.shape if d > 1)))
        return self.put(Reshape(self.put(Relu(thin)), (n, c, h, w)))

    def spatial(self, kind: str, x: Value) -> Value:
        y = self.put(Transpose(x, TO_NHWC))
        if kind == "conv":
            y = self.put(Conv2d(y, self.const(3, 3, 3, y.shape[3]), self.const(3), pad=(1, 1, 1, 1)))
        elif kind == "max":
            y = self.put(MaxPool2d(y, (2, 2), pad=(1, 0, 1, 0)))
        else:
            y = self.put(AveragePool2d(y, (3, 3), pad=(1, 1, 1, 1)))
        return self.put(Transpose(y, TO_NCHW))


@st.composite
def networks(draw: st.DrawFn) -> Graph:
    """Operators between two convolutions, so that there is something to cancel, and perhaps a dense layer."""
    network = Network(draw)
    network.pool.append(network.grown("conv", network.pool[0]))
    for _ in range(draw(st.integers(1, 6))):
        network.step()
    network.pool.append(network.grown("conv", network.pool[-1]))
    last = network.pool[-1]
    if draw(st.booleans()):
        flat = network.put(Reshape(last, (last.shape[0], int(np.prod(last.shape[1:])))))
        last = network.put(Dense(network.put(Relu(flat)), network.const(3, flat.shape[1]), network.const(3)))
    network.graph.returns({"y": last, "z": draw(st.sampled_from(network.pool))})
    return network.graph


def moved_bytes(graph: Graph) -> int:
    return sum(op.result.type.bytes for op in graph if isinstance(op, Transpose))


@settings(max_examples=250, deadline=None, derandomize=True)
@given(networks())
def test_nhwc_keeps_the_meaning_and_never_moves_more_bytes(graph: Graph) -> None:
    new = graph.copy()
    Nhwc().run(new, None)
    verify(new)
    assert_same_meaning(graph, new)
    assert moved_bytes(new) <= moved_bytes(graph)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(networks())
def test_nhwc_changes_nothing_the_second_time(graph: Graph) -> None:
    Nhwc().run(graph, None)
    assert not Nhwc().run(graph, None)
