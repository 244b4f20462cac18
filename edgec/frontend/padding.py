"""What puts other elements around a tensor, or crops it."""

from typing import Literal, cast

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.frontend.slicing import pick
from edgec.frontend.tensors import LIMIT_BYTES
from edgec.ir import Array, Value
from edgec.ir.ops import Concat, Expand, Gather, Pad


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
    x = pick(node, x, [range(d)[max(0, -b) : d - max(0, -a)] for d, b, a in zip(x.shape, before, after, strict=True)])
    before, after = [max(0, b) for b in before], [max(0, a) for a in after]
    if not any(before) and not any(after):
        return x
    mode = node.string("mode", "constant")
    if mode == "constant":
        return _constant(node, x, before, after)
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


def _constant(node: Node, x: Value, before: list[int], after: list[int]) -> Value:
    """x with one number around it: an attribute up to opset 10, an operand from then on."""
    operand = node.operand(2)
    if operand is None:
        return node.emit(Pad(x, tuple(before), tuple(after), node.real("value", 0.0)))
    if not isinstance(operand, Value) and (operand.data.size == 0 or _is_float(operand.data)):
        value = float(operand.data.reshape(-1)[0]) if operand.data.size else 0.0
        return node.emit(Pad(x, tuple(before), tuple(after), value))
    number = node.value(2)
    if number.type.elements != 1:
        raise node.error(f"constant_value has {number.type.elements} elements", "give one number")
    # What is known only when the model runs, or is no float, stands beside x along one axis after the other.
    for axis in range(x.type.rank):
        sides = []
        for width in (before[axis], after[axis]):
            shape = (*x.shape[:axis], width, *x.shape[axis + 1 :])
            sides.append([node.emit(Expand(node.reshaped(number, ()), shape))] if width else [])
        if any(sides):
            x = node.emit(Concat((*sides[0], x, *sides[1]), axis))
    return x


def _is_float(data: Array) -> bool:
    """True if the one element of an array is a number that a float holds exactly."""
    element = data.reshape(-1)[0]
    return data.dtype.kind not in "iu" or int(float(element)) == int(element)


@onnx_op("CenterCropPad", any_type=True)
def _center_crop_pad(node: Node) -> Value:
    x, wanted = node.value(0), node.constant_ints(1, "shape") or ()
    axes = node.integers("axes")
    axes = tuple(range(x.type.rank)) if axes is None else tuple(node.axis(a, x.type.rank) for a in axes)
    if len(wanted) != len(axes) or len(set(axes)) != len(axes) or min(wanted, default=1) < 1:
        raise node.error(f"shape {wanted} does not fit axes {axes}", "give one positive extent for each axis")
    ranges = [range(d) for d in x.shape]
    before, after = [0] * x.type.rank, [0] * x.type.rank
    for axis, extent in zip(axes, wanted, strict=True):
        # Of an odd difference the larger half is behind.
        surplus = x.shape[axis] - extent
        if surplus >= 0:
            ranges[axis] = range(surplus // 2, surplus // 2 + extent)
        else:
            before[axis], after[axis] = -surplus // 2, -surplus - -surplus // 2
    x = pick(node, x, ranges)
    return node.emit(Pad(x, tuple(before), tuple(after))) if any(before) or any(after) else x
