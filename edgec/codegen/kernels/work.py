"""How much work an operator is, where its kernel does not say: what the loops of any kernel for it turn by."""

from collections.abc import Mapping, Sequence
from math import prod

from edgec.ir import Op
from edgec.ir.ops import Convolution, ConvTranspose, IntegerConv2d, Pool
from edgec.ir.ops.windows import sides

LAYER = "layer"
"""The term for what a layer takes once."""


def operator_work(op: Op) -> Mapping[str, float]:
    """Once for the layer, and by its elements, rows and products; of windows also by those inside of the input."""
    outputs = sum(v.type.elements for v in op.results)
    work: dict[str, float] = {
        LAYER: 1,
        "rows": sum(v.type.elements // max(v.shape[-1], 1) if v.shape else 1 for v in op.results),
        "outputs": outputs,
        "inputs": sum(v.type.elements for v in op.operands if v.data is None),
    }
    if macs := op.macs():
        work["macs"] = macs
    if isinstance(op, Convolution | IntegerConv2d | Pool) and not isinstance(op, ConvTranspose):
        inside, taps = prod(taps_inside(op)), prod(op.results[0].shape[1:-1]) * prod(op.kernel)
        each = (macs or outputs * prod(op.kernel)) / taps
        pixels = prod(op.results[0].shape[:-1])
        work |= {
            "lines": prod(op.results[0].shape[:-2]),
            "taps": pixels * prod(op.kernel),
            "inner": inside * each,
            "patches": pixels * prod(op.kernel) * op.x.shape[-1],
        }
    return work


def block_work(pixels: Sequence[int], outs: int, taps: int, block: tuple[int, int, int]) -> Mapping[str, float]:
    """Of calls for so many pixels each, by blocks of pixels x channels, in steps of taps."""
    height, width, step = block
    blocks = sum(-(-count // height) for count in pixels)
    groups = blocks * -(-outs // width)
    return {"calls": len(pixels), "blocks": blocks, "groups": groups, "steps": groups * -(-taps // step)}


def taps_inside(op: Convolution | IntegerConv2d | Pool) -> list[int]:
    """On each axis, how many pairs of an output and a tap meet an element of the input."""
    found = []
    axes = zip(
        op.x.shape[1:-1], op.results[0].shape[1:-1], op.kernel, op.stride, op.dilation, sides(op.pad), strict=True
    )
    for extent, out, kernel, stride, dilation, (before, _) in axes:
        places = (o * stride - before + k * dilation for o in range(out) for k in range(kernel))
        found.append(sum(0 <= place < extent for place in places))
    return found
