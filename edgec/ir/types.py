"""Types of values. Quantization and sparsity are part of the type, so the verifier sees a pass change them."""

from dataclasses import dataclass, replace
from enum import Enum
from math import prod

import ml_dtypes
import numpy as np


class DType(Enum):
    """Element types; the value is the name in ``.eir`` text.

    Arithmetic is on those in NUMBERS. The others are for storage: the halves are computed with as f32, floats of 8 bits
    and less and integers of 4 and 2 bits are only converted. An element takes whole bytes.
    """

    F64 = "f64"
    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    F8E4M3FN = "f8e4m3fn"
    F8E4M3FNUZ = "f8e4m3fnuz"
    F8E5M2 = "f8e5m2"
    F8E5M2FNUZ = "f8e5m2fnuz"
    F8E8M0 = "f8e8m0"
    F4E2M1 = "f4e2m1"
    I8 = "i8"
    U8 = "u8"
    I16 = "i16"
    U16 = "u16"
    I32 = "i32"
    U32 = "u32"
    I64 = "i64"
    U64 = "u64"
    I4 = "i4"
    U4 = "u4"
    I2 = "i2"
    U2 = "u2"
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
        return self.value[0] in "fb" and self is not DType.BOOL

    @property
    def is_half(self) -> bool:
        """True for the floating-point types of 16 bits."""
        return self in (DType.F16, DType.BF16)

    @property
    def limits(self) -> tuple[int, int]:
        """The smallest and the largest number of an integer type."""
        bits = int(self.value[1:])
        return (0, (1 << bits) - 1) if self.value[0] == "u" else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)

    @classmethod
    def of(cls, dtype: np.dtype[np.generic]) -> "DType":
        """The DType of a NumPy dtype; KeyError where there is none."""
        return _OF_NUMPY[np.dtype(dtype)]


_NUMPY: dict[DType, np.dtype[np.generic]] = {
    DType.F64: np.dtype(np.float64),
    DType.F32: np.dtype(np.float32),
    DType.F16: np.dtype(np.float16),
    DType.BF16: np.dtype(ml_dtypes.bfloat16),
    DType.F8E4M3FN: np.dtype(ml_dtypes.float8_e4m3fn),
    DType.F8E4M3FNUZ: np.dtype(ml_dtypes.float8_e4m3fnuz),
    DType.F8E5M2: np.dtype(ml_dtypes.float8_e5m2),
    DType.F8E5M2FNUZ: np.dtype(ml_dtypes.float8_e5m2fnuz),
    DType.F8E8M0: np.dtype(ml_dtypes.float8_e8m0fnu),
    DType.F4E2M1: np.dtype(ml_dtypes.float4_e2m1fn),
    DType.I8: np.dtype(np.int8),
    DType.U8: np.dtype(np.uint8),
    DType.I16: np.dtype(np.int16),
    DType.U16: np.dtype(np.uint16),
    DType.I32: np.dtype(np.int32),
    DType.U32: np.dtype(np.uint32),
    DType.I64: np.dtype(np.int64),
    DType.U64: np.dtype(np.uint64),
    DType.I4: np.dtype(ml_dtypes.int4),
    DType.U4: np.dtype(ml_dtypes.uint4),
    DType.I2: np.dtype(ml_dtypes.int2),
    DType.U2: np.dtype(ml_dtypes.uint2),
    DType.BOOL: np.dtype(np.bool_),
}
_OF_NUMPY = {numpy: dtype for dtype, numpy in _NUMPY.items()}

FLOATS = frozenset({DType.F32, DType.F64})
SIGNED = frozenset({DType.I8, DType.I16, DType.I32, DType.I64})
UNSIGNED = frozenset({DType.U8, DType.U16, DType.U32, DType.U64})
INTEGERS = SIGNED | UNSIGNED
SMALL_INTEGERS = frozenset({DType.I4, DType.U4, DType.I2, DType.U2})
NUMBERS = FLOATS | INTEGERS
"""The element types that operators compute with."""


@dataclass(frozen=True)
class Quant:
    """Affine quantization: ``real = scale * (stored - zero_point)``.

    With ``axis`` the scales (and zero points) are one per index along that axis, else each tuple has length 1.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...] = (0,)
    axis: int | None = None

    def reals(self) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        """The scales as f64: one, or one per index of the axis."""
        return np.array(self.scale, np.float64)

    @property
    def zero(self) -> int:
        """The zero point that all elements share."""
        (zero,) = set(self.zero_point)
        return zero


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

    def describe(self) -> str:
        """Element type and shape in a few characters: ``f32[1,3,8,8]``."""
        return f"{self.dtype.value}[{','.join(map(str, self.shape))}]"

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
