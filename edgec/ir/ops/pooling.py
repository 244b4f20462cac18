"""Pooling over windows. NHWC, in 3-D with planes before the rows; the window's axes are as in a convolution."""

from dataclasses import dataclass
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import NO_PAD, Clamp, Pads, Pair, expect
from edgec.ir.ops.quantized import expect_types
from edgec.ir.ops.windows import NO_PAD_3D, Extents, Pads3d, Triple, slide
from edgec.ir.types import FLOATS, INTEGERS, NUMBERS, DType, TensorType


@dataclass(eq=False)
class Pool(Op):
    """Base of what makes one element of the elements in a window, each channel by itself."""

    dtypes: ClassVar[frozenset[DType]] = NUMBERS
    """The element types that the function takes."""
    spatial: ClassVar[int]
    """Number of spatial axes."""
    x: Value
    kernel: Extents
    stride: Extents
    pad: Extents
    dilation: Extents

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extents."""
        expect_types(self, self.dtypes, self.x)
        outputs = slide(self.x, self.kernel, self.stride, self.pad, self.dilation, self.spatial)
        return [self.x.type.with_shape(self.x.shape[0], *outputs, self.x.shape[-1])]


@dataclass(eq=False)
class MaxPool(Pool):
    """Base of maxima over a window; padding never wins."""

    clamp: Clamp | None = None


@dataclass(eq=False)
class MaxPool2d(MaxPool):
    """Maximum over rows and columns of a window."""

    spatial = 2
    kernel: Pair
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)


@dataclass(eq=False)
class MaxPool3d(MaxPool):
    """Maximum over planes, rows and columns of a window."""

    spatial = 3
    kernel: Triple
    stride: Triple = (1, 1, 1)
    pad: Pads3d = NO_PAD_3D
    dilation: Triple = (1, 1, 1)


@dataclass(eq=False)
class MaxPoolIndices(Pool):
    """Base of maxima over a window with the place of each, i64, as the second result.

    The place is that of the first maximum in row-major order (of the first NaN if there is one), as an index into
    x's spatial axes, flattened in row-major order, or with the first axis fastest if ``column_major``; -1 where a
    window sees nothing but padding.
    """

    column_major: bool = False

    def infer(self) -> list[TensorType]:
        """Output types: that of x with the window's extents, and the same of i64."""
        (kind,) = super().infer()
        return [kind, TensorType(DType.I64, kind.shape)]


@dataclass(eq=False)
class MaxPoolIndices2d(MaxPoolIndices):
    """Maximum over rows and columns of a window, and where it was."""

    spatial = 2
    kernel: Pair
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)


@dataclass(eq=False)
class MaxPoolIndices3d(MaxPoolIndices):
    """Maximum over planes, rows and columns of a window, and where it was."""

    spatial = 3
    kernel: Triple
    stride: Triple = (1, 1, 1)
    pad: Pads3d = NO_PAD_3D
    dilation: Triple = (1, 1, 1)


@dataclass(eq=False)
class AveragePool(Pool):
    """Base of means over a window. The divisor counts the input and, of the padding, the part named by ``counted``.

    ``counted`` is laid out as ``pad``: zero for ONNX's count_include_pad=0, the whole padding for 1, and less than
    ``pad`` where ceil_mode makes the last window overhang.
    """

    dtypes = FLOATS
    counted: Extents
    clamp: Clamp | None = None

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extents."""
        expect(
            len(self.counted) == len(self.pad) and all(c <= p for c, p in zip(self.counted, self.pad, strict=True)),
            "counted goes beyond pad",
        )
        return super().infer()


@dataclass(eq=False)
class AveragePool2d(AveragePool):
    """Mean over rows and columns of a window."""

    spatial = 2
    kernel: Pair
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)
    counted: Pads = NO_PAD


@dataclass(eq=False)
class AveragePool3d(AveragePool):
    """Mean over planes, rows and columns of a window."""

    spatial = 3
    kernel: Triple
    stride: Triple = (1, 1, 1)
    pad: Pads3d = NO_PAD_3D
    dilation: Triple = (1, 1, 1)
    counted: Pads3d = NO_PAD_3D


@dataclass(eq=False)
class LpPool(Pool):
    """Base of p-norms over a window: ``(sum of |x|^p)^(1/p)``; padding counts as zero."""

    dtypes = FLOATS
    p: int = 2

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extents."""
        expect(self.p > 0, f"p is {self.p}")
        return super().infer()


@dataclass(eq=False)
class LpPool2d(LpPool):
    """p-norm over rows and columns of a window."""

    spatial = 2
    kernel: Pair
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)


@dataclass(eq=False)
class LpPool3d(LpPool):
    """p-norm over planes, rows and columns of a window."""

    spatial = 3
    kernel: Triple
    stride: Triple = (1, 1, 1)
    pad: Pads3d = NO_PAD_3D
    dilation: Triple = (1, 1, 1)


@dataclass(eq=False)
class MaxUnpool(Op):
    """Zeros of a shape, with element ``i`` of x at place ``indices[i]`` of the flattened result.

    Of equal places the last one counts; a place outside of the result is an error when the model runs.
    """

    x: Value
    indices: Value
    shape: tuple[int, ...]

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the given shape."""
        expect(self.indices.type.dtype in INTEGERS, f"indices are {self.indices.type.dtype.value}")
        expect(self.indices.shape == self.x.shape, f"{self.x!r} and {self.indices!r} differ in shape")
        return [self.x.type.with_shape(*self.shape)]
