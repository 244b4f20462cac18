"""The closed set of operators. Their meaning is defined in ``edgec.ir.interp``; here are their forms and types.

Spatial operators are NHWC: ``x[N,H,W,C]``, weights ``w[O,KH,KW,I]``. ``pad`` is (top, bottom, left, right).
"""

from dataclasses import dataclass, replace
from math import inf, prod

import numpy as np

from edgec.ir.graph import IRError, Op, Value
from edgec.ir.types import DType, TensorType

Pair = tuple[int, int]
Pads = tuple[int, int, int, int]
NO_PAD: Pads = (0, 0, 0, 0)


@dataclass(frozen=True)
class Clamp:
    """Limits that a result is clamped to: ``min(max(x, low), high)``."""

    low: float = -inf
    high: float = inf


def _expect(condition: bool, message: str) -> None:
    if not condition:
        raise IRError(message)


def _window(x: Value, kernel: Pair, stride: Pair, pad: Pads, dilation: Pair) -> Pair:
    """Height and width of the output of a sliding window."""
    _expect(x.type.rank == 4, f"{x!r} must be [N,H,W,C], is {list(x.shape)}")
    _expect(min(*stride, *dilation, *kernel) > 0, "kernel, stride and dilation must be positive")
    _expect(min(pad) >= 0, "pad must not be negative")
    span = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    height = (x.shape[1] + pad[0] + pad[1] - span[0]) // stride[0] + 1
    width = (x.shape[2] + pad[2] + pad[3] - span[1]) // stride[1] + 1
    _expect(height > 0 and width > 0, f"window {span} is larger than the padded input of {x!r}")
    return height, width


# --- convolution and matrix products -------------------------------------------------------------------------------


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
        _expect(self.w.type.rank == 4, f"weights must be [O,KH,KW,I], are {list(self.w.shape)}")
        height, width = _window(self.x, self.kernel, self.stride, self.pad, self.dilation)
        out, channels = self.w.shape[0], self.x.shape[3]
        _expect(self.groups > 0 and out % self.groups == 0, f"{out} channels do not split into {self.groups} groups")
        _expect(
            self.w.shape[3] * self.groups == channels,
            f"weights expect {self.w.shape[3]} x {self.groups} channels, {self.x!r} has {channels}",
        )
        _expect(self.bias.shape == (out,), f"bias must be [{out}], is {list(self.bias.shape)}")
        return [self.x.type.with_shape(self.x.shape[0], height, width, out)]

    def macs(self) -> int:
        """One per output element and weight that it reads, padding included."""
        return self.result.type.elements * prod(self.w.shape[1:])


@dataclass(eq=False)
class Dense(Op):
    """Fully connected: ``x[..., I], w[O,I], bias[O] -> [..., O]``."""

    x: Value
    w: Value
    bias: Value
    clamp: Clamp | None = None

    def infer(self) -> list[TensorType]:
        """Output type: that of x with w's output channels last."""
        _expect(self.w.type.rank == 2, f"weights must be [O,I], are {list(self.w.shape)}")
        _expect(
            self.x.type.rank >= 1 and self.x.shape[-1] == self.w.shape[1],
            f"{self.x!r} {list(self.x.shape)} does not end in the weights' {self.w.shape[1]} inputs",
        )
        _expect(self.bias.shape == self.w.shape[:1], f"bias must be [{self.w.shape[0]}]")
        return [self.x.type.with_shape(*self.x.shape[:-1], self.w.shape[0])]

    def macs(self) -> int:
        """One per output element and input channel."""
        return self.result.type.elements * self.w.shape[1]


@dataclass(eq=False)
class MatMul(Op):
    """Batched matrix product: ``a[..., M, K], b[..., K, N] -> [..., M, N]``, leading axes broadcast."""

    a: Value
    b: Value

    def infer(self) -> list[TensorType]:
        """Output type: broadcast batch axes, then M and N."""
        _expect(self.a.type.rank >= 2 and self.b.type.rank >= 2, "matmul takes tensors of rank 2 or more")
        _expect(self.a.shape[-1] == self.b.shape[-2], f"{list(self.a.shape)} @ {list(self.b.shape)} does not fit")
        batch = broadcast(self.a.shape[:-2], self.b.shape[:-2])
        return [self.a.type.with_shape(*batch, self.a.shape[-2], self.b.shape[-1])]

    def macs(self) -> int:
        """One per output element and inner index."""
        return self.result.type.elements * self.a.shape[-1]


# --- pooling and reductions ----------------------------------------------------------------------------------------


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
        _expect(all(c <= p for c, p in zip(self.counted, self.pad, strict=True)), "counted goes beyond pad")
        height, width = _window(self.x, self.kernel, self.stride, self.pad, self.dilation)
        return [self.x.type.with_shape(self.x.shape[0], height, width, self.x.shape[3])]


@dataclass(eq=False)
class Reduce(Op):
    """Base of reductions over ``axes`` (non-negative, ascending); ``keepdims`` leaves them with extent 1."""

    x: Value
    axes: tuple[int, ...]
    keepdims: bool = True

    def infer(self) -> list[TensorType]:
        """Output type: x without the axes, or with them at extent 1."""
        rank = self.x.type.rank
        _expect(
            list(self.axes) == sorted(set(self.axes)) and all(0 <= a < rank for a in self.axes),
            f"axes {self.axes} do not fit rank {rank}",
        )
        shape = [1 if a in self.axes else d for a, d in enumerate(self.x.shape) if self.keepdims or a not in self.axes]
        return [self.x.type.with_shape(*shape)]


@dataclass(eq=False)
class ReduceMean(Reduce):
    """Mean over axes."""


@dataclass(eq=False)
class ReduceMax(Reduce):
    """Maximum over axes."""


# --- elementwise ---------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Unary(Op):
    """Base of elementwise functions of one tensor.

    ``inplace`` permits the result to take the place of x in memory: x has no other reader, in any order.
    """

    x: Value

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        return [self.x.type]


@dataclass(eq=False)
class Relu(Unary):
    """``max(x, 0)``."""

    inplace: bool = False


@dataclass(eq=False)
class Clip(Unary):
    """``min(max(x, low), high)``."""

    low: float = -inf
    high: float = inf
    inplace: bool = False


@dataclass(eq=False)
class LeakyRelu(Unary):
    """``x`` where positive, else ``alpha * x``."""

    alpha: float = 0.01
    inplace: bool = False


@dataclass(eq=False)
class Sigmoid(Unary):
    """``1 / (1 + exp(-x))``."""

    inplace: bool = False


@dataclass(eq=False)
class Tanh(Unary):
    """Hyperbolic tangent."""

    inplace: bool = False


@dataclass(eq=False)
class HardSwish(Unary):
    """``x * clip(x + 3, 0, 6) / 6``."""

    inplace: bool = False


@dataclass(eq=False)
class Cast(Op):
    """Convert the element type (float to integer truncates towards zero and saturates; NaN gives 0)."""

    x: Value
    dtype: DType

    def infer(self) -> list[TensorType]:
        """Output type: that of x with another element type."""
        return [TensorType(self.dtype, self.x.shape)]


@dataclass(eq=False)
class Binary(Op):
    """Base of elementwise functions of two tensors with NumPy broadcasting.

    ``inplace`` names the operand (0 or 1) whose place in memory the result may take, or is None.
    """

    a: Value
    b: Value
    clamp: Clamp | None = None
    inplace: int | None = None

    def infer(self) -> list[TensorType]:
        """Output type: that of a, with the broadcast shape."""
        _expect(self.a.type.dtype == self.b.type.dtype, f"{self.opname} of {self.a.type.dtype} and {self.b.type.dtype}")
        shape = broadcast(self.a.shape, self.b.shape)
        return [self.a.type if shape == self.a.shape else self.a.type.with_shape(*shape)]


@dataclass(eq=False)
class Add(Binary):
    """``a + b``."""


@dataclass(eq=False)
class Sub(Binary):
    """``a - b``."""


@dataclass(eq=False)
class Mul(Binary):
    """``a * b``."""


@dataclass(eq=False)
class Div(Binary):
    """``a / b``; integers truncate towards zero."""


@dataclass(eq=False)
class Softmax(Op):
    """``exp(x - max) / sum`` along one axis."""

    x: Value
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: that of x."""
        _expect(0 <= self.axis < self.x.type.rank, f"axis {self.axis} does not fit {list(self.x.shape)}")
        return [self.x.type]


# --- moving data ---------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Reshape(Op):
    """The same elements in row-major order under another shape: no code, no memory."""

    x: Value
    shape: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the new shape."""
        _expect(prod(self.shape) == self.x.type.elements, f"{list(self.x.shape)} does not reshape to {self.shape}")
        return [self.x.type.with_shape(*self.shape)]


@dataclass(eq=False)
class Transpose(Op):
    """Axis i of the result is axis ``perm[i]`` of x."""

    x: Value
    perm: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: x's axes permuted (a quantization axis moves along)."""
        _expect(sorted(self.perm) == list(range(self.x.type.rank)), f"{self.perm} does not permute {self.x.type.rank}")
        quant = self.x.type.quant
        if quant is not None and quant.axis is not None:
            quant = replace(quant, axis=self.perm.index(quant.axis))
        return [replace(self.x.type, shape=tuple(self.x.shape[p] for p in self.perm), quant=quant, sparsity=None)]


@dataclass(eq=False)
class Concat(Op):
    """Tensors one after the other along ``axis``."""

    xs: tuple[Value, ...]
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: extents along the axis add up."""
        _expect(len(self.xs) > 0, "concat of nothing")
        first = self.xs[0]
        _expect(0 <= self.axis < first.type.rank, f"axis {self.axis} does not fit {list(first.shape)}")
        for x in self.xs:
            same = x.type.rank == first.type.rank and all(
                d == e for i, (d, e) in enumerate(zip(x.shape, first.shape, strict=True)) if i != self.axis
            )
            _expect(same and x.type.dtype == first.type.dtype, f"concat of {first!r} and {x!r} does not fit")
        shape = list(first.shape)
        shape[self.axis] = sum(x.shape[self.axis] for x in self.xs)
        return [first.type.with_shape(*shape)]


@dataclass(eq=False)
class Slice(Op):
    """``count`` elements along each axis from ``start`` on, ``step`` apart (a negative step goes backwards)."""

    x: Value
    start: tuple[int, ...]
    count: tuple[int, ...]
    step: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: x with the counts as extents."""
        rank = self.x.type.rank
        _expect(len(self.start) == len(self.count) == len(self.step) == rank, f"slice does not fit rank {rank}")
        for extent, start, count, step in zip(self.x.shape, self.start, self.count, self.step, strict=True):
            last = start + (count - 1) * step
            _expect(step != 0 and count > 0 and 0 <= start < extent and 0 <= last < extent, "slice leaves its operand")
        return [self.x.type.with_shape(*self.count)]


@dataclass(eq=False)
class Gather(Op):
    """Slices of x along ``axis`` picked by an index tensor (0 <= index < extent): ``x[.., indices, ..]``."""

    x: Value
    indices: Value
    axis: int

    def infer(self) -> list[TensorType]:
        """Output type: the axis is replaced by the index tensor's shape."""
        _expect(0 <= self.axis < self.x.type.rank, f"axis {self.axis} does not fit {list(self.x.shape)}")
        _expect(not self.indices.type.dtype.is_float, "indices must be integers")
        if (data := self.indices.data) is not None and data.size:
            extent = self.x.shape[self.axis]
            _expect(int(data.min()) >= 0 and int(data.max()) < extent, f"an index leaves 0..{extent - 1}")
        shape = self.x.shape
        return [self.x.type.with_shape(*shape[: self.axis], *self.indices.shape, *shape[self.axis + 1 :])]


@dataclass(eq=False)
class Pad(Op):
    """Surround x with ``value``: ``before`` and ``after`` elements per axis."""

    x: Value
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: float = 0.0

    def infer(self) -> list[TensorType]:
        """Output type: x with larger extents."""
        rank = self.x.type.rank
        _expect(len(self.before) == len(self.after) == rank, f"pads do not fit rank {rank}")
        _expect(min(*self.before, *self.after, 0) >= 0, "pads must not be negative")
        extents = zip(self.before, self.x.shape, self.after, strict=True)
        return [self.x.type.with_shape(*(b + d + a for b, d, a in extents))]


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The NumPy broadcast of two shapes; IRError where they do not fit."""
    try:
        return tuple(np.broadcast_shapes(a, b))
    except ValueError:
        raise IRError(f"shapes {list(a)} and {list(b)} do not broadcast") from None
