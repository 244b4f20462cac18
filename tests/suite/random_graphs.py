"""Random ONNX graphs: each node is run by onnxruntime as it is drawn, so that every value's type and data are known.

A node that onnxruntime refuses, or whose results are not finite, huge or empty, is drawn anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

Array = NDArray[Any]

OPSET = 21
HUGE = 1e4
"""Largest magnitude of a float."""
ELEMENTS = 3000
"""Most elements of a value."""
FLOATS = ("float32", "float16", "float64")
NUMBERS = ("float32", "float16", "float64", "int32", "int64", "int8", "uint8")


class Redraw(Exception):
    """What was drawn does not fit; draw something else."""


@dataclass(frozen=True)
class Drawn:
    """A value of the graph with its data. ``exact``: no rounding error in it, so that it may be compared or rounded."""

    name: str
    data: Array
    exact: bool

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> str:
        return self.data.dtype.name


@dataclass
class RandomGraph:
    """Grows node by node; ``values`` are all that a node may read, the newest last."""

    seed: int
    nodes: list[NodeProto] = field(default_factory=list)
    inputs: dict[str, Array] = field(default_factory=dict)
    constants: dict[str, Array] = field(default_factory=dict)
    values: list[Drawn] = field(default_factory=list)
    outputs: list[Drawn] = field(default_factory=list)
    named: int = 0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    # What is drawn.

    def integer(self, low: int, high: int) -> int:
        """From ``low`` to ``high``, both included."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def choice(self, of: Sequence[Any]) -> Any:
        return of[self.integer(0, len(of) - 1)]

    def some(self, of: Sequence[Any]) -> list[Any]:
        """A subset of at least one, in order."""
        kept = [x for x in of if self.chance(0.5)]
        return kept or [self.choice(of)]

    def shape(self, rank: int | None = None) -> tuple[int, ...]:
        rank = self.choice((1, 2, 3, 3, 4, 4, 4, 5)) if rank is None else rank
        high = (9, 9, 9, 7, 6, 4)[rank]
        return tuple(1 if self.chance(0.15) else self.integer(1, high) for _ in range(rank))

    def array(self, shape: Sequence[int], dtype: str = "float32") -> Array:
        if dtype == "bool":
            return self.rng.random(shape) < 0.5
        if dtype in FLOATS:
            return np.asarray(self.rng.uniform(-2, 2, shape)).astype(dtype)
        return np.asarray(self.rng.integers(0 if dtype[0] == "u" else -9, 10, shape)).astype(dtype)

    # Where operands come from.

    def name(self, kind: str) -> str:
        self.named += 1
        return f"{kind}{self.named}"

    def constant(self, data: Array) -> Drawn:
        name = self.name("c")
        self.constants[name] = np.asarray(data)
        return Drawn(name, self.constants[name], True)

    def ints(self, *values: int) -> Drawn:
        return self.constant(np.array(values, np.int64))

    def input(self, data: Array) -> Drawn:
        drawn = Drawn(self.name("x"), data, True)
        self.inputs[drawn.name] = data
        self.values.append(drawn)
        return drawn

    def leaf(self, shape: Sequence[int], dtype: str = "float32", constant: float = 0.5) -> Drawn:
        data = self.array(shape, dtype)
        return self.constant(data) if self.chance(constant) else self.input(data)

    def pick(
        self, dtypes: Sequence[str] = FLOATS, ranks: Sequence[int] = (0, 1, 2, 3, 4, 5, 6), exact: bool = False
    ) -> Drawn:
        """A value, of the newer ones rather; now and then a new input."""
        fits = [v for v in self.values if v.dtype in dtypes and v.data.ndim in ranks and (v.exact or not exact)]
        if fits and not self.chance(0.08):
            return fits[-1] if self.chance(0.6) else self.choice(fits)
        dtype = "float32" if "float32" in dtypes and self.chance(0.7) else self.choice(dtypes)
        rank = self.choice([r for r in ranks if 1 <= r <= 5])
        return self.input(self.array(self.shape(rank), dtype))

    def partner(self, of: Drawn, exact: bool = False) -> Drawn:
        """A second operand that broadcasts with ``of``: a value, a constant or an input."""
        fits = [
            v
            for v in self.values
            if v.dtype == of.dtype and (v.exact or not exact) and broadcast(v.shape, of.shape) is not None
        ]
        if fits and self.chance(0.5):
            return fits[self.integer(0, len(fits) - 1)]
        shape = [1 if self.chance(0.35) else e for e in of.shape]
        shape = shape[self.integer(0, len(shape)) :] if self.chance(0.3) else shape
        if self.chance(0.1) and len(shape) < 4:
            shape = [self.integer(1, 3), *shape]
        if self.chance(0.1):
            shape = [self.integer(1, 4) if e == 1 else e for e in shape]
        return self.leaf(shape, of.dtype, 0.7)

    # What is added.

    def add(
        self, op: str, operands: Sequence[Drawn | None], outputs: int = 1, exact: bool = False, **attributes: Any
    ) -> None:
        """A node, with what onnxruntime computes for it. ``exact``: no rounding error, if the operands have none."""
        names = [self.name("v") for _ in range(outputs)]
        node = helper.make_node(op, [o.name if o else "" for o in operands], names, **attributes)
        given = {o.name: o for o in operands if o is not None}
        results = _evaluate(node, {n: o.data for n, o in given.items()})
        for data in results:
            if data.size == 0 or data.size > ELEMENTS or data.ndim > 6:
                raise Redraw
            if data.dtype.kind == "f" and not (np.isfinite(data).all() and np.abs(data).max() < HUGE):
                raise Redraw
        kept = all(o.exact for o in given.values())
        self.nodes.append(node)
        for name, data in zip(names, results, strict=True):
            self.values.append(Drawn(name, data, kept and (exact or data.dtype.kind in "biu")))

    def model(self) -> ModelProto:
        """The graph as a model: unread results are outputs, and some that are read."""
        read = {name for node in self.nodes for name in node.input}
        made = {name for node in self.nodes for name in node.output}
        self.outputs = [v for v in self.values if v.name in made and (v.name not in read or self.chance(0.1))]
        inputs = [(n, a) for n, a in self.inputs.items() if n in read]
        self.inputs = dict(inputs)
        graph = helper.make_graph(
            self.nodes,
            "g",
            [_info(n, a) for n, a in inputs],
            [_info(v.name, v.data) for v in self.outputs],
            [numpy_helper.from_array(a, n) for n, a in self.constants.items() if n in read],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def _info(name: str, data: Array) -> Any:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(data.dtype), data.shape)


def broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that all broadcast to, None if there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def _evaluate(node: NodeProto, data: dict[str, Array]) -> list[Array]:
    graph = helper.make_graph(
        [node],
        "g",
        [_info(n, a) for n, a in data.items()],
        [helper.make_tensor_value_info(n, TensorProto.UNDEFINED, None) for n in node.output],
    )
    for output in graph.output:
        output.ClearField("type")
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return [np.asarray(a) for a in session.run(list(node.output), data)]
    except Exception as error:  # onnxruntime raises classes of its own
        raise Redraw(str(error)) from error


Draw = Callable[[RandomGraph], None]


def random_graph(seed: int, draws: Sequence[tuple[int, Draw]]) -> RandomGraph:
    """A graph of 3 to 15 nodes, each from one of the weighted ``draws``."""
    graph = RandomGraph(seed)
    weights = np.array([w for w, _ in draws], float)
    weights /= weights.sum()
    wanted = graph.integer(3, 15)
    for _ in range(200):
        if len(graph.nodes) >= wanted:
            break
        _, draw = draws[int(graph.rng.choice(len(draws), p=weights))]
        try:
            draw(graph)
        except Redraw:
            continue
    return graph
