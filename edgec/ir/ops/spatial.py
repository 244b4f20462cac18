"""Windows that slide over rows and columns. NHWC: ``x[N,H,W,C]``, weights ``w[O,KH,KW,I]``.

``pad`` is (top, bottom, left, right).
"""

from dataclasses import dataclass
from math import prod

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import NO_PAD, Clamp, Pads, Pair, expect
from edgec.ir.types import TensorType


def _window(x: Value, kernel: Pair, stride: Pair, pad: Pads, dilation: Pair) -> Pair:
    """Height and width of the output of a sliding window."""
    expect(x.type.rank == 4, f"{x!r} must be [N,H,W,C], is {list(x.shape)}")
    expect(min(*stride, *dilation, *kernel) > 0, "kernel, stride and dilation must be positive")
    expect(min(pad) >= 0, "pad must not be negative")
    span = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    height = (x.shape[1] + pad[0] + pad[1] - span[0]) // stride[0] + 1
    width = (x.shape[2] + pad[2] + pad[3] - span[1]) // stride[1] + 1
    expect(height > 0 and width > 0, f"window {span} is larger than the padded input of {x!r}")
    return height, width


@dataclass(eq=False)
class Conv2d(Op):
    """2-D convolution: ``x[N,H,W,C], w[O,KH,KW,C/groups], bias[O] -> [N,OH,OW,O]``."""

    x: Value
    w: Value
    bias: Value
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)
    groups: int = 1
    clamp: Clamp | None = None

    @property
    def kernel(self) -> Pair:
        """Height and width of the window."""
        return self.w.shape[1], self.w.shape[2]

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extent and w's output channels."""
        expect(self.w.type.rank == 4, f"weights must be [O,KH,KW,I], are {list(self.w.shape)}")
        height, width = _window(self.x, self.kernel, self.stride, self.pad, self.dilation)
        out, channels = self.w.shape[0], self.x.shape[3]
        expect(self.groups > 0 and out % self.groups == 0, f"{out} channels do not split into {self.groups} groups")
        expect(
            self.w.shape[3] * self.groups == channels,
            f"weights expect {self.w.shape[3]} x {self.groups} channels, {self.x!r} has {channels}",
        )
        expect(self.bias.shape == (out,), f"bias must be [{out}], is {list(self.bias.shape)}")
        return [self.x.type.with_shape(self.x.shape[0], height, width, out)]

    def macs(self) -> int:
        """One per output element and weight that it reads, padding included."""
        return self.result.type.elements * prod(self.w.shape[1:])


@dataclass(eq=False)
class MaxPool2d(Op):
    """Maximum over a window; padding never wins."""

    x: Value
    kernel: Pair
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)
    clamp: Clamp | None = None

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extent."""
        height, width = _window(self.x, self.kernel, self.stride, self.pad, self.dilation)
        return [self.x.type.with_shape(self.x.shape[0], height, width, self.x.shape[3])]


@dataclass(eq=False)
class AveragePool2d(Op):
    """Mean over a window. The divisor counts the input and, of the padding, the part named by ``counted``.

    ``counted`` is (top, bottom, left, right): zero for ONNX's count_include_pad=0, the whole padding for 1, and less
    than ``pad`` where ceil_mode makes the last window overhang.
    """

    x: Value
    kernel: Pair
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)
    counted: Pads = NO_PAD
    clamp: Clamp | None = None

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extent."""
        expect(all(c <= p for c, p in zip(self.counted, self.pad, strict=True)), "counted goes beyond pad")
        height, width = _window(self.x, self.kernel, self.stride, self.pad, self.dilation)
        return [self.x.type.with_shape(self.x.shape[0], height, width, self.x.shape[3])]
