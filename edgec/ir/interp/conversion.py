"""Meaning of conversions of element types."""

from typing import Any

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Cast
from edgec.ir.types import DType


@meaning(Cast)
def _cast(op: Cast, x: Array) -> Array:
    return cast(x, op.dtype)


def cast(x: Array, dtype: DType) -> Array:
    """Convert elements; float to integer truncates towards zero and saturates, NaN gives 0."""
    target: np.dtype[Any] = dtype.numpy
    if x.dtype.kind != "f" or target.kind not in "iu":
        return x.astype(target)
    info = np.iinfo(target)
    wide = np.trunc(np.nan_to_num(x.astype(np.float64), nan=0.0))
    # The largest float below the limit: int64's own limit is not a float64.
    inside = np.clip(wide, info.min, np.nextafter(float(info.max) + 1, 0))
    return np.where(wide >= info.max, info.max, inside.astype(target)).astype(target)
