"""What picks elements, or puts others around them."""

from typing import Literal, cast

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.tensors import LIMIT_BYTES
from edgec.ir import Value
from edgec.ir.ops import Gather, Pad, Slice


@onnx_op("Slice", any_type=True)
def _slice(node: Node) -> Value:
    x = node.value(0)
    # Attributes up to opset 9, operands from then on.
    starts = node.integers("starts") or node.constant_ints(1, "starts") or ()
    ends = node.integers("ends") or node.constant_ints(2, "ends") or ()
    axes = node.integers("axes") or node.constant_ints(3, "axes") or tuple(range(len(starts)))
    steps = node.constant_ints(4, "steps") or (1,) * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise node.error(f"starts {starts}, ends {ends}, axes {axes}, steps {steps} do not fit", "export it again")
    ranges = [range(extent) for extent in x.shape]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        axis = node.axis(axis, x.type.rank)
        ranges[axis] = range(x.shape[axis])[start:end:step]
    return _pick(node, x, ranges)


@onnx_op("Gather", any_type=True)
def _gather(node: Node) -> Value:
    x, indices = node.value(0), node.required(1, "indices")
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    extent = x.shape[axis]
    if indices.size and not -extent <= int(indices.min()) <= int(indices.max()) < extent:
        raise node.error(f"an index leaves -{extent}..{extent - 1}", "check the indices")
    counted = np.where(indices < 0, indices + extent, indices).astype(np.int32)
    return node.emit(Gather(x, node.const(counted, "indices"), axis))


@onnx_op("Pad", any_type=True)
def _pad(node: Node) -> Value:
    x = node.value(0)
    rank = x.type.rank
    pads = node.integers("pads") or node.constant_ints(1, "pads") or ()
    given = node.constant_ints(3, "axes")
    axes = [node.axis(a, rank) for a in (range(rank) if given is None else given)]
    if len(pads) != 2 * len(axes):
        raise node.error(f"{len(pads)} pads do not fit {list(x.shape)}", "give one before and one after for each axis")
    before, after = [0] * rank, [0] * rank
    for position, axis in enumerate(axes):
        before[axis], after[axis] = pads[position], pads[position + len(axes)]
    # Negative pads crop.
    x = _pick(node, x, [range(d)[max(0, -b) : d - max(0, -a)] for d, b, a in zip(x.shape, before, after, strict=True)])
    before, after = [max(0, b) for b in before], [max(0, a) for a in after]
    if not any(before) and not any(after):
        return x
    mode = node.string("mode", "constant")
    if mode == "constant":
        return node.emit(Pad(x, tuple(before), tuple(after), _fill(node)))
    if mode not in ("reflect", "edge", "wrap"):
        raise node.error(f"mode is {mode!r}", "use constant, reflect, edge or wrap")
    if 4 * max(d + b + a for d, b, a in zip(x.shape, before, after, strict=True)) > LIMIT_BYTES:
        raise node.error(f"pads {pads} are too large", f"keep the indices below {LIMIT_BYTES >> 20} MB")
    for axis in range(rank):
        width = before[axis], after[axis]
        if any(width):
            if mode == "reflect" and max(width) >= x.shape[axis]:
                raise node.error(f"reflects {max(width)} of {x.shape[axis]} elements", "reflect less than the extent")
            places = np.pad(np.arange(x.shape[axis], dtype=np.int32), width, cast(Literal["edge"], mode))
            x = node.emit(Gather(x, node.const(places, "indices"), axis))
    return x


def _fill(node: Node) -> float:
    """The number that Pad puts around: an attribute up to opset 10, an operand from then on."""
    data = node.constant(2, "constant_value")
    if data is None or data.size == 0:
        return node.real("value", 0.0)
    return float(data.reshape(-1)[0])


def _pick(node: Node, x: Value, ranges: list[range]) -> Value:
    """The elements of x at the product of one index range per axis."""
    if [*ranges] == [range(d) for d in x.shape]:
        return x
    if not all(ranges):
        raise node.error(f"its result {[len(r) for r in ranges]} is empty", "empty tensors are not supported")
    return node.emit(
        Slice(x, tuple(r.start for r in ranges), tuple(len(r) for r in ranges), tuple(r.step for r in ranges))
    )
