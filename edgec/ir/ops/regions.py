"""Pooling of regions that a tensor names, known only when the model runs."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import Pair, expect
from edgec.ir.ops.indexing import expect_indices
from edgec.ir.types import FLOATS, TensorType


def _pooled(x: Value, regions: Value, columns: int, size: Pair) -> list[TensorType]:
    dtype = x.type.dtype
    expect(dtype in FLOATS and regions.type.dtype is dtype, f"regions {regions.type} of {x.type}")
    fits = x.type.rank == 4 and regions.type.rank == 2 and regions.shape[1] == columns and min(size) > 0
    expect(fits, f"regions {list(regions.shape)} of {list(x.shape)} do not pool to {size}")
    return [x.type.with_shape(regions.shape[0], x.shape[1], *size)]


@dataclass(eq=False)
class RoiAlign(Op):
    """Regions ``rois[R,4]`` (x1, y1, x2, y2) of the images ``batch[R]`` of ``x[N,C,H,W] -> [R,C,*size]``.

    Each of the ``size`` bins of a region is the mean (or, with ``maximum``, the largest term) of ``sampling`` x
    ``sampling`` bilinear samples; 0 stands for as many as the bin has elements. The regions are scaled by ``scale``;
    ``half_pixel`` shifts them by half an element and lets them be smaller than one.
    """

    x: Value
    rois: Value
    batch: Value
    size: Pair = (1, 1)
    scale: float = 1.0
    sampling: int = 0
    maximum: bool = False
    half_pixel: bool = True

    def infer(self) -> list[TensorType]:
        """Output type: one small image per region."""
        expect_indices(self.batch, self.x.shape[0])
        expect(self.batch.shape == self.rois.shape[:1], f"regions of images {list(self.batch.shape)}")
        return _pooled(self.x, self.rois, 4, self.size)


@dataclass(eq=False)
class MaxRoiPool(Op):
    """The largest elements in the bins of regions ``rois[R,5]`` (image, x1, y1, x2, y2), all numbers rounded."""

    x: Value
    rois: Value
    size: Pair = (1, 1)
    scale: float = 1.0

    def infer(self) -> list[TensorType]:
        """Output type: one small image per region."""
        return _pooled(self.x, self.rois, 5, self.size)
