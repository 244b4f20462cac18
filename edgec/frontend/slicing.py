"""What picks a range of elements along each axis."""

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Array, Value
from edgec.ir.ops import Slice


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
    return pick(node, x, ranges)


@onnx_op("Split", any_type=True)
def _split(node: Node) -> list[Value | Array]:
    x, parts = node.value(0), len(node.proto.output)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    extent = x.shape[axis]
    # An attribute up to opset 12, an operand from then on; without either the parts are equal.
    sizes = node.integers("split") or node.constant_ints(1, "split")
    if sizes is None:
        each = -(-extent // parts)
        if node.opset < 18 and extent % parts:
            raise node.error(f"{extent} elements do not split into {parts} equal parts", "give the sizes of the parts")
        sizes = tuple(min(each, extent - i * each) for i in range(parts))
    if len(sizes) != parts or sum(sizes) != extent or min(sizes) < 0:
        raise node.error(f"sizes {sizes} of {parts} parts do not fit {extent} elements", "give sizes that add up to it")
    ends = [sum(sizes[: i + 1]) for i in range(parts)]
    return [_along(node, x, axis, range(end - size, end)) for end, size in zip(ends, sizes, strict=True)]


def _along(node: Node, x: Value, axis: int, places: range) -> Value | Array:
    if not places:
        return np.empty([0 if a == axis else d for a, d in enumerate(x.shape)], x.type.dtype.numpy)
    return pick(node, x, [places if a == axis else range(d) for a, d in enumerate(x.shape)])


def pick(node: Node, x: Value, ranges: list[range]) -> Value:
    """The elements of x at the product of one index range per axis."""
    if [*ranges] == [range(d) for d in x.shape]:
        return x
    if not all(ranges):
        raise node.empty(f"its result {[len(r) for r in ranges]}")
    return node.emit(
        Slice(x, tuple(r.start for r in ranges), tuple(len(r) for r in ranges), tuple(r.step for r in ranges))
    )
