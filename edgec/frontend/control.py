"""If, Loop and Scan: one branch or both, iterations unrolled. C has no control flow of the model's own.

Every operator is pure, so that computing what is not needed is only time: where a choice is made at run time, both
results are computed and one is selected.
"""

from collections.abc import Sequence
from math import inf

import numpy as np
from onnx import AttributeProto, GraphProto, NodeProto

from edgec.frontend.inference import static_type
from edgec.frontend.node import Constant
from edgec.frontend.scope import Scope, Tensor, TensorList, Unknown
from edgec.frontend.structure import Call, is_tensor, structural
from edgec.ir import TensorType, Value

MAX_ITERATIONS = 1000

_UNBOUNDED = "is not bounded by what is known at import"
_BOUND = "give a constant trip count (--bind it if it is an input), or keep the loop outside of the model"


@structural("If")
def _if(call: Call) -> Sequence[Tensor]:
    condition = _condition(call, call.operand(0))
    if isinstance(condition, bool):
        return Body(call, call.graph("then_branch" if condition else "else_branch"))()
    then, other = Body(call, call.graph("then_branch"))(), Body(call, call.graph("else_branch"))()
    return [_selected(call, condition, a, b) for a, b in zip(then, other, strict=False)]


@structural("Loop")
def _loop(call: Call) -> Sequence[Tensor]:
    trips, condition, carried = _trips(call), _condition(call, call.operand(1), default=True), list(call.operands[2:])
    body = Body(call, call.graph("body"))
    scans = len(body.outputs) - 1 - len(carried)
    if len(body.inputs) != 2 + len(carried) or scans < 0:
        raise call.node.error(f"its body does not carry {len(carried)} values", "export the model again")
    columns: list[list[Tensor]] = [[] for _ in range(scans)]
    by_data = False
    iteration = 0
    while iteration < trips and condition is not False:
        by_data = by_data or isinstance(condition, Value)
        if iteration >= MAX_ITERATIONS or (by_data and trips > MAX_ITERATIONS):
            taken = "depends on data" if by_data else f"goes on after {MAX_ITERATIONS} iterations"
            raise call.node.error(f"{_UNBOUNDED}: its condition {taken}", _BOUND)
        problems = call.walker.problem_count()
        count = Constant("iteration", np.array(iteration, np.int64))
        goes_on, *results = body(count, Constant("condition", np.array(True)), *carried)
        if call.walker.problem_count() > problems or isinstance(goes_on, Unknown):
            return [Unknown()] * (len(carried) + scans)
        for column, tensor in zip(columns, results[len(carried) :], strict=True):
            column.append(tensor)
        following = _condition(call, goes_on)
        if isinstance(condition, Value):
            carried = [_selected(call, condition, n, o) for n, o in zip(results, carried, strict=False)]
            following = _both(call, condition, following)
        else:
            carried = results[: len(carried)]
        condition = following
        iteration += 1
    if by_data:
        lists: list[Tensor] = [
            call.unknown(
                f"collects an output whose length depends on data ({body.outputs[1 + len(carried) + k]!r})",
                "let the loop end after a constant number of iterations, or carry a tensor of constant shape",
            )
            for k in range(scans)
        ]
    else:
        lists = [_stacked(call, c, 0, body.output_type(1 + len(carried) + k)) for k, c in enumerate(columns)]
    return [*carried, *lists]


@structural("Scan")
def _scan(call: Call) -> Sequence[Tensor]:
    count = call.node.integer("num_scan_inputs", 0)
    if call.node.opset >= 9:
        states, sources = call.operands[: len(call.operands) - count], call.operands[len(call.operands) - count :]
        body = Body(call, call.graph("body"))
        return _scanned(call, body, states, sources, "scan_input_directions")
    if call.operand(0) is not None:
        raise call.node.error("has sequence_lens", "leave them out: each sequence must be as long as its tensor")
    # In opset 8 axis 0 is the batch and axis 1 the sequence.
    states, sources = call.operands[1 : len(call.operands) - count], call.operands[len(call.operands) - count :]
    batch = _extent(call, [*states, *sources], [0] * (len(states) + count))
    body = Body(call, call.graph("body"))
    samples = [
        _scanned(call, body, [_at(call, s, 0, b) for s in states], [_at(call, s, 0, b) for s in sources], "directions")
        for b in range(batch)
    ]
    return [_stacked(call, list(column), 0, None) for column in zip(*samples, strict=True)]


def _scanned(
    call: Call, body: "Body", states: Sequence[Tensor], sources: Sequence[Tensor], directions: str
) -> list[Tensor]:
    scans = len(body.outputs) - len(states)
    if len(body.inputs) != len(states) + len(sources) or scans < 0 or not sources:
        raise call.node.error("its body does not fit its operands", "export the model again")
    backward = _listed(call, directions, len(sources))
    out_axes = _listed(call, "scan_output_axes", scans)
    out_backward = _listed(call, "scan_output_directions", scans)
    axes = [
        call.node.axis(axis, call.type(s).rank)
        for axis, s in zip(_listed(call, "scan_input_axes", len(sources)), sources, strict=True)
    ]
    steps = _extent(call, sources, axes)
    if not 0 < steps <= MAX_ITERATIONS:
        raise call.node.error(f"takes {steps} iterations", f"1 to {MAX_ITERATIONS} are unrolled")
    columns: list[list[Tensor]] = [[] for _ in range(scans)]
    for step in range(steps):
        problems = call.walker.problem_count()
        slices = [
            _at(call, s, axis, steps - 1 - step if back else step)
            for s, axis, back in zip(sources, axes, backward, strict=True)
        ]
        results = body(*states, *slices)
        if call.walker.problem_count() > problems:
            return [Unknown()] * (len(states) + scans)
        for column, tensor in zip(columns, results[len(states) :], strict=True):
            column.append(tensor)
        states = results[: len(states)]
    stacked = [
        _stacked(call, column[::-1] if back else column, axis, None)
        for column, axis, back in zip(columns, out_axes, out_backward, strict=True)
    ]
    return [*states, *stacked]


class Body:
    """A subgraph to be imported as often as wanted; what depends on no input of it is imported once."""

    def __init__(self, call: Call, graph: GraphProto) -> None:
        self.call, self.graph = call, graph
        self.inputs = [i.name for i in graph.input]
        self.outputs = [o.name for o in graph.output]
        self._fixed: list[NodeProto] = []
        self._moving: list[NodeProto] = []
        moving = {*self.inputs}
        for node in graph.node:
            nested = any(a.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS) for a in node.attribute)
            moves = bool(self.inputs) and (nested or not moving.isdisjoint(node.input))
            (self._moving if moves else self._fixed).append(node)
            if moves:
                moving.update(node.output)
        self._scope: Scope | None = None

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """The outputs for these inputs."""
        if len(inputs) != len(self.inputs):
            what = f"its graph has {len(self.inputs)} inputs, not {len(inputs)}"
            raise self.call.node.error(what, "check the model with onnx.checker.check_model")
        walker = self.call.walker
        if self._scope is None:
            self._scope = self.call.scope.inner()
            walker.initialize(self.graph, self._scope)
            walker.walk(self._fixed, self._scope)
        scope = self._scope.inner()
        scope.tensors.update(zip(self.inputs, inputs, strict=True))
        walker.walk(self._moving, scope)
        return [self._output(scope, name) for name in self.outputs]

    def output_type(self, index: int) -> TensorType | None:
        """The type that the graph states for an output, if it is static."""
        return static_type(self.graph.output[index].type)

    def _output(self, scope: Scope, name: str) -> Tensor:
        try:
            return scope.find(name)
        except KeyError:
            raise self.call.node.error(f"its graph gives no {name!r}", "export the model again") from None


def _trips(call: Call) -> float:
    if isinstance(call.operand(0), Value):
        raise call.node.error(f"{_UNBOUNDED}: its trip count is not constant", _BOUND)
    trips = call.position(0, "trip count")
    return inf if trips is None else trips


def _condition(call: Call, tensor: Tensor, default: bool | None = None) -> bool | Value:
    """A condition: True or False if it is known, else a scalar."""
    if tensor is None and default is not None:
        return default
    if isinstance(tensor, Constant) and tensor.data.size == 1:
        return bool(tensor.data.reshape(-1)[0])
    if isinstance(tensor, Value) and tensor.type.elements == 1:
        return call.node.reshaped(tensor, ())
    raise call.node.error("its condition is not one truth value", "check the model with onnx.checker.check_model")


def _both(call: Call, a: Value, b: bool | Value) -> bool | Value:
    if isinstance(b, bool):
        return a if b else False
    return _condition(call, call.apply("And", a, b))


def _selected(call: Call, condition: Value, a: Tensor, b: Tensor) -> Tensor:
    """``a`` if the condition holds, else ``b``; both must be of one type."""
    if a is b or isinstance(a, Unknown):
        return a
    if isinstance(b, Unknown):
        return b
    if isinstance(a, TensorList) and isinstance(b, TensorList) and len(a.items) == len(b.items):
        return TensorList(tuple(_selected(call, condition, x, y) for x, y in zip(a.items, b.items, strict=True)))
    if not (is_tensor(a) and is_tensor(b)):
        raise call.node.error("whether a result is there depends on data", "give a constant condition (--bind it)")
    types = [call.type(t) for t in (a, b)]
    if (types[0].dtype, types[0].shape) != (types[1].dtype, types[1].shape):
        shown = " or ".join(f"{t.dtype.value}{list(t.shape)}" for t in types)
        raise call.node.error(
            f"the shape of a result depends on data: {shown}, as its condition says",
            "make both of one shape, or give a constant condition (--bind it)",
        )
    if isinstance(a, Constant) and isinstance(b, Constant) and a.data.tobytes() == b.data.tobytes():
        return a
    return call.apply("Where", condition, a, b)


def _stacked(call: Call, tensors: list[Tensor], axis: int, type: TensorType | None) -> Tensor:
    """Tensors side by side along a new axis; of none at all the type must be known."""
    if not tensors:
        if type is None:
            return call.unknown("collects an output of no iterations, whose shape is unknown", "leave the loop out")
        return Constant("none", np.empty((0, *type.shape), type.dtype.numpy))
    if unknown := next((t for t in tensors if isinstance(t, Unknown)), None):
        return unknown
    axes = Constant("axes", np.array([axis]))
    parts = [call.apply("Unsqueeze", tensor, axes) for tensor in tensors]
    return parts[0] if len(parts) == 1 else call.apply("Concat", *parts, axis=axis)


def _at(call: Call, tensor: Tensor, axis: int, position: int) -> Tensor:
    """A tensor at a position of an axis, without that axis."""
    bounds = [Constant("bound", np.array([bound])) for bound in (position, position + 1, axis)]
    return call.apply("Squeeze", call.apply("Slice", tensor, *bounds), bounds[2])


def _extent(call: Call, tensors: Sequence[Tensor], axes: Sequence[int]) -> int:
    """The extent that tensors have in common, each along its axis."""
    types = [call.type(t) for t in tensors]
    extents = {t.shape[axis] if axis < t.rank else -1 for t, axis in zip(types, axes, strict=True)}
    if len(extents) != 1 or -1 in extents:
        raise call.node.error("its operands differ in length", "give them the same extent along the scanned axes")
    return extents.pop()


def _listed(call: Call, name: str, count: int) -> tuple[int, ...]:
    values = call.node.integers(name) or (0,) * count
    if len(values) != count:
        raise call.node.error(f"has {len(values)} {name}, not {count}", "give one for each")
    return values
