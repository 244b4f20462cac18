"""Convolutions. NHWC: ``x[N,H,W,C]``, weights ``w[O,KH,KW,I]``; in 3-D with planes before the rows."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import NO_PAD, Clamp, Pads, Pair, expect
from edgec.ir.ops.quantized import expect_product
from edgec.ir.ops.windows import NO_PAD_3D, Extents, Pads3d, Triple, check_window, sides, slide, spans
from edgec.ir.types import FLOATS, TensorType


@dataclass(eq=False)
class Convolution(Op):
    """Base of convolutions: ``x[N, *spatial, C], w[O, *kernel, C/groups], bias[O] -> [N, *spatial', O]``."""

    spatial: ClassVar[int]
    """Number of spatial axes."""
    x: Value
    w: Value
    bias: Value
    stride: Extents
    pad: Extents
    dilation: Extents
    groups: int = 1
    clamp: Clamp | None = None

    @property
    def kernel(self) -> Extents:
        """Extents of the window."""
        return self.w.shape[1:-1]

    def outputs(self) -> Extents:
        """Spatial extents of the result; IRError where the window does not fit."""
        return slide(self.x, self.kernel, self.stride, self.pad, self.dilation, self.spatial)

    def infer(self) -> list[TensorType]:
        """Output type: that of x with the window's extents and w's output channels."""
        expect_product(self, FLOATS, self.x, self.w, self.bias)
        expect(self.w.type.rank == self.spatial + 2, f"weights must be [O, *kernel, I], are {list(self.w.shape)}")
        outputs = self.outputs()
        out, channels = self.w.shape[0], self.x.shape[-1]
        expect(self.groups > 0 and out % self.groups == 0, f"{out} channels do not split into {self.groups} groups")
        expect(
            self.w.shape[-1] * self.groups == channels,
            f"weights expect {self.w.shape[-1]} x {self.groups} channels, {self.x!r} has {channels}",
        )
        expect(self.bias.shape == (out,), f"bias must be [{out}], is {list(self.bias.shape)}")
        return [self.x.type.with_shape(self.x.shape[0], *outputs, out)]

    def macs(self) -> int:
        """One per output element and weight that it reads, padding included."""
        return self.result.type.elements * prod(self.w.shape[1:])


@dataclass(eq=False)
class Conv2d(Convolution):
    """2-D convolution: ``x[N,H,W,C], w[O,KH,KW,C/groups], bias[O] -> [N,OH,OW,O]``."""

    spatial = 2
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)


@dataclass(eq=False)
class Conv3d(Convolution):
    """3-D convolution: ``x[N,D,H,W,C], w[O,KD,KH,KW,C/groups], bias[O] -> [N,OD,OH,OW,O]``."""

    spatial = 3
    stride: Triple = (1, 1, 1)
    pad: Pads3d = NO_PAD_3D
    dilation: Triple = (1, 1, 1)


@dataclass(eq=False)
class ConvTranspose(Convolution):
    """Base of transposed convolutions: input ``i`` times tap ``k`` goes to output ``i * stride + k * dilation - pad``.

    ``pad`` is what is cropped from both sides of each axis of the full result; a negative number of it, as output
    padding makes, adds elements that are the bias alone. A weight is at ``w[o, *k, i]`` as in Convolution.
    """

    def outputs(self) -> Extents:
        """Spatial extents of the result; IRError where nothing is left of it."""
        check_window(self.x, self.kernel, self.stride, self.pad, self.dilation, self.spatial)
        axes = zip(self.x.shape[1:-1], self.stride, spans(self.kernel, self.dilation), sides(self.pad), strict=True)
        outputs = tuple((extent - 1) * step + span - sum(side) for extent, step, span, side in axes)
        expect(min(outputs) > 0, f"pad {self.pad} crops all of the result")
        return outputs

    def macs(self) -> int:
        """One per input element and weight that it meets, cropped ones included."""
        return self.x.type.elements * prod(self.w.shape[:-1]) // self.groups


@dataclass(eq=False)
class ConvTranspose2d(ConvTranspose):
    """2-D transposed convolution: ``x[N,H,W,C], w[O,KH,KW,C/groups], bias[O] -> [N,OH,OW,O]``."""

    spatial = 2
    stride: Pair = (1, 1)
    pad: Pads = NO_PAD
    dilation: Pair = (1, 1)


@dataclass(eq=False)
class ConvTranspose3d(ConvTranspose):
    """3-D transposed convolution: ``x[N,D,H,W,C], w[O,KD,KH,KW,C/groups], bias[O] -> [N,OD,OH,OW,O]``."""

    spatial = 3
    stride: Triple = (1, 1, 1)
    pad: Pads3d = NO_PAD_3D
    dilation: Triple = (1, 1, 1)


@dataclass(eq=False)
class DeformConv2d(Op):
    """Deformable convolution: each tap of each output element reads x at a place of its own, between its elements.

    The place of tap (ky, kx) is moved by the pair (dy, dx) in ``offset[N, OH, OW, offset_groups * KH * KW * 2]``; x is
    interpolated bilinearly there, as if zeros surrounded it, and multiplied by
    ``mask[N, OH, OW, offset_groups * KH * KW]`` if that is given. Each of ``offset_groups`` equal parts of x's channels
    has its own offsets. [Zhu et al., Deformable ConvNets v2, arXiv:1811.11168]
    """

    x: Value
    w: Value
    bias: Value
    offset: Value
    mask: Value | None = None
    stride: Extents = (1, 1)
    pad: Extents = NO_PAD
    dilation: Extents = (1, 1)
    groups: int = 1
    offset_groups: int = 1
    clamp: Clamp | None = None

    @property
    def kernel(self) -> Extents:
        """Height and width of the window."""
        return self.w.shape[1:-1]

    def infer(self) -> list[TensorType]:
        """Output type: as of a convolution."""
        (kind,) = _regular(self).infer()
        channels, split = self.x.shape[-1], self.offset_groups
        expect(split > 0 and channels % split == 0, f"{channels} channels do not split into {split} offset groups")
        taps = split * prod(self.kernel)
        places = (*kind.shape[:3], 2 * taps)
        expect(self.offset.shape == places, f"offset must be {list(places)}, is {list(self.offset.shape)}")
        expect(
            self.mask is None or self.mask.shape == (*kind.shape[:3], taps), f"mask must be {[*kind.shape[:3], taps]}"
        )
        expect({v.type.dtype for v in self.operands} == {kind.dtype}, "operands differ in type")
        return [kind]

    def macs(self) -> int:
        """Those of the convolution; interpolation is not counted."""
        return self.result.type.elements * prod(self.w.shape[1:])


def _regular(op: DeformConv2d) -> Convolution:
    """The convolution whose taps are where they are without offsets."""
    regular: type[Convolution] = Conv2d
    return regular(op.x, op.w, op.bias, op.stride, op.pad, op.dilation, op.groups)
