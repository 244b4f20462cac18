"""Recurrent layers: LSTM, GRU and RNN in every direction and layout."""

from math import inf

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Concat, Gru, Lstm, Rnn, Slice, Transpose

_LAYERS: dict[str, type[Rnn] | type[Gru] | type[Lstm]] = {"RNN": Rnn, "GRU": Gru, "LSTM": Lstm}

_ACTIVATIONS = {
    "affine": ("affine", 1.0, 0.0),
    "elu": ("elu", 1.0, 0.0),
    "hardsigmoid": ("hard_sigmoid", 0.2, 0.5),
    "leakyrelu": ("leaky_relu", 0.01, 0.0),
    "relu": ("relu", 0.0, 0.0),
    "scaledtanh": ("scaled_tanh", 1.0, 1.0),
    "sigmoid": ("sigmoid", 0.0, 0.0),
    "softplus": ("softplus", 0.0, 0.0),
    "softsign": ("softsign", 0.0, 0.0),
    "tanh": ("tanh", 0.0, 0.0),
    "thresholdedrelu": ("thresholded_relu", 1.0, 0.0),
}
"""ONNX's name in lower case -> ours, and the defaults of alpha and beta."""

_USES_ALPHA = {"affine", "elu", "hardsigmoid", "leakyrelu", "scaledtanh", "thresholdedrelu"}
_USES_BETA = {"affine", "hardsigmoid", "scaledtanh"}


@onnx_op(*_LAYERS)
def _recurrent(node: Node) -> list[Value]:
    layer, x = _LAYERS[node.proto.op_type], node.float32(0)
    if x.type.rank != 3:
        raise node.error(f"works on {list(x.shape)}", "it needs [steps, batch, inputs]")
    batch_first = bool(node.integer("layout", 0))
    if batch_first:
        x = node.emit(Transpose(x, (1, 0, 2)))
    direction = node.string("direction", "forward")
    reverses = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}.get(direction)
    if reverses is None:
        raise node.error(f"direction is {direction!r}", "use forward, reverse or bidirectional")
    weights, recurrence = node.weights(1), node.weights(2)
    hidden, count = recurrence.shape[-1], len(reverses)
    for name, array, columns in (("W", weights, x.shape[2]), ("R", recurrence, hidden)):
        if array.shape != (count, layer.gates * hidden, columns):
            wanted = [count, layer.gates * hidden, columns]
            raise node.error(f"{name} is {list(array.shape)}, not {wanted}", "export the model again")
    if node.integer("hidden_size", hidden) != hidden:
        raise node.error(f"hidden_size is not the {hidden} of R", "export the model again")
    activations = _activations(node, layer.functions, count)
    results = []
    for index, reverse in enumerate(reverses):
        names, alphas, betas = zip(*activations[index * layer.functions : (index + 1) * layer.functions], strict=True)
        clip = node.real("clip", 0.0)
        op = layer(
            x,
            node.const(weights[index], node.name(1)),
            node.const(recurrence[index], node.name(2)),
            node.const(_bias(node, layer, index, hidden), "bias"),
            _lengths(node),
            _state(node, 5, index, batch_first),
            activations=names,
            alpha=alphas,
            beta=betas,
            clip=clip if clip > 0 else inf,
            reverse=reverse,
        )
        if isinstance(op, Gru):
            op.linear_before_reset = bool(node.integer("linear_before_reset", 0))
        if isinstance(op, Lstm):
            op.c = _state(node, 6, index, batch_first)
            op.input_forget = bool(node.integer("input_forget", 0))
            if node.operand(7) is not None:
                op.peepholes = node.const(node.weights(7, "peepholes")[index], node.name(7))
        results.append(node.emit_all(op))
    # Directions are an axis of their own: [S,D,B,H] and [D,B,H], or with the batch first [B,S,D,H] and [B,D,H].
    sequences = [node.reshaped(values[0], _with_axis(values[0].shape, 1)) for values in results]
    outputs = [node.emit(Concat(tuple(sequences), 1)) if count > 1 else sequences[0]]
    for position in range(1, len(results[0])):
        states = [node.reshaped(values[position], _with_axis(values[position].shape, 0)) for values in results]
        outputs.append(node.emit(Concat(tuple(states), 0)) if count > 1 else states[0])
    if batch_first:
        outputs[0] = node.emit(Transpose(outputs[0], (2, 0, 1, 3)))
        outputs[1:] = [node.emit(Transpose(v, (1, 0, 2))) for v in outputs[1:]]
    return outputs


def _with_axis(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], 1, *shape[axis:])


def _activations(node: Node, functions: int, directions: int) -> list[tuple[str, float, float]]:
    """Name, alpha and beta of every activation; alphas and betas are given in order to those that take them."""
    defaults = {1: ["Tanh"], 2: ["Sigmoid", "Tanh"], 3: ["Sigmoid", "Tanh", "Tanh"]}[functions] * directions
    given = [n.decode(errors="replace") for n in node.attributes.get("activations", [])] or defaults
    if len(given) < functions * directions:
        raise node.error(f"activations are {given}", f"give {functions} for each direction")
    alphas = list(node.attributes.get("activation_alpha", []))
    betas = list(node.attributes.get("activation_beta", []))
    found = []
    for name in given[: functions * directions]:
        key = name.lower()
        if key not in _ACTIVATIONS:
            raise node.error(f"activation is {name!r}", f"use one of {', '.join(_ACTIVATIONS)}")
        ours, alpha, beta = _ACTIVATIONS[key]
        alpha = float(alphas.pop(0)) if key in _USES_ALPHA and alphas else alpha
        beta = float(betas.pop(0)) if key in _USES_BETA and betas else beta
        found.append((ours, alpha, beta))
    return found


def _bias(node: Node, layer: type[Rnn] | type[Gru] | type[Lstm], direction: int, hidden: int) -> Array:
    """ONNX's two biases, of W and of R, added up; for a GRU's last gate both stand, one after the other."""
    rows = layer.gates * hidden
    if node.operand(3) is None:
        return np.zeros(layer.biases * hidden, np.float32)
    both = node.weights(3, "bias")[direction]
    of_w, of_r = both[:rows], both[rows:]
    if layer is Gru:
        summed = of_w[: 2 * hidden] + of_r[: 2 * hidden]
        return np.concatenate([summed, of_w[2 * hidden :], of_r[2 * hidden :]])
    total: Array = of_w + of_r
    return total


def _lengths(node: Node) -> Value | None:
    return None if node.operand(4) is None else node.cast(node.value(4), DType.I32)


def _state(node: Node, index: int, direction: int, batch_first: bool) -> Value | None:
    """The initial state of a direction: ``[B,H]``, out of ``[D,B,H]`` or ``[B,D,H]``."""
    operand = node.operand(index)
    if operand is None or (not isinstance(operand, Value) and not operand.data.any()):
        return None  # zero
    states = node.float32(index)
    axis = 1 if batch_first else 0
    shape = tuple(d for a, d in enumerate(states.shape) if a != axis)
    if states.shape[axis] > 1:
        start, count = [0, 0, 0], list(states.shape)
        start[axis], count[axis] = direction, 1
        states = node.emit(Slice(states, tuple(start), tuple(count), (1, 1, 1)))
    return node.reshaped(states, shape)
