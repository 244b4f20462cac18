"""Discrete Fourier transforms, and the constant tables of signal processing."""

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import Dft, Stft


@onnx_op("DFT")
def _dft(node: Node) -> Value:
    x = node.value(0)
    rank = x.type.rank
    if node.opset < 20:
        axis = node.axis(node.integer("axis", 1), rank)
    else:
        axis = node.axis(-2 if node.operand(2) is None else node.number(2, "axis"), rank)
    inverse, onesided = node.flag("inverse", False), node.flag("onesided", False)
    if axis == rank - 1:
        raise node.error(f"axis {axis} is that of real and imaginary parts", "give an axis of the signal")
    if onesided and not inverse and x.shape[-1] == 2:
        raise node.error("is one-sided, and its signal complex", "a one-sided transform is of a real signal")
    if node.operand(1) is not None:
        length = node.number(1, "dft_length")
    else:
        length = 2 * (x.shape[axis] - 1) if inverse and onesided else x.shape[axis]
    node.check_table(length, "dft_length")
    return node.emit(Dft(x, axis, length, inverse, onesided))


@onnx_op("STFT")
def _stft(node: Node) -> Value:
    x, window = node.value(0), None if node.operand(2) is None else node.value(2)
    if node.operand(3) is not None:
        length = node.number(3, "frame_length")
    else:
        length = window.type.elements if window is not None else x.shape[1]
    node.check_table(length, "frame_length")
    return node.emit(Stft(x, window, length, node.number(1, "frame_step"), node.flag("onesided", True)))


@onnx_op("BlackmanWindow", "HammingWindow", "HannWindow", "MelWeightMatrix")
def _table(node: Node) -> Value:
    # With constant operands they are folded, and never come here.
    for index in range(len(node.inputs)):
        node.required(index, f"operand {node.name(index)!r}")
    raise node.error("cannot be evaluated", "give its operands as constants")
