"""Input data: an npz of samples, or seeded random numbers where there is none."""

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.lib.npyio import NpzFile

from edgec.errors import EdgecError
from edgec.ir import Array, DType, Graph, TensorType
from edgec.ir.storage import restored

Ports = Mapping[str, TensorType]
"""Input name -> type of one sample."""

SEED = 0
RANDOM_SAMPLES = 8


@dataclass(frozen=True)
class Samples:
    """S samples: ``inputs`` maps input name -> ``[S, *shape]`` in the input's dtype; ``labels`` is ``[S]`` or None.

    ``form`` says how they were given: ``stacked`` before the inputs' shapes, ``batched`` along the inputs' own first
    axis, of extent 1 in the model, or as a ``single`` one of the inputs' shapes.
    """

    inputs: dict[str, Array]
    labels: Array | None = None
    form: Literal["stacked", "batched", "single"] = "stacked"

    @property
    def count(self) -> int:
        """S."""
        return len(next(iter(self.inputs.values()), ()))

    def as_given(self, outputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs ``[S, *shape]`` in the form that the inputs had."""
        if self.form == "single":
            return {name: array[0] for name, array in outputs.items()}
        along = {name: self.form == "batched" and array.shape[1:2] == (1,) for name, array in outputs.items()}
        return {name: array[:, 0] if along[name] else array for name, array in outputs.items()}


def input_types(graph: Graph) -> Ports:
    """The inputs of a graph that a caller gives."""
    return {name: v.type for name, v in graph.given.items()}


def random_samples(ports: Ports, count: int = RANDOM_SAMPLES) -> Samples:
    """Seeded samples: standard normal floats, any quantized integers, else small non-negative ones."""
    rng = np.random.default_rng(SEED)
    return Samples({name: _random(rng, count, type) for name, type in ports.items()})


def _random(rng: np.random.Generator, count: int, type: TensorType) -> Array:
    shape = (count, *type.shape)
    if type.dtype.is_float:
        normal = rng.standard_normal(shape)
        return (np.abs(normal) if type.dtype is DType.F8E8M0 else normal).astype(type.dtype.numpy)
    low, high = (0, 1) if type.quant is None else type.dtype.limits
    return rng.integers(low, high, shape, endpoint=True).astype(type.dtype.numpy)


def load_samples(path: Path, ports: Ports) -> Samples:
    """Read an npz: arrays named like the inputs (first axis: samples), or ``test`` and ``test_labels`` for one input.

    Samples stand before the input's shape, ``[S, *shape]``, or, where its first extent is 1, in the place of that.
    Raises EdgecError where names, shapes or dtypes do not fit, and for NaN.
    """
    try:
        archive = np.load(path, allow_pickle=False)
        if not isinstance(archive, NpzFile):
            raise ValueError("it holds a single array")
        with archive:
            arrays = {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise EdgecError(str(path), "no such file", "name an .npz file that exists") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise EdgecError(str(path), f"is not a readable npz: {error}", "write it with numpy.savez") from None
    names = list(ports)
    labels = arrays.get("test_labels")
    if len(names) == 1 and names[0] not in arrays and "test" in arrays:
        arrays = {names[0]: arrays["test"]}
    missing = [name for name in names if name not in arrays]
    if missing:
        have = ", ".join(arrays) or "nothing"
        raise EdgecError(str(path), f"has no array for input {missing[0]} (it has {have})", f"add {', '.join(missing)}")
    batched = all(_is_batched(arrays[name].shape, type) for name, type in ports.items())
    inputs = {name: fit(f"{path}: {name}", arrays[name], type) for name, type in ports.items()}
    counts = {name: len(array) for name, array in inputs.items()}
    if len(set(counts.values())) != 1 or not min(counts.values()):
        raise EdgecError(str(path), f"numbers of samples differ or are zero: {counts}", "give each as many")
    count = next(iter(counts.values()))
    if labels is not None and labels.shape != (count,):
        raise EdgecError(str(path), f"test_labels is {list(labels.shape)}, not [{count}]", "give one label per sample")
    if labels is not None and labels.dtype.kind not in "iu":
        raise EdgecError(str(path), f"test_labels are {labels.dtype}", "give them as integers: the index of the class")
    return Samples(inputs, labels, "batched" if batched else "stacked")


def fit_inputs(inputs: Mapping[str, Array], ports: Ports) -> Samples:
    """A user's arrays: one sample of each input's shape (or without its first extent, a 1), or S as in load_samples."""
    if set(inputs) != set(ports):
        raise EdgecError("inputs", f"got {sorted(inputs)}, the model has {sorted(ports)}", "name each input once")
    arrays = {name: _array(name, inputs[name]) for name in ports}
    batched = all(_is_batched(arrays[name].shape, type) for name, type in ports.items())
    single = not batched and all(_is_single(arrays[name].shape, type) for name, type in ports.items())
    fitted = {name: fit(name, arrays[name], type, single) for name, type in ports.items()}
    counts = {name: len(array) for name, array in fitted.items()}
    if len(set(counts.values())) > 1:
        raise EdgecError("inputs", f"numbers of samples differ: {counts}", "give each as many")
    return Samples(fitted, form="single" if single else "batched" if batched else "stacked")


def _array(name: str, given: Any) -> Array:
    """What a user gave as an array."""
    try:
        return np.asarray(given)
    except ValueError as error:
        raise EdgecError(name, f"is no array: {error}", "give a NumPy array") from None


def count_samples(where: str, shape: tuple[int, ...], type: TensorType, single: bool = False) -> int:
    """How many samples an array of this shape holds, one after the other in memory.

    They stand before the type's shape or, where its first extent is 1, in the place of that; with ``single``, it may be
    one of the type's shape, or of that without a first extent of 1. EdgecError where it is none of these.
    """
    if single and _is_single(shape, type):
        return 1
    if not _is_batched(shape, type) and (not shape or shape[1:] != type.shape):
        expected = f"[{', '.join(map(str, ('samples', *type.shape)))}]"
        raise EdgecError(where, f"has shape {list(shape)}", f"give it as {expected}")
    return shape[0]


def _is_batched(shape: tuple[int, ...], type: TensorType) -> bool:
    return type.shape[:1] == (1,) and len(shape) == type.rank and shape[1:] == type.shape[1:]


def _is_single(shape: tuple[int, ...], type: TensorType) -> bool:
    return shape == type.shape or (type.shape[:1] == (1,) and shape == type.shape[1:])


def fit(where: str, array: Array, type: TensorType, single: bool = False) -> Array:
    """Bring to ``[S, *shape]`` and check the dtype; floats of another width are converted.

    Element types that NumPy lacks are given as floats or as ``edgec.ir.storage`` describes them. Raises EdgecError
    where shape or dtype do not fit, and for NaN.
    """
    array = array.reshape(count_samples(where, array.shape, type, single), *type.shape)
    wanted = type.dtype.numpy
    if (stored := restored(array, type.dtype)) is not None:
        array = stored
    elif not (array.dtype.kind == "f" and type.dtype.is_float):
        raise EdgecError(where, f"has dtype {array.dtype}, the model takes {wanted}", f"convert it to {wanted}")
    if type.dtype.is_float and np.isnan(array).any():
        raise EdgecError(where, "holds NaN", "clean the data")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, wanted)
