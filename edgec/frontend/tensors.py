"""TensorProto -> NumPy array, with external data; sizes are checked before memory is taken."""

from math import prod
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from edgec.errors import EdgecError
from edgec.ir import Array, DType

LIMIT_BYTES = 256 << 20
"""Largest constant that may come out of folding."""


def element_type(code: int, where: str) -> DType:
    """The DType of an ONNX element type; raises EdgecError where edgec has none (strings, float8, ...)."""
    try:
        return DType.of(helper.tensor_dtype_to_np_dtype(code))
    except (KeyError, TypeError, ValueError) as error:
        known = code in TensorProto.DataType.values()
        name = TensorProto.DataType.Name(code).lower() if known else f"number {code}"
        raise EdgecError(where, f"has element type {name}", "use float32 or an integer type") from error


def to_array(tensor: TensorProto, directory: Path, where: str) -> Array:
    """Elements of a tensor; external data is read from files in ``directory``.

    Raises EdgecError if the data is missing, outside the directory, or not as long as the shape says.
    """
    dtype = element_type(tensor.data_type, where).numpy
    shape = tuple(tensor.dims)
    if any(d < 0 for d in shape):
        raise EdgecError(where, f"has a negative extent: {list(shape)}", "export the model again")
    if tensor.data_location == TensorProto.EXTERNAL:
        data = _external_data(tensor, directory, where, prod(shape) * dtype.itemsize)
        return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(shape)
    try:
        # Reads raw_data or the typed field, and unpacks 4-bit and bfloat16 elements.
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
        raise EdgecError(
            where, f"its data does not fill {list(shape)} ({error})", "the file is damaged: export the model again"
        ) from error
    if dtype.kind in "iu" and dtype.itemsize < 4 and not tensor.HasField("raw_data"):
        # Kept as numbers of 32 bits, in which others fit, too.
        stored = np.array(tensor.int32_data, np.int32)
        wrong = stored[stored != array.reshape(-1).astype(np.int32)]
        if wrong.size:
            raise EdgecError(where, f"holds {wrong[0]}, which is no {dtype}", "export the model again")
    return array


def _external_data(tensor: TensorProto, directory: Path, where: str, size: int) -> bytes:
    entries = {e.key: e.value for e in tensor.external_data}
    location = entries.get("location", "")
    root = directory.resolve()
    try:
        file = (root / location).resolve()
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", size))
    except (ValueError, OSError) as error:
        raise EdgecError(where, f"names no readable external data: {entries}", "export the model again") from error
    if not location or not file.is_relative_to(root):
        raise EdgecError(
            where,
            f"its external data {location!r} lies outside the model's folder",
            "keep the weights beside the model: onnx.save_model(..., save_as_external_data=True)",
        )
    if length != size or offset < 0:
        raise EdgecError(
            where, f"{list(tensor.dims)} takes {size} bytes, its external data has {length}", "export the model again"
        )
    if file.exists() and not file.is_file():
        raise EdgecError(where, f"its external data {location!r} is no regular file", "put that file beside the model")
    try:
        with file.open("rb") as stream:
            available = file.stat().st_size - offset
            if available < size:
                raise EdgecError(
                    where,
                    f"needs {size} bytes of {location!r}, which has {max(available, 0)}",
                    "export the model again",
                )
            stream.seek(offset)
            data: bytes = stream.read(size)
            return data
    except OSError as error:
        raise EdgecError(
            where, f"its external data {location!r} cannot be read: {error.strerror}", "put that file beside the model"
        ) from error
