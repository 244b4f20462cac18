"""Input data: an npz of samples, or seeded random numbers where there is none."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgec.errors import EdgecError
from edgec.ir import Array, Graph, TensorType

Ports = Mapping[str, TensorType]
"""Input name -> type of one sample."""

SEED = 0
RANDOM_SAMPLES = 8


@dataclass(frozen=True)
class Samples:
    """S samples: ``inputs`` maps input name -> ``[S, *shape]`` in the input's dtype; ``labels`` is ``[S]`` or None."""

    inputs: dict[str, Array]
    labels: Array | None = None

    @property
    def count(self) -> int:
        """S."""
        return len(next(iter(self.inputs.values()), ()))


def input_types(graph: Graph) -> Ports:
    """The inputs of a graph."""
    return {v.name: v.type for v in graph.inputs}


def random_samples(ports: Ports, count: int = RANDOM_SAMPLES) -> Samples:
    """Seeded samples: standard normal floats, small non-negative integers."""
    rng = np.random.default_rng(SEED)
    return Samples({name: _random(rng, count, type) for name, type in ports.items()})


def _random(rng: np.random.Generator, count: int, type: TensorType) -> Array:
    shape = (count, *type.shape)
    if type.dtype.is_float:
        return rng.standard_normal(shape).astype(type.dtype.numpy)
    return rng.integers(0, 2, shape).astype(type.dtype.numpy)


def load_samples(path: Path, ports: Ports) -> Samples:
    """Read an npz: arrays named like the inputs (first axis: samples), or ``test`` and ``test_labels`` for one input.

    Raises EdgecError where names, shapes or dtypes do not fit, and for NaN.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise EdgecError(str(path), "no such file", "name an .npz file that exists") from None
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise EdgecError(str(path), f"is not a readable npz: {error}", "write it with numpy.savez") from None
    names = list(ports)
    labels = arrays.get("test_labels")
    if len(names) == 1 and names[0] not in arrays and "test" in arrays:
        arrays = {names[0]: arrays["test"]}
    missing = [name for name in names if name not in arrays]
    if missing:
        have = ", ".join(arrays) or "nothing"
        raise EdgecError(str(path), f"has no array for input {missing[0]} (it has {have})", f"add {', '.join(missing)}")
    inputs = {name: _fit(f"{path}: {name}", arrays[name], type) for name, type in ports.items()}
    counts = {name: len(array) for name, array in inputs.items()}
    if len(set(counts.values())) != 1 or not min(counts.values()):
        raise EdgecError(str(path), f"numbers of samples differ or are zero: {counts}", "give each as many")
    count = next(iter(counts.values()))
    if labels is not None and labels.shape != (count,):
        raise EdgecError(str(path), f"test_labels is {list(labels.shape)}, not [{count}]", "give one label per sample")
    return Samples(inputs, labels)


def fit_inputs(inputs: Mapping[str, Array], ports: Ports) -> tuple[dict[str, Array], bool]:
    """Bring a user's arrays to ``[S, *shape]``; True if they were single samples without that axis."""
    if set(inputs) != set(ports):
        raise EdgecError("inputs", f"got {sorted(inputs)}, the model has {sorted(ports)}", "name each input once")
    arrays = {name: np.asarray(inputs[name]) for name in ports}
    single = all(arrays[name].shape == type.shape for name, type in ports.items())
    if single:
        arrays = {name: array[None] for name, array in arrays.items()}
    return {name: _fit(name, arrays[name], type) for name, type in ports.items()}, single


def _fit(where: str, array: Array, type: TensorType) -> Array:
    """Check shape and dtype; floats of another width are converted."""
    if array.shape[1:] != type.shape:
        expected = f"[samples, {', '.join(map(str, type.shape))}]"
        raise EdgecError(where, f"has shape {list(array.shape)}", f"give it as {expected}")
    wanted = type.dtype.numpy
    if array.dtype != wanted and not (array.dtype.kind == "f" and wanted.kind == "f"):
        raise EdgecError(where, f"has dtype {array.dtype}, the model takes {wanted}", f"convert it to {wanted}")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise EdgecError(where, "holds NaN", "clean the data")
    return np.ascontiguousarray(array, wanted)
