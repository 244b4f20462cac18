"""Sequences and optionals, which exporters leave behind: lists of tensors while the model is read, nothing in C.

How long they are and which element is meant must be known at import; the elements need not be.
"""

from collections.abc import Sequence

import numpy as np

from edgec.frontend.control import Body
from edgec.frontend.node import Constant
from edgec.frontend.scope import Tensor, TensorList
from edgec.frontend.structure import MAX_NODES, Call, structural
from edgec.ir import Value


@structural("SequenceEmpty")
def _empty(call: Call) -> Sequence[Tensor]:
    return [TensorList()]


@structural("SequenceConstruct")
def _construct(call: Call) -> Sequence[Tensor]:
    return [TensorList(tuple(call.operands))]


@structural("SequenceInsert")
def _insert(call: Call) -> Sequence[Tensor]:
    items = call.items(0)
    place = call.position(2, "position")
    place = len(items) if place is None else _place(call, place, len(items), len(items))
    return [TensorList((*items[:place], call.operand(1), *items[place:]))]


@structural("SequenceErase")
def _erase(call: Call) -> Sequence[Tensor]:
    items = call.items(0)
    place = call.position(1, "position")
    place = _place(call, -1 if place is None else place, len(items), len(items) - 1)
    return [TensorList((*items[:place], *items[place + 1 :]))]


@structural("SequenceAt")
def _at(call: Call) -> Sequence[Tensor]:
    items = call.items(0)
    place = call.position(1, "position")
    if place is None:
        raise call.node.error("has no position", "export the model again")
    return [items[_place(call, place, len(items), len(items) - 1)]]


@structural("SequenceLength")
def _length(call: Call) -> Sequence[Tensor]:
    return [Constant("length", np.array(len(call.items(0)), np.int64))]


@structural("ConcatFromSequence")
def _concat(call: Call) -> Sequence[Tensor]:
    items, axis = list(call.items(0)), call.node.integer("axis", 0)
    if not items:
        raise call.node.error("concatenates no tensors", "give it at least one")
    if call.node.integer("new_axis", 0):
        items = [call.apply("Unsqueeze", t, Constant("axes", np.array([axis]))) for t in items]
    return [call.apply("Concat", *items, axis=axis)]


@structural("SplitToSequence")
def _split(call: Call) -> Sequence[Tensor]:
    tensor = call.operand(0)
    if not isinstance(tensor, Value | Constant):
        raise call.node.error("splits no tensor", "check the model with onnx.checker.check_model")
    shape = tensor.shape if isinstance(tensor, Value) else tensor.data.shape
    axis = call.node.axis(call.node.integer("axis", 0), len(shape))
    split = call.node.constant(1, "split")
    count = len(split) if split is not None and split.ndim else shape[axis] // max(int(split or 1), 1)
    if count > MAX_NODES:
        raise call.node.error(f"makes {count} parts", f"split into {MAX_NODES} at most")
    if split is None:
        lengths = [1] * shape[axis]
    elif split.ndim == 0:
        if split <= 0:
            raise call.node.error(f"splits into parts of {split}", "give a positive length")
        lengths = [min(int(split), shape[axis] - start) for start in range(0, shape[axis], int(split))]
    else:
        lengths = [int(length) for length in split]
    if sum(lengths) != shape[axis] or any(length < 0 for length in lengths):
        raise call.node.error(f"lengths {lengths} do not split {list(shape)}", "let them sum up to the extent")
    parts, start = [], 0
    for length in lengths:
        bounds = [Constant("bound", np.array([bound])) for bound in (start, start + length, axis)]
        part = call.apply("Slice", tensor, *bounds)
        if split is None and not call.node.integer("keepdims", 1):
            part = call.apply("Squeeze", part, bounds[2])
        parts.append(part)
        start += length
    return [TensorList(tuple(parts))]


@structural("SequenceMap")
def _map(call: Call) -> Sequence[Tensor]:
    items = call.items(0)
    body = Body(call, call.graph("body"))
    rows = []
    for place, item in enumerate(items):
        along = [_element(call, other, place, len(items)) for other in call.operands[1:]]
        rows.append(body(item, *along))
    return [TensorList(tuple(row[k] for row in rows)) for k in range(len(body.outputs))]


def _element(call: Call, operand: Tensor, place: int, length: int) -> Tensor:
    if not isinstance(operand, TensorList):
        return operand
    if len(operand.items) != length:
        raise call.node.error("its sequences differ in length", "give sequences of one length")
    return operand.items[place]


@structural("Identity", "Optional")
def _same(call: Call) -> Sequence[Tensor]:
    return [call.operand(0)]


@structural("OptionalHasElement")
def _has_element(call: Call) -> Sequence[Tensor]:
    return [Constant("there", np.array(call.operand(0) is not None))]


@structural("OptionalGetElement")
def _get_element(call: Call) -> Sequence[Tensor]:
    if call.operand(0) is None:
        raise call.node.error("reads an optional that is empty", "check the model")
    return [call.operand(0)]


def _place(call: Call, place: int, length: int, last: int) -> int:
    counted = place + length if place < 0 else place
    if not 0 <= counted <= last:
        raise call.node.error(f"position {place} leaves a sequence of {length}", "give a position that it has")
    return counted
