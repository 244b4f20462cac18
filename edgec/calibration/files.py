"""Columns of samples in files, one column an input, of which a part at a time is in memory."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from edgec.errors import EdgecError
from edgec.ir import Array, TensorType
from edgec.samples import Ports, count_samples, fit

SINGLE_INPUT = "calibration"
"""Name of the array of a model with one input, where none is called like that."""

LABELS = "calibration_labels"

Take = Callable[[int], Array]
"""Gives the next so many samples, in any shape."""


@dataclass(frozen=True)
class Part:
    """An array of ``count`` samples in a file."""

    where: str
    count: int
    open: Callable[[], AbstractContextManager[Take]]


@dataclass(frozen=True)
class Column:
    """Samples of one type, in parts that are read one after the other."""

    type: TensorType
    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        """Number of samples."""
        return sum(part.count for part in self.parts)

    def chunks(self, rows: int) -> Iterator[Array]:
        """All samples, ``[rows, *shape]`` each time, at the end what is left; EdgecError where they do not fit."""
        held: list[Array] = []
        missing = rows
        for part in self.parts:
            with _readable(part.where), part.open() as take:
                left = part.count
                while left:
                    step = min(missing, left)
                    held.append(fit(part.where, take(step).reshape(step, *self.type.shape), self.type))
                    left, missing = left - step, missing - step
                    if not missing:
                        yield np.concatenate(held)
                        held, missing = [], rows
        if held:
            yield np.concatenate(held)


def column_of_directory(folder: Path, type: TensorType) -> Column:
    """The ``.npy`` files of a directory, by name."""
    files = sorted(folder.glob("*.npy"))
    if not files:
        what = "holds no .npy files" if folder.is_dir() else "no such directory"
        raise EdgecError(str(folder), what, "put .npy files there; for several inputs, into a directory for each")
    return column_of_arrays(files, type)


def column_of_arrays(files: Sequence[Path], type: TensorType) -> Column:
    """``.npy`` files, each one sample or a stack of them."""

    def part(file: Path) -> Part:
        @contextmanager
        def open() -> Iterator[Take]:
            array = np.load(file, mmap_mode="r", allow_pickle=False)
            yield _in_turn(array.reshape(-1, *type.shape))

        with _readable(str(file)):
            shape = np.load(file, mmap_mode="r", allow_pickle=False).shape
        return Part(str(file), count_samples(str(file), shape, type, single=True), open)

    return Column(type, tuple(map(part, files)))


def columns_of_archive(path: Path, ports: Ports) -> dict[str, Column]:
    """Input name -> the array of an ``.npz`` called like it or, for a single input, ``calibration``."""
    with _readable(str(path)), zipfile.ZipFile(path) as archive:
        arrays = [name.removesuffix(".npy") for name in archive.namelist()]
        columns = {}
        for name, type in ports.items():
            member = SINGLE_INPUT if len(ports) == 1 and name not in arrays and SINGLE_INPUT in arrays else name
            if member not in arrays:
                what = f"has no array for input {name} (it has {', '.join(arrays) or 'nothing'})"
                raise EdgecError(str(path), what, f"call the samples {name}")
            columns[name] = Column(type, (_member(path, archive, member, type),))
        return columns


def labels_of_archive(path: Path, count: int) -> Array | None:
    """The classes of so many samples, ``[count]``, if an archive has them. EdgecError where they do not fit."""
    with _readable(str(path)), np.load(path, allow_pickle=False) as archive:
        if LABELS not in archive:
            return None
        labels = np.asarray(archive[LABELS])
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        what = f"is {labels.dtype}{list(labels.shape)}, not one integer for each of {count} samples"
        raise EdgecError(f"{path}: {LABELS}", what, "give the index of each sample's class")
    return labels


def _member(path: Path, archive: zipfile.ZipFile, member: str, type: TensorType) -> Part:
    where = f"{path}: {member}"

    @contextmanager
    def open() -> Iterator[Take]:
        with zipfile.ZipFile(path) as archive, archive.open(f"{member}.npy") as stream:
            shape, column_major, dtype = _header(stream)
            if column_major:
                whole = np.frombuffer(stream.read(), dtype).reshape(shape, order="F")
                yield _in_turn(whole.reshape(-1, *type.shape))
                return

            def take(rows: int) -> Array:
                wanted = rows * prod(type.shape) * dtype.itemsize
                found = stream.read(wanted)
                if len(found) != wanted:
                    raise EOFError("it ends too early")
                return np.frombuffer(found, dtype)

            yield take

    with archive.open(f"{member}.npy") as stream:
        shape, _, _ = _header(stream)
    return Part(where, count_samples(where, shape, type), open)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether the order is Fortran's, and dtype of the array that follows."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, column_major, dtype = read(stream)
    if dtype.hasobject:
        raise ValueError("it holds Python objects")
    return shape, column_major, dtype


def _in_turn(array: Array) -> Take:
    """Rows of an array, one after the other."""
    at = 0

    def take(rows: int) -> Array:
        nonlocal at
        at += rows
        return array[at - rows : at]

    return take


@contextmanager
def _readable(where: str) -> Iterator[None]:
    """EdgecError for what goes wrong with a file."""
    try:
        yield
    except FileNotFoundError:
        raise EdgecError(where, "no such file", "name an .npz or .npy file, or a directory of .npy files") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise EdgecError(where, f"is not readable: {error}", "write it with numpy.save or numpy.savez") from None
