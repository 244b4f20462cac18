"""Safe distances: what they come to for shapes that one can follow by hand, and that one byte less is too near."""

from pathlib import Path

import numpy as np
import pytest
from kernel_harness import BUILDS, Case, check

from edgec.codegen.kernels import select
from edgec.codegen.kernels.reach import Turn, copied, distance
from edgec.ir import DType, Graph, Quant, TensorType
from edgec.ir.ops import Conv2d, MaxPool2d


def quantized(shape: tuple[int, ...], scale: float = 0.05) -> TensorType:
    return TensorType(DType.I8, shape, Quant((scale,), (3,)))


def convolution(side: int, channels: int, outs: int, kernel: int, stride: int, pad: int) -> Case:
    """Of bytes, with one pixel of channels a column, row by row."""
    rng = np.random.default_rng(5)
    graph = Graph("g")
    x = graph.input("x0", quantized((1, side, side, channels)))
    w = graph.const(rng.integers(-127, 127, (outs, kernel, kernel, channels)).astype(np.int8))
    w.type = TensorType(DType.I8, w.shape, Quant((0.01,), (0,)))
    bias = graph.const(rng.integers(-500, 500, outs).astype(np.int32))
    bias.type = TensorType(DType.I32, (outs,), Quant((0.0005,), (0,)))
    op = Conv2d(x, w, bias, (stride, stride), (pad,) * 4)
    y = graph.insert(op, types=[quantized(op.infer()[0].shape, 0.3)], names=["y"]).result
    graph.returns({"y": y})
    return Case(graph, {"x0": rng.integers(-128, 127, x.shape, endpoint=True).astype(np.int8)})


def pool(side: int, channels: int) -> Case:
    rng = np.random.default_rng(6)
    graph = Graph("g")
    x = graph.input("x0", TensorType(DType.I8, (1, side, side, channels)))
    y = graph.insert(MaxPool2d(x, (3, 3), (1, 1), (1, 1, 1, 1)), names=["y"]).result
    graph.returns({"y": y})
    return Case(graph, {"x0": rng.integers(-128, 127, x.shape, endpoint=True).astype(np.int8)})


BY_HAND = [
    # 3x3, the same extents: when row y is written, row y - 1 is still read. Two rows of 8 pixels of 4 channels.
    (convolution(8, 4, 4, 3, 1, 1), 2 * 32),
    # Twice as many channels: at the last row 8 rows of 64 bytes are written, and row 6 of 32 is read.
    (convolution(8, 4, 8, 3, 1, 1), 8 * 64 - 6 * 32),
    # Steps of two and no padding: rows are written by 12 bytes and read by 2 * 28.
    (convolution(7, 4, 4, 3, 2, 0), 12),
    (pool(6, 5), 2 * 30),
    # Pixels by themselves, three at a time, two of which are left: half as many channels are written, or twice as many.
    (convolution(4, 6, 3, 1, 1, 0), 3 * 3),
    (convolution(4, 6, 12, 1, 1, 0), 15 * 12 - 12 * 6),
]


@pytest.mark.parametrize(("case", "bytes"), BY_HAND)
def test_distances_by_hand(case: Case, bytes: int, tmp_path: Path) -> None:
    assert select(case.op).distances == {case.graph.inputs[0]: bytes}
    cc, flags = BUILDS["sanitized"]
    check([case], tmp_path, cc, flags.split(), nearer=0)


@pytest.mark.parametrize(("number", "row"), [(0, 32), (1, 64), (3, 30)])
def test_a_row_nearer_is_too_near(number: int, row: int, tmp_path: Path) -> None:
    """Within a row the order is left open; when it is written, the next one still reads what lies above."""
    case, _ = BY_HAND[number]
    cc, flags = BUILDS["gcc"]
    check([case], tmp_path, cc, flags.split(), nearer=0)
    with pytest.raises(AssertionError):
        check([case], tmp_path, cc, flags.split(), nearer=row + 1)


def test_what_is_copied_first_may_be_written_over_at_once() -> None:
    turns = [Turn(0, 10), Turn(10, 20), Turn(None, 30), Turn(15, 40)]
    assert distance(turns) == 25
    # Before the last turn 30 bytes are written, and what it reads begins at 15.
    assert distance(copied(turns)) == 15
    assert distance([Turn(0, 8), Turn(8, 16)]) == 8
    assert distance(copied([Turn(0, 8), Turn(8, 16)])) == 0
    # A turn that goes back to what an earlier one read.
    assert distance([Turn(0, 3), Turn(6, 6), Turn(4, 9)]) == 5
