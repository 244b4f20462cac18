"""Types of values. Quantization and sparsity are part of the type, so the verifier sees a pass change them."""

from dataclasses import dataclass, replace
from enum import Enum
from math import prod

import numpy as np


class DType(Enum):
    """Element types; the value is the name in ``.eir`` text."""

    F64 = "f64"
    F32 = "f32"
    F16 = "f16"
    I8 = "i8"
    U8 = "u8"
    I16 = "i16"
    U16 = "u16"
    I32 = "i32"
    U32 = "u32"
    I64 = "i64"
    U64 = "u64"
    BOOL = "bool"

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The NumPy dtype with the same values."""
        return _NUMPY[self]

    @property
    def bytes(self) -> int:
        """Bytes per element."""
        return self.numpy.itemsize

    @property
    def is_float(self) -> bool:
        """True for floating-point types."""
        return self in (DType.F64, DType.F32, DType.F16)

    @classmethod
    def of(cls, dtype: np.dtype[np.generic]) -> "DType":
        """The DType of a NumPy dtype; KeyError where there is none."""
        return _OF_NUMPY[np.dtype(dtype)]


_NUMPY: dict[DType, np.dtype[np.generic]] = {
    DType.F64: np.dtype(np.float64),
    DType.F32: np.dtype(np.float32),
    DType.F16: np.dtype(np.float16),
    DType.I8: np.dtype(np.int8),
    DType.U8: np.dtype(np.uint8),
    DType.I16: np.dtype(np.int16),
    DType.U16: np.dtype(np.uint16),
    DType.I32: np.dtype(np.int32),
    DType.U32: np.dtype(np.uint32),
    DType.I64: np.dtype(np.int64),
    DType.U64: np.dtype(np.uint64),
    DType.BOOL: np.dtype(np.bool_),
}
_OF_NUMPY = {numpy: dtype for dtype, numpy in _NUMPY.items()}


@dataclass(frozen=True)
class Quant:
    """Affine quantization: ``real = scale * (stored - zero_point)``.

    With ``axis`` the scales (and zero points) are one per index along that axis, else each tuple has length 1.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...] = (0,)
    axis: int | None = None


@dataclass(frozen=True)
class NM:
    """N:M sparsity along the last axis: of each M consecutive elements at most N are non-zero."""

    n: int
    m: int


@dataclass(frozen=True)
class TensorType:
    """Element type and static shape of a value, with how its elements are quantized and which are zero."""

    dtype: DType
    shape: tuple[int, ...]
    quant: Quant | None = None
    sparsity: NM | None = None

    @property
    def elements(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """Bytes that the elements take."""
        return self.elements * self.dtype.bytes

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def with_shape(self, *shape: int) -> "TensorType":
        """The same type with another shape (quantization along an axis and sparsity do not survive)."""
        quant = self.quant if self.quant is None or self.quant.axis is None else None
        return replace(self, shape=shape, quant=quant, sparsity=None)


def f32(*shape: int) -> TensorType:
    """A float32 tensor type of that shape."""
    return TensorType(DType.F32, shape)
