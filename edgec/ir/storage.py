"""Element types that NumPy lacks, as ones that it has: what constants in C and ``.npz`` files hold.

Floats of 16 bits and less are their bit patterns (but float16, which NumPy has), integers of 4 and 2 bits are numbers
in a whole byte, as in C.
"""

import numpy as np

from edgec.ir.graph import Array
from edgec.ir.types import FLOATS, INTEGERS, SMALL_INTEGERS, DType


def bits(array: Array) -> Array:
    """The elements as C stores them: bit patterns of what is only stored, everything else as it is."""
    dtype = DType.of(array.dtype)
    if dtype in SMALL_INTEGERS:
        return array.astype(np.int8 if dtype in (DType.I4, DType.I2) else np.uint8)
    if dtype.is_float and dtype not in FLOATS:
        return np.asarray(array, order="C").view(np.uint16 if dtype.is_half else np.uint8)
    return array


def portable(array: Array) -> Array:
    """The elements in a dtype that ``.npy`` files know; ``restored`` gives them back."""
    return array if array.dtype == np.float16 else bits(array)


def restored(array: Array, dtype: DType) -> Array | None:
    """An array as ``portable`` makes it, in the element type again; None if it holds something else."""
    wanted = dtype.numpy
    if array.dtype == wanted:
        return array
    if dtype in SMALL_INTEGERS:
        low, high = dtype.limits
        whole = array.dtype.kind in "iu" and array.size and low <= array.min() and array.max() <= high
        return array.astype(wanted) if whole else None
    if dtype in FLOATS | INTEGERS or dtype in (DType.BOOL, DType.F16):
        return None
    pattern = np.uint16 if dtype.is_half else np.uint8
    return np.asarray(array, order="C").view(wanted) if array.dtype == pattern else None
