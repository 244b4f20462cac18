"""Calibration data, read in batches of bounded size as often as needed, so that it may be larger than memory.

- An ``.npz``: arrays named like the inputs or, for a single input, one called ``calibration``; samples along the first
  axis, as for ``edgec.samples``. Their labels, if there are any, are called ``calibration_labels``.
- A directory of ``.npy`` files in the order of their names, each one sample or a stack of them; for several inputs one
  such subdirectory per input, called like it. Or one ``.npy`` file.
- Any Python iterable, or a function that returns one, of samples or stacks of them: a mapping from input name to array,
  or, for a single input, the array itself. An array or a mapping of arrays alone is taken whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count as numbers
from pathlib import Path
from typing import Any

import numpy as np

from edgec.calibration.files import column_of_arrays, column_of_directory, columns_of_archive, labels_of_archive
from edgec.errors import EdgecError
from edgec.ir import Array
from edgec.samples import Ports, fit_inputs

Data = str | Path | Iterable[Any] | Callable[[], Iterable[Any]]
"""What calibration data may be; arrays are among the iterables."""

Batch = dict[str, Array]
"""Input name -> ``[S, *shape]`` in the input's dtype, without NaN and infinity."""

BATCH_BYTES = 8 << 20
BATCH_SAMPLES = 64


@dataclass(frozen=True)
class Source:
    """Samples for a graph's inputs, in the same order each time that they are read.

    ``count`` is their number, 0 where it is not known before they are read.
    """

    where: str
    count: int
    read: Callable[[], Iterator[Batch]]
    """Starts anew; its EdgecErrors name the array that does not fit."""
    labels: Array | None = None
    """The index of each sample's class, ``[count]``, where the data has them."""

    def batches(self) -> Iterator[Batch]:
        """Every sample once. Raises EdgecError where data cannot be read, does not fit, is not finite, or for none."""
        empty = True
        for batch in self.read():
            for name, array in batch.items():
                if array.dtype.kind == "f" and not np.isfinite(array).all():
                    raise EdgecError(f"{self.where}: {name}", "holds infinity", "clean the data")
            if _size(batch):
                empty = False
                yield batch
        if empty:
            raise EdgecError(self.where, "holds no samples", "give at least one, better a hundred")

    def some(self, limit: int) -> Batch:
        """At most so many samples, evenly spread over all that there are; half as many at least, where there are."""
        kept: list[Batch] = []
        step = number = 0
        for batch in self.batches():
            for row in range(_size(batch)):
                if number % (1 << step) == 0:
                    kept.append({name: array[row : row + 1] for name, array in batch.items()})
                if len(kept) > limit:
                    kept, step = kept[::2], step + 1
                number += 1
        return _joined(kept)


def open_source(data: Data | Source, ports: Ports) -> Source:
    """Calibration data for inputs of these types. Raises EdgecError where it is none, or of other names or shapes."""
    if isinstance(data, Source):
        return data
    if not ports:
        raise EdgecError("calibration data", "the model has no inputs", "compile it without calibration data")
    rows = _rows(ports)
    if isinstance(data, str | Path):
        return _of_files(Path(data), ports, rows)
    if isinstance(data, Iterator):
        hint = "give a list, or a function that returns a new iterator each time"
        raise EdgecError("calibration data", "an iterator can be read only once", hint)
    if isinstance(data, Mapping | np.ndarray):
        data = [data]
    return Source("calibration data", 0, lambda: _split(_of_items(data() if callable(data) else data, ports), rows))


def _rows(ports: Ports) -> int:
    """Samples in a batch."""
    return max(1, min(BATCH_SAMPLES, BATCH_BYTES // max(1, sum(type.bytes for type in ports.values()))))


def _of_files(path: Path, ports: Ports, rows: int) -> Source:
    labels = None
    if path.is_dir():
        folders = {name: path / name if len(ports) > 1 or (path / name).is_dir() else path for name in ports}
        columns = {name: column_of_directory(folders[name], type) for name, type in ports.items()}
    elif path.suffix == ".npy" and len(ports) == 1:
        columns = {name: column_of_arrays([path], type) for name, type in ports.items()}
    else:
        columns = columns_of_archive(path, ports)
        labels = labels_of_archive(path, next(iter(columns.values())).count)
    counts = {name: column.count for name, column in columns.items()}
    if len(set(counts.values())) != 1:
        raise EdgecError(str(path), f"numbers of samples differ: {counts}", "give each input as many")

    def read() -> Iterator[Batch]:
        for arrays in zip(*(column.chunks(rows) for column in columns.values()), strict=True):
            yield dict(zip(columns, arrays, strict=True))

    return Source(str(path), next(iter(counts.values())), read, labels)


def _of_items(items: Iterable[Any], ports: Ports) -> Iterator[Batch]:
    """What Python code gives, item by item."""
    if not isinstance(items, Iterable):
        hint = "give a path, an iterable of arrays or of dicts of them, or a function that returns one"
        raise EdgecError("calibration data", f"{type(items).__name__} is not iterable", hint)
    for number, item in zip(numbers(), items, strict=False):
        if not isinstance(item, Mapping):
            if len(ports) != 1:
                hint = f"give a dict of arrays, one for each of {', '.join(ports)}"
                raise EdgecError(f"calibration data, item {number}", f"is a {type(item).__name__}", hint)
            item = dict.fromkeys(ports, item)
        try:
            yield fit_inputs(item, ports).inputs
        except EdgecError as error:
            raise EdgecError(f"calibration data, item {number}: {error.where}", error.what, error.hint) from None


def _split(pieces: Iterator[Batch], rows: int) -> Iterator[Batch]:
    """Pieces of any size as batches of at most so many samples, in order."""
    held: list[Batch] = []
    for piece in pieces:
        if sum(map(_size, held)) + _size(piece) > rows:
            yield from [_joined(held)] if held else []
            held = []
        if _size(piece) < rows:
            held.append(piece)
        else:
            yield from ({n: a[i : i + rows] for n, a in piece.items()} for i in range(0, _size(piece), rows))
    yield from [_joined(held)] if held else []


def _size(batch: Batch) -> int:
    """Number of samples."""
    return len(next(iter(batch.values())))


def _joined(pieces: list[Batch]) -> Batch:
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
