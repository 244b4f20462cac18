"""Numbers and integers that stand for them, ``real = scale * (stored - zero_point)``; products of such integers.

Scales and zero points are operands: of a model they are constants as a rule, but need not be.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import NO_PAD, Pads, Pair, broadcast, expect
from edgec.ir.ops.windows import Extents, slide
from edgec.ir.types import SMALL_INTEGERS, DType, Quant, TensorType

QUANTIZED = SMALL_INTEGERS | {DType.I8, DType.U8, DType.I16, DType.U16}
"""Integers that stand for other numbers."""

SMALL_FLOATS = frozenset({DType.F8E4M3FN, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ, DType.F4E2M1})
"""Floats that are scaled, without a zero point."""

BYTES = frozenset({DType.I8, DType.U8})
"""What integer products multiply."""


@dataclass(eq=False)
class Scaled(Op):
    """Base of what has one scale and zero point for all of x, one for each index of ``axis``, or one for each block.

    ``scale`` (f32) is a scalar; with ``axis`` it is ``[extent of the axis]``; with ``block`` it has x's shape but for
    the axis, where one element serves that many of x. ``zero_point``, if there is one, has the shape of ``scale``.
    """

    x: Value
    scale: Value
    zero_point: Value | None = None
    axis: int | None = None
    block: int = 0

    def quant(self) -> Quant | None:
        """What the integers stand for, where scale and zero point are constants and there are no blocks."""
        scale, zero = self.scale.data, np.zeros(1, np.int8) if self.zero_point is None else self.zero_point.data
        if self.block or scale is None or zero is None:
            return None
        return Quant(tuple(map(float, scale.reshape(-1))), tuple(map(int, zero.reshape(-1))), self.axis)

    def _check(self, stored: DType) -> None:
        expect(stored in QUANTIZED | SMALL_FLOATS | {DType.I32}, f"{self.opname} of {stored.value}")
        expect(self.scale.type.dtype is DType.F32, f"the scale is {self.scale.type.dtype.value}")
        wanted: tuple[int, ...] = ()
        if self.axis is not None:
            expect(0 <= self.axis < self.x.type.rank, f"axis {self.axis} does not fit {list(self.x.shape)}")
            extent = self.x.shape[self.axis]
            wanted = (extent,)
            if self.block:
                blocks = -(-extent // self.block)
                wanted = (*self.x.shape[: self.axis], blocks, *self.x.shape[self.axis + 1 :])
        expect(self.scale.shape == wanted, f"the scale is {list(self.scale.shape)}, must be {list(wanted)}")
        if self.zero_point is not None:
            expect(stored in QUANTIZED, f"{stored.value} has no zero point")
            expect(self.zero_point.type.dtype is stored, f"the zero point is {self.zero_point.type.dtype.value}")
            expect(self.zero_point.shape == wanted, f"the zero point is {list(self.zero_point.shape)}")


@dataclass(eq=False)
class Quantize(Scaled):
    """``saturate(round(x / scale) + zero_point)`` of f32; half way to even, NaN gives the zero point.

    The quotient is rounded to ``precision`` (f32, f16 or bf16) first. To floats of 8 and 4 bits it is converted as by
    Cast, with ``saturate``.
    """

    dtype: DType = DType.U8
    precision: DType = DType.F32
    saturate: bool = True

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the element type ``dtype``."""
        expect(self.x.type.dtype is DType.F32, f"quantize of {self.x.type.dtype.value}")
        expect(self.dtype is not DType.I32, "quantize to i32")
        expect(self.precision in (DType.F32, DType.F16, DType.BF16), f"precision {self.precision.value}")
        self._check(self.dtype)
        return [TensorType(self.dtype, self.x.shape)]


@dataclass(eq=False)
class Dequantize(Scaled):
    """``(x - zero_point) * scale`` in f32, the difference without rounding; i32 has no zero point."""

    def infer(self) -> list[TensorType]:
        """Output type: f32 in x's shape."""
        self._check(self.x.type.dtype)
        return [TensorType(DType.F32, self.x.shape)]


@dataclass(eq=False)
class DynamicScale(Op):
    """The scale (f32) and zero point (u8) of x: what 0 .. 255 stand for is the range of x, widened so as to hold 0.

    ``scale = (max - min) / 255``, 1 / 255 where all is 0; ``zero_point = round(-min / scale)``. NaN does not count.
    """

    x: Value

    def infer(self) -> list[TensorType]:
        """Two scalars."""
        expect(self.x.type.dtype is DType.F32, f"dynamic_scale of {self.x.type.dtype.value}")
        return [TensorType(DType.F32, ()), TensorType(DType.U8, ())]


class IntegerProduct(Op):
    """Base of sums of products ``(a - a_zero) * (b - b_zero)`` of i8 or u8, in i32, wrapping around.

    With ``scale`` (f32) a sum is rescaled to ``saturate(round(float(sum) * scale) + zero_point)`` of the type ``dtype``
    (i8 or u8), half way to even, the product rounded to f32; without one it is the result.
    """

    def _check_factor(self, value: Value, zero: Value | None) -> None:
        expect(value.type.dtype in BYTES, f"{self.opname} of {value.type.dtype.value}")
        expect(zero is None or zero.type.dtype is value.type.dtype, f"the zero point of {value!r} is of another type")

    def _check_result(self, scale: Value | None, zero_point: Value | None, dtype: DType) -> None:
        if scale is None:
            expect(dtype is DType.I32 and zero_point is None, "sums without a scale are i32, without a zero point")
        else:
            expect(dtype in BYTES, f"sums cannot be rescaled to {dtype.value}")
            expect(scale.type.dtype is DType.F32, f"the scale is {scale.type.dtype.value}")
            expect(zero_point is None or zero_point.type.dtype is dtype, "the zero point is not of the result's type")


@dataclass(eq=False)
class IntegerMatMul(IntegerProduct):
    """Batched matrix product of bytes: ``a[..., M, K], b[..., K, N] -> [..., M, N]``, leading axes broadcast.

    ``a_zero`` broadcasts to ``[..., M, 1]``, ``b_zero`` to ``[..., 1, N]``, ``scale`` and ``zero_point`` to the result.
    """

    a: Value
    b: Value
    a_zero: Value | None = None
    b_zero: Value | None = None
    scale: Value | None = None
    zero_point: Value | None = None
    dtype: DType = DType.I32

    def infer(self) -> list[TensorType]:
        """Output type: broadcast batch axes, then M and N."""
        self._check_factor(self.a, self.a_zero)
        self._check_factor(self.b, self.b_zero)
        self._check_result(self.scale, self.zero_point, self.dtype)
        expect(self.a.type.rank >= 2 and self.b.type.rank >= 2, "integer_mat_mul takes tensors of rank 2 or more")
        expect(self.a.shape[-1] == self.b.shape[-2], f"{list(self.a.shape)} @ {list(self.b.shape)} does not fit")
        batch = broadcast(self.a.shape[:-2], self.b.shape[:-2])
        rows, columns = self.a.shape[-2], self.b.shape[-1]
        whole = (*batch, rows, columns)
        _expect_broadcast(self.a_zero, (*batch, rows, 1))
        _expect_broadcast(self.b_zero, (*batch, 1, columns))
        _expect_broadcast(self.scale, whole)
        _expect_broadcast(self.zero_point, whole)
        return [TensorType(self.dtype, whole)]

    def macs(self) -> int:
        """One per output element and inner index."""
        return self.result.type.elements * self.a.shape[-1]


@dataclass(eq=False)
class IntegerConv2d(IntegerProduct):
    """2-D convolution of bytes: ``x[N,H,W,C], w[O,KH,KW,C/groups], bias[O] -> [N,OH,OW,O]``, padded with ``x_zero``.

    ``x_zero`` and ``zero_point`` are scalars, ``w_zero`` and ``scale`` scalars or ``[O]``, the bias is i32.
    """

    x: Value
    w: Value
    bias: Value | None = None
    x_zero: Value | None = None
    w_zero: Value | None = None
    scale: Value | None = None
    zero_point: Value | None = None
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)
    groups: int = 1
    dtype: DType = DType.I32

    @property
    def kernel(self) -> Extents:
        """Extents of the window."""
        return self.w.shape[1:-1]

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extents and w's output channels."""
        self._check_factor(self.x, self.x_zero)
        self._check_factor(self.w, self.w_zero)
        self._check_result(self.scale, self.zero_point, self.dtype)
        outputs = slide(self.x, self.kernel, self.stride, self.pad, self.dilation, 2)
        out, channels = self.w.shape[0], self.x.shape[-1]
        expect(self.groups > 0 and out % self.groups == 0, f"{out} channels do not split into {self.groups} groups")
        expect(
            self.w.shape[-1] * self.groups == channels,
            f"weights expect {self.w.shape[-1]} x {self.groups} channels, {self.x!r} has {channels}",
        )
        if self.bias is not None:
            expect(self.bias.type == TensorType(DType.I32, (out,)), f"bias must be i32[{out}], is {self.bias.type}")
        for value, shapes in ((self.x_zero, [()]), (self.zero_point, [()]), (self.w_zero, [(), (out,)])):
            expect(value is None or value.shape in shapes, f"{value!r} is not one of all, or of each channel")
        expect(self.scale is None or self.scale.shape in ((), (out,)), f"the scale must be one, or [{out}]")
        return [TensorType(self.dtype, (self.x.shape[0], *outputs, out))]

    def macs(self) -> int:
        """One per output element and weight that it reads, padding included."""
        return self.result.type.elements * prod(self.w.shape[1:])


def _expect_broadcast(value: Value | None, shape: tuple[int, ...]) -> None:
    if value is not None:
        expect(broadcast(value.shape, shape) == shape, f"{value!r} {list(value.shape)} is not along {list(shape)}")
